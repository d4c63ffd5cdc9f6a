import type { GraphBuilder } from '../../../onnx/builder.ts'
import type { Graph, ValueInfo } from '../../../onnx/model.ts'
import type { Network, Weights } from '../../../onnx/network.ts'
import { weightTensor } from '../../../onnx/tensor.ts'

/** The network's graph for an image of any size: the sizes that its inputs declare are those that it was made for. */
export function anySize(graph: Graph): Graph {
	return { ...graph, input: graph.input.map((value): ValueInfo => (value.name === 'input' ? { ...value, type: undefined } : value)) }
}

/** The values of some parameters as constants of the graph. @throws Error where one has no values. */
export function constantParameters(build: GraphBuilder, network: Network, weights: Weights, names: ReadonlySet<string>): Map<string, string> {
	const bound = new Map<string, string>()
	for (const { name, dims } of network.parameters) {
		if (!names.has(name)) continue
		const values = weights.get(name)
		if (!values) throw new Error(`The parameter "${name}" of ${network.title} has no values.`)
		bound.set(name, build.initializer(weightTensor(name, dims, values)))
	}
	return bound
}
