import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureStatisticsSchema, type ModelManifest } from '../../../src/common/contract/model.ts'
import { phantomDicomFile } from '../../../src/common/imaging/phantomDicom.ts'
import { decodeFrameOf, sha256Of } from '../../../src/hosts/imaging/decodeFrame.ts'
import { createInferenceEngine } from '../../../src/hosts/inference/engine.ts'
import { addLikenessCheck, likenessOf, negativeOf } from '../../../src/hosts/inference/likeness.ts'
import { frameOf, packDirectory, temporaryFolder, wholePackManifest as manifest, writeFrame } from '../../support/inferenceFixtures.ts'
import { pebbles } from '../../support/pebbles.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())
const context = { signal: new AbortController().signal, progress: () => undefined }
const engine = createInferenceEngine()
beforeAll(async () => void (await engine.load({ directory: packDirectory, manifest }, context)))
const statistics = manifest.featureStatistics

const answerOn = (framePath: string) => engine.predict({ modelSha256: manifest.sha256, framePath, decodeMilliseconds: 0 }, context)
const lastCheck = async (framePath: string) => (await answerOn(framePath)).gate.checks.at(-1)
const open = { ok: true, reasons: [], checks: [] }

async function phantomFrame() {
	const bytes = phantomDicomFile()
	return decodeFrameOf(bytes, sha256Of(bytes), 0)
}

describe('an image that the network answers on', () => {
	it('is near to the training images', async () => {
		const path = writeFrame(folder.path, await phantomFrame(), 'phantom.frame')
		const answer = await answerOn(path)
		expect(answer.gate.checks.at(-1)).toMatchObject({ name: 'likeness', title: 'Like the training images', state: 'passed', detail: expect.stringMatching(/^Distance \d\.\d\d to the images that this network learned from, at most \d\.\d\d\.$/) })
		expect(answer.labels).toHaveLength(3)
	})

	it('is no picture of something else, and no number of the network leaves the host then', async () => {
		const answer = await answerOn(writeFrame(folder.path, frameOf(pebbles(300), 300, 300), 'pebbles.frame'))
		expect(answer).toMatchObject({ labels: [], tensorSha256: null, abstained: false, gate: { ok: false, reasons: [expect.stringContaining('not like the images that this network learned from: its distance to them is')] } })
		expect(JSON.stringify(answer)).not.toContain('probability')
		for (const request of [engine.explain({ modelSha256: manifest.sha256, framePath: join(folder.path, 'pebbles.frame'), layer: null, mode: 'paper' }, context)]) await expect(request).rejects.toThrow('There is no map of this image.')
	})

	it('is not inverted', async () => {
		const { header, pixels } = await phantomFrame()
		const { min, max } = header.stored
		const negative = { header: { ...header, photometric: header.photometric === 'MONOCHROME1' ? ('MONOCHROME2' as const) : ('MONOCHROME1' as const) }, pixels }
		const path = writeFrame(folder.path, negative, 'negative.frame')
		expect(max).toBeGreaterThan(min)
		expect(await lastCheck(path)).toMatchObject({ state: 'failed', detail: expect.stringContaining('The film looks inverted: its negative is nearer') })
	})

	it('is unknown where the pack says nothing of its training images', async () => {
		for (const without of [null, undefined, { kind: 'diagonal' as const, n: 3, mean: [0], variance: [1], distances: null }]) {
			const other = createInferenceEngine()
			await other.load({ directory: packDirectory, manifest: { ...manifest, featureStatistics: without } }, context)
			const answer = await other.predict({ modelSha256: manifest.sha256, framePath: writeFrame(folder.path, frameOf(pebbles(300), 300, 300), 'other.frame'), decodeMilliseconds: 0 }, context)
			expect(answer.gate.checks.at(-1)).toMatchObject({ name: 'likeness', state: 'unknown', detail: 'The model does not state what its training images were like.' })
			expect(answer.labels).toHaveLength(3)
		}
	})
})

describe('the check', () => {
	const limit = { value: 2, share: 0.99, n: 10 }
	const state = (image: number, negative: number | null) => addLikenessCheck(open, { image, negative }, limit).checks[0]

	it('fails beyond the limit and where no distance could be measured', () => {
		expect(state(2, null)?.state).toBe('passed')
		expect(state(2.001, null)).toMatchObject({ state: 'failed', detail: expect.stringContaining('(99 % of the validation images)') })
		expect(state(Number.NaN, null)?.state).toBe('failed')
	})

	it('takes an image for inverted where its negative is nearer and near enough', () => {
		expect(state(1.5, 1.4)?.detail).toContain('looks inverted')
		expect(state(3, 2)?.detail).toContain('looks inverted')
		expect(state(3, 2.5)?.detail).toContain('not like the images')
		expect(state(1.4, 1.5)?.state).toBe('passed')
	})

	it('is skipped where an earlier check failed', () => {
		expect(addLikenessCheck({ ok: false, reasons: ['Blank.'], checks: [] }, null, limit)).toMatchObject({ ok: false, reasons: ['Blank.'], checks: [{ state: 'skipped' }] })
	})

	it('the negative of a film has the display values 255 - v', () => {
		const input = { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.5] }
		const tensorOf = (value: number) => Float32Array.from([0, 1, 2], (channel) => (value / 255 - input.mean[channel]!) / input.std[channel]!)
		for (const [channel, value] of negativeOf(tensorOf(200), input).entries()) expect(value).toBeCloseTo(tensorOf(55)[channel]!, 5)
	})
})

describe('statistics', () => {
	const stated = statistics?.kind === 'principal-components' ? statistics : null

	it('have the sizes that they state, or the manifest is refused', () => {
		expect(likenessOf(manifest)?.components.mean).toHaveLength(48 * 16)
		expect(featureStatisticsSchema.safeParse(stated).success).toBe(true)
		const wrong: Partial<NonNullable<typeof stated>>[] = [{ grid: 3 }, { kept: 49 }, { mean: 'AAAA' }, { components: '' }, { scales: [1] }, { variances: [] }, { rest: -1 }, { mean: 'no base64' }]
		for (const change of wrong) expect(featureStatisticsSchema.safeParse({ ...stated, ...change }).success, JSON.stringify(change).slice(0, 40)).toBe(false)
	})

	it('name a tensor of the graph, or the network is refused', async () => {
		if (!stated) throw new Error('The pack has no statistics.')
		const broken: ModelManifest = { ...manifest, featureStatistics: { ...stated, layer: { ...stated.layer, output: 'nowhere' } } }
		const pack = join(folder.path, 'model.onnx')
		copyFileSync(join(packDirectory, 'model.onnx'), pack)
		writeFileSync(join(folder.path, 'model.json'), JSON.stringify(broken))
		await expect(createInferenceEngine().load({ directory: folder.path, manifest: broken }, context)).rejects.toThrow('it has no tensor "nowhere"')
	})
})
