import { copyFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CamState } from '../../../src/common/contract/analysis.ts'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { createInferenceEngine } from '../../../src/hosts/inference/engine.ts'
import { float32Tensor, float32Value, makeNode, writeModel } from '../../../src/onnx/model.ts'
import { frameOf, inferenceGolden, packDirectory, packManifest, syntheticFrame, syntheticPixels, temporaryFolder, writeFrame } from '../../support/inferenceFixtures.ts'
import { sharedData } from '../../support/sharedData.ts'

/** Float32 sums in another order, and other vector units: logits of Python and Node may differ by this much. */
const LOGIT_TOLERANCE = 1e-4
/** Of a map's range. */
const MAP_TOLERANCE = 1e-3

const folder = temporaryFolder()
const engine = createInferenceEngine()
const modelSha256 = packManifest.sha256
const quiet = { progress: () => {}, signal: new AbortController().signal }
afterAll(() => folder.remove())

function largestDifference(found: readonly number[], wanted: readonly number[]): number {
	expect(found).toHaveLength(wanted.length)
	return Math.max(...found.map((value, index) => Math.abs(value - (wanted[index] as number))))
}

function expectMaps(state: CamState, golden: Record<string, number[]>): void {
	for (const [label, wanted] of Object.entries(golden)) {
		const peak = Math.max(...wanted)
		const found = state.maps[label] ?? []
		expect(largestDifference(found, wanted.map((value) => (peak > 0 ? value / peak : 0)))).toBeLessThan(MAP_TOLERANCE)
		expect(Math.abs((state.peaks[label] ?? Number.NaN) - peak)).toBeLessThanOrEqual(MAP_TOLERANCE * peak)
	}
}

async function filmFrame(file: string): Promise<string> {
	const { data, info } = await sharp(join(sharedData ?? '', file)).greyscale().raw().toBuffer({ resolveWithObject: true })
	return writeFrame(folder.path, frameOf(Uint8Array.from(data), info.width, info.height), `${file.replaceAll('/', '_')}.frame`)
}

let framePath = ''
beforeAll(async () => {
	framePath = writeFrame(folder.path, syntheticFrame())
	await engine.load({ directory: packDirectory, manifest: packManifest }, quiet)
})

describe('loading', () => {
	it('passes the golden self-test, also against Python', async () => {
		const { selfTestDifference, providers } = await engine.load({ directory: packDirectory, manifest: packManifest }, quiet)
		expect(selfTestDifference).toBeLessThan(LOGIT_TOLERANCE)
		expect(largestDifference(packManifest.golden.logits, inferenceGolden.ramp)).toBeLessThan(LOGIT_TOLERANCE)
		expect(providers).toEqual(['CPU'])
	})

	it('refuses a network whose self-test is off', async () => {
		const golden = { ...packManifest.golden, logits: packManifest.golden.logits.map((logit) => logit + 0.1) }
		const other = createInferenceEngine()
		await expect(other.load({ directory: packDirectory, manifest: { ...packManifest, golden } }, quiet)).rejects.toThrow('self-test failed')
		await expect(other.predict({ modelSha256, framePath, decodeMilliseconds: 0 }, quiet)).rejects.toThrow('not loaded')
	})

	it('refuses a graph that is not the one of the manifest', async () => {
		const pack = temporaryFolder()
		copyFileSync(join(packDirectory, 'CARD.md'), join(pack.path, 'model.onnx'))
		await expect(createInferenceEngine().load({ directory: pack.path, manifest: packManifest }, quiet)).rejects.toThrow('SHA-256 differs')
		const wrong: [Partial<ModelManifest>, string][] = [
			[{ input: { ...packManifest.input, name: 'other' } }, 'one input "other"'],
			[{ input: { ...packManifest.input, height: 64 } }, 'its input is not'],
			[{ outputs: { ...packManifest.outputs, logits: 'features' } }, 'its output "features"'],
			[{ outputs: { ...packManifest.outputs, camLayers: packManifest.outputs.camLayers.map((layer) => ({ ...layer, channels: 7 })) } }, 'its layer "final_expand"'],
		]
		for (const [change, words] of wrong) {
			await expect(createInferenceEngine().load({ directory: packDirectory, manifest: { ...packManifest, ...change } }, quiet)).rejects.toThrow(words)
		}
		pack.remove()
	})
})

