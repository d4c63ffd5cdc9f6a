import { DATA_TYPE, type Graph } from '../onnx/model.ts'
import { tensorDims, tensorNumbers } from '../onnx/tensor.ts'
import type { NamedTensor, NamedTensors } from './namedTensor.ts'

const FLOAT_TYPES: readonly (number | undefined)[] = [DATA_TYPE.float32, DATA_TYPE.float16, DATA_TYPE.float64]

/**
 * The float constants of an ONNX graph by name, those that a Cast node makes of others included: exporters of PyTorch keep the names of the state dict for weights
 * that they neither fold nor transpose.
 */
export function tensorsOfGraph(graph: Graph): NamedTensors {
	const tensors = new Map<string, NamedTensor>()
	for (const tensor of graph.initializer) {
		if (!tensor.name || !FLOAT_TYPES.includes(tensor.dataType)) continue
		tensors.set(tensor.name, { dims: tensorDims(tensor), values: () => Float32Array.from(tensorNumbers(tensor)) })
	}
	for (const node of graph.node) {
		const [from = ''] = node.input
		const [to = ''] = node.output
		const source = node.opType === 'Cast' ? tensors.get(from) : undefined
		if (!source) continue
		tensors.set(to, source)
		tensors.delete(from)
	}
	return tensors
}
