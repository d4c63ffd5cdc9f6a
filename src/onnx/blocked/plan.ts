import { intOf, intsOf, stringOf } from '../attributes.ts'
import type { GraphBuilder } from '../builder.ts'
import { DATA_TYPE, type GraphNode } from '../model.ts'
import { withoutUnused } from '../fold.ts'
import { elementCount } from '../tensor.ts'

/** A standard graph as the lowering looks at it. */
export interface Plan {
	/** Knows the sizes of every tensor of the standard graph. */
	facts: GraphBuilder
	/** Channels of one block: 16 with AVX-512, 8 with AVX2. */
	block: number
	nodes: readonly GraphNode[]
	maker(name: string): GraphNode | undefined
	readers(name: string): readonly GraphNode[]
	isOutput(name: string): boolean
	/** Whether the tensor [N, C, height, width] is kept in blocks of channels. */
	isBlocked(name: string): boolean
}

/** Below so many places the channels of a tensor are worth no layout of their own. */
const FEWEST_PLACES = 16

/** Elementwise operators whose operands are one tensor and scalars, or tensors of the same sizes. */
const ELEMENTWISE = new Set([
	'Relu', 'LeakyRelu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Clip', 'Shrink', 'Gelu', 'Erf', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Sign', 'Reciprocal', 'Identity', 'Softplus', 'Elu',
	'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal', 'And', 'Or', 'Not', 'Where', 'Cast', 'Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max',
])
/** Those that take values per channel too, since they are done on paper. */
const AFFINE = new Set(['Add', 'Sub', 'Mul'])

export type Smallness = 'scalar' | 'channel' | 'image'

/** How an operand is broadcast over [N, C, height, width]; null where it is a tensor of these sizes or none that is supported. */
export function smallness(dims: readonly number[], big: readonly number[]): Smallness | null {
	if (elementCount(dims) === 1) return 'scalar'
	const [batch = 1, channels = 1] = big
	const [ownBatch = 1, ownChannels = 1, height = 1, width = 1] = [...Array.from({ length: 4 - dims.length }, () => 1), ...dims]
	if (dims.length > 4 || height !== 1 || width !== 1) return null
	if (ownBatch === 1 && ownChannels === channels) return 'channel'
	return ownBatch === batch && (ownChannels === channels || ownChannels === 1) ? 'image' : null
}

export function sameDims(left: readonly number[], right: readonly number[]): boolean {
	return left.length === right.length && left.every((size, axis) => size === right[axis])
}

export function makePlan(facts: GraphBuilder, block: number): Plan {
	const { node: nodes } = withoutUnused(facts.graph)
	const makers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)))
	const readers = new Map<string, GraphNode[]>()
	for (const node of nodes) {
		for (const name of new Set(node.input)) {
			const known = readers.get(name)
			if (known) known.push(node)
			else readers.set(name, [node])
		}
	}
	const outputs = new Set(facts.graph.output.map((value) => value.name ?? ''))
	const blocked = new Set<string>()
	const plan: Plan = {
		facts, block, nodes, maker: (name) => makers.get(name), readers: (name) => readers.get(name) ?? [], isOutput: (name) => outputs.has(name), isBlocked: (name) => blocked.has(name),
	}
	for (const node of nodes) {
		const [output = ''] = node.output
		if (node.output.length === 1 && (isBlockedConvolution(plan, node) || isBlockedElementwise(plan, node) || isBlockedTransposed(plan, node))) blocked.add(output)
	}
	return plan
}

/** Whether a tensor can be in blocks at all. */
function hasPlaces(plan: Plan, name: string): boolean {
	const { dims } = plan.facts.facts(name)
	return dims.length === 4 && (dims[1] ?? 0) >= plan.block / 2 && (dims[2] ?? 0) * (dims[3] ?? 0) >= FEWEST_PLACES
}

export type ConvolutionKind = 'dense' | 'depthwise' | 'grouped' | 'image'