describe('predicting', () => {
	it('agrees with Python on the synthetic image', async () => {
		const prediction = await engine.predict({ modelSha256, framePath, decodeMilliseconds: 12 }, quiet)
		expect(prediction.gate.ok).toBe(true)
		expect(largestDifference(prediction.labels.map((label) => label.logit), inferenceGolden.synthetic.logits)).toBeLessThan(LOGIT_TOLERANCE)
		expect(prediction.model).toEqual({ id: packManifest.id, version: packManifest.version, sha256: modelSha256 })
		expect(prediction.milliseconds.decode).toBe(12)
		expect(prediction.abstentionThreshold).toBe(packManifest.abstention.threshold)
	})

	it.skipIf(!sharedData)('agrees with Python on real films, tensors bit for bit', async () => {
		for (const film of inferenceGolden.films) {
			const prediction = await engine.predict({ modelSha256, framePath: await filmFrame(film.file), decodeMilliseconds: 0 }, quiet)
			expect(prediction.tensorSha256).toBe(film.tensorSha256)
			expect(largestDifference(prediction.labels.map((label) => label.logit), film.logits)).toBeLessThan(LOGIT_TOLERANCE)
		}
	})

	it('gives no number for a refused image', async () => {
		const small = writeFrame(folder.path, syntheticFrame(90, 90), 'small.frame')
		const prediction = await engine.predict({ modelSha256, framePath: small, decodeMilliseconds: 0 }, quiet)
		expect(prediction).toMatchObject({ labels: [], tensorSha256: null, abstained: false, gate: { ok: false } })
		await expect(engine.explain({ modelSha256, framePath: small, layer: null, mode: 'paper' }, quiet)).rejects.toThrow('There is no map of this image. The image is too small')
	})

	it('says so when the decoded image is damaged', async () => {
		const path = join(folder.path, 'damaged.frame')
		writeFileSync(path, new Uint8Array(100))
		await expect(engine.predict({ modelSha256, framePath: path, decodeMilliseconds: 0 }, quiet)).rejects.toThrow('The decoded image cannot be read')
	})

	it('fails closed when the network answers with what is no number', async () => {
		const pack = temporaryFolder()
		const manifest = writeBrokenPack(pack.path)
		const broken = createInferenceEngine()
		await broken.load({ directory: pack.path, manifest }, quiet)
		const dark = writeFrame(folder.path, frameOf(syntheticPixels(300, 200).map((value) => value >> 1), 300, 200), 'dark.frame')
		await expect(broken.predict({ modelSha256: manifest.sha256, framePath: dark, decodeMilliseconds: 0 }, quiet)).rejects.toThrow('not a number')
		await expect(broken.explain({ modelSha256: manifest.sha256, framePath: dark, layer: null, mode: 'paper' }, quiet)).rejects.toThrow('not a number')
		pack.remove()
	})
})

