import type { GraphBuilder } from '../../builder.ts'
import { intOf } from '../../attributes.ts'
import { declareMeaning } from '../../meaning.ts'
import { elementCount } from '../../tensor.ts'
import type { GradientRule } from '../rule.ts'
import { inputOf, onlyGradient } from '../ruleParts.ts'
import { padZeros, reshape, slice, sumOver, transpose } from '../sizes.ts'
import { reachOf, windowsOf, type AxisWindow } from '../window.ts'

/** A convolution of x [N, groups * inner, sizes] with w [groups * outer, inner, kernel] to y [N, groups * outer, output sizes]. */
interface Convolution {
	build: GraphBuilder
	x: string
	w: string
	dy: string
	batch: number
	groups: number
	/** Input channels and output channels of one group. */
	inner: number
	outer: number
	windows: readonly AxisWindow[]
}

const kernels = (windows: readonly AxisWindow[]): number[] => windows.map((window) => window.kernel)
const strides = (windows: readonly AxisWindow[]): number[] => windows.map((window) => window.stride)
const dilations = (windows: readonly AxisWindow[]): number[] => windows.map((window) => window.dilation)

function allPads(windows: readonly AxisWindow[]): number[] {
	return [...windows.map((window) => window.before), ...windows.map((window) => window.after)]
}

/** The kernel that leads back: turned around on every axis, [groups * inner, outer, kernel]. */
function turnedKernel({ build, w, groups, inner, outer, windows }: Convolution): string {
	const kernel = kernels(windows)
	const taps = elementCount(kernel)
	const reversed = Array.from({ length: taps }, (_, tap) => taps - 1 - tap)
	const flat = reshape(build, w, [groups, outer, inner, taps])
	const turned = taps === 1 ? flat : build.node('Gather', [flat, build.integers(reversed)], { axis: 3 })
	const swapped = inner === 1 && outer === 1 ? turned : transpose(build, turned, [0, 2, 1, 3])
	return reshape(build, swapped, [groups * inner, outer, ...kernel])
}

/** With stride 1: a convolution of dy with the turned kernel. */
function inputGradientByConvolution(convolution: Convolution): string {
	const { build, dy, groups, windows } = convolution
	const before = windows.map((window) => reachOf(window) - 1 - window.before)
	const after = windows.map((window) => reachOf(window) - 1 - window.after)
	const cuts = [0, 0, ...before.map((size) => Math.min(0, size)), 0, 0, ...after.map((size) => Math.min(0, size))]
	return build.node('Conv', [padZeros(build, dy, cuts), turnedKernel(convolution)], {
		group: groups, dilations: dilations(windows), kernel_shape: kernels(windows), strides: strides(windows), pads: [...before, ...after].map((size) => Math.max(0, size)),
	})
}

function inputGradientByTransposed({ build, w, dy, groups, windows }: Convolution): string {
	const rest = windows.map((window) => window.size - ((window.outputSize - 1) * window.stride + reachOf(window) - window.before - window.after))
	return build.node('ConvTranspose', [dy, w], {
		group: groups, dilations: dilations(windows), kernel_shape: kernels(windows), strides: strides(windows), pads: allPads(windows), output_padding: rest,
	})
}

function inputGradient(convolution: Convolution): string {
	return convolution.windows.every((window) => window.stride === 1) ? inputGradientByConvolution(convolution) : inputGradientByTransposed(convolution)
}

/** Channels before images, [channels, N, sizes], so that one multiplication sums over the whole batch. */
function channelsFirst(build: GraphBuilder, value: string, batch: number): string {
	const dims = build.dims(value)
	if (batch === 1) return reshape(build, value, [dims[1] ?? 1, 1, ...dims.slice(2)])
	return transpose(build, value, [1, 0, ...dims.slice(2).map((_, index) => index + 2)])
}

/** Every position of the kernel, the last axis fastest. */
function tapsOf(kernel: readonly number[]): number[][] {
	return kernel.reduce<number[][]>((taps, size) => taps.flatMap((tap) => Array.from({ length: size }, (_, index) => [...tap, index])), [[]])
}

/** What one tap of the kernel sees: [groups * inner, N, output sizes] out of the padded input. */
function seenBy(build: GraphBuilder, padded: string, tap: readonly number[], windows: readonly AxisWindow[]): string {
	const starts = windows.map((window, index) => (tap[index] ?? 0) * window.dilation)
	const ends = windows.map((window, index) => (starts[index] ?? 0) + (window.outputSize - 1) * window.stride + 1)
	const dims = build.dims(padded)
	if (windows.every((window, index) => starts[index] === 0 && ends[index] === dims[window.axis] && window.stride === 1)) return padded
	return build.node('Slice', [
		padded, build.integers(starts), build.integers(ends), build.integers(windows.map((window) => window.axis)), build.integers(strides(windows)),
	])
}