/** How the blocked convolution takes its weights; null where it cannot do it. */
export function convolutionKind(plan: Plan, node: GraphNode): ConvolutionKind | null {
	const x = plan.facts.dims(node.input[0] ?? '')
	const w = plan.facts.dims(node.input[1] ?? '')
	const groups = intOf(node, 'group', 1)
	const [, channels = 0] = x
	const [filters = 0] = w
	if (x.length !== 4 || stringOf(node, 'auto_pad', 'NOTSET') !== 'NOTSET') return null
	if (groups === 1) return channels < plan.block / 2 ? 'image' : 'dense'
	if (groups === channels && filters === channels) return 'depthwise'
	return (channels / groups) % plan.block === 0 && (filters / groups) % plan.block === 0 ? 'grouped' : null
}

function isBlockedConvolution(plan: Plan, node: GraphNode): boolean {
	const [output = ''] = node.output
	return node.opType === 'Conv' && !node.domain && hasPlaces(plan, output) && convolutionKind(plan, node) !== null
}

function isBlockedTransposed(plan: Plan, node: GraphNode): boolean {
	return node.opType === 'ConvTranspose' && hasPlaces(plan, node.output[0] ?? '') && plan.isBlocked(node.input[0] ?? '') && transposedPads(plan, node) !== null
}

function isBlockedElementwise(plan: Plan, node: GraphNode): boolean {
	if (!ELEMENTWISE.has(node.opType ?? '') || node.domain) return false
	const [output = ''] = node.output
	if (!hasPlaces(plan, output)) return false
	const big = plan.facts.dims(output)
	const inputs = node.input.filter((name) => name !== '')
	if (!inputs.some((name) => plan.isBlocked(name))) return false
	return inputs.every((name) => {
		const { dims, dataType } = plan.facts.facts(name)
		if (sameDims(dims, big)) return plan.isBlocked(name) || dataType === DATA_TYPE.float32
		const small = smallness(dims, big)
		return small === 'scalar' || (small !== null && AFFINE.has(node.opType ?? ''))
	})
}

/** How far the zero-spread input of a depthwise ConvTranspose is padded for a convolution with the turned kernel; null where there is none. */
export function transposedPads(plan: Plan, node: GraphNode): number[] | null {
	const [x = '', w = ''] = node.input
	const [, channels, ...sizes] = plan.facts.dims(x)
	const [filters, perGroup, ...kernel] = plan.facts.dims(w)
	const outputs = plan.facts.dims(node.output[0] ?? '').slice(2)
	if (node.opType !== 'ConvTranspose' || node.input[2] || sizes.length !== 2 || filters !== channels || perGroup !== 1 || intOf(node, 'group', 1) !== channels || stringOf(node, 'auto_pad', 'NOTSET') !== 'NOTSET') return null
	const [strides, dilations, pads] = [intsOf(node, 'strides', [1, 1]), intsOf(node, 'dilations', [1, 1]), intsOf(node, 'pads', [0, 0, 0, 0])]
	const reach = kernel.map((size, axis) => (size - 1) * (dilations[axis] ?? 1))
	const before = reach.map((size, axis) => size - (pads[axis] ?? 0))
	const after = reach.map((size, axis) => (outputs[axis] ?? 0) + size - (before[axis] ?? 0) - (sizes[axis] ?? 0) * (strides[axis] ?? 1))
	return [...before, ...after].some((size) => size < 0) ? null : [...before, ...after]
}

/** Axes of a reduction that keeps its axes; null where they do not follow from constants. */
export function reducedAxes(plan: Plan, node: GraphNode): number[] | null {
	const rank = plan.facts.dims(node.input[0] ?? '').length
	const listed = node.input[1] ? plan.facts.facts(node.input[1]).values : intsOf(node, 'axes', [])
	if (!listed || listed.length === 0) return null
	return listed.map((axis) => (axis < 0 ? axis + rank : axis)).toSorted((left, right) => left - right)
}