describe('explaining', () => {
	it.each([['final_expand', 'finalExpand', 1152], ['last_block', 'lastBlock', 192]] as const)('agrees with Python on the synthetic image, layer %s', async (layer, key, channels) => {
		const states: CamState[] = []
		const final = await engine.explain({ modelSha256, framePath, layer, mode: 'paper' }, { ...quiet, progress: (state) => states.push(state) })
		expect(final).toMatchObject({ layer, channels, channelsDone: channels, exact: true, errorBound: 0, width: 4, height: 4 })
		expectMaps(final, inferenceGolden.synthetic[key].maps)
		expect(states[0]).toMatchObject({ layer, preview: 'recipro-cam', passes: 0, channels, channelsDone: 0, exact: false, errorBound: null, width: 4, height: 4 })
		expect(states.slice(1).some((state) => 'preview' in state)).toBe(false)
		for (const state of states.slice(1, -1)) {
			expect(state.exact).toBe(false)
			for (const [label, map] of Object.entries(state.maps)) {
				const difference = largestDifference(map, final.maps[label] ?? [])
				if (state.errorBound !== null) expect(difference).toBeLessThanOrEqual(state.errorBound)
			}
		}
		expect(states.at(-1)).toEqual(final)
	})

	it.skipIf(!sharedData)('agrees with Python on a real film, labels without a map included', async () => {
		const film = inferenceGolden.films.find((entry) => entry.lastBlock)
		const path = await filmFrame(film?.file ?? '')
		expectMaps(await engine.explain({ modelSha256, framePath: path, layer: 'last_block', mode: 'paper' }, quiet), film?.lastBlock?.maps ?? {})
		expectMaps(await engine.explain({ modelSha256, framePath: path, layer: null, mode: 'paper' }, quiet), film?.finalExpand?.maps ?? {})
	})

	it('stops at the next batch when it is cancelled', async () => {
		const controller = new AbortController()
		let passes = 0
		const run = engine.explain({ modelSha256, framePath, layer: 'final_expand', mode: 'paper' }, {
			signal: controller.signal,
			progress(state) {
				passes = state.passes
				if (passes > 0) controller.abort()
			},
		})
		await expect(run).rejects.toThrow('cancelled')
		expect(passes).toBeGreaterThan(0)
		expect(passes).toBeLessThan(1152)
	})

	it('lets predictions through while it runs', async () => {
		let finished = false
		const map = engine.explain({ modelSha256, framePath, layer: 'final_expand', mode: 'paper' }, quiet).finally(() => {
			finished = true
		})
		for (let count = 0; count < 5; count++) await engine.predict({ modelSha256, framePath, decodeMilliseconds: 0 }, quiet)
		expect(finished).toBe(false)
		await map
	})

	it('refuses a layer that the network does not have', async () => {
		await expect(engine.explain({ modelSha256, framePath, layer: 'stem', mode: 'paper' }, quiet)).rejects.toThrow('has no layer "stem"; it has final_expand, last_block')
	})
})

/** A network whose logits are the square root of its input's mean: right on the golden ramp, NaN on a dark image. */
function writeBrokenPack(directory: string): ModelManifest {
	const { height, width } = packManifest.input
	const graph = {
		unknown: [], name: 'broken', valueInfo: [],
		node: [
			makeNode('GlobalAveragePool', ['input'], ['pooled']), makeNode('Sqrt', ['pooled'], ['root']), makeNode('Flatten', ['root'], ['flat']),
			makeNode('Mul', ['flat', 'one'], ['logits']), makeNode('Identity', ['input'], ['cam']),
		],
		initializer: [float32Tensor('one', [1, 3], [1, 1, 1])],
		input: [float32Value('input', ['batch', 3, height, width])],
		output: [float32Value('logits', ['batch', 3]), float32Value('cam', ['batch', 3, height, width])],
	}
	const bytes = writeModel({ unknown: [], irVersion: 8n, producerName: 'test', opsetImport: [{ unknown: [], domain: '', version: 14n }], graph })
	writeFileSync(join(directory, 'model.onnx'), bytes)
	const outputs = { logits: 'logits', features: null, camLayers: [{ name: 'input', output: 'cam', channels: 3, height, width }], defaultCamLayer: 'input' }
	// The self-test is made to pass: what is shown is that a later answer does not get through.
	return { ...packManifest, outputs, golden: { input: 'ramp-v1', logits: [0, 0.3, 0.45], tolerance: 1 }, sha256: createHash('sha256').update(bytes).digest('hex') }
}