/** From so many columns on, each tap is worth a multiplication of its own; below, all taps are laid side by side first. */
const WIDE_ENOUGH = 128

/** dW[tap] = dy times what the tap saw, summed over images and places: a multiplication of matrices for each tap and group. */
function kernelGradientByTaps({ build, x, dy, batch, groups, inner, outer, windows }: Convolution): string {
	const kernel = kernels(windows)
	const places = batch * elementCount(windows.map((window) => window.outputSize))
	const images = channelsFirst(build, x, batch)
	const padded = padZeros(build, images, [0, 0, ...windows.map((window) => window.before), 0, 0, ...windows.map((window) => window.after)])
	const gradient = reshape(build, channelsFirst(build, dy, batch), [groups, outer, places])
	const seen = tapsOf(kernel).map((tap) => reshape(build, seenBy(build, padded, tap, windows), [groups, inner, places]))
	if (seen.length === 1 || inner < WIDE_ENOUGH) {
		// [groups, taps * inner, places], the taps outermost.
		const [only = ''] = seen
		const columns = seen.length === 1 ? only : build.node('Concat', seen, { axis: 1 })
		const product = reshape(build, timesTransposed(build, gradient, columns), [groups * outer, seen.length, inner])
		return reshape(build, transpose(build, product, [0, 2, 1]), [groups * outer, inner, ...kernel])
	}
	const products = seen.map((columns) => reshape(build, timesTransposed(build, gradient, columns), [groups * outer, inner, 1]))
	return reshape(build, build.node('Concat', products, { axis: 2 }), [groups * outer, inner, ...kernel])
}

/** left [groups, m, k] times the transposed of right [groups, n, k]. */
function timesTransposed(build: GraphBuilder, left: string, right: string): string {
	const [groups = 1, m = 1, k = 1] = build.dims(left)
	const n = build.dims(right)[1] ?? 1
	if (groups > 1) return build.node('MatMul', [left, transpose(build, right, [0, 2, 1])])
	return reshape(build, build.node('Gemm', [reshape(build, left, [m, k]), reshape(build, right, [n, k])], { transB: 1 }), [1, m, n])
}

/**
 * One grouped convolution with the output gradient as kernel, whose dilation is the forward stride and whose stride is the forward
 * dilation: the input viewed as [inner, groups * N, sizes], the gradient as [groups * outer, N, output sizes].
 */
function kernelGradientByConvolution({ build, x, dy, batch, groups, inner, outer, windows }: Convolution): string {
	const sizes = windows.map((window) => window.size)
	const outputSizes = windows.map((window) => window.outputSize)
	const spatial = windows.map((window) => window.axis + 1)
	const grouped = reshape(build, x, [batch, groups, inner, ...sizes])
	const input = reshape(build, transpose(build, grouped, [2, 1, 0, ...spatial]), [inner, groups * batch, ...sizes])
	const found = build.node('Conv', [input, channelsFirst(build, dy, batch)], {
		group: groups, kernel_shape: outputSizes, dilations: strides(windows), strides: dilations(windows), pads: allPads(windows),
	})
	// A stride may leave elements at the end that no window reaches; they show up as further taps.
	const taps = windows.reduce((cut, window) => slice(build, cut, window.axis, 0, window.kernel), found)
	const ordered = inner === 1 ? taps : transpose(build, taps, [1, 0, ...windows.map((window) => window.axis)])
	return reshape(build, ordered, [groups * outer, inner, ...kernels(windows)])
}

/** Maps of so many places at most are multiplied whole: all pairs of places of dy and x. */
const SMALL_MAP = 64
/** Rows up to this width are worth a multiplication each; its work grows with the square of the width. */
const LONG_ROW = 112
/** The same with a stride. */
const SHORT_ROW = 28

/** A constant matrix [from, to] with a one in each of the given places. */
function selection(build: GraphBuilder, from: number, to: number, ones: readonly (readonly [number, number])[]): string {
	const values = Array.from({ length: from * to }, () => 0)
	for (const [row, column] of ones) values[row * to + column] = 1
	return build.floats(values, [from, to])
}

/** Where, for each pair of an output place and a tap, the input place is within the input. */
function pairsOf(window: AxisWindow): { place: number; tap: number; source: number }[] {
	return Array.from({ length: window.outputSize * window.kernel }, (_, index) => {
		const place = Math.floor(index / window.kernel)
		const tap = index % window.kernel
		return { place, tap, source: place * window.stride + tap * window.dilation - window.before }
	}).filter(({ source }) => source >= 0 && source < window.size)
}

