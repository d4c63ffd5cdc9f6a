import type { GraphBuilder } from '../../builder.ts'
import { intOf, intsOf, stringOf } from '../../attributes.ts'
import type { GraphNode } from '../../model.ts'
import type { GradientRule } from '../rule.ts'
import { inputOf, noGradient, onlyGradient } from '../ruleParts.ts'
import { positiveAxis, transpose } from '../sizes.ts'

interface AxisResize {
	from: number
	to: number
	/** to / from, or the factor that the node gives. */
	scale: number
}

/** Place in the input, counted in elements, of an element of the output. */
function sourcePlace(node: GraphNode, { from, to, scale }: AxisResize, target: number): number {
	const transformation = stringOf(node, 'coordinate_transformation_mode', 'half_pixel')
	switch (transformation) {
		case 'half_pixel': return (target + 0.5) / scale - 0.5
		case 'half_pixel_symmetric': return (from / 2) * (1 - to / (scale * from)) + (target + 0.5) / scale - 0.5
		case 'pytorch_half_pixel': return to > 1 ? (target + 0.5) / scale - 0.5 : 0
		case 'align_corners': return to > 1 ? (target * (from - 1)) / (to - 1) : 0
		case 'asymmetric': return target / scale
		default: throw noGradient(node, `its coordinate transformation is ${transformation}`)
	}
}

function nearest(node: GraphNode, place: number): number {
	const mode = stringOf(node, 'nearest_mode', 'round_prefer_floor')
	switch (mode) {
		case 'round_prefer_floor': return Math.ceil(place - 0.5)
		case 'round_prefer_ceil': return Math.floor(place + 0.5)
		case 'floor': return Math.floor(place)
		case 'ceil': return Math.ceil(place)
		default: throw noGradient(node, `its way of rounding is ${mode}`)
	}
}

/** The matrix [to, from] by which one axis is resized. */
function resizeMatrix(node: GraphNode, resize: AxisResize): number[] {
	const mode = stringOf(node, 'mode', 'nearest')
	if (mode !== 'nearest' && mode !== 'linear') throw noGradient(node, `its mode is ${mode}`)
	const matrix = Array.from({ length: resize.to * resize.from }, () => 0)
	const last = resize.from - 1
	const put = (target: number, source: number, weight: number): void => {
		const at = target * resize.from + Math.min(Math.max(source, 0), last)
		matrix[at] = (matrix[at] ?? 0) + weight
	}
	for (let target = 0; target < resize.to; target++) {
		const place = sourcePlace(node, resize, target)
		if (mode === 'nearest') {
			put(target, nearest(node, place), 1)
		} else {
			const low = Math.floor(place)
			put(target, low, 1 - (place - low))
			put(target, low + 1, place - low)
		}
	}
	return matrix
}

/** dy times the matrix of the axis, along that axis. */
function backAlong(build: GraphBuilder, dy: string, axis: number, matrix: number[], { from, to }: AxisResize): string {
	const rank = build.dims(dy).length
	const order = Array.from({ length: rank }, (_, index) => index)
	const swapped = order.with(axis, rank - 1).with(rank - 1, axis)
	const product = build.node('MatMul', [transpose(build, dy, swapped), build.floats(matrix, [to, from])])
	return transpose(build, product, swapped)
}

/** Nearest and linear resizing is a matrix for each axis; the gradient goes back through the same matrices. */
const resize: GradientRule = ({ build, node, outputGradients }) => {
	const dims = build.dims(inputOf(node, 0))
	const outputDims = build.dims(node.output[0] ?? '')
	const axes = (intsOf(node, 'axes', null) ?? dims.map((_, axis) => axis)).map((axis) => positiveAxis(axis, dims.length))
	if (intOf(node, 'antialias', 0) === 1) throw noGradient(node, 'it smooths before it shrinks (antialias)')
	const policy = stringOf(node, 'keep_aspect_ratio_policy', 'stretch')
	if (policy !== 'stretch') throw noGradient(node, `its keep_aspect_ratio_policy is ${policy}`)
	const scalesInput = node.input[2]
	const scales = scalesInput ? build.facts(scalesInput).values : null
	if (scalesInput && build.dims(scalesInput)[0] !== 0 && !scales) throw noGradient(node, 'its scales are no constant')
	let gradient = onlyGradient(outputGradients)
	for (const [index, axis] of axes.entries()) {
		const from = dims[axis] ?? 1
		const to = outputDims[axis] ?? 1
		const scale = scales?.[index] ?? to / from
		if (from === to && scale === 1) continue
		gradient = backAlong(build, gradient, axis, resizeMatrix(node, { from, to, scale }), { from, to, scale })
	}
	return [gradient, ...node.input.slice(1).map(() => null)]
}

export const resizeRules: Record<string, GradientRule> = { Resize: resize }
