import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ModelManifest } from '../../../../src/common/contract/model.ts'
import { evaluationReportSchema, type EvaluationProgress, type EvaluationReport } from '../../../../src/common/contract/training/evaluation.ts'
import { packDescriptionSchema } from '../../../../src/common/contract/training/pack.ts'
import { createInferenceEngine } from '../../../../src/hosts/inference/engine.ts'
import { exportPack, type TrainedNetwork } from '../../../../src/hosts/training/pack/exportPack.ts'
import { createRegistry } from '../../../../src/main/models/registry.ts'
import { frameOf, temporaryFolder, writeFrame } from '../../../support/inferenceFixtures.ts'
import { dataSetOf, makePictures, makeQuarterNetwork, PICTURE_INPUT, samplesOf, SIDE, writePictures } from '../../../support/pictures.ts'

const folder = temporaryFolder()
const pictures = makePictures(400)
const home = join(folder.path, 'models')
const silent = { signal: new AbortController().signal, progress: () => undefined }

function source(change: Partial<TrainedNetwork> = {}): TrainedNetwork {
	return {
		...makeQuarterNetwork(), input: PICTURE_INPUT, training: 'Weights set by hand.',
		trainingRun: { recipeSha256: 'cd'.repeat(32), dataSha256: 'ab'.repeat(32), seed: 7, versions: { negatoscope: '0.1.0' }, teachers: [] },
		description: packDescriptionSchema.parse({ id: 'quarters', title: 'Quarters | of a picture', labels: { bright: { title: 'Bright', finding: false } }, limitations: ['Made for a test.'] }),
		dataSet: dataSetOf(samplesOf(folder.path, pictures)),
		...change,
	}
}

beforeAll(() => writePictures(folder.path, pictures))
afterAll(() => folder.remove())

