import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HALF_PRECISION } from '../../src/common/contract/training/pack.ts'
import { randomStream } from '../../src/common/random.ts'
import type { Sample } from '../../src/hosts/training/data/dataSet.ts'
import { runPredictionsCsv } from '../../src/hosts/training/evaluation/predictionsFile.ts'
import { splitResults } from '../../src/hosts/training/evaluation/results.ts'

export const KEPT_LABELS = ['covid', 'normal', 'pneumonia']

export interface MadeRun {
	id: string
	seed: number
	/** How far the true class's logit stands above the others: 0 knows nothing. */
	skill: number
	/** SHA-256 of the packs that taught it. */
	teachers?: readonly string[]
	macs?: number
	title?: string
	/** Weights are stored in half precision. */
	half?: boolean
	region?: { of: string; margin: number }
	tones?: string
	sampling?: string
	leaveOut?: { column: string; values: string[] }[]
	/** What changes the recipe besides. */
	epochs?: number
	images?: number
}

export const packHash = (id: string) => createHash('sha256').update(id).digest('hex')

const SOURCES = ['east', 'north', 'west']

/** Validation and test images, two of each patient; one source holds one class alone. */
export function madeSamples(count: number): Sample[] {
	return Array.from({ length: count }, (_, index): Sample => {
		const patient = index >> 1
		const source = SOURCES[patient % 3] ?? ''
		const label = source === 'west' ? 0 : (patient >> 1) % 3
		return {
			id: `images/${String(index).padStart(4, '0')}.png`, path: '', truth: KEPT_LABELS.map((__, place) => Number(place === label)), split: patient % 4 === 0 ? 'validation' : 'test', group: `patient ${patient}`, source,
			attributes: { domain: source === 'west' ? 'one class' : 'several classes', licence: 'CC BY 4.0' },
		}
	})
}

/** Writes a folder as keepRun does, with answers that are drawn. */
export function writeMadeRun(runs: string, made: MadeRun): void {
	const { id, seed, skill, teachers = [], macs = 1_000_000, title = 'Network', half = false, region, tones, sampling = 'class', leaveOut = [], epochs = 5, images = 120 } = made
	const folder = join(runs, id)
	mkdirSync(folder, { recursive: true })
	const samples = madeSamples(images)
	const random = randomStream(seed, `answers of ${title}`)
	const logits = Float32Array.from(samples.flatMap(({ truth }) => truth.map((value) => random.normal() + (value === 1 ? skill : 0))))
	const part = (split: Sample['split']) => {
		const rows = [...samples.keys()].filter((row) => samples[row]?.split === split)
		return { samples: rows.map((row) => samples[row] as Sample), logits: Float32Array.from(rows.flatMap((row) => [...logits.subarray(row * 3, row * 3 + 3)])) }
	}
	const parts = { validation: part('validation'), test: part('test') }
	const calibration = { method: 'temperature' as const, temperature: 0.8, n: parts.validation.samples.length, eceBefore: null, eceAfter: null }
	const decision = { task: 'multiclass' as const, labels: KEPT_LABELS, calibration, operatingPoints: [0.5, 0.5, 0.5], abstention: 0.4 }
	const write = (name: string, value: unknown) => writeFileSync(join(folder, name), `${JSON.stringify(value)}\n`)
	write('recipe.json', {
		schemaVersion: 1, name: id, seed, epochs, data: { layout: 'manifest', folder: '../shared/films', sampling: { by: sampling, balance: 1 }, leaveOut },
		student: { from: 'zoo', name: 'ofa-595' }, teachers: teachers.map((_, index) => ({ from: 'pack', pack: `runs/teacher-${index}` })), input: { size: 64, ...(region ? { region } : {}), ...(tones ? { tones } : {}) },
	})
	write('environment.json', {
		createdAt: '2026-01-01T00:00:00.000Z', software: { negatoscope: '0.1.0', node: '24.0.0', onnxruntime: '1.30.0' }, machine: { platform: 'linux', architecture: 'x64', processor: 'Processor', cores: 2, memoryBytes: 1 },
		threads: 2, seed, data: { sha256: packHash('data'), samples: { train: 1000, validation: parts.validation.samples.length, test: parts.test.samples.length }, labels: KEPT_LABELS },
		student: { name: 'ofa-595', parameters: 10, trained: 10, initialSha256: packHash('first') }, teachers: teachers.map((sha256, index) => ({ name: `teacher-${index}`, sha256 })),
	})
	write('pack.json', {
		id, version: '1.0.0', title: id, architecture: `${title}, 64 x 64${half ? HALF_PRECISION : ''}`, sha256: packHash(id), input: { width: 64, height: 64 },
		trainingRun: { recipeSha256: packHash('recipe'), dataSha256: packHash('data'), seed, versions: {}, teachers: [] },
	})
	write('evaluation.json', {
		schemaVersion: 1,
		model: { id, version: '1.0.0', title: id, sha256: packHash(id), task: 'multiclass', labels: KEPT_LABELS, parameters: 7_600_000, macs, bytes: 15_000_000, latency: { medianMilliseconds: 12.34, runs: 31, threads: 2, processor: 'Processor' } },
		data: { sha256: packHash('data'), refused: [] }, calibration, interval: { method: 'percentile bootstrap over groups', level: 0.95, resamples: 1000, seed: 1 },
		splits: (['validation', 'test'] as const).map((split) => splitResults(split, parts[split], decision, [])), predictions: null,
	})
	writeFileSync(join(folder, 'predictions.csv'), runPredictionsCsv(parts, KEPT_LABELS))
}
