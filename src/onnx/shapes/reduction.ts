import { intOf } from '../attributes.ts'
import { DATA_TYPE } from '../model.ts'
import { elementCount } from '../tensor.ts'
import { asType } from './elementwise.ts'
import { axesOf, axisOf, forEachPlace, given, MOST_VALUES, optionalValues, stridesOf, tensorFacts, type ShapeRule } from './rule.ts'

function reduction(start: number, combine: (soFar: number, value: number, count: number) => number, known = true): ShapeRule {
	return (call) => {
		const { dims, dataType, values } = given(call, 0)
		const listed = optionalValues(call, 1) ?? []
		if (listed.length === 0 && intOf(call.node, 'noop_with_empty_axes', 0) === 1) return [tensorFacts(dataType, dims, values)]
		const axes = listed.length === 0 ? dims.map((_, axis) => axis) : axesOf(listed, dims.length)
		const keep = intOf(call.node, 'keepdims', 1) === 1
		const reduced = dims.map((size, axis) => (axes.includes(axis) ? 1 : size))
		const final = keep ? reduced : dims.filter((_, axis) => !axes.includes(axis))
		if (!known || !values || elementCount(dims) > MOST_VALUES) return [tensorFacts(dataType, final)]
		const count = axes.reduce((product, axis) => product * (dims[axis] ?? 1), 1)
		const strides = stridesOf(reduced)
		const result = Array.from({ length: elementCount(reduced) }, () => start)
		let index = 0
		forEachPlace(dims, (place) => {
			const target = place.reduce((sum, coordinate, axis) => sum + (axes.includes(axis) ? 0 : coordinate * (strides[axis] ?? 0)), 0)
			result[target] = combine(result[target] ?? start, values[index++] ?? 0, count)
		})
		return [tensorFacts(dataType, final, result.map((value) => asType(value, dataType)))]
	}
}

/** Place of the largest or smallest element along one axis. */
const extremePlace: ShapeRule = (call) => {
	const { dims } = given(call, 0)
	const axis = axisOf(intOf(call.node, 'axis', 0), dims.length)
	const keep = intOf(call.node, 'keepdims', 1) === 1
	return [tensorFacts(DATA_TYPE.int64, keep ? dims.with(axis, 1) : dims.toSpliced(axis, 1))]
}

const topK: ShapeRule = (call) => {
	const { dims, dataType } = given(call, 0)
	const axis = axisOf(intOf(call.node, 'axis', -1), dims.length)
	const [count = 0] = optionalValues(call, 1) ?? []
	if (count < 0 || count > (dims[axis] ?? 0)) throw new Error(`it wants ${count} of ${dims[axis]} values`)
	return [tensorFacts(dataType, dims.with(axis, count)), tensorFacts(DATA_TYPE.int64, dims.with(axis, count))]
}

const unknown = (soFar: number) => soFar

export const reductionRules: Record<string, ShapeRule> = {
	ReduceSum: reduction(0, (sum, value) => sum + value), ReduceProd: reduction(1, (product, value) => product * value),
	ReduceMax: reduction(Number.NEGATIVE_INFINITY, (largest, value) => Math.max(largest, value)), ReduceMin: reduction(Number.POSITIVE_INFINITY, (smallest, value) => Math.min(smallest, value)),
	ReduceMean: reduction(0, (sum, value, count) => sum + value / count),
	ReduceL1: reduction(0, unknown, false), ReduceL2: reduction(0, unknown, false), ReduceSumSquare: reduction(0, unknown, false),
	ReduceLogSum: reduction(0, unknown, false), ReduceLogSumExp: reduction(0, unknown, false),
	ArgMax: extremePlace, ArgMin: extremePlace, TopK: topK,
}
