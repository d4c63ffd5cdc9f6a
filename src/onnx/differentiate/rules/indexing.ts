import type { GraphBuilder } from '../../builder.ts'
import { intOf, stringOf } from '../../attributes.ts'
import type { GraphNode } from '../../model.ts'
import { elementCount } from '../../tensor.ts'
import type { GradientRule, RuleContext } from '../rule.ts'
import { inputOf, noGradient, onlyGradient } from '../ruleParts.ts'
import { expand, flip, padZeros, positiveAxis, reshape, slice, spread, sumTo, zeros } from '../sizes.ts'

/** The values of an input that has to be a constant; null where the node does not have the input. */
function constantInput(build: GraphBuilder, node: GraphNode, index: number, what: string): readonly number[] | null {
	const name = node.input[index]
	if (!name) return null
	const { values } = build.facts(name)
	if (!values) throw noGradient(node, `its ${what} are no constant`)
	return values
}

/** Zeros around, with negative pads cutting off. */
function padAxis(build: GraphBuilder, value: string, axis: number, before: number, after: number): string {
	const none = build.dims(value).map(() => 0)
	return padZeros(build, value, [...none.with(axis, before), ...none.with(axis, after)])
}

/** First taken index and step of one axis of a Slice, by ONNX's rules for bounds beyond the ends. */
function takenFrom(start: number, step: number, size: number): number {
	const counted = start < 0 ? start + size : start
	return Math.min(Math.max(counted, 0), step > 0 ? size : size - 1)
}

/** Every slice taken goes back to its place, zeros elsewhere; steps leave zeros between, negative steps turn the order around. */
const sliced: GradientRule = ({ build, node, outputGradients }) => {
	const dims = build.dims(inputOf(node, 0))
	const starts = constantInput(build, node, 1, 'starts') ?? []
	const axes = constantInput(build, node, 3, 'axes') ?? starts.map((_, index) => index)
	const steps = constantInput(build, node, 4, 'steps') ?? starts.map(() => 1)
	let gradient = onlyGradient(outputGradients)
	for (const [index, start] of starts.entries()) {
		const axis = positiveAxis(axes[index] ?? 0, dims.length)
		const size = dims[axis] ?? 0
		const step = steps[index] ?? 1
		const count = build.dims(gradient)[axis] ?? 0
		if (count === 0) return [zeros(build, dims), ...node.input.slice(1).map(() => null)]
		const taken = takenFrom(start, step, size)
		if (step < 0) gradient = flip(build, gradient, axis)
		const first = step < 0 ? taken + (count - 1) * step : taken
		const reach = (count - 1) * Math.abs(step) + 1
		gradient = slice(build, spread(build, gradient, axis, Math.abs(step)), axis, 0, reach)
		gradient = padAxis(build, gradient, axis, first, size - first - reach)
	}
	return [gradient, ...node.input.slice(1).map(() => null)]
}

const split: GradientRule = ({ build, node, outputGradients }) => {
	const axis = positiveAxis(intOf(node, 'axis', 0), build.dims(inputOf(node, 0)).length)
	const parts = outputGradients.map((gradient, index) => gradient ?? zeros(build, build.dims(node.output[index] ?? '')))
	return [parts.length === 1 ? parts[0] ?? null : build.node('Concat', parts, { axis }), ...node.input.slice(1).map(() => null)]
}

const concatenated: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const dy = onlyGradient(outputGradients)
	const axis = positiveAxis(intOf(node, 'axis', 0), build.dims(dy).length)
	let offset = 0
	return node.input.map((name, index) => {
		const start = offset
		offset += build.dims(name)[axis] ?? 0
		return wanted[index] ? slice(build, dy, axis, start, offset) : null
	})
}

/**
 * Adds each piece of dy [.., n, ..] along the axis to the row that its index names. Indices that are known and come once each are undone by
 * the opposite Gather (of dy with a row of zeros behind it), others by ScatterElements, which adds one after the other and so always alike.
 */
