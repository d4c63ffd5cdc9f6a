import { createHash } from 'node:crypto'
import { UserError } from '../../../common/contract/procedures.ts'
import type { ExplanationSetProgress, ExplanationSetReport, ExplanationSetRequest } from '../../../common/contract/training/explanationSet.ts'
import { groupMeans } from '../../../common/stats/groupMeans.ts'
import { medianOf } from '../../../common/stats/median.ts'
import { checkRandomisation, type RandomisedFilm } from '../../inference/randomisation.ts'
import { openImage } from '../data/images/openImage.ts'
import { drawn, type Film } from './listFilms.ts'
import { calledLabel, canSee, keyOf, mapBy, mapsOf, tensorOf, yieldTurn, type Explained } from './measureFilm.ts'
import type { Records } from './records.ts'
import type { ExplainedBy } from './measurements.ts'

/** The parameter-randomisation check of every network on some of the films, whose maps are known; no rows where it was not asked for. */
export async function randomisationOf(
	{ randomisation: wanted, seed }: Pick<ExplanationSetRequest, 'randomisation' | 'seed'>, all: readonly Film[], networks: readonly ExplainedBy[], records: Records, context: { signal: AbortSignal; progress(value: ExplanationSetProgress): void },
): Promise<ExplanationSetReport['randomisation']> {
	if (wanted === 0) return []
	const films = drawn(all, wanted, seed)
	const rows: ExplanationSetReport['randomisation'] = []
	for (const { role, explained } of networks) {
		const { groups, stages } = await stagesOf(explained, films, records, context)
		for (const { stage, rankCorrelations } of stages) {
			const [rankCorrelation] = groupMeans(rankCorrelations.map((value) => [value]), groups, 1)
			const known = rankCorrelations.filter((value) => value !== null)
			if (rankCorrelation) rows.push({ model: role, stage, n: rankCorrelations.length, rankCorrelation, median: medianOf(known), medianAbsolute: medianOf(known.map(Math.abs)) })
		}
	}
	return rows
}

async function stagesOf(explained: Explained, films: readonly Film[], records: Records, { signal, progress }: { signal: AbortSignal; progress(value: ExplanationSetProgress): void }) {
	const { network, graph, layer, mode } = explained
	const hash = createHash('sha256')
	const groups: string[] = []
	const randomised: RandomisedFilm[] = []
	for (const { path, group } of films) {
		const image = await openImage(path, network.manifest.input.colour).catch((error: unknown) => {
			// It was refused when the films were measured.
			if (error instanceof UserError) return null
			throw error
		})
		if (!image || !(await canSee(explained, image))) continue
		hash.update(image.sha256)
		groups.push(group)
		const maps = await mapsOf(explained, image, records, signal)
		const label = calledLabel(explained, maps)
		const map = mapBy(explained, 'score-cam', maps, label)
		if (map) randomised.push({ label, map, tensor: async () => tensorOf(explained, await openImage(path, network.manifest.input.colour)) })
	}
	const key = keyOf(explained, { sha256: hash.digest('hex') })
	const known = records.randomisation(key)
	if (known) return { groups, stages: known.stages }
	const started = performance.now()
	const stages = await checkRandomisation({ network, graph, layer, mode, films: randomised }, {
		signal, yieldTurn, progress: ({ done, of }) => progress({ phase: 'random parameters', done, of, secondsLeft: ((performance.now() - started) / 1000 / done) * (of - done) }),
	})
	await records.keep(key, { kind: 'randomisation', stages: stages.map(({ stage, rankCorrelations }) => ({ stage, rankCorrelations })) })
	return { groups, stages }
}
