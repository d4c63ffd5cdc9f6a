import type { GraphBuilder } from '../builder.ts'
import { intsOf, stringOf } from '../attributes.ts'
import type { GraphNode } from '../model.ts'
import { noGradient } from './ruleParts.ts'

/** How a convolution or a pool goes over one spatial axis. */
export interface AxisWindow {
	/** Axis of the tensor, from 2 on. */
	axis: number
	/** Sizes of input and output. */
	size: number
	outputSize: number
	kernel: number
	stride: number
	dilation: number
	before: number
	after: number
}

/** From the first to the last element that the window covers. */
export function reachOf(window: AxisWindow): number {
	return (window.kernel - 1) * window.dilation + 1
}

/** The windows of a node whose first input x [N, C, spatial sizes] gives the output y; padding by auto_pad is worked out. */
export function windowsOf(build: GraphBuilder, node: GraphNode, x: string, y: string, kernel: readonly number[]): AxisWindow[] {
	const sizes = build.dims(x).slice(2)
	const outputSizes = build.dims(y).slice(2)
	const strides = intsOf(node, 'strides', null)
	const dilations = intsOf(node, 'dilations', null)
	const pads = intsOf(node, 'pads', null)
	const automatic = stringOf(node, 'auto_pad', 'NOTSET')
	if (kernel.length !== sizes.length) throw noGradient(node, `its kernel has ${kernel.length} axes, its input ${sizes.length}`)
	return sizes.map((size, index) => {
		const window: AxisWindow = {
			axis: index + 2, size, outputSize: outputSizes[index] ?? 0, kernel: kernel[index] ?? 1,
			stride: strides?.[index] ?? 1, dilation: dilations?.[index] ?? 1, before: 0, after: 0,
		}
		if (automatic === 'SAME_UPPER' || automatic === 'SAME_LOWER') {
			const total = Math.max(0, (window.outputSize - 1) * window.stride + reachOf(window) - size)
			const smaller = Math.floor(total / 2)
			return automatic === 'SAME_UPPER' ? { ...window, before: smaller, after: total - smaller } : { ...window, before: total - smaller, after: smaller }
		}
		if (automatic === 'VALID') return window
		return { ...window, before: pads?.[index] ?? 0, after: pads?.[index + sizes.length] ?? 0 }
	})
}
