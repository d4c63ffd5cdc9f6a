import { intOf } from '../attributes.ts'
import type { TensorFacts } from './facts.ts'
import { DATA_TYPE } from '../model.ts'
import { elementCount, roundHalfToEven } from '../tensor.ts'
import { broadcastDims, forEachPlace, given, MOST_VALUES, stridesOf, tensorFacts, type OperatorCall, type ShapeRule } from './rule.ts'

const INTEGER_TYPES: readonly number[] = [DATA_TYPE.uint8, DATA_TYPE.int8, DATA_TYPE.int32, DATA_TYPE.int64, DATA_TYPE.bool]

/** A value as the type holds it. */
export function asType(value: number, dataType: number): number {
	if (dataType === DATA_TYPE.bool) return value === 0 ? 0 : 1
	if (dataType === DATA_TYPE.float32) return Math.fround(value)
	return INTEGER_TYPES.includes(dataType) ? Math.trunc(value) : value
}

/** Same sizes and type as the first input; further inputs are parameters of the operator. */
const sameAsFirst: ShapeRule = (call) => [tensorFacts(given(call, 0).dataType, given(call, 0).dims)]

function unary(compute: (value: number) => number): ShapeRule {
	return (call) => {
		const { dataType, dims, values } = given(call, 0)
		return [tensorFacts(dataType, dims, values?.map((value) => asType(compute(value), dataType)) ?? null)]
	}
}

function sameType(inputs: readonly TensorFacts[]): number {
	const [first, ...others] = inputs
	if (!first) throw new Error('it has no inputs')
	if (others.some(({ dataType }) => dataType !== first.dataType)) throw new Error(`its inputs are of different types (${inputs.map(({ dataType }) => dataType).join(', ')})`)
	return first.dataType
}

/** Values of tensors broadcast to common sizes, combined place by place; null where one of them is not known. */
function combinedValues(inputs: readonly TensorFacts[], dims: readonly number[], combine: (...values: number[]) => number): number[] | null {
	if (inputs.some(({ values }) => !values) || elementCount(dims) > MOST_VALUES) return null
	const strides = inputs.map((input) => {
		const own = stridesOf(input.dims)
		return dims.map((_, axis) => {
			const ownAxis = axis - dims.length + input.dims.length
			return ownAxis < 0 || input.dims[ownAxis] === 1 ? 0 : (own[ownAxis] ?? 0)
		})
	})
	const result: number[] = []
	forEachPlace(dims, (place) => {
		result.push(combine(...inputs.map((input, which) => input.values?.[place.reduce((sum, coordinate, axis) => sum + coordinate * (strides[which]?.[axis] ?? 0), 0)] ?? 0)))
	})
	return result
}

function allInputs(call: OperatorCall): TensorFacts[] {
	return call.inputs.map((_, index) => given(call, index))
}

/** Any number of inputs of one type, broadcast against each other. */
function broadcast(combine: (...values: number[]) => number, resultType?: number): ShapeRule {
	return (call) => {
		const inputs = allInputs(call)
		const dataType = resultType ?? sameType(inputs)
		sameType(inputs)
		const dims = broadcastDims(...inputs.map((input) => input.dims))
		return [tensorFacts(dataType, dims, combinedValues(inputs, dims, combine)?.map((value) => asType(value, dataType)) ?? null)]
	}
}

/** The exponent may be of another type. */
const power: ShapeRule = (call) => {
	const inputs = [given(call, 0), given(call, 1)]
	const dims = broadcastDims(...inputs.map((input) => input.dims))
	const { dataType } = given(call, 0)
	return [tensorFacts(dataType, dims, combinedValues(inputs, dims, (base, exponent) => base ** exponent)?.map((value) => asType(value, dataType)) ?? null)]
}

const where: ShapeRule = (call) => {
	const [condition, yes, no] = [given(call, 0), given(call, 1), given(call, 2)]
	if (condition.dataType !== DATA_TYPE.bool) throw new Error('its condition is not a truth value')
	const dims = broadcastDims(condition.dims, yes.dims, no.dims)
	return [tensorFacts(sameType([yes, no]), dims, combinedValues([condition, yes, no], dims, (chosen, first, second) => (chosen ? first : second)))]
}

const cast: ShapeRule = (call) => {
	const { dims, values } = given(call, 0)
	const dataType = intOf(call.node, 'to', 0)
	return [tensorFacts(dataType, dims, values?.map((value) => asType(value, dataType)) ?? null)]
}

