import { intOf, intsOf, stringOf } from '../attributes.ts'
import { elementCount } from '../tensor.ts'
import { axesOf, axisOf, broadcastDims, constantValues, given, optionalValues, rearranged, tensorFacts, type OperatorCall, type ShapeRule } from './rule.ts'

/** The same elements in the same order under other sizes. */
function viewed(call: OperatorCall, dims: readonly number[]) {
	const input = given(call, 0)
	if (elementCount(dims) !== elementCount(input.dims)) throw new Error(`[${input.dims.join(', ')}] cannot be viewed as [${dims.join(', ')}]`)
	return [tensorFacts(input.dataType, dims, input.values)]
}

const reshape: ShapeRule = (call) => {
	const input = given(call, 0)
	const zeroIsEmpty = intOf(call.node, 'allowzero', 0) === 1
	const wanted = constantValues(call, 1).map((size, axis) => {
		if (size !== 0 || zeroIsEmpty) return size
		const kept = input.dims[axis]
		if (kept === undefined) throw new Error(`size ${axis} of its input, which is to be kept, does not exist`)
		return kept
	})
	const free = wanted.indexOf(-1)
	if (free < 0) return viewed(call, wanted)
	const others = elementCount(wanted.toSpliced(free, 1))
	const rest = others === 0 ? 0 : elementCount(input.dims) / others
	if (!Number.isInteger(rest)) throw new Error(`[${input.dims.join(', ')}] cannot be viewed as [${wanted.join(', ')}]`)
	return viewed(call, wanted.with(free, rest))
}

const flatten: ShapeRule = (call) => {
	const { dims } = given(call, 0)
	const axis = intOf(call.node, 'axis', 1)
	const split = axis < 0 ? axis + dims.length : axis
	if (split < 0 || split > dims.length) throw new Error(`axis ${axis} does not exist in ${dims.length} dimensions`)
	return viewed(call, [elementCount(dims.slice(0, split)), elementCount(dims.slice(split))])
}

const squeeze: ShapeRule = (call) => {
	const { dims } = given(call, 0)
	const listed = optionalValues(call, 1)
	const axes = listed ? axesOf(listed, dims.length) : dims.flatMap((size, axis) => (size === 1 ? [axis] : []))
	if (axes.some((axis) => dims[axis] !== 1)) throw new Error(`[${dims.join(', ')}] cannot be squeezed along ${axes.join(', ')}`)
	return viewed(call, dims.filter((_, axis) => !axes.includes(axis)))
}

const unsqueeze: ShapeRule = (call) => {
	const { dims } = given(call, 0)
	const listed = constantValues(call, 1)
	const axes = axesOf(listed, dims.length + listed.length)
	const rest = [...dims]
	return viewed(call, Array.from({ length: dims.length + axes.length }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))))
}

const transpose: ShapeRule = (call) => {
	const input = given(call, 0)
	const order = intsOf(call.node, 'perm', null) ?? input.dims.map((_, axis) => axis).toReversed()
	if (order.length !== input.dims.length || axesOf(order, input.dims.length).some((axis, index) => axis !== order[index])) throw new Error(`[${order.join(', ')}] is no order of ${input.dims.length} axes`)
	return [rearranged(input, order.map((axis) => input.dims[axis] ?? 0), (place) => {
		const source = input.dims.map(() => 0)
		for (const [index, axis] of order.entries()) source[axis] = place[index] ?? 0
		return source
	})]
}

const slice: ShapeRule = (call) => {
	const input = given(call, 0)
	const starts = constantValues(call, 1)
	const ends = constantValues(call, 2)
	const axes = axesOf(optionalValues(call, 3) ?? starts.map((_, index) => index), input.dims.length)
	const steps = optionalValues(call, 4) ?? starts.map(() => 1)
	if (starts.length !== ends.length || starts.length !== axes.length || starts.length !== steps.length) throw new Error('its starts, ends, axes and steps are not equally many')
	const first = input.dims.map(() => 0)
	const step = input.dims.map(() => 1)
	const dims = [...input.dims]
	for (const [index, axis] of axes.entries()) {
		const size = input.dims[axis] ?? 0
		const by = steps[index] ?? 1
		if (by === 0) throw new Error('a step of 0 goes nowhere')
		const clamped = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value < 0 ? value + size : value))
		const start = by > 0 ? clamped(starts[index] ?? 0, 0, size) : clamped(starts[index] ?? 0, 0, size - 1)
		const end = by > 0 ? clamped(ends[index] ?? 0, 0, size) : clamped(ends[index] ?? 0, -1, size)
		first[axis] = start
		step[axis] = by
		dims[axis] = size === 0 ? 0 : Math.max(0, Math.ceil((end - start) / by))
	}
	return [rearranged(input, dims, (place) => place.map((coordinate, axis) => (first[axis] ?? 0) + coordinate * (step[axis] ?? 1)))]
}

