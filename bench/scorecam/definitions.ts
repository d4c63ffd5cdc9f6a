import { compareMaps } from '../../src/common/cam/compareMaps.ts'
import { camModeSchema, type CamMode } from '../../src/common/contract/analysis.ts'
import { createInferenceEngine } from '../../src/hosts/inference/engine.ts'
import { median, type BenchRow, type Say } from '../harness/compare.ts'
import { frameFileOf, type Film } from './films.ts'
import type { Pack } from './students.ts'

const signal = new AbortController().signal
const quiet = { signal, progress: () => {} }

/** Of one film's map by one definition. */
interface Measured {
	empty: boolean
	/** With the paper's map; null where one of the two is empty. */
	rankCorrelation: number | null
	topFifthOverlap: number | null
	/** Insertion less deletion; null where the map is empty. */
	faithfulness: number | null
}

/**
 * What the choice of a definition does to the map of the label with the highest score, over films: Spearman's coefficient and overlap of the hottest fifth
 * with the paper's map, and each definition's faithfulness beside the paper's.
 */
export async function definitionsCompared({ directory, manifest }: Pack, films: readonly Film[], folder: string, say: Say): Promise<BenchRow[]> {
	const engine = createInferenceEngine()
	await engine.load({ directory, manifest }, quiet)
	const measured: Record<CamMode, Measured[]> = { paper: [], official: [], 'pytorch-grad-cam': [], torchcam: [] }
	for (const [index, film] of films.entries()) {
		const framePath = await frameFileOf(film, folder)
		const about = { modelSha256: manifest.sha256, framePath }
		const { labels } = await engine.predict({ ...about, decodeMilliseconds: 0 }, quiet)
		const label = labels.toSorted((a, b) => b.logit - a.logit)[0]?.name ?? ''
		const mapBy = async (mode: CamMode) => {
			const { layer, height, width, maps, peaks } = await engine.explain({ ...about, layer: null, mode }, quiet)
			return { layer, height, width, values: maps[label] ?? [], empty: peaks[label] === 0 }
		}
		const paper = await mapBy('paper')
		for (const mode of camModeSchema.options) {
			const map = mode === 'paper' ? paper : await mapBy(mode)
			const { rankCorrelation, topFifthOverlap } = compareMaps(map, paper)
			const { layer, empty, ...shape } = map
			const faithfulness = empty ? null : (await engine.faithfulness({ ...about, layer, mode, label, map: shape }, quiet)).score
			measured[mode].push({ empty, rankCorrelation, topFifthOverlap, faithfulness })
		}
		if ((index + 1) % 5 === 0) say(`Maps by four definitions of ${index + 1} of ${films.length} films.`)
	}
	return camModeSchema.options.flatMap((mode) => rowsOf(mode, measured[mode], measured.paper, say))
}

function rowsOf(mode: CamMode, own: readonly Measured[], paper: readonly Measured[], say: Say): BenchRow[] {
	const numbers = (pick: (one: Measured) => number | null, of = own) => of.flatMap((one) => pick(one) ?? [])
	say(`${mode}: ${own.filter(({ empty }) => empty).length} of ${own.length} maps are empty.`)
	const row = (name: string, unit: string, values: number[], reference: number): BenchRow => ({ name: `${mode}, ${name}`, unit, ours: median(values), reference, ratio: median(values) / reference, runs: values.length })
	const faithfulness = row('faithfulness against the paper\'s', 'area', numbers((one) => one.faithfulness), median(numbers((one) => one.faithfulness, paper)))
	if (mode === 'paper') return [faithfulness]
	return [
		row('rank correlation with the paper\'s', 'Spearman', numbers((one) => one.rankCorrelation), 1),
		row('hottest fifth with the paper\'s', 'overlap', numbers((one) => one.topFifthOverlap), 1),
		faithfulness,
	]
}