/**
 * Depthwise, small maps: per channel the products of all places of dy with all places of x, summed over the images by one multiplication of
 * matrices; each tap is the sum of a diagonal, which a multiplication with a constant of zeros and ones picks out.
 */
function kernelGradientByPairs({ build, x, dy, batch, groups, windows: [rows, columns] }: TwoAxes): string {
	const sources = rows.size * columns.size
	const places = rows.outputSize * columns.outputSize
	const images = reshape(build, channelsFirst(build, x, batch), [groups, batch, sources])
	const gradient = reshape(build, channelsFirst(build, dy, batch), [groups, batch, places])
	const products = build.node('MatMul', [transpose(build, gradient, [0, 2, 1]), images])
	const diagonals = pairsOf(rows).flatMap((row) => pairsOf(columns).map((column) => [
		(row.place * columns.outputSize + column.place) * sources + row.source * columns.size + column.source, row.tap * columns.kernel + column.tap,
	] as const))
	const taps = rows.kernel * columns.kernel
	const sums = build.node('MatMul', [reshape(build, products, [groups, places * sources]), selection(build, places * sources, taps, diagonals)])
	return reshape(build, sums, [groups, 1, rows.kernel, columns.kernel])
}

/** Depthwise, larger maps: the same with pairs within a row only, a multiplication for each row of the kernel. */
function kernelGradientByRows({ build, x, dy, batch, groups, windows: [rows, columns] }: TwoAxes): string {
	const padded = padZeros(build, channelsFirst(build, x, batch), [0, 0, rows.before, columns.before, 0, 0, rows.after, columns.after])
	const width = columns.before + columns.size + columns.after
	const lines = batch * rows.outputSize
	const gradient = transpose(build, reshape(build, channelsFirst(build, dy, batch), [groups, lines, columns.outputSize]), [0, 2, 1])
	const products = Array.from({ length: rows.kernel }, (_, tap) => {
		const start = tap * rows.dilation
		const end = start + (rows.outputSize - 1) * rows.stride + 1
		const seen = build.node('Slice', [padded, ...[start, end, 2, rows.stride].map((value) => build.integers([value]))])
		return reshape(build, build.node('MatMul', [gradient, reshape(build, seen, [groups, lines, width])]), [groups, 1, columns.outputSize * width])
	})
	const diagonals = pairsOf({ ...columns, before: 0, size: width }).map(({ place, tap, source }) => [place * width + source, tap] as const)
	const stacked = reshape(build, products.length === 1 ? products[0] ?? '' : build.node('Concat', products, { axis: 1 }), [groups * rows.kernel, columns.outputSize * width])
	const sums = build.node('MatMul', [stacked, selection(build, columns.outputSize * width, columns.kernel, diagonals)])
	return reshape(build, sums, [groups, 1, rows.kernel, columns.kernel])
}

type TwoAxes = Convolution & { windows: readonly [AxisWindow, AxisWindow] }

function hasTwoAxes(convolution: Convolution): convolution is TwoAxes {
	return convolution.windows.length === 2
}

/** The fastest form for the sizes, by measurement (docs/adr/0010). */
function kernelGradient(convolution: Convolution): string {
	const { inner, outer, groups } = convolution
	if (inner > 1 || groups === 1) return kernelGradientByTaps(convolution)
	if (outer > 1 || !hasTwoAxes(convolution)) return kernelGradientByConvolution(convolution)
	const [rows, columns] = convolution.windows
	if (rows.size * columns.size <= SMALL_MAP && rows.outputSize * columns.outputSize <= SMALL_MAP) return kernelGradientByPairs(convolution)
	const byRows = rows.stride === 1 && columns.stride === 1 ? columns.outputSize <= LONG_ROW : columns.outputSize <= SHORT_ROW
	return byRows ? kernelGradientByRows(convolution) : kernelGradientByConvolution(convolution)
}

const conv: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const x = inputOf(node, 0)
	const w = inputOf(node, 1)
	const dy = onlyGradient(outputGradients)
	const [filters = 1, inner = 1, ...kernel] = build.dims(w)
	const groups = intOf(node, 'group', 1)
	const convolution: Convolution = {
		build, x, w, dy, groups, inner, outer: filters / groups, batch: build.dims(x)[0] ?? 1,
		windows: windowsOf(build, node, x, node.output[0] ?? '', kernel),
	}
	const places = build.dims(dy).map((_, axis) => axis).filter((axis) => axis !== 1)
	return [
		wanted[0] ? inputGradient(convolution) : null,
		wanted[1] ? declareMeaning(build, kernelGradient(convolution), { kind: 'kernelGradient', node, x, dy }) : null,
		...(node.input.length > 2 ? [wanted[2] ? reshape(build, sumOver(build, dy, places), [filters]) : null] : []),
	]
}

export const convolutionRules: Record<string, GradientRule> = { Conv: conv }
