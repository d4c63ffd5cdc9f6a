import { floatOf, intOf, intsOf, tensorOf } from '../attributes.ts'
import type { TensorFacts } from './facts.ts'
import { DATA_TYPE, type Tensor } from '../model.ts'
import { elementCount, tensorDims, tensorNumbers } from '../tensor.ts'
import { constantValues, given, MOST_VALUES, tensorFacts, type ShapeRule } from './rule.ts'

/** What is known of a constant. @throws Error when its values do not fit its sizes or lie in another file. */
export function constantFacts(tensor: Tensor): TensorFacts {
	const dims = tensorDims(tensor)
	if (!tensor.dataType) throw new Error('it has no type')
	return tensorFacts(tensor.dataType, dims, elementCount(dims) <= MOST_VALUES ? Array.from(tensorNumbers(tensor)) : null)
}

const constant: ShapeRule = (call) => {
	const tensor = tensorOf(call.node, 'value')
	if (tensor) return [constantFacts(tensor)]
	const [attribute] = call.node.attribute
	const ints = intsOf(call.node, 'value_ints', null)
	if (ints) return [tensorFacts(DATA_TYPE.int64, [ints.length], ints)]
	const int = intOf(call.node, 'value_int', null)
	if (int !== null) return [tensorFacts(DATA_TYPE.int64, [], [int])]
	const float = floatOf(call.node, 'value_float', null)
	if (float !== null) return [tensorFacts(DATA_TYPE.float32, [], [float])]
	if (attribute?.name === 'value_floats') return [tensorFacts(DATA_TYPE.float32, [attribute.floats.length], attribute.floats)]
	throw new Error(`its value "${attribute?.name ?? ''}" is of a kind that is not supported`)
}

const constantOfShape: ShapeRule = (call) => {
	const dims = constantValues(call, 0)
	const value = tensorOf(call.node, 'value')
	const filling = value ? (tensorNumbers(value)[0] ?? 0) : 0
	const count = elementCount(dims)
	return [tensorFacts(value?.dataType ?? DATA_TYPE.float32, dims, count <= MOST_VALUES ? Array.from({ length: count }, () => filling) : null)]
}

const shape: ShapeRule = (call) => {
	const { dims } = given(call, 0)
	const clamped = (axis: number) => Math.min(dims.length, Math.max(0, axis < 0 ? axis + dims.length : axis))
	const part = dims.slice(clamped(intOf(call.node, 'start', 0)), clamped(intOf(call.node, 'end', dims.length)))
	return [tensorFacts(DATA_TYPE.int64, [part.length], part)]
}

const size: ShapeRule = (call) => [tensorFacts(DATA_TYPE.int64, [], [elementCount(given(call, 0).dims)])]

const range: ShapeRule = (call) => {
	const [start = 0, limit = 0, step = 1] = [constantValues(call, 0)[0], constantValues(call, 1)[0], constantValues(call, 2)[0]]
	const count = Math.max(0, Math.ceil((limit - start) / step))
	elementCount([count])
	return [tensorFacts(given(call, 0).dataType, [count], count <= MOST_VALUES ? Array.from({ length: count }, (_, index) => start + index * step) : null)]
}

const eyeLike: ShapeRule = (call) => [tensorFacts(intOf(call.node, 'dtype', given(call, 0).dataType), given(call, 0).dims)]

export const constantRules: Record<string, ShapeRule> = { Constant: constant, ConstantOfShape: constantOfShape, Shape: shape, Size: size, Range: range, EyeLike: eyeLike }