const split: ShapeRule = (call) => {
	const input = given(call, 0)
	const axis = axisOf(intOf(call.node, 'axis', 0), input.dims.length)
	const size = input.dims[axis] ?? 0
	const listed = optionalValues(call, 1)
	const parts = intOf(call.node, 'num_outputs', call.node.output.length)
	if (parts < 1 || parts > 65536) throw new Error(`it cannot be split into ${parts} parts`)
	const each = Math.ceil(size / parts)
	const sizes = listed ?? Array.from({ length: parts }, (_, index) => Math.min(each, size - index * each))
	if (sizes.some((part) => part < 0) || sizes.reduce((sum, part) => sum + part, 0) !== size) throw new Error(`${size} elements cannot be split into ${sizes.join(', ')}`)
	let from = 0
	return sizes.map((part) => {
		const start = from
		from += part
		return rearranged(input, input.dims.with(axis, part), (place) => place.map((coordinate, index) => (index === axis ? coordinate + start : coordinate)))
	})
}

const concat: ShapeRule = (call) => {
	const inputs = call.inputs.map((_, index) => given(call, index))
	const first = given(call, 0)
	const axis = axisOf(intOf(call.node, 'axis', 0), first.dims.length)
	if (inputs.some(({ dataType }) => dataType !== first.dataType)) throw new Error('its inputs are of different types')
	if (inputs.some(({ dims }) => dims.length !== first.dims.length || dims.some((size, index) => index !== axis && size !== first.dims[index]))) {
		throw new Error(`sizes ${inputs.map(({ dims }) => `[${dims.join(', ')}]`).join(', ')} cannot be joined along axis ${axis}`)
	}
	const dims = first.dims.with(axis, inputs.reduce((sum, input) => sum + (input.dims[axis] ?? 0), 0))
	const values = inputs.every((input) => input.values) ? joinedValues(inputs.map((input) => ({ values: input.values ?? [], run: elementCount(input.dims.slice(axis)) })), elementCount(first.dims.slice(0, axis))) : null
	return [tensorFacts(first.dataType, dims, values)]
}

/** `run` elements of each input in turn, `rows` times. */
function joinedValues(inputs: readonly { values: readonly number[]; run: number }[], rows: number): number[] {
	return Array.from({ length: rows }, (_, row) => inputs.flatMap(({ values, run }) => values.slice(row * run, (row + 1) * run))).flat()
}

const expand: ShapeRule = (call) => {
	const input = given(call, 0)
	const dims = broadcastDims(input.dims, constantValues(call, 1))
	const added = dims.length - input.dims.length
	return [rearranged(input, dims, (place) => input.dims.map((size, axis) => (size === 1 ? 0 : (place[axis + added] ?? 0))))]
}

const tile: ShapeRule = (call) => {
	const input = given(call, 0)
	const repeats = constantValues(call, 1)
	if (repeats.length !== input.dims.length) throw new Error(`it has ${repeats.length} repeats for ${input.dims.length} dimensions`)
	return [rearranged(input, input.dims.map((size, axis) => size * (repeats[axis] ?? 1)), (place) => place.map((coordinate, axis) => coordinate % (input.dims[axis] ?? 1)))]
}

const pad: ShapeRule = (call) => {
	const { dims, dataType } = given(call, 0)
	const pads = constantValues(call, 1)
	const axes = axesOf(optionalValues(call, 3) ?? dims.map((_, axis) => axis), dims.length)
	if (pads.length !== 2 * axes.length) throw new Error(`it has ${pads.length} pads for ${axes.length} axes`)
	const padded = [...dims]
	for (const [index, axis] of axes.entries()) padded[axis] = (padded[axis] ?? 0) + (pads[index] ?? 0) + (pads[index + axes.length] ?? 0)
	return [tensorFacts(dataType, padded)]
}

/** Blocks of space to channels or back. */
function blocks(direction: 'DepthToSpace' | 'SpaceToDepth'): ShapeRule {
	return (call) => {
		const { dims, dataType } = given(call, 0)
		const [batch = 0, channels = 0, height = 0, width = 0] = dims
		const size = intOf(call.node, 'blocksize', 1)
		if (dims.length !== 4 || size < 1) throw new Error('it needs a block size and four dimensions')
		const result = direction === 'DepthToSpace' ? [batch, channels / size ** 2, height * size, width * size] : [batch, channels * size ** 2, height / size, width / size]
		return [tensorFacts(dataType, result)]
	}
}

const resize: ShapeRule = (call) => {
	const { dims, dataType } = given(call, 0)
	const axes = axesOf(intsOf(call.node, 'axes', null) ?? dims.map((_, axis) => axis), dims.length)
	if (stringOf(call.node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') throw new Error('it keeps an aspect ratio, which is not supported')
	const sizes = optionalValues(call, 3)
	const scales = sizes && sizes.length > 0 ? null : constantValues(call, 2)
	const factors = sizes && sizes.length > 0 ? sizes : (scales ?? [])
	if (factors.length !== axes.length) throw new Error(`it has ${factors.length} sizes or scales for ${axes.length} axes`)
	const result = [...dims]
	for (const [index, axis] of axes.entries()) {
		const factor = factors[index] ?? 1
		result[axis] = scales ? Math.floor((dims[axis] ?? 0) * factor) : factor
	}
	return [tensorFacts(dataType, result)]
}

export const layoutRules: Record<string, ShapeRule> = {
	Reshape: reshape, Flatten: flatten, Squeeze: squeeze, Unsqueeze: unsqueeze, Transpose: transpose, Slice: slice, Split: split, Concat: concat, Expand: expand,
	Tile: tile, Pad: pad, DepthToSpace: blocks('DepthToSpace'), SpaceToDepth: blocks('SpaceToDepth'), Resize: resize,
}