describe('a pack', () => {
	const steps: EvaluationProgress[] = []
	let manifest: ModelManifest
	let report: EvaluationReport

	beforeAll(async () => {
		// What a killed process left.
		mkdirSync(join(home, '.unfinished-quarters-abc'), { recursive: true })
		writeFileSync(join(home, '.unfinished-quarters-abc', 'model.onnx'), 'half')
		;({ manifest, report } = await exportPack(source(), join(home, 'quarters'), { ...silent, progress: (step) => steps.push(step) }))
	})

	it('is taken by the registry and passes its self-test there', async () => {
		const registry = createRegistry({ builtIn: join(folder.path, 'none'), user: home, selected: () => ({ students: { 'chest-radiograph': 'quarters' }, teacher: null }) })
		expect(registry.list()).toMatchObject([{ state: 'ready', manifest: { id: 'quarters' } }])
		const model = registry.student()
		expect(model?.manifest).toEqual(manifest)
		const engine = createInferenceEngine()
		const context = { signal: silent.signal, progress: () => undefined }
		const { selfTestDifference } = await engine.load({ directory: join(home, 'quarters'), manifest }, context)
		expect(selfTestDifference).toBeLessThan(1e-4)
		const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, index) => (index % SIDE < SIDE / 2 ? 145 : 75) + (index % 29))
		const answer = await engine.predict({ modelSha256: manifest.sha256, framePath: writeFrame(folder.path, frameOf(pixels, SIDE, SIDE)), decodeMilliseconds: 0 }, context)
		expect(answer.labels.filter(({ positive }) => positive).map(({ name }) => name)).toEqual(['left'])
	})

	it('holds four files and nothing else is left', () => {
		expect(readdirSync(join(home, 'quarters')).toSorted()).toEqual(['CARD.md', 'evaluation.json', 'model.json', 'model.onnx'])
		expect(readdirSync(home)).toEqual(['quarters'])
		expect(evaluationReportSchema.parse(JSON.parse(readFileSync(join(home, 'quarters', 'evaluation.json'), 'utf8')))).toEqual(report)
	})

	it('states results of both splits, by source, and the same in its metrics', () => {
		expect(report.splits.map(({ split, n, groups }) => [split, n, groups])).toEqual([['validation', 100, 50], ['test', 100, 50]])
		const test = report.splits[1]
		expect(test?.accuracy).toBeGreaterThan(0.6)
		expect(Object.keys(test?.by ?? {})).toEqual(['source'])
		expect(test?.by['source']?.['south']?.accuracy).toBeGreaterThan(test?.by['source']?.['north']?.accuracy ?? 1)
		const accuracy = manifest.metrics.find(({ name, split }) => name === 'accuracy' && split === 'test')
		expect(accuracy?.value).toBeCloseTo(test?.accuracy ?? 0, 4)
		expect(accuracy?.interval?.[0]).toBeLessThan(accuracy?.value ?? 0)
		expect(manifest.metrics.some(({ split }) => split === 'test, source north')).toBe(true)
		expect(report.model).toMatchObject({ parameters: 3072 + 4 + 48 + 3, macs: 4 * 3 * 16 * 16 * 4 + 48, bytes: readFileSync(join(home, 'quarters', 'model.onnx')).length })
		expect(report.model.latency?.medianMilliseconds).toBeGreaterThan(0)
	})

	it('is calibrated and has thresholds from the validation images, and says how', () => {
		const { calibration } = manifest
		expect(calibration).toMatchObject({ method: 'temperature', n: 100 })
		expect(calibration.method === 'temperature' && calibration.temperature).not.toBe(1)
		const { before, after } = report.splits[0]!.reliability
		expect(after.brier).toBeLessThan(before.brier ?? 0)
		expect(report.splits[0]?.reliability.after.ece).toBeCloseTo(manifest.calibration.eceAfter ?? -1, 5)
		expect(report.splits[0]?.reliability.before.ece).toBeCloseTo(manifest.calibration.eceBefore ?? -1, 5)
		expect(manifest.labels[0]?.operatingPoint.rule).toMatch(/^Largest F1 on the validation images \(n 100, \d+ with the label\)/)
		expect(report.splits[0]?.abstention.coverage).toBeGreaterThanOrEqual(0.9)
		expect(report.splits[0]?.abstention.coverage).toBeLessThan(0.95)
	})

	it('knows what the training images are like, and refuses an image that is not', async () => {
		const { featureStatistics } = manifest
		expect(featureStatistics).toMatchObject({ kind: 'principal-components', n: 200, limit: { share: 0.99, n: 100 } })
		expect(report.splits[0]?.likeness?.share).toBe(0.99)
		for (const name of ['expected calibration error before calibration', 'share answered', 'accuracy of the answered']) {
			expect(manifest.metrics).toContainEqual(expect.objectContaining({ name, split: 'test', interval: [expect.any(Number), expect.any(Number)] }))
		}
		expect(manifest.metrics).toContainEqual(expect.objectContaining({ name: 'share like the training images', split: 'validation', value: 0.99 }))
		expect(readFileSync(join(home, 'quarters', 'CARD.md'), 'utf8')).toMatch(/It refuses an image whose distance to the training images .* is more than \d+\.\d+, which 99 % of 100 validation images have at most; refused so: 1\.0 % of the validation images, \d+\.\d % of the test images\./)
		const engine = createInferenceEngine()
		const context = { signal: silent.signal, progress: () => undefined }
		await engine.load({ directory: join(home, 'quarters'), manifest }, context)
		const answerOn = (pixels: Uint8Array) => engine.predict({ modelSha256: manifest.sha256, framePath: writeFrame(folder.path, frameOf(pixels, SIDE, SIDE)), decodeMilliseconds: 0 }, context)
		// One bright quarter: on no picture is more than half of it darker or brighter than the rest.
		const odd = Uint8Array.from({ length: SIDE * SIDE }, (_, index) => (index % SIDE < SIDE / 2 && index < (SIDE * SIDE) / 2 ? 225 : 5) + (index % 29))
		const refused = await answerOn(odd)
		expect(refused).toMatchObject({ labels: [], tensorSha256: null, abstained: false, gate: { ok: false } })
		expect(refused.gate.checks.at(-1)).toMatchObject({ name: 'likeness', state: 'failed' })
		expect(refused.gate.reasons).toEqual([expect.stringMatching(/^(The image is not like the images that this network learned from: its distance to them is|The film looks inverted: its negative is nearer)/)])
		await expect(engine.explain({ modelSha256: manifest.sha256, framePath: writeFrame(folder.path, frameOf(odd, SIDE, SIDE)), layer: null, mode: 'paper' }, context)).rejects.toThrow('There is no map of this image.')
	})

	it('has a card with the use, the limits, the data and the licences', () => {
		const card = readFileSync(join(home, 'quarters', 'CARD.md'), 'utf8')
		for (const part of ['Research use only.', '## Intended use', 'Made for a test.', 'by source, balanced accuracy on the test images lies between', 'as agreed, in writing', 'CC BY 4.0', '| all images | 200 | 100 | 100 |', manifest.sha256, 'seed 7']) expect(card).toContain(part)
		// Of each source and licence how many images of each label, by split.
		expect(card).toMatch(/\| north \| CC BY 4\.0 \| 40: bright \d+, left \d+, top \d+ \| 2\d: .* \| \d+: .* \|/)
		expect(card).toMatch(new RegExp(`\\| Bright \\| ${manifest.labels[0]?.operatingPoint.value} \\| Largest F1 on the validation images`))
		const test = report.splits[1]
		const calibrated = [test?.reliability.before.ece, test?.reliability.after.ece, test?.reliability.before.brier, test?.reliability.after.brier, test?.abstention.coverage, test?.abstention.accuracy, test?.accuracy]
		expect(card).toContain(`| test | ${calibrated.map((value) => value?.toFixed(3)).join(' | ')} |`)
		expect(card).toContain(`To make it again: \`negatoscope train recipe.json\` with the recipe ${'cd'.repeat(32)}`)
		expect(manifest.licence).toContain('CC BY 4.0 (80 images)')
		expect(manifest.labels.map(({ title, finding }) => [title, finding])).toEqual([['Bright', false], ['left', true], ['top', true]])
	})

	it('tells how far it is', () => {
		expect(steps.at(-1)).toMatchObject({ done: 400, of: 400 })
		expect(new Set(steps.map(({ phase }) => phase)).size).toBe(3)
	})

	it('stores weights in half precision where that is wanted, and is measured with them', async () => {
		const { description } = source()
		const { manifest: half, report: halfReport } = await exportPack(source({ description: { ...description, weights: 'float16' } }), join(folder.path, 'half', 'quarters'), silent)
		const bytes = readFileSync(join(folder.path, 'half', 'quarters', 'model.onnx'))
		expect(bytes.length).toBeLessThan(report.model.bytes - 5000)
		expect(half.sha256).not.toBe(manifest.sha256)
		expect(half.architecture).toContain('half precision')
		expect(half.golden.logits).not.toEqual(manifest.golden.logits)
		for (const [label, logit] of half.golden.logits.entries()) expect(Math.abs(logit - (manifest.golden.logits[label] ?? 0))).toBeLessThan(0.02)
		expect(halfReport.splits[1]?.accuracy).toBeCloseTo(report.splits[1]?.accuracy ?? 0, 1)
		const engine = createInferenceEngine()
		await expect(engine.load({ directory: join(folder.path, 'half', 'quarters'), manifest: half }, { signal: silent.signal, progress: () => undefined })).resolves.toMatchObject({ providers: ['CPU'] })
	})

	it('is never written over', async () => {
		await expect(exportPack(source(), join(home, 'quarters'), silent)).rejects.toThrow('is there already')
	})
})

