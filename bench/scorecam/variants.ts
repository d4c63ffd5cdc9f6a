import { InferenceSession, Tensor } from 'onnxruntime-node'
import { seededRandom } from '../../src/common/stats/interval.ts'
import { plainConstants } from '../../src/onnx/fold.ts'
import { DATA_TYPE, intAttribute, makeNode, writeModel, type Graph, type Model } from '../../src/onnx/model.ts'
import { quantisableTensors, quantiseWeights, type ActivationRanges } from '../../src/onnx/surgery/quantise.ts'
import { tapTensors } from '../../src/onnx/surgery/tap.ts'
import { elementCount, numberToHalf, tensorDims, tensorFloats, tensorNumbers, weightTensor } from '../../src/onnx/tensor.ts'

const SEED = 4
/** Of the distance to the next half-precision number: so far a value may move and still be rounded to the same. */
const MOST_MOVE = 0.499

/** Distance between the half-precision numbers around a value. */
function halfStep(value: number): number {
	return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -14) - 10)
}

/**
 * A float32 network that rounds to the stored one: every weight in half precision moved by a random part of what rounding could have taken from it.
 * What sets the two apart is what storing weights in half precision does.
 */
export function beforeRounding(graph: Graph): Graph {
	const random = seededRandom(SEED)
	const initializer = graph.initializer.map((tensor) => {
		if (tensor.dataType !== DATA_TYPE.float16) return tensor
		// Below a power of two the numbers lie twice as close: half the distance is safe on both sides.
		const values = Float32Array.from(tensorNumbers(tensor), (value) => (value === 0 ? value : value + (random() * 2 - 1) * MOST_MOVE * halfStep(value * (1 - 2 ** -11))))
		return weightTensor(tensor.name ?? '', tensorDims(tensor), values)
	})
	const stored = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
	for (const tensor of initializer) {
		const own = stored.get(tensor.name)
		if (own?.dataType !== DATA_TYPE.float16) continue
		const before = tensorNumbers(own)
		if (tensorFloats(tensor).some((value, index) => numberToHalf(value) !== numberToHalf(before[index] as number))) throw new Error(`"${tensor.name ?? ''}" does not round to itself.`)
	}
	return plainConstants({ ...graph, initializer })
}

function half(name: string): string {
	return `${name}/half`
}

/** The graph computed in half precision throughout: constants, and casts at its inputs and outputs. */
export function halfArithmetic(graph: Graph): Graph {
	const plain = plainConstants(graph)
	const inner = new Map([...plain.input, ...plain.output].map((value) => [value.name ?? '', half(value.name ?? '')]))
	const to = (name: string) => inner.get(name) ?? name
	return {
		...plain,
		initializer: plain.initializer.map((tensor) => {
			if (tensor.dataType !== DATA_TYPE.float32) return tensor
			const halves = Uint16Array.from(tensorFloats(tensor), numberToHalf)
			return { ...tensor, dataType: DATA_TYPE.float16, floatData: [], rawData: new Uint8Array(halves.buffer) }
		}),
		node: [
			...plain.input.map(({ name = '' }) => makeNode('Cast', [name], [half(name)], [intAttribute('to', DATA_TYPE.float16)])),
			...plain.node.map((node) => ({ ...node, input: node.input.map(to), output: node.output.map(to) })),
			...plain.output.map(({ name = '' }) => makeNode('Cast', [half(name)], [name], [intAttribute('to', DATA_TYPE.float32)])),
		],
		valueInfo: [],
	}
}

/** Least and greatest value of what is worth quantising, on images [3, side, side]. */
export async function rangesOf(model: Model & { graph: Graph }, input: string, dims: readonly number[], images: readonly Float32Array[]): Promise<ActivationRanges> {
	const plain = plainConstants(model.graph)
	const names = quantisableTensors(plain)
	const session = await InferenceSession.create(writeModel({ ...model, graph: tapTensors(plain, names.filter((name) => name !== input)) }), { logSeverityLevel: 3 })
	const ranges = new Map<string, [number, number]>()
	const widen = (name: string, values: Float32Array) => {
		const range = ranges.get(name) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
		for (const value of values) {
			if (value < range[0]) range[0] = value
			if (value > range[1]) range[1] = value
		}
		ranges.set(name, range)
	}
	for (const image of images) {
		if (image.length !== elementCount(dims)) throw new Error('An image does not have the size of the input.')
		const results = await session.run({ [input]: new Tensor('float32', image, dims) })
		for (const name of names) widen(name, name === input ? image : (results[name]?.data as Float32Array))
	}
	await session.release()
	return ranges
}

/** 8-bit weights, and where ranges are given 8-bit activations too. */
export function eightBits(graph: Graph, ranges?: ActivationRanges): Graph {
	return quantiseWeights(plainConstants(graph), ranges)
}
