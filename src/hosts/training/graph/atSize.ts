import { inferGraph } from '../../../onnx/fold.ts'
import { float32Value } from '../../../onnx/model.ts'
import type { Layer, Network } from '../../../onnx/network.ts'
import { anySize } from './include.ts'

/**
 * The same network for images of another size.
 * @throws Error where something in it has the size of its image: position embeddings, windows, a linear layer over all places.
 */
export function atSize(network: Network, size: number): Network {
	if (size === network.inputSize) return network
	const build = inferGraph(anySize(network.graph), new Map([['input', [2, 3, size, size]], ...network.parameters.map(({ name, dims }) => [name, dims] as const)]))
	const layer = (one: Layer): Layer => {
		const [, channels = 0, height = 0, width = 0] = build.dims(one.output)
		return { ...one, channels, height, width }
	}
	return {
		...network,
		inputSize: size,
		graph: {
			...network.graph,
			input: network.graph.input.map((value) => (value.name === 'input' ? float32Value('input', ['batch', 3, size, size]) : value)),
			output: network.graph.output.map(({ name = '' }) => float32Value(name, ['batch', ...build.dims(name).slice(1)])),
		},
		camLayers: network.camLayers.map(layer),
		hintLayers: network.hintLayers.map(layer),
	}
}
