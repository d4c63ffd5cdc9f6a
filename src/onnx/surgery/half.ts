import { intAttribute, makeNode, DATA_TYPE, type Graph, type GraphNode, type Tensor } from '../model.ts'
import { elementCount, numberToHalf, tensorDims, tensorFloats } from '../tensor.ts'

/** Constants smaller than this stay as they are: biases and norms are no weight in a file and their error is everywhere. */
const SMALLEST = 1024
const LARGEST_HALF = 65_504

/**
 * The graph with its large weights stored in half precision and cast back where they are used: the file is half as large and all arithmetic stays
 * float32. ONNX Runtime does the casts once, when the session is made, so the speed is that of the float32 graph.
 */
export function halfPrecisionWeights(graph: Graph): Graph {
	const casts: GraphNode[] = []
	const initializer = graph.initializer.map((tensor): Tensor => {
		const dims = tensorDims(tensor)
		if (tensor.dataType !== DATA_TYPE.float32 || elementCount(dims) < SMALLEST) return tensor
		const values = tensorFloats(tensor)
		if (values.some((value) => !(Math.abs(value) <= LARGEST_HALF))) return tensor
		const name = tensor.name ?? ''
		casts.push(makeNode('Cast', [`${name}/half`], [name], [intAttribute('to', DATA_TYPE.float32)]))
		const halves = Uint16Array.from(values, numberToHalf)
		return { ...tensor, name: `${name}/half`, dataType: DATA_TYPE.float16, floatData: [], rawData: new Uint8Array(halves.buffer) }
	})
	return { ...graph, node: [...casts, ...graph.node], initializer }
}
