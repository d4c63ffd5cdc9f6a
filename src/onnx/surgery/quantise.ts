import { makeAttribute } from '../attributes.ts'
import { DATA_TYPE, float32Tensor, int64Tensor, makeNode, type Graph, type GraphNode, type Tensor } from '../model.ts'
import { elementCount, tensorDims, tensorFloats, weightTensor } from '../tensor.ts'

/** Least and greatest value of a tensor's elements on representative images. */
export type ActivationRanges = ReadonlyMap<string, readonly [least: number, greatest: number]>

/** Nodes whose weights are quantised, and the axis of their weight that counts the outputs. */
function outputAxis(node: GraphNode): number | null {
	if (node.opType === 'Conv') return 0
	if (node.opType === 'Gemm') return node.attribute.some((attribute) => attribute.name === 'transB' && attribute.i === 1n) ? 0 : 1
	return node.opType === 'MatMul' ? 1 : null
}

/** Scale and zero point of 8-bit codes for a range, which is widened to hold 0 exactly. */
function unsignedCodes(least: number, greatest: number): { scale: number; zero: number } {
	const [low, high] = [Math.min(0, least), Math.max(0, greatest)]
	const scale = high === low ? 1 : (high - low) / 255
	return { scale, zero: Math.round(-low / scale) }
}

/** Signed codes of a weight with one scale per output, so that its greatest value in each is 127. */
function weightCodes(weight: Tensor, axis: number): { codes: Int8Array; scales: number[] } {
	const dims = tensorDims(weight)
	const values = tensorFloats(weight)
	const inner = elementCount(dims.slice(axis + 1))
	const outputs = dims[axis] ?? 1
	const outputOf = (index: number) => Math.floor(index / inner) % outputs
	const scales = Array.from({ length: outputs }, () => 0)
	for (const [index, value] of values.entries()) scales[outputOf(index)] = Math.max(scales[outputOf(index)] ?? 0, Math.abs(value) / 127)
	const codes = Int8Array.from(values, (value, index) => {
		const scale = scales[outputOf(index)] ?? 0
		return scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(value / scale)))
	})
	return { codes, scales: scales.map((scale) => (scale === 0 ? 1 : scale)) }
}

/** The node's constant float32 weight with the axis of its outputs; null where it has none. */
function weightOf(node: GraphNode, constants: ReadonlyMap<string, Tensor>): { name: string; weight: Tensor; axis: number } | null {
	const axis = outputAxis(node)
	const name = node.input[1] ?? ''
	const weight = constants.get(name)
	if (axis === null || weight?.dataType !== DATA_TYPE.float32 || weight.dims.length < 2 || (node.opType === 'MatMul' && weight.dims.length !== 2)) return null
	return { name, weight, axis }
}

/**
 * The tensors whose ranges are worth measuring for quantiseWeights: what nodes with a constant weight read, and what they give, after the Relu
 * that follows them where one does (ONNX Runtime then computes convolution and Relu as one in 8 bits).
 */
export function quantisableTensors(graph: Graph): string[] {
	const constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]))
	const readers = new Map<string, GraphNode[]>()
	for (const node of graph.node) for (const name of node.input) readers.set(name, [...(readers.get(name) ?? []), node])
	const names = graph.node.flatMap((node) => {
		if (!weightOf(node, constants)) return []
		const [output = ''] = node.output
		const [next, ...others] = readers.get(output) ?? []
		return [node.input[0] ?? '', next?.opType === 'Relu' && others.length === 0 ? (next.output[0] ?? '') : output]
	})
	const outputs = new Set(graph.output.map((value) => value.name))
	return [...new Set(names)].filter((name) => !outputs.has(name))
}

/**
 * The graph with 8-bit weights: symmetric, one scale per output of every Conv, Gemm and MatMul of a constant weight, with DequantizeLinear behind it.
 * Every tensor of a given range is read through QuantizeLinear and DequantizeLinear, so that ONNX Runtime computes in 8 bits (OFA-595 takes 0.8 of
 * the float32 time). Without ranges only the file is smaller, and slower to run (2.7 times), since ONNX Runtime keeps the codes and unpacks them in
 * every run; plainConstants makes the float32 graph of it again.
 * @throws Error for a range that is none.
 */
export function quantiseWeights(graph: Graph, ranges: ActivationRanges = new Map()): Graph {
	const constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]))
	const made = new Map<string, Tensor>()
	const node: GraphNode[] = []

	function addWeight(name: string, weight: Tensor, axis: number): void {
		if (made.has(`${name}/codes`)) return
		const { codes, scales } = weightCodes(weight, axis)
		made.set(`${name}/codes`, { ...weight, name: `${name}/codes`, dataType: DATA_TYPE.int8, floatData: [], rawData: new Uint8Array(codes.buffer) })
		made.set(`${name}/scales`, weightTensor(`${name}/scales`, [scales.length], Float32Array.from(scales)))
		made.set(`${name}/zeros`, { ...int64Tensor(`${name}/zeros`, []), dims: [BigInt(scales.length)], dataType: DATA_TYPE.int8, rawData: new Uint8Array(scales.length) })
		node.push(makeNode('DequantizeLinear', [`${name}/codes`, `${name}/scales`, `${name}/zeros`], [`${name}/rounded`], [makeAttribute('axis', axis)]))
	}

	function addRounding(name: string): void {
		const [least, greatest] = ranges.get(name) ?? [0, 0]
		if (!Number.isFinite(least) || !Number.isFinite(greatest) || least > greatest) throw new Error(`The range of "${name}", ${least} to ${greatest}, is none.`)
		const { scale, zero } = unsignedCodes(least, greatest)
		made.set(`${name}/scale`, float32Tensor(`${name}/scale`, [], [scale]))
		made.set(`${name}/zero`, { ...int64Tensor(`${name}/zero`, []), dims: [], dataType: DATA_TYPE.uint8, int32Data: [zero] })
		node.push(
			makeNode('QuantizeLinear', [name, `${name}/scale`, `${name}/zero`], [`${name}/codes`]),
			makeNode('DequantizeLinear', [`${name}/codes`, `${name}/scale`, `${name}/zero`], [`${name}/rounded`]),
		)
	}

	for (const value of graph.input) if (ranges.has(value.name ?? '')) addRounding(value.name ?? '')
	for (const each of graph.node) {
		const found = weightOf(each, constants)
		if (found) addWeight(found.name, found.weight, found.axis)
		node.push({ ...each, input: each.input.map((name) => (ranges.has(name) || (found && name === found.name) ? `${name}/rounded` : name)) })
		for (const name of each.output) if (ranges.has(name)) addRounding(name)
	}
	const read = new Set([...node.flatMap((each) => each.input), ...graph.output.map((value) => value.name ?? '')])
	return { ...graph, node, initializer: [...graph.initializer.filter((tensor) => read.has(tensor.name ?? '')), ...made.values()] }
}
