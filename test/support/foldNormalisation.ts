import { floatOf } from '../../src/onnx/attributes.ts'
import { withoutUnused } from '../../src/onnx/fold.ts'
import type { Graph, GraphNode, Tensor } from '../../src/onnx/model.ts'
import { tensorDims, tensorFloats, weightTensor } from '../../src/onnx/tensor.ts'

/**
 * The graph as exporters write it for inference: every BatchNormalization that follows a convolution of constant weights folded into these weights,
 * w' = w * s and b' = (b - mean) * s + shift for s = scale / sqrt(variance + epsilon), per output channel.
 */
export function foldNormalisation(graph: Graph): Graph {
	const constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]))
	const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)))
	const readers = new Map<string, number>()
	for (const name of [...graph.node.flatMap((node) => node.input), ...graph.output.map((value) => value.name ?? '')]) readers.set(name, (readers.get(name) ?? 0) + 1)
	const replaced = new Map<GraphNode, GraphNode | null>()
	for (const norm of graph.node) {
		const convolution = norm.opType === 'BatchNormalization' ? makers.get(norm.input[0] ?? '') : undefined
		if (convolution?.opType !== 'Conv' || readers.get(norm.input[0] ?? '') !== 1) continue
		const [weight, bias] = [constants.get(convolution.input[1] ?? ''), convolution.input[2] ? constants.get(convolution.input[2]) : null]
		const [scale, shift, mean, variance] = norm.input.slice(1).map((name) => constants.get(name))
		if (!weight || bias === undefined || !scale || !shift || !mean || !variance) continue
		const output = norm.output[0] ?? ''
		const folded = foldedConvolution(weight, bias, { scale, shift, mean, variance, epsilon: floatOf(norm, 'epsilon', 1e-5) }, output)
		constants.set(folded.weight.name ?? '', folded.weight)
		constants.set(folded.bias.name ?? '', folded.bias)
		replaced.set(convolution, { ...convolution, input: [convolution.input[0] ?? '', folded.weight.name ?? '', folded.bias.name ?? ''], output: [output] })
		replaced.set(norm, null)
	}
	const node = graph.node.flatMap((each) => replaced.get(each) ?? (replaced.has(each) ? [] : [each]))
	return withoutUnused({ ...graph, node, initializer: [...constants.values()] })
}

interface Normalisation {
	scale: Tensor
	shift: Tensor
	mean: Tensor
	variance: Tensor
	epsilon: number
}

function foldedConvolution(weight: Tensor, bias: Tensor | null, norm: Normalisation, name: string): { weight: Tensor; bias: Tensor } {
	const weights = tensorFloats(weight)
	const biases = bias ? tensorFloats(bias) : null
	const [scale, shift, mean, variance] = [tensorFloats(norm.scale), tensorFloats(norm.shift), tensorFloats(norm.mean), tensorFloats(norm.variance)]
	const factors = Array.from(scale, (each, channel) => each / Math.sqrt((variance[channel] ?? 0) + norm.epsilon))
	const perChannel = weights.length / factors.length
	return {
		weight: weightTensor(`${name}/weight`, tensorDims(weight), weights.map((value, index) => value * (factors[Math.floor(index / perChannel)] ?? 1))),
		bias: weightTensor(`${name}/bias`, [factors.length], Float32Array.from(factors, (factor, channel) => ((biases?.[channel] ?? 0) - (mean[channel] ?? 0)) * factor + (shift[channel] ?? 0))),
	}
}