describe('a pack of labels that do not exclude each other', () => {
	it('is calibrated label by label, and the registry and the answers know it', async () => {
		const samples = samplesOf(folder.path, pictures).map((sample, index) => ({ ...sample, truth: sample.truth.map((value, label) => (label === 2 && index % 7 === 0 ? null : value)) }))
		const directory = join(folder.path, 'several', 'platt')
		const { manifest, report } = await exportPack(source({ dataSet: dataSetOf(samples, 'multilabel'), description: packDescriptionSchema.parse({ id: 'platt', title: 'Platt', operatingPoints: { kind: 'sensitivity', value: 0.9 } }) }), directory, silent)
		expect(manifest.calibration).toMatchObject({ method: 'platt', labels: [{ fitted: true, n: 100 }, { fitted: true, n: 100 }, { fitted: true }] })
		expect(report.splits[0]?.operatingPoints.every(({ sensitivity }) => (sensitivity ?? 0) >= 0.9)).toBe(true)
		expect(manifest.labels[0]?.operatingPoint.rule).toContain('sensitivity of at least 0.9')
		const registry = createRegistry({ builtIn: join(folder.path, 'none'), user: join(folder.path, 'several'), selected: () => ({ students: { 'chest-radiograph': 'platt' }, teacher: null }) })
		expect(registry.student()?.manifest.id).toBe('platt')
		writeFileSync(join(directory, 'model.json'), JSON.stringify({ ...manifest, calibration: { ...manifest.calibration, labels: [{ slope: 1, offset: 0, n: 1, fitted: true }] } }))
		expect(registry.list()[0]).toMatchObject({ state: 'refused', reason: 'platt: model.json does not have one calibration for each label.' })
	})
})

