import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faithfulnessSchema } from '../../../src/common/contract/explanation.ts'
import { modelManifestSchema, type ModelManifest } from '../../../src/common/contract/model.ts'
import { measureFaithfulness, type FaithfulnessContext, type FaithfulnessRequest } from '../../../src/hosts/inference/faithfulness.ts'
import { openNetwork, type Network } from '../../../src/hosts/inference/network.ts'
import { createGraphBuilder } from '../../../src/onnx/builder.ts'
import { float32Tensor, writeModel } from '../../../src/onnx/model.ts'
import { packManifest, temporaryFolder } from '../../support/inferenceFixtures.ts'

interface Golden {
	network: string
	image: number[]
	labels: string[]
	maps: FaithfulnessRequest['map'][]
	cases: {
		task: ModelManifest['task']
		calibration: { method: 'temperature'; temperature: number } | { method: 'platt'; labels: { slope: number; offset: number }[] }
		label: string
		map: [height: number, width: number]
		deletion: number[]
		insertion: number[]
		deletionArea: number
		insertionArea: number
		probability: number
		maskedProbability: number
		drop: number
		increased: boolean
		score: number
		randomScores: number[]
		chance: number
	}[]
}
const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../golden/faithfulness.json'), 'utf8')) as Golden
/** Two runtimes' float32 sums; one pixel of 480 in another place would move a score by more. */
const TOLERANCE = 2e-6

const folder = temporaryFolder()
afterAll(() => folder.remove())

const turns: FaithfulnessContext = { signal: new AbortController().signal, progress: () => {}, yieldTurn: () => Promise.resolve() }

function manifestOf(graph: Uint8Array, size: { height: number; width: number }, layer: { channels: number; height: number; width: number }, labels: readonly string[], change: Partial<ModelManifest> = {}): ModelManifest {
	return modelManifestSchema.parse({
		...packManifest,
		sha256: createHash('sha256').update(graph).digest('hex'),
		input: { ...packManifest.input, ...size },
		labels: labels.map((name) => ({ ...packManifest.labels[0], name })),
		outputs: { logits: 'logits', features: null, camLayers: [{ name: 'cam', output: 'cam', ...layer }], defaultCamLayer: 'cam' },
		calibration: { method: 'temperature', temperature: 1, n: 0, eceBefore: null, eceAfter: null },
		...change,
	})
}

function everyFifth(curve: readonly number[]): number[] {
	return curve.filter((_, step) => step % 5 === 0)
}

function numbersOf({ deletion, insertion, others, randomScores }: Record<'deletion' | 'insertion' | 'others' | 'randomScores', number[]>): number[] {
	return [...deletion, ...insertion, ...others, ...randomScores]
}

async function open(graph: Uint8Array, manifest: ModelManifest): Promise<Network> {
	writeFileSync(join(folder.path, 'model.onnx'), graph)
	return openNetwork(folder.path, manifest)
}

describe('against NumPy and Python\'s onnxruntime', () => {
	const graph = Buffer.from(golden.network, 'base64')
	const size = { height: 24, width: 20 }
	const calibrated = { n: 1, eceBefore: null, eceAfter: null }
	const image = Float32Array.from(golden.image)

	it.each(golden.cases.map((wanted) => ({ title: `${wanted.task}, map of ${wanted.map.join(' x ')}, ${wanted.label}`, wanted })))('$title', async ({ wanted }) => {
		const calibration = wanted.calibration.method === 'temperature'
			? { ...wanted.calibration, ...calibrated }
			: { method: 'platt' as const, labels: wanted.calibration.labels.map((label) => ({ ...label, n: 1, fitted: true })), ...calibrated }
		const network = await open(graph, manifestOf(graph, size, { channels: 8, height: 6, width: 5 }, golden.labels, { task: wanted.task, calibration }))
		const map = golden.maps.find(({ height, width }) => height === wanted.map[0] && width === wanted.map[1])!
		const found = await measureFaithfulness(network, { tensor: image, layer: 'cam', mode: 'paper', label: wanted.label, map }, turns)
		expect(() => faithfulnessSchema.parse(found)).not.toThrow()
		expect([found.deletion.probabilities.length, found.insertion.probabilities.length]).toEqual([101, 101])
		const measured = numbersOf({
			deletion: everyFifth(found.deletion.probabilities), insertion: everyFifth(found.insertion.probabilities), randomScores: found.randomScores,
			others: [found.deletion.area, found.insertion.area, found.probability, found.maskedProbability, found.drop, found.score, found.chance],
		})
		const expected = numbersOf({ ...wanted, others: [wanted.deletionArea, wanted.insertionArea, wanted.probability, wanted.maskedProbability, wanted.drop, wanted.score, wanted.chance] })
		expect(measured).toHaveLength(expected.length)
		for (const [index, value] of measured.entries()) expect(Math.abs(value - expected[index]!)).toBeLessThan(TOLERANCE)
		expect(found.increased).toBe(wanted.increased)
		expect([found.height, found.width, found.layer, found.mode, found.label]).toEqual([24, 20, 'cam', 'paper', wanted.label])
	})
})

const SIDE = 32
/** Rows and columns 8 to 15: what the network of seeingNetwork looks at. */
const inside = (row: number, column: number) => row >= 8 && row < 16 && column >= 8 && column < 16

