import { intOf } from './attributes.ts'
import { createGraphBuilder, type GraphBuilder } from './builder.ts'
import { ancestorsOf } from './graph.ts'
import { DATA_TYPE, float32Tensor, int64Tensor, type Graph, type GraphNode, type Tensor } from './model.ts'
import type { TensorFacts } from './shapes/facts.ts'
import { tensorDims, tensorNumbers, weightTensor } from './tensor.ts'

/** Everything known of a graph when its inputs have these sizes; inputs that are also constants need none. @throws Error as GraphBuilder.include. */
export function inferGraph(graph: Graph, sizes: ReadonlyMap<string, readonly number[]>): GraphBuilder {
	const build = createGraphBuilder()
	const bind = new Map<string, string>()
	for (const value of graph.input) {
		const name = value.name ?? ''
		const dims = sizes.get(name)
		if (dims) bind.set(name, build.input(name, dims, value.type?.tensorType?.elemType ?? DATA_TYPE.float32))
	}
	build.include(graph, bind)
	return build
}

/** A constant of known values, of a type that shapes, axes, conditions and scalars have; null for other types. */
function tensorOfFacts(name: string, { dataType, dims, values }: TensorFacts): Tensor | null {
	if (!values) return null
	if (dataType === DATA_TYPE.float32) return float32Tensor(name, dims, values)
	const integers = { ...int64Tensor(name, []), dataType, dims: dims.map(BigInt) }
	if (dataType === DATA_TYPE.int64) return { ...integers, int64Data: values.map(BigInt) }
	if (dataType === DATA_TYPE.bool || dataType === DATA_TYPE.int32) return { ...integers, int32Data: [...values] }
	return null
}

/** The tensor that a Constant node gives, under the name of its output. */
function constantNodeTensor(node: GraphNode): Tensor | null {
	const name = node.output[0] ?? ''
	const [attribute] = node.attribute
	if (attribute?.t) return { ...attribute.t, name }
	switch (attribute?.name) {
		case 'value_float': return float32Tensor(name, [], [attribute.f ?? 0])
		case 'value_floats': return float32Tensor(name, [attribute.floats.length], attribute.floats)
		case 'value_int': return { ...int64Tensor(name, [Number(attribute.i ?? 0n)]), dims: [] }
		case 'value_ints': return int64Tensor(name, attribute.ints.map(Number))
		default: return null
	}
}

/** A weight stored in half precision or as 8-bit codes, as float32; null where the node is nothing of the kind. */
function unpackedWeight(node: GraphNode, constants: ReadonlyMap<string, Tensor>): Tensor | null {
	const [codes, scale, zero] = node.input.map((name) => constants.get(name))
	const name = node.output[0] ?? ''
	if (!codes) return null
	if (node.opType === 'Cast' && intOf(node, 'to', 0) === DATA_TYPE.float32) return weightTensor(name, tensorDims(codes), Float32Array.from(tensorNumbers(codes)))
	if (node.opType !== 'DequantizeLinear' || !scale) return null
	const dims = tensorDims(codes)
	const scales = tensorNumbers(scale)
	const zeros = zero ? tensorNumbers(zero) : null
	const axis = intOf(node, 'axis', 1)
	const inner = scales.length === 1 ? 1 : dims.slice((axis < 0 ? axis + dims.length : axis) + 1).reduce((product, size) => product * size, 1)
	const numbers = tensorNumbers(codes)
	return weightTensor(name, dims, Float32Array.from(numbers, (code, index) => {
		const channel = Math.floor(index / inner) % scales.length
		return (code - (zeros?.[channel] ?? 0)) * (scales[channel] ?? 1)
	}))
}

/** An exporter writes equal constants once and takes Identity of them elsewhere; each gets its own again, since only their first values are equal. */
function ownCopy(node: GraphNode, constants: ReadonlyMap<string, Tensor>): Tensor | null {
	const source = node.opType === 'Identity' ? constants.get(node.input[0] ?? '') : undefined
	return source ? { ...source, name: node.output[0] } : null
}

/** Constant nodes, weights packed as half precision or 8 bits, and copies of constants, as plain constants. */
export function plainConstants(graph: Graph): Graph {
	const constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]))
	const node: GraphNode[] = []
	for (const each of graph.node) {
		const made = each.opType === 'Constant' ? constantNodeTensor(each) : (unpackedWeight(each, constants) ?? ownCopy(each, constants))
		if (made) constants.set(each.output[0] ?? '', made)
		else node.push(each)
	}
	return { ...graph, node, initializer: [...constants.values()] }
}

/** Without the nodes and constants that no output needs. */
export function withoutUnused(graph: Graph): Graph {
	const { nodes, initializers } = ancestorsOf(graph, graph.output.map((value) => value.name ?? ''))
	return { ...graph, node: nodes, initializer: initializers }
}

/**
 * The graph with what follows from constants alone as constants: arithmetic on shapes as exporters write it. A value that depends on the size of an
 * input is folded only where it is the same for all the sizes given, so that a batch given as two numbers stays free.
 * @param sizes of the inputs, once per case. @throws Error as inferGraph.
 */
export function foldConstants(graph: Graph, sizes: readonly ReadonlyMap<string, readonly number[]>[]): Graph {
	const plain = plainConstants(graph)
	const cases = sizes.map((each) => inferGraph(plain, each))
	const outputs = new Set(graph.output.map((value) => value.name ?? ''))
	const constants: Tensor[] = []
	const foldOf = (node: GraphNode): Tensor[] | null => {
		const folded = node.output.filter((name) => name !== '').map((name) => {
			const known = cases.map((build) => build.facts(name))
			const [first] = known
			const alike = first && known.every((facts) => facts.values && facts.dims.join() === first.dims.join() && facts.values.join() === first.values?.join())
			return alike && !outputs.has(name) ? tensorOfFacts(name, first) : null
		})
		return folded.every((tensor) => tensor !== null) ? folded : null
	}
	const node = plain.node.filter((each) => {
		const folded = foldOf(each)
		if (folded) constants.push(...folded)
		return !folded
	})
	return withoutUnused({ ...plain, node, initializer: [...plain.initializer, ...constants] })
}
