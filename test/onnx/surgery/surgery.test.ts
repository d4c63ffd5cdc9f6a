import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { displaySamples } from '../../../src/common/imaging/window.ts'
import { decodeFrameOf, sha256Of } from '../../../src/hosts/imaging/decodeFrame.ts'
import { inputTensor } from '../../../src/hosts/inference/preprocess.ts'
import { modelOfNetwork, networkOfModel } from '../../../src/onnx/fromModel.ts'
import { readModel, writeModel, type Graph, type Model } from '../../../src/onnx/model.ts'
import type { Network, Weights } from '../../../src/onnx/network.ts'
import { halfPrecisionWeights } from '../../../src/onnx/surgery/half.ts'
import { replaceHead } from '../../../src/onnx/surgery/head.ts'
import { quantisableTensors, quantiseWeights } from '../../../src/onnx/surgery/quantise.ts'
import { foldedConvolutions, restoreNormalisation } from '../../../src/onnx/surgery/restoreNormalisation.ts'
import { tapTensors } from '../../../src/onnx/surgery/tap.ts'
import { halfToNumber, numberToHalf } from '../../../src/onnx/tensor.ts'
import { plainConstants } from '../../../src/onnx/fold.ts'
import { foldNormalisation } from '../../support/foldNormalisation.ts'
import { parseCsv } from '../../support/csv.ts'
import { packDirectory, packManifest } from '../../support/inferenceFixtures.ts'
import { openModel, ramp, runModel } from '../../support/runGraph.ts'
import { sharedData } from '../../support/sharedData.ts'

let network: Network
let weights: Weights
let student: Model & { graph: Graph }

beforeAll(() => {
	const read = networkOfModel(readModel(new Uint8Array(readFileSync(join(packDirectory, 'model.onnx')))), { name: 'student', title: 'Student' })
	network = read.network
	// The student's file holds halves; these weights need all bits of float32.
	weights = new Map([...read.weights].map(([name, values]) => [name, values.map((value, index) => value * (1 + 0.001 * Math.sin(index)))]))
	student = modelOfNetwork(network, weights)
})

const answer = (logits: Float32Array) => logits.indexOf(Math.max(...logits))

const withGraph = (edit: (graph: Graph) => Graph): Model => ({ ...student, graph: edit(student.graph) })

describe('normalisations that are restored', () => {
	it('leave the answers as they are, whatever was measured, and fold to the same convolutions again', async () => {
		const convolutions = foldedConvolutions(network)
		// One at the stem, two in the first block, three in each of 19, one at the end; those of squeeze and excite have biases of their own.
		expect(convolutions).toHaveLength(61)
		const statistics = new Map(convolutions.map(({ output, channels }, place) => [output, {
			mean: Float32Array.from({ length: channels }, (_, channel) => Math.sin(place + channel)),
			variance: Float32Array.from({ length: channels }, (_, channel) => 0.1 + Math.cos(place * channel) ** 2),
		}]))
		const restored = restoreNormalisation(network, weights, statistics)
		const added = restored.network.parameters.filter(({ name }) => !weights.has(name))
		expect(Object.groupBy(added, ({ role }) => role)).toMatchObject({ normScale: { length: 61 }, normShift: { length: 61 }, runningMean: { length: 61 }, runningVariance: { length: 61 } })
		expect(foldedConvolutions(restored.network)).toEqual([])

		const size = network.inputSize
		const image = { dims: [2, 3, size, size], values: ramp(2 * 3 * size * size, 3) }
		const before = await runModel(student, { input: image })
		const model = modelOfNetwork(restored.network, restored.weights)
		const after = await runModel(model, { input: image })
		for (const [name, { data }] of Object.entries(before)) {
			const largest = Math.max(...(data as Float32Array).map(Math.abs))
			const found = after[name]?.data as Float32Array
			for (const [index, value] of (data as Float32Array).entries()) expect(Math.abs((found[index] ?? Number.NaN) - value)).toBeLessThan(1e-4 * largest)
		}

		const again = foldNormalisation(model.graph)
		expect(again.node.map(({ opType }) => opType)).toEqual(student.graph.node.map(({ opType }) => opType))
	})

	it('need the statistics of every channel', () => {
		expect(() => restoreNormalisation(network, weights, new Map())).toThrow(/no statistics of the 24 channels/)
	})
})

describe('half precision', () => {
	it('rounds as the language does', () => {
		for (let bits = 0; bits < 65_536; bits++) {
			const value = halfToNumber(bits)
			if (!Number.isNaN(value)) expect(numberToHalf(value)).toBe(bits)
		}
		fc.assert(fc.property(fc.float({ noNaN: true }), (value) => {
			const nearest = halfToNumber(numberToHalf(value))
			const [below, above] = [halfToNumber(numberToHalf(nearest) - 1), halfToNumber(numberToHalf(nearest) + 1)]
			if (!Number.isFinite(nearest) || !Number.isFinite(above)) return
			for (const other of [below, above]) if (Math.sign(other) === Math.sign(nearest)) expect(Math.abs(nearest - value)).toBeLessThanOrEqual(Math.abs(other - value))
		}), { numRuns: 3000 })
		expect(halfToNumber(numberToHalf(Number.NaN))).toBeNaN()
	})
})

