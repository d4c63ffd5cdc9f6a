import type { GraphBuilder } from '../../builder.ts'
import { intOf, intsOf } from '../../attributes.ts'
import type { GraphNode } from '../../model.ts'
import { elementCount } from '../../tensor.ts'
import { divide, indicator, multiply, scale } from '../arithmetic.ts'
import type { GradientRule } from '../rule.ts'
import { inputOf, noGradient, onlyGradient } from '../ruleParts.ts'
import { expand, padZeros, reshape, spread, sumOver, zeros } from '../sizes.ts'
import { reachOf, windowsOf, type AxisWindow } from '../window.ts'

function poolWindows(build: GraphBuilder, node: GraphNode): AxisWindow[] {
	const kernel = intsOf(node, 'kernel_shape', null)
	if (!kernel) throw noGradient(node, 'it names no kernel_shape')
	return windowsOf(build, node, inputOf(node, 0), node.output[0] ?? '', kernel)
}

const globalAveragePool: GradientRule = ({ build, node, outputGradients }) => {
	const dims = build.dims(inputOf(node, 0))
	return [expand(build, scale(build, onlyGradient(outputGradients), 1 / elementCount(dims.slice(2))), dims)]
}

const globalMaxPool: GradientRule = ({ build, node, outputGradients }) => {
	const x = inputOf(node, 0)
	const places = build.dims(x).map((_, axis) => axis).slice(2)
	const taken = indicator(build, build.node('Equal', [x, node.output[0] ?? '']))
	return [multiply(build, taken, divide(build, onlyGradient(outputGradients), sumOver(build, taken, places)))]
}

/** How many elements each window of one axis averages over; with count_include_pad the padding counts, what lies beyond it never does. */
function windowCounts(window: AxisWindow, includePadding: boolean): number[] {
	const low = includePadding ? -window.before : 0
	const high = includePadding ? window.size + window.after : window.size
	return Array.from({ length: window.outputSize }, (_, place) => {
		const start = place * window.stride - window.before
		return Array.from({ length: window.kernel }, (_unused, tap) => start + tap * window.dilation).filter((index) => index >= low && index < high).length
	})
}

/** dy divided by the size of each window; the sizes are constants. */
function sharePerElement(build: GraphBuilder, dy: string, windows: readonly AxisWindow[], includePadding: boolean): string {
	const counts = windows.map((window) => windowCounts(window, includePadding))
	const all = elementCount(windows.map((window) => window.kernel))
	if (counts.every((axis, index) => axis.every((count) => count === windows[index]?.kernel))) return scale(build, dy, 1 / all)
	const shares = counts.reduce<number[]>((soFar, axis) => soFar.flatMap((share) => axis.map((count) => share / Math.max(1, count))), [1])
	return multiply(build, dy, build.floats(shares, [1, 1, ...counts.map((axis) => axis.length)]))
}

/** Repeats each element kernel times along every axis: windows that lie side by side. */
function repeatEach(build: GraphBuilder, value: string, windows: readonly AxisWindow[]): string {
	const [batch = 1, channels = 1] = build.dims(value)
	const apart = windows.flatMap((window) => [window.outputSize, 1])
	const repeated = windows.flatMap((window) => [window.outputSize, window.kernel])
	const grown = expand(build, reshape(build, value, [batch, channels, ...apart]), [batch, channels, ...repeated])
	return reshape(build, grown, [batch, channels, ...windows.map((window) => window.size)])
}

/**
 * Every element gets the sum of the shares of the windows that it lies in. Windows that only touch repeat their share; otherwise the shares,
 * spread by the stride, are summed over the window turned around, which is an AveragePool of stride 1 times the window's size.
 */
const averagePool: GradientRule = ({ build, node, outputGradients }) => {
	const windows = poolWindows(build, node)
	let gradient = sharePerElement(build, onlyGradient(outputGradients), windows, intOf(node, 'count_include_pad', 0) === 1)
	const touching = windows.every(({ size, outputSize, kernel, stride, dilation, before }) => kernel === stride && dilation === 1 && before === 0 && outputSize * kernel === size)
	if (touching) return [repeatEach(build, gradient, windows)]
	const pads: { before: number[]; after: number[] } = { before: [0, 0], after: [0, 0] }
	for (const window of windows) {
		gradient = spread(build, gradient, window.axis, window.stride)
		const before = reachOf(window) - 1 - window.before
		pads.before.push(before)
		pads.after.push(window.size + reachOf(window) - 1 - before - window.outputSize * window.stride)
	}
	const kernel = windows.map((window) => window.kernel)
	const sums = build.node('AveragePool', [padZeros(build, gradient, [...pads.before, ...pads.after])], {
		kernel_shape: kernel, dilations: windows.map((window) => window.dilation), strides: windows.map(() => 1),
	})
	return [scale(build, sums, elementCount(kernel))]
}

/**
 * The first of the largest elements of each window takes the gradient, in row-major order as in PyTorch: the operator's second output says
 * which one. Where the forward node does not give it, the pool is made again.
 */
const maxPool: GradientRule = ({ build, node, outputGradients }) => {
	const x = inputOf(node, 0)
	const dims = build.dims(x)
	const dy = onlyGradient(outputGradients)
	if (intOf(node, 'storage_order', 0) !== 0) throw noGradient(node, 'its indices count columns first')
	const indices = node.output[1] || maxPoolIndices(build, node)
	const count = elementCount(build.dims(dy))
	const flat = build.node('ScatterElements', [
		zeros(build, [elementCount(dims)]), reshape(build, indices, [count]), reshape(build, dy, [count]),
	], { axis: 0, reduction: 'add' })
	return [reshape(build, flat, dims)]
}

function maxPoolIndices(build: GraphBuilder, node: GraphNode): string {
	const windows = poolWindows(build, node)
	const attributes = {
		kernel_shape: windows.map((window) => window.kernel), strides: windows.map((window) => window.stride), dilations: windows.map((window) => window.dilation),
		pads: [...windows.map((window) => window.before), ...windows.map((window) => window.after)], ceil_mode: intOf(node, 'ceil_mode', 0),
	}
	return build.nodes('MaxPool', [inputOf(node, 0)], attributes, [build.unique('maxPool'), build.unique('maxPoolIndices')])[1] ?? ''
}

export const poolRules: Record<string, GradientRule> = {
	GlobalAveragePool: globalAveragePool,
	GlobalMaxPool: globalMaxPool,
	AveragePool: averagePool,
	MaxPool: maxPool,
}