/** Answers by the brightness of one square alone. */
function seeingNetwork(): Uint8Array {
	const build = createGraphBuilder()
	const image = build.input('input', [1, 3, SIDE, SIDE])
	const region = build.initializer(float32Tensor('square', [1, 1, SIDE, SIDE], Array.from({ length: SIDE * SIDE }, (_, index) => (inside(Math.floor(index / SIDE), index % SIDE) ? 1 : 0))))
	const seen = build.node('Mul', [image, region])
	build.node('AveragePool', [seen], { kernel_shape: [4, 4], strides: [4, 4] }, 'cam')
	const mean = build.node('GlobalAveragePool', [seen])
	const flat = build.node('Flatten', [mean])
	build.node('Gemm', [flat, build.floats([40, 40, 40, 0, 0, 0], [2, 3])], { transB: 1 }, 'logits')
	build.output('logits')
	build.output('cam')
	return writeModel(build.model({ freeBatch: true }))
}

function mapOf(heat: (row: number, column: number) => number): FaithfulnessRequest['map'] {
	return { height: 8, width: 8, values: Array.from({ length: 64 }, (_, index) => heat(Math.floor(index / 8), index % 8)) }
}

/** The cells of an 8 x 8 map that lie inside. */
function square(row: number, column: number): number {
	return row >= 2 && row < 4 && column >= 2 && column < 4 ? 1 : 0
}

describe('a network that looks at one square', () => {
	let network: Network
	// Bright all over, with a pattern, so that a blurred image is another one.
	const tensor = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, index) => (index % SIDE === Math.floor(index / SIDE) % SIDE ? 2 : 1))
	const measure = (map: FaithfulnessRequest['map'], label = 'seen', context = turns) => measureFaithfulness(network, { tensor, layer: 'cam', mode: 'torchcam', label, map }, context)
	beforeAll(async () => {
		const graph = seeingNetwork()
		network = await open(graph, manifestOf(graph, { height: SIDE, width: SIDE }, { channels: 3, height: 8, width: 8 }, ['seen', 'other']))
	})

	it('is explained better than chance by that square', async () => {
		const found = await measure(mapOf(square))
		expect(found).toMatchObject({ verdict: 'better', chance: 0.05, layer: 'cam', mode: 'torchcam', label: 'seen', increased: false })
		expect(found.randomScores).toHaveLength(19)
		expect(Math.max(...found.randomScores)).toBeLessThan(found.score)
		// The logit falls from some 8 to 0 within the first sixteenth of the pixels: the rest of the curve is one half.
		expect(found.deletion.probabilities[0]).toBeGreaterThan(0.99)
		expect(found.deletion.probabilities.at(-1)).toBeCloseTo(0.5, 6)
		expect(found.deletion.area).toBeLessThan(0.55)
		expect(found.drop).toBeLessThan(0.02)
		expect(found.maskedProbability).toBeGreaterThan(0.9)
	})
	it('is not explained by everything else, by nothing in particular, or by nothing', async () => {
		const anti = await measure(mapOf((row, column) => 1 - square(row, column)))
		expect(anti.verdict).toBe('no better than chance')
		expect(anti.chance).toBeGreaterThan(0.9)
		expect(anti.deletion.area).toBeGreaterThan(0.9)
		// The rim of the square is still dimly lit.
		expect(anti.drop).toBeGreaterThan(0.1)
		const constant = await measure(mapOf(() => 1))
		expect(constant).toMatchObject({ verdict: 'no better than chance', chance: 1, drop: 0 })
		const empty = await measure(mapOf(() => 0))
		expect(empty).toMatchObject({ verdict: 'empty', chance: 1, randomScores: [], increased: false })
		expect(empty.maskedProbability).toBeCloseTo(0.5, 6)
	})
	it('finds the same numbers again, whatever the size of the batches', async () => {
		const map = mapOf((row, column) => ((row * 5 + column * 3) % 11) / 11)
		const once = await measure(map)
		const sizes = [7, 1, 64, 3]
		let turn = 0
		const other = { ...network, camBatch: { ...network.camBatch, size: () => sizes[turn++ % sizes.length]! } }
		const again = await measureFaithfulness(other, { tensor, layer: 'cam', mode: 'torchcam', label: 'seen', map }, turns)
		expect(again.verdict).toBe(once.verdict)
		expect(again.chance).toBe(once.chance)
		for (const [index, score] of again.randomScores.entries()) expect(score).toBeCloseTo(once.randomScores[index]!, 6)
		for (const [step, probability] of again.deletion.probabilities.entries()) expect(probability).toBeCloseTo(once.deletion.probabilities[step]!, 6)
	})
	it('tells its progress, and stops at the next batch', async () => {
		const seen: { done: number; of: number }[] = []
		await measure(mapOf(square), 'seen', { ...turns, progress: (value) => void seen.push(value) })
		expect(seen.at(-1)).toEqual({ done: seen[0]!.of, of: seen[0]!.of })
		for (const [index, value] of seen.entries()) expect(value.done).toBeGreaterThan(seen[index - 1]?.done ?? 0)
		const controller = new AbortController()
		let batches = 0
		const cancelled = measure(mapOf(square), 'seen', { signal: controller.signal, yieldTurn: turns.yieldTurn, progress: () => { if (++batches === 2) controller.abort() } })
		await expect(cancelled).rejects.toThrow('cancelled')
		expect(batches).toBe(2)
	})
	it('refuses a label that is not there and values that are no numbers', async () => {
		await expect(measure(mapOf(square), 'neither')).rejects.toThrow('no label "neither"; it has seen, other')
		await expect(measure(mapOf(() => Number.NaN))).rejects.toThrow('not a number')
	})
})
