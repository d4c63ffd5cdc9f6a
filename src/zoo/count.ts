import { createGraphBuilder, type GraphBuilder } from '../onnx/builder.ts'
import type { GraphNode } from '../onnx/model.ts'
import type { Network, Parameter } from '../onnx/network.ts'

/** Multiply-accumulates of one image. */
interface MacCount {
	/** Convolutions and linear layers: what papers of this family state. */
	weighted: number
	/** Products of two activations, as in attention. */
	attention: number
}

const RUNNING_STATISTICS: readonly Parameter['role'][] = ['runningMean', 'runningVariance']

/** True for what training may change; running statistics are no parameters in the sense of parameter counts. */
export function isTrainable(parameter: Parameter): boolean {
	return !RUNNING_STATISTICS.includes(parameter.role)
}

function product(sizes: readonly number[]): number {
	return sizes.reduce((all, size) => all * size, 1)
}

/** Parameters without the running statistics of batch normalisation, as torch counts them. */
export function countParameters(network: Network): number {
	return network.parameters.filter(isTrainable).reduce((sum, parameter) => sum + product(parameter.dims), 0)
}

/** At the network's own image size. */
export function countMacs(network: Network): MacCount {
	const build = createGraphBuilder()
	const bind = new Map([['input', build.input('input', [1, 3, network.inputSize, network.inputSize])]])
	for (const { name, dims } of network.parameters) bind.set(name, build.input(name, dims))
	build.include(network.graph, bind)
	const count: MacCount = { weighted: 0, attention: 0 }
	const activations = reachedFrom(network, ['input'])
	const weights = reachedFrom(network, network.parameters.map(({ name }) => name))
	for (const node of network.graph.node) {
		const operands = node.input.slice(0, 2)
		if (operands.every((name) => activations.has(name))) count.attention += macsOf(build, node)
		// A product with a constant that is no parameter is a pooling or a change of layout, which nobody counts.
		else if (operands.some((name) => weights.has(name) && !activations.has(name))) count.weighted += macsOf(build, node)
	}
	return count
}

/** Names of the tensors that depend on any of these. */
function reachedFrom(network: Network, start: readonly string[]): Set<string> {
	const reached = new Set(start)
	for (const node of network.graph.node) {
		if (node.input.some((name) => reached.has(name))) for (const name of node.output) reached.add(name)
	}
	return reached
}

function macsOf(build: GraphBuilder, node: GraphNode): number {
	const [output = ''] = node.output
	const [left = '', right = ''] = node.input
	switch (node.opType) {
		case 'Conv': return product(build.dims(output)) * product(build.dims(right).slice(1))
		case 'Gemm': return product(build.dims(output)) * product(build.dims(left).slice(1))
		case 'MatMul': return product(build.dims(output)) * (build.dims(left).at(-1) ?? 1)
		default: return 0
	}
}