function scatterRows(build: GraphBuilder, dy: string, indices: string, axis: number, rows: number): string {
	const dims = build.dims(dy)
	const count = dims[axis] ?? 0
	const known = build.facts(indices).values?.map((index) => positiveAxis(index, rows))
	if (known && new Set(known).size === known.length) {
		const inverse = Array.from({ length: rows }, (_, row) => (known.includes(row) ? known.indexOf(row) : count))
		const source = inverse.includes(count) ? padAxis(build, dy, axis, 0, 1) : dy
		return build.node('Gather', [source, build.integers(inverse)], { axis })
	}
	const spreadIndices = expand(build, reshape(build, indices, dims.map((size, at) => (at === axis ? size : 1))), dims)
	return build.node('ScatterElements', [zeros(build, dims.with(axis, rows)), spreadIndices, dy], { axis, reduction: 'add' })
}

const gathered: GradientRule = ({ build, node, outputGradients }) => {
	const dims = build.dims(inputOf(node, 0))
	const axis = positiveAxis(intOf(node, 'axis', 0), dims.length)
	const indices = inputOf(node, 1)
	const count = elementCount(build.dims(indices))
	const flat = reshape(build, onlyGradient(outputGradients), dims.with(axis, count))
	return [scatterRows(build, flat, reshape(build, indices, [count]), axis, dims[axis] ?? 0), null]
}

/** Where each element along a padded axis comes from. */
function padSources(mode: string, size: number, before: number, after: number): number[] {
	return Array.from({ length: before + size + after }, (_, position) => {
		const index = position - before
		if (mode === 'edge') return Math.min(Math.max(index, 0), size - 1)
		if (mode === 'wrap') return ((index % size) + size) % size
		const period = Math.max(1, 2 * (size - 1))
		const folded = ((index % period) + period) % period
		return folded < size ? folded : period - folded
	})
}

/** Pads by axis; the lists of the operator may name only some of the axes. */
function padsByAxis(context: RuleContext): { axis: number; before: number; after: number }[] {
	const { build, node } = context
	const rank = build.dims(inputOf(node, 0)).length
	const pads = constantInput(build, node, 1, 'pads') ?? []
	const axes = constantInput(build, node, 3, 'axes') ?? Array.from({ length: rank }, (_, axis) => axis)
	return axes.map((axis, index) => ({ axis: positiveAxis(axis, rank), before: pads[index] ?? 0, after: pads[index + axes.length] ?? 0 }))
}

const padded: GradientRule = (context) => {
	const { build, node, outputGradients, wanted } = context
	const dims = build.dims(inputOf(node, 0))
	const mode = stringOf(node, 'mode', 'constant')
	const dy = onlyGradient(outputGradients)
	let gradient = dy
	const pads = padsByAxis(context)
	for (const { axis, before, after } of pads.toReversed()) {
		if (before === 0 && after === 0) continue
		if (mode === 'constant') {
			gradient = padAxis(build, gradient, axis, -before, -after)
		} else {
			const size = dims[axis] ?? 0
			const sources = build.integers(padSources(mode, size, before, after))
			gradient = scatterRows(build, gradient, sources, axis, size)
		}
	}
	const fill = node.input[2]
	const all = build.dims(dy).map((_, axis) => axis)
	const outside = (): string => {
		const sum = (value: string): string => build.node('ReduceSum', [value, build.integers(all)], { keepdims: 0 })
		return reshape(build, build.node('Sub', [sum(dy), sum(gradient)]), build.dims(fill ?? ''))
	}
	return node.input.map((_, index) => {
		if (index === 0) return wanted[0] ? gradient : null
		return index === 2 && fill && wanted[2] ? outside() : null
	})
}

const expanded: GradientRule = ({ build, node, outputGradients }) => [sumTo(build, onlyGradient(outputGradients), build.dims(inputOf(node, 0))), null]

export const indexingRules: Record<string, GradientRule> = {
	Slice: sliced,
	Split: split,
	Concat: concatenated,
	Gather: gathered,
	Pad: padded,
	Expand: expanded,
}
