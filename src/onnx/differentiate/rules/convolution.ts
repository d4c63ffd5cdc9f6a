import type { GraphBuilder } from '../../builder.ts'
import { intOf } from '../../attributes.ts'
import { elementCount } from '../../tensor.ts'
import type { GradientRule } from '../rule.ts'
import { inputOf, onlyGradient } from '../ruleParts.ts'
import { padZeros, reshape, slice, spread, sumOver, transpose } from '../sizes.ts'
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

/**
 * With stride 1, a convolution of dy with the turned kernel. A depthwise convolution with a stride is one too, of dy with zeros between
 * its elements: ConvTranspose takes many times longer there.
 */
function inputGradientByConvolution(convolution: Convolution): string {
	const { build, dy, groups, windows } = convolution
	let spreadOut = dy
	const pads = { before: [] as number[], after: [] as number[] }
	for (const window of windows) {
		spreadOut = spread(build, spreadOut, window.axis, window.stride)
		pads.before.push(reachOf(window) - 1 - window.before)
		// So many that the result has the input's size again; elements that no window reached get their zeros here.
		pads.after.push(window.size + reachOf(window) - 1 - (reachOf(window) - 1 - window.before) - window.outputSize * window.stride)
	}
	const trims = [0, 0, ...pads.before.map((size) => Math.min(0, size)), 0, 0, ...pads.after.map((size) => Math.min(0, size))]
	return build.node('Conv', [padZeros(build, spreadOut, trims), turnedKernel(convolution)], {
		group: groups, dilations: dilations(windows), kernel_shape: kernels(windows), strides: windows.map(() => 1),
		pads: [...pads.before, ...pads.after].map((size) => Math.max(0, size)),
	})
}

function inputGradientByTransposed({ build, w, dy, groups, windows }: Convolution): string {
	const rest = windows.map((window) => window.size - ((window.outputSize - 1) * window.stride + reachOf(window) - window.before - window.after))
	return build.node('ConvTranspose', [dy, w], {
		group: groups, dilations: dilations(windows), kernel_shape: kernels(windows), strides: strides(windows), pads: allPads(windows), output_padding: rest,
	})
}

function inputGradient(convolution: Convolution): string {
	const { windows, inner } = convolution
	const isDepthwise = inner === 1
	return isDepthwise || windows.every((window) => window.stride === 1) ? inputGradientByConvolution(convolution) : inputGradientByTransposed(convolution)
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

function kernelGradient(convolution: Convolution): string {
	return convolution.inner === 1 && convolution.groups > 1 ? kernelGradientByConvolution(convolution) : kernelGradientByTaps(convolution)
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
		wanted[1] ? kernelGradient(convolution) : null,
		...(node.input.length > 2 ? [wanted[2] ? reshape(build, sumOver(build, dy, places), [filters]) : null] : []),
	]
}

export const convolutionRules: Record<string, GradientRule> = { Conv: conv }
