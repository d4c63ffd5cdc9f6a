import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import type { ComparedModel, ComparisonReport } from '../../src/common/contract/promotion.ts'
import { packDescriptionSchema } from '../../src/common/contract/training/pack.ts'
import { exportPack } from '../../src/hosts/training/pack/exportPack.ts'
import { dataSetOf, makePictures, makeQuarterNetwork, PICTURE_INPUT, samplesOf, writeManifest, writePictures } from './pictures.ts'

export interface ComparedPack {
	directory: string
	manifest: ModelManifest
	about: ComparedModel
}

/** How a report names a pack; the hash of the description is made up. */
export function aboutOf({ id, version, sha256, title, role }: ModelManifest): ComparedModel {
	return { id, version, sha256, title, role, manifestSha256: 'd'.repeat(64) }
}

/** A report on three films, which says nothing. */
export function emptyReport(current: ComparedModel, candidate: ComparedModel): ComparisonReport {
	return {
		schemaVersion: 1, softwareVersion: '0.0.0', current, candidate, films: { title: 'films', n: 3, groups: 2, sha256: 'a'.repeat(64), refused: [], refusedCount: 0 },
		interval: { method: 'percentile bootstrap over groups', level: 0.95, resamples: 1000, seed: 1 }, labelled: null, library: null, latency: { current: 1, candidate: 2, ratio: 2, runs: 3, threads: 1, processor: '' },
		maps: null, cautions: [], verdict: { outcome: 'insufficient', metric: null, reason: 'Too few.' },
	}
}

export function comparedPack(directory: string, manifest: ModelManifest): ComparedPack {
	return { directory, manifest, about: aboutOf(manifest) }
}

/**
 * Pictures of three labels, each of 20 patients with two of them, and two packs that read them: `sharp` sees the halves, `blunt` hardly tells left from right.
 */
export async function writeComparedPacks(folder: string): Promise<{ data: string; sharp: ComparedPack; blunt: ComparedPack }> {
	const data = join(folder, 'data')
	mkdirSync(data, { recursive: true })
	const pictures = makePictures(120)
	await writePictures(data, pictures)
	writeManifest(data, ['file', 'label', 'patient_or_group', 'split', 'source'], pictures.map(({ file, label, group, split, source }) => [file, label, group, split, source]))
	const dataSet = dataSetOf(samplesOf(data, pictures).toSorted((a, b) => (a.id < b.id ? -1 : 1)))
	const make = async (id: string, blunt: boolean): Promise<ComparedPack> => {
		const { network, weights } = makeQuarterNetwork()
		const head = weights.get('head.weight') as Float32Array
		// The features that the second label is called by.
		const changed = blunt ? head.map((value, place) => (place >= 16 && place < 32 ? value * 0.05 : value)) : head
		const directory = join(folder, 'packs', id)
		mkdirSync(join(folder, 'packs'), { recursive: true })
		const { manifest } = await exportPack({
			network, weights: new Map([...weights, ['head.weight', changed]]), input: PICTURE_INPUT, training: 'Set by hand.', trainingRun: null,
			description: packDescriptionSchema.parse({ id, title: id }), dataSet,
		}, directory, { signal: new AbortController().signal, progress: () => undefined })
		return comparedPack(directory, manifest)
	}
	return { data, sharp: await make('sharp', false), blunt: await make('blunt', true) }
}