const castLike: ShapeRule = (call) => {
	const { dims, values } = given(call, 0)
	const { dataType } = given(call, 1)
	return [tensorFacts(dataType, dims, values?.map((value) => asType(value, dataType)) ?? null)]
}

/** The slope broadcasts to the input and not the other way. */
const slope: ShapeRule = (call) => {
	const [input, factor] = [given(call, 0), given(call, 1)]
	if (broadcastDims(input.dims, factor.dims).some((size, axis) => size !== input.dims[axis])) throw new Error('its slope does not broadcast to its input')
	return [tensorFacts(sameType([input, factor]), input.dims)]
}

/** The second output is the mask of what was kept. */
const dropout: ShapeRule = (call) => [tensorFacts(given(call, 0).dataType, given(call, 0).dims, given(call, 0).values), tensorFacts(DATA_TYPE.bool, given(call, 0).dims)]

const isOf: ShapeRule = (call) => [tensorFacts(DATA_TYPE.bool, given(call, 0).dims)]

/** C's remainder takes the sign of the dividend (fmod = 1), the other one that of the divisor. */
const modulo: ShapeRule = (call) => {
	const truncated = intOf(call.node, 'fmod', 0) === 1
	return broadcast((dividend, divisor) => (truncated ? dividend % divisor : ((dividend % divisor) + divisor) % divisor))(call)
}

export const elementwiseRules: Record<string, ShapeRule> = {
	...Object.fromEntries([
		'LeakyRelu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Erf', 'Elu', 'Selu', 'Celu', 'Softplus', 'Softsign', 'ThresholdedRelu', 'Mish', 'Gelu',
		'Sin', 'Cos', 'Tan', 'Shrink', 'Softmax', 'LogSoftmax', 'Hardmax', 'CumSum', 'Trilu', 'LRN', 'LpNormalization', 'MeanVarianceNormalization',
		'InstanceNormalization',
	].map((name) => [name, sameAsFirst])),
	Identity: unary((value) => value), Relu: unary((value) => Math.max(0, value)), Exp: unary(Math.exp), Log: unary(Math.log), Sqrt: unary(Math.sqrt), Abs: unary(Math.abs),
	Neg: unary((value) => -value), Reciprocal: unary((value) => 1 / value), Sign: unary(Math.sign), Floor: unary(Math.floor), Ceil: unary(Math.ceil),
	Round: unary(roundHalfToEven), Not: unary((value) => (value === 0 ? 1 : 0)),
	Clip: (call) => {
		const [minimum, maximum] = [call.inputs[1], call.inputs[2]]
		if ((minimum && !minimum.values) || (maximum && !maximum.values)) return sameAsFirst(call)
		return unary((value) => Math.min(maximum?.values?.[0] ?? Number.POSITIVE_INFINITY, Math.max(minimum?.values?.[0] ?? Number.NEGATIVE_INFINITY, value)))(call)
	},
	PRelu: slope, Dropout: dropout, IsNaN: isOf, IsInf: isOf, Cast: cast, CastLike: castLike, Where: where, Pow: power, Mod: modulo,
	Add: broadcast((a, b) => a + b), Sub: broadcast((a, b) => a - b), Mul: broadcast((a, b) => a * b), Div: broadcast((a, b) => a / b),
	Min: broadcast((...values) => Math.min(...values)), Max: broadcast((...values) => Math.max(...values)),
	Sum: broadcast((...values) => values.reduce((sum, value) => sum + value, 0)),
	Mean: broadcast((...values) => values.reduce((sum, value) => sum + value, 0) / values.length),
	And: broadcast((a, b) => (a && b ? 1 : 0)), Or: broadcast((a, b) => (a || b ? 1 : 0)), Xor: broadcast((a, b) => (a === b ? 0 : 1)),
	Equal: broadcast((a, b) => (a === b ? 1 : 0), DATA_TYPE.bool), Greater: broadcast((a, b) => (a > b ? 1 : 0), DATA_TYPE.bool),
	GreaterOrEqual: broadcast((a, b) => (a >= b ? 1 : 0), DATA_TYPE.bool), Less: broadcast((a, b) => (a < b ? 1 : 0), DATA_TYPE.bool),
	LessOrEqual: broadcast((a, b) => (a <= b ? 1 : 0), DATA_TYPE.bool),
}
