import { bootstrapIntervals } from '../../../../common/stats/interval.ts'
import { maskOverlap } from '../../../../common/stats/overlap.ts'
import type { LungManifest } from '../../../../common/contract/lungs.ts'
import type { DataSet, Sample, Split } from '../../data/dataSet.ts'
import { createBatchSource } from '../../data/images/batchSource.ts'
import { rounded } from '../calibratePack.ts'
import type { PackOptions } from '../makePack.ts'

/** A film and how well its lungs were found. */
export interface FilmOverlap {
	id: string
	split: Split
	group: string
	source: string
	dice: number
	iou: number
}

/** Runs images [batch, 3, side, side] of a network's input. @returns logits [batch, 1, side, side]. */
export type MarkLungs = (images: Float32Array, batch: number) => Promise<Float32Array>

const BATCH = 8

/**
 * Every film of a split, fed as at inference; compared with its mask made as small as the network's answer.
 * @param threshold of the probability, as in lungs.json.
 */
export async function evaluateMasks(
	mark: MarkLungs, dataSet: DataSet, split: Split, { side, mean, std }: Pick<LungManifest['input'], 'side' | 'mean' | 'std'>, threshold: number, { signal, progress }: PackOptions,
): Promise<FilmOverlap[]> {
	const films: FilmOverlap[] = []
	if (!dataSet.samples.some((sample) => sample.split === split)) return films
	const source = createBatchSource({ dataSet, split, input: { size: side, mean, std, colour: 'grey' }, augmentation: null, sampling: null, batch: BATCH, seed: 0, incomplete: 'fill' })
	const area = side * side
	const least = Math.log(threshold / (1 - threshold))
	try {
		for (let index = 0; index < source.batches; index++) {
			signal.throwIfAborted()
			const { images, target, indices } = await source.batch(0, index)
			const logits = await mark(images, BATCH)
			for (const [place, position] of indices.entries()) {
				const { id, group, source: from } = dataSet.samples[position] as Sample
				const found = logits.subarray(place * area, (place + 1) * area).map((logit) => (logit >= least ? 1 : 0))
				films.push({ id, split, group, source: from, ...maskOverlap(found, target.subarray(place * area, (place + 1) * area)) })
			}
			progress({ phase: `${split} films`, done: films.length, of: source.images, secondsLeft: null })
		}
	} finally {
		await source.close()
	}
	return films
}

/** Mean Dice and IoU of all films and of each source, with 95 % intervals over patients. */
export function overlapMetrics(films: readonly FilmOverlap[]): LungManifest['metrics'] {
	const metrics: LungManifest['metrics'] = []
	for (const split of ['validation', 'test'] as const) {
		const own = films.filter((film) => film.split === split)
		const sources = [...new Set(own.map(({ source }) => source))].toSorted()
		for (const source of ['', ...(sources.length > 1 ? sources : [])]) {
			const shown = own.filter((film) => source === '' || film.source === source)
			if (shown.length === 0) continue
			const groups = [...Map.groupBy(shown, ({ group }) => group).values()]
			const intervals = bootstrapIntervals(groups.length, (weights) => Float64Array.of(weightedMean(groups, weights, 'dice'), weightedMean(groups, weights, 'iou')))
			for (const [index, name] of (['dice', 'iou'] as const).entries()) {
				const value = weightedMean(groups, null, name)
				const interval = intervals[index]
				metrics.push({ name, split, source, n: shown.length, groups: groups.length, value: rounded(value, 4), interval: interval ? [rounded(interval[0], 4), rounded(interval[1], 4)] : null, note: split === 'validation' ? 'The weights were chosen by these films.' : '' })
			}
		}
	}
	return metrics
}

function weightedMean(groups: readonly (readonly FilmOverlap[])[], weights: Uint16Array | null, name: 'dice' | 'iou'): number {
	let sum = 0, count = 0
	for (const [index, films] of groups.entries()) {
		const weight = weights ? (weights[index] as number) : 1
		count += weight * films.length
		for (const film of films) sum += weight * film[name]
	}
	return count === 0 ? Number.NaN : sum / count
}