describe('a pack from little', () => {
	it('says what could not be chosen or measured where there is no validation and no test split', async () => {
		const { manifest, report } = await exportPack(source({ dataSet: dataSetOf(samplesOf(folder.path, pictures).filter(({ split }) => split === 'train')), description: packDescriptionSchema.parse({ id: 'train-only', title: 'x' }) }), join(folder.path, 'little', 'a'), silent)
		expect(manifest.calibration).toMatchObject({ temperature: 1, n: 0, eceBefore: null })
		expect(manifest.labels[0]).toMatchObject({ operatingPoint: { value: 0.5 }, limitation: 'Not measured: there were no validation or test images.' })
		expect(manifest.abstention).toMatchObject({ threshold: 0 })
		expect(report.splits).toEqual([])
		expect(readFileSync(join(folder.path, 'little', 'a', 'CARD.md'), 'utf8')).toContain('not calibrated: there were no validation images')
	})

	it('lists images that cannot be read', async () => {
		const broken = join(folder.path, 'broken.png')
		writeFileSync(broken, 'no picture')
		const samples = samplesOf(folder.path, pictures).slice(0, 40)
		const gone = { ...(samples.find(({ split }) => split === 'test') ?? samples[0]!), id: 'gone.png', path: join(folder.path, 'gone.png') }
		const { report } = await exportPack(source({ dataSet: dataSetOf([...samples, { ...gone, id: 'broken.png', path: broken }, gone]), description: packDescriptionSchema.parse({ id: 'broken', title: 'x' }) }), join(folder.path, 'little', 'b'), silent)
		expect(report.data.refused.map(({ id }) => id)).toEqual(['broken.png', 'gone.png'])
		expect(report.data.refused.every(({ reason }) => reason !== '')).toBe(true)
	})

	it.each([['at once', 0], ['at the last image', 1]])('leaves nothing behind when it is cancelled %s', async (_, share) => {
		const parent = join(folder.path, `cancelled ${share}`)
		mkdirSync(parent)
		const cancel = new AbortController()
		const run = exportPack(source(), join(parent, 'pack'), {
			signal: cancel.signal,
			progress: ({ done, of }) => {
				if (done >= share * of) cancel.abort()
			},
		})
		await expect(run).rejects.toThrow('abort')
		expect(readdirSync(parent)).toEqual([])
	})

	it('leaves nothing behind when what was written does not pass its test', async () => {
		const parent = join(folder.path, 'failed')
		const { network, weights } = makeQuarterNetwork()
		const camLayers = network.camLayers.map((layer) => ({ ...layer, channels: 5 }))
		await expect(exportPack(source({ network: { ...network, camLayers }, weights }), join(parent, 'pack'), silent)).rejects.toThrow('its layer "quarters" is not float32 [batch, 5, 2, 2]')
		expect(readdirSync(parent)).toEqual([])
	})
})
