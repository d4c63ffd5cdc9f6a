import { intOf, intsOf } from '../attributes.ts'
import type { GraphNode } from '../model.ts'
import type { Product } from './affine.ts'
import { blockedNode, productValue, reshape } from './emit.ts'
import { paddedChannels, type Lowering } from './lowering.ts'

/**
 * Gradients of convolutions with respect to their weights, as differentiation writes them for the standard layout, recognised and computed from
 * blocked tensors.
 */

/** The tensor [N, C, height, width] of which `name` is the matrix [C, N * height * width], through the axes' exchange and reshapes. */
function channelMatrixSource({ plan }: Lowering, name: string): string | null {
	let node = plan.maker(name)
	while (node?.opType === 'Reshape') node = plan.maker(node.input[0] ?? '')
	const source = node?.opType === 'Transpose' && intsOf(node, 'perm', []).join() === '1,0,2,3' ? (node.input[0] ?? '') : ''
	if (!plan.isBlocked(source)) return null
	const [batch = 1, channels = 1, height = 1, width = 1] = plan.facts.dims(source)
	return plan.facts.dims(name).join() === [channels, batch * height * width].join() ? source : null
}

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

/** Kernel of one pixel: dW = dy x^T over all places. Null where the node is something else. */
export function denseWeightGradient(lowering: Lowering, node: GraphNode): string | null {
	const { build } = lowering
	if (node.opType !== 'Gemm' || node.input.length !== 2 || intOf(node, 'transA', 0) !== 0 || intOf(node, 'transB', 0) !== 1 || node.attribute.length !== 1) return null
	const [left, right] = [channelMatrixSource(lowering, node.input[0] ?? ''), channelMatrixSource(lowering, node.input[1] ?? '')]
	if (left === null || right === null) return null
	const [dy, x] = [placesByChannels(lowering, left), placesByChannels(lowering, right)]
	let result = build.node('Gemm', [dy.matrix, x.matrix], { transA: 1 })
	if (dy.scale) result = build.node('Mul', [result, reshape(lowering, scaleValue(lowering, dy.scale, dy.channels), [dy.channels, 1])])
	return x.scale ? build.node('Mul', [result, reshape(lowering, scaleValue(lowering, x.scale, x.channels), [1, x.channels])]) : result
}

/** Sources of a depthwise convolution's weight gradient written as a grouped convolution of x, its images as channels, with dy as the kernel. */
function depthwiseSources({ plan }: Lowering, node: GraphNode): { x: string; dy: string } | null {
	const views = plan.maker(node.input[0] ?? '')
	const exchange = views?.opType === 'Reshape' ? plan.maker(views.input[0] ?? '') : undefined
	const grouping = exchange?.opType === 'Transpose' && intsOf(exchange, 'perm', []).join() === '2,1,0,3,4' ? plan.maker(exchange.input[0] ?? '') : undefined
	const x = grouping?.opType === 'Reshape' ? (grouping.input[0] ?? '') : ''
	const kernel = plan.maker(node.input[1] ?? '')
	const dy = kernel?.opType === 'Transpose' && intsOf(kernel, 'perm', []).join() === '1,0,2,3' ? (kernel.input[0] ?? '') : ''
	if (!plan.isBlocked(x) || !plan.isBlocked(dy)) return null
	const [batch = 1, channels = 1, ...spatial] = plan.facts.dims(x)
	const fits = plan.facts.dims(grouping?.output[0] ?? '').join() === [batch, channels, 1, ...spatial].join() && plan.facts.dims(dy)[1] === channels && intOf(node, 'group', 1) === channels
	return fits ? { x, dy } : null
}

/**
 * Each image and channel is a channel of its own: the memory of [N, C, height, width] in blocks is that of [1, N * C, height, width] in blocks, and
 * that of the kernels [N * C, 1, height, width] of a depthwise convolution. Null where the node is something else.
 */
export function depthwiseWeightGradient(lowering: Lowering, node: GraphNode): string | null {
	const { build, plan } = lowering
	if (node.opType !== 'Conv' || node.input.length !== 2) return null
	const sources = depthwiseSources(lowering, node)
	if (!sources) return null
	const image = lowering.blocked(sources.x)
	const { tensor, scale } = lowering.scaled(sources.dy)
	const [batch = 1, padded = 1, ...spatial] = build.dims(image)
	const kernel = build.dims(tensor).slice(2)
	const found = blockedNode(lowering, 'Conv', [reshape(lowering, image, [1, batch * padded, ...spatial]), reshape(lowering, tensor, [batch * padded, 1, ...kernel])], {
		group: batch * padded, kernel_shape: kernel, pads: intsOf(node, 'pads', [0, 0, 0, 0]), strides: intsOf(node, 'strides', [1, 1]), dilations: intsOf(node, 'dilations', [1, 1]),
	})
	const taps = build.dims(found).slice(2)
	const perImage = reshape(lowering, found, [batch, padded / plan.block, ...taps, plan.block])
	const sum = build.node('ReduceSum', [perImage, build.integers([0])], { keepdims: 0 })
	const [channels = 1] = plan.facts.dims(node.output[0] ?? '').slice(1)
	const ordered = reshape(lowering, build.node('Transpose', [sum], { perm: [0, taps.length + 1, ...taps.map((_, axis) => axis + 1)] }), [1, padded, ...taps])
	const result = padded === channels ? ordered : build.node('Slice', [ordered, build.integers([0]), build.integers([channels]), build.integers([1])])
	return scale ? build.node('Mul', [result, reshape(lowering, scaleValue(lowering, scale, channels), [1, channels, ...taps.map(() => 1)])]) : result
}
