import { intsOf } from '../attributes.ts'
import type { Meaning } from '../meaning.ts'
import type { GraphNode } from '../model.ts'
import type { Product } from './affine.ts'
import { blockedNode, productValue, reshape } from './emit.ts'
import { paddedChannels, type Lowering } from './lowering.ts'
import { convolutionKind, sameDims } from './plan.ts'

/** [N * height * width, C] of a tensor, with the factor that is still to be applied. */
function placesByChannels(lowering: Lowering, name: string): { matrix: string; scale: Product | null; channels: number } {
	const [batch = 1, channels = 1, height = 1, width = 1] = lowering.plan.facts.dims(name)
	const { tensor, scale } = lowering.scaled(name)
	const matrix = lowering.once(`places ${channels} ${tensor}`, () => reshape(lowering, blockedNode(lowering, 'ReorderOutput', [tensor], { channels, channels_last: 1 }), [batch * height * width, channels]))
	return { matrix, scale, channels }
}

/** [channels]. */
function scaleValue(lowering: Lowering, scale: Product, channels: number): string {
	const { build } = lowering
	const value = productValue(lowering, scale, paddedChannels(lowering, channels))
	return reshape(lowering, build.node('Slice', [value, build.integers([0]), build.integers([channels]), build.integers([1])]), [channels])
}

/** Kernel of one pixel: dW = dy x^T over all places. */
function pointwiseGradient(lowering: Lowering, xName: string, dyName: string): string {
	const { build } = lowering
	const [dy, x] = [placesByChannels(lowering, dyName), placesByChannels(lowering, xName)]
	let result = build.node('Gemm', [dy.matrix, x.matrix], { transA: 1 })
	if (dy.scale) result = build.node('Mul', [result, reshape(lowering, scaleValue(lowering, dy.scale, dy.channels), [dy.channels, 1])])
	if (x.scale) result = build.node('Mul', [result, reshape(lowering, scaleValue(lowering, x.scale, x.channels), [1, x.channels])])
	return reshape(lowering, result, [dy.channels, x.channels, 1, 1])
}

/**
 * Each image and channel is a channel of its own: the memory of [N, C, height, width] in blocks is that of [1, N * C, height, width] in blocks, and
 * that of the kernels [N * C, 1, height, width] of a depthwise convolution, which slides dy over x. Its dilation is the forward stride.
 */
function depthwiseGradient(lowering: Lowering, node: GraphNode, xName: string, dyName: string): string {
	const { build, plan } = lowering
	const image = lowering.blocked(xName)
	const { tensor, scale } = lowering.scaled(dyName)
	const [batch = 1, padded = 1, ...spatial] = build.dims(image)
	const kernel = build.dims(tensor).slice(2)
	const found = blockedNode(lowering, 'Conv', [reshape(lowering, image, [1, batch * padded, ...spatial]), reshape(lowering, tensor, [batch * padded, 1, ...kernel])], {
		group: batch * padded, kernel_shape: kernel, pads: intsOf(node, 'pads', [0, 0, 0, 0]), strides: intsOf(node, 'dilations', [1, 1]), dilations: intsOf(node, 'strides', [1, 1]),
	})
	const [channels = 1, , ...taps] = plan.facts.dims(node.input[1] ?? '')
	const seen = build.dims(found).slice(2)
	const sum = build.node('ReduceSum', [reshape(lowering, found, [batch, padded / plan.block, ...seen, plan.block]), build.integers([0])], { keepdims: 0 })
	const ordered = reshape(lowering, build.node('Transpose', [sum], { perm: [0, 3, 1, 2] }), [padded, 1, ...seen])
	// Channels that fill a block, and places at the end that no window reaches, are left out.
	const isWhole = padded === channels && seen.join() === taps.join()
	const result = isWhole ? ordered : build.node('Slice', [ordered, build.integers([0, 0, 0]), build.integers([channels, ...taps]), build.integers([0, 2, 3])])
	return scale ? build.node('Mul', [result, reshape(lowering, scaleValue(lowering, scale, channels), [channels, 1, 1, 1])]) : result
}

/** Gradient of a convolution's weight from blocked tensors; null where the standard form is the only one. */
export function kernelGradient(lowering: Lowering, { node, x, dy }: Extract<Meaning, { kind: 'kernelGradient' }>): string | null {
	const { plan } = lowering
	if (!plan.isBlocked(x) || !plan.isBlocked(dy) || !plan.isBlocked(node.output[0] ?? '')) return null
	const kind = convolutionKind(plan, node)
	if (kind === 'depthwise') return depthwiseGradient(lowering, node, x, dy)
	const isPointwise = plan.facts.dims(node.input[1] ?? '').slice(2).every((size) => size === 1) && sameDims(plan.facts.dims(x).slice(2), plan.facts.dims(dy).slice(2))
	return kind === 'dense' && isPointwise ? pointwiseGradient(lowering, x, dy) : null
}
