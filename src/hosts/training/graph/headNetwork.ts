import { ancestorsOf } from '../../../onnx/graph.ts'
import { makeNode } from '../../../onnx/model.ts'
import type { Network } from '../../../onnx/network.ts'

/** What stands behind the features of a network, as a network of its own: its input is [batch, n], its layers are none. */
export function headNetwork(network: Network): Network {
	const before = new Set(ancestorsOf(network.graph, ['features']).nodes)
	const { nodes, initializers } = ancestorsOf(network.graph, ['logits'])
	const own = nodes.filter((node) => !before.has(node))
	const read = new Set(own.flatMap((node) => node.input))
	return {
		...network,
		graph: {
			...network.graph,
			node: [makeNode('Identity', ['input'], ['features']), ...own],
			initializer: initializers.filter(({ name }) => read.has(name ?? '')),
			input: network.graph.input.filter(({ name }) => name === 'input' || read.has(name ?? '')),
			output: network.graph.output.filter(({ name }) => name === 'logits' || name === 'features'),
		},
		parameters: network.parameters.filter(({ name }) => read.has(name)),
		camLayers: [],
		hintLayers: [],
	}
}
