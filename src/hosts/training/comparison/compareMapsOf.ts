import { compareMaps } from '../../../common/cam/compareMaps.ts'
import type { ComparedMaps } from '../../../common/contract/promotion.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { medianOf } from '../../../common/stats/median.ts'
import { openImage, type ShownImage } from '../data/images/openImage.ts'
import { calledLabel, mapBy, mapsOf, type Explained } from '../explanations/measureFilm.ts'
import { openRecords } from '../explanations/records.ts'
import { comparisonRows, type MeasuredComparison } from '../explanations/rows.ts'

export interface MappedFilm {
	id: string
	path: string
	group: string
}

/**
 * How alike the Score-CAMs of two models are on some films, of the label that the current model gives most probability. A film that one of them cannot see is passed over.
 * @returns null where there was none. @throws AbortError.
 */
export async function compareMapsOf(
	explained: Record<'current' | 'candidate', Explained>, films: readonly MappedFilm[], { signal, onProgress }: { signal: AbortSignal; onProgress(done: number): void },
): Promise<ComparedMaps | null> {
	const { current, candidate } = explained
	const measured: MeasuredComparison[] = []
	const seconds: Record<'current' | 'candidate', number[]> = { current: [], candidate: [] }
	for (const [index, { id, path, group }] of films.entries()) {
		signal.throwIfAborted()
		try {
			const image = await openImage(path, current.network.manifest.input.colour)
			const { comparison, sameCall, times } = await compareOne(current, candidate, image, signal)
			measured.push({ id, group, rowGroups: [{ column: 'all', value: 'all films' }], comparison, sameCall })
			seconds.current.push(times.current)
			seconds.candidate.push(times.candidate)
		} catch (error) {
			if (!(error instanceof UserError)) throw error
		}
		onProgress(index + 1)
	}
	const [row] = comparisonRows(measured)
	if (!row) return null
	const { n, groups, correlation, rankCorrelation, topFifthOverlap } = row
	return {
		mode: current.mode, layers: { current: current.layer, candidate: candidate.layer }, films: n, groups, correlation, rankCorrelation, topFifthOverlap,
		seconds: { current: medianOf(seconds.current) ?? 0, candidate: medianOf(seconds.candidate) ?? 0 },
	}
}

async function compareOne(current: Explained, candidate: Explained, image: ShownImage, signal: AbortSignal) {
	// Nothing is kept: a film is looked at once.
	const records = await openRecords(null)
	const [own, other] = [await mapsOf(current, image, records, signal), await mapsOf(candidate, image, records, signal)]
	const label = calledLabel(current, own)
	const [first, second] = [mapBy(current, 'score-cam', own, label), mapBy(candidate, 'score-cam', other, label)]
	return { comparison: first && second && compareMaps(first, second), sameCall: calledLabel(candidate, other) === label, times: { current: own.seconds, candidate: other.seconds } }
}