describe('tap', () => {
	it('makes any tensor an output, once', async () => {
		const inside = student.graph.node[10]?.output[0] ?? ''
		const tapped = withGraph((graph) => tapTensors(graph, [inside, 'logits', inside]))
		const results = await runModel(tapped, { input: { dims: [1, 3, 128, 128], values: ramp(3 * 128 * 128) } })
		expect(Object.keys(results)).toEqual([...student.graph.output.map((value) => value.name), inside])
		expect(results[inside]?.dims[0]).toBe(1)
		expect(() => tapTensors(student.graph, ['nothing'])).toThrow('no tensor "nothing"')
	})
})

describe('head', () => {
	it('gets another number of classes', async () => {
		const five = replaceHead(network, 5)
		expect(five.classes).toBe(5)
		const changed = five.parameters.filter(({ dims }, index) => dims.join() !== network.parameters[index]?.dims.join())
		expect(changed.map(({ name }) => name).toSorted()).toEqual([network.head.bias, network.head.weight])
		expect(() => modelOfNetwork(five, weights)).toThrow(`"${network.head.bias}" has`)
		const values = new Map([...weights, [network.head.weight, ramp(5 * 1536)], [network.head.bias, ramp(5)]])
		const results = await runModel(modelOfNetwork(five, values), { input: { dims: [2, 3, 128, 128], values: ramp(2 * 3 * 128 * 128) } })
		expect(results['logits']?.dims).toEqual([2, 5])
		expect(() => replaceHead(network, 0)).toThrow('1 to 100000 classes')
	})
})

describe.skipIf(!sharedData)('weights of fewer bits, on real films', () => {
	const films: Float32Array<ArrayBuffer>[] = []

	beforeAll(async () => {
		const folder = join(sharedData ?? '', 'cxr3')
		const rows = parseCsv(readFileSync(join(folder, 'manifest.csv'), 'utf8')).filter((row) => row['split'] === 'test')
		for (let index = 0; index < 8; index++) {
			const bytes = new Uint8Array(readFileSync(join(folder, rows[Math.floor((index * rows.length) / 8)]?.['file'] ?? '')))
			const frame = await decodeFrameOf(bytes, sha256Of(bytes), 0)
			films.push(inputTensor(frame, displaySamples(frame), packManifest.input))
		}
	})

	async function outputsOf(model: Model, names: readonly string[]): Promise<Map<string, Float32Array[]>> {
		const session = await openModel(model, { intraOpNumThreads: 2 })
		const all = new Map<string, Float32Array[]>(names.map((name) => [name, []]))
		for (const film of films) {
			const results = await session.run({ input: new Tensor('float32', film, [1, 3, 128, 128]) }, [...names])
			for (const name of names) all.get(name)?.push(results[name]?.data as Float32Array)
		}
		await session.release()
		return all
	}

	const known = new Map<Model, Float32Array[]>()

	async function logitsOf(model: Model): Promise<Float32Array[]> {
		const logits = known.get(model) ?? (await outputsOf(model, ['logits'])).get('logits') ?? []
		known.set(model, logits)
		return logits
	}

	/** Greatest distance between two models' logits, and how many films get the same answer. */
	async function compared(one: Model, other: Model): Promise<{ worst: number; same: number }> {
		const [left, right] = [await logitsOf(one), await logitsOf(other)]
		const distances = left.flatMap((logits, film) => Array.from(logits, (value, index) => Math.abs(value - (right[film]?.[index] ?? Number.NaN))))
		return { worst: Math.max(...distances), same: left.filter((logits, film) => answer(logits) === answer(right[film] ?? new Float32Array(1))).length }
	}

	it('half precision: logits within 0.01, half the file, nothing lost a second time', async () => {
		const half = withGraph(halfPrecisionWeights)
		const { worst, same } = await compared(half, student)
		expect(worst).toBeLessThan(0.01)
		expect(worst).toBeGreaterThan(0)
		expect(same).toBe(8)
		const bytes = writeModel(half)
		expect(bytes.length).toBeLessThan(0.52 * writeModel(student).length)
		const again = networkOfModel(readModel(bytes), { name: 'half', title: 'Half' })
		expect((await compared(modelOfNetwork(again.network, again.weights), half)).worst).toBe(0)
	})

	it('8-bit weights: logits within 0.1, a quarter of the file', async () => {
		const quantised = withGraph(quantiseWeights)
		const { worst, same } = await compared(quantised, student)
		expect(worst).toBeLessThan(0.1)
		expect(same).toBe(8)
		expect(writeModel(quantised).length).toBeLessThan(0.3 * writeModel(student).length)
		expect((await compared({ ...quantised, graph: plainConstants(withGraph(quantiseWeights).graph ?? student.graph) }, quantised)).worst).toBeLessThan(1e-3)
	})

	it('8-bit arithmetic with measured ranges: logits within 0.4, the same answers', async () => {
		const names = quantisableTensors(student.graph)
		const measured = await outputsOf(withGraph((graph) => tapTensors(graph, names.filter((name) => name !== 'input'))), names.filter((name) => name !== 'input'))
		measured.set('input', films)
		const ranges = new Map([...measured].map(([name, runs]) => [name, [
			runs.reduce((least, values) => values.reduce((low, value) => Math.min(low, value), least), 0),
			runs.reduce((greatest, values) => values.reduce((high, value) => Math.max(high, value), greatest), 0),
		] as const]))
		const quantised = withGraph((graph) => quantiseWeights(graph, ranges))
		const { worst, same } = await compared(quantised, student)
		expect(worst).toBeLessThan(0.4)
		expect(same).toBe(8)
		expect(() => quantiseWeights(student.graph, new Map([[names[0] ?? '', [2, 1]]]))).toThrow('is none')
	})
})
