import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import { elementCount } from '../../../src/onnx/tensor.ts'
import { checkGradients, type CheckedInput } from '../../support/gradientCheck.ts'
import { ramp } from '../../support/runGraph.ts'

/** Numbers from 0.4 to 2, for operators that know no others. */
function positive(count: number, seed = 1): Float32Array {
	return ramp(count, seed).map((value) => 1.2 + 0.8 * value)
}

/** Sizes that broadcast to the given ones. */
function operand(dims: readonly number[]) {
	return fc.tuple(fc.integer({ min: 0, max: dims.length }), fc.array(fc.boolean(), { minLength: dims.length, maxLength: dims.length }))
		.map(([skipped, single]) => dims.map((size, axis) => (single[axis] ? 1 : size)).slice(skipped))
}

describe('elementwise operators', () => {
	for (const [operator, spread] of [
		['Identity', 1], ['Neg', 1], ['Abs', 1], ['Exp', 1], ['Erf', 2], ['Tanh', 2], ['Relu', 1], ['Sigmoid', 4], ['HardSwish', 5], ['Softplus', 3], ['Round', 3], ['Sign', 1],
	] as const) {
		it(operator, () => checkGradients({ x: { dims: [4, 9], values: ramp(36, 5).map((value) => spread * value) } }, (build) => build.node(operator, ['x'])))
	}

	for (const operator of ['Sqrt', 'Log', 'Reciprocal'] as const) {
		it(operator, () => checkGradients({ x: { dims: [3, 5], values: positive(15) } }, (build) => build.node(operator, ['x'])))
	}

	it('Gelu, exact and by tanh', () => checkGradients({ x: { dims: [40], values: ramp(40).map((value) => 3 * value) } }, (build) => [
		build.node('Gelu', ['x']), build.node('Gelu', ['x'], { approximate: 'tanh' }),
	]))

	it('LeakyRelu, Elu, HardSigmoid and PRelu with their slopes', () => checkGradients({ x: { dims: [2, 3, 8], values: ramp(48).map((value) => 3 * value) }, slope: { dims: [3, 1] } }, (build) => [
		build.node('LeakyRelu', ['x'], { alpha: 0.3 }), build.node('LeakyRelu', ['x']), build.node('Elu', ['x'], { alpha: 0.7 }),
		build.node('HardSigmoid', ['x'], { alpha: 0.4, beta: 0.3 }), build.node('HardSigmoid', ['x']), build.node('PRelu', ['x', 'slope']),
	]))

	it('Clip with both bounds, one and none, and its bounds', () => checkGradients({ x: { dims: [30] }, low: { dims: [], values: Float32Array.of(-0.3) }, high: { dims: [], values: Float32Array.of(0.4) } }, (build) => [
		build.node('Clip', ['x', 'low', 'high']), build.node('Clip', ['x', 'low']), build.node('Clip', ['x', '', 'high']), build.node('Clip', ['x']),
	]))

	it('Pow with a constant, a broadcast and an integer exponent', () => checkGradients({ x: { dims: [3, 4], values: positive(12) }, p: { dims: [4] } }, (build) => [
		build.node('Pow', ['x', 'p']), build.node('Pow', ['x', build.scalar(2)]), build.node('Pow', ['x', build.scalar(-1.5)]), build.node('Pow', ['x', build.integers([3])]),
	]))

	it('Pow of negative numbers and of 0 by even and odd exponents', () => checkGradients({ x: { dims: [5], values: Float32Array.of(-2, -0.5, 0, 0.5, 2) } }, (build) => [
		build.node('Pow', ['x', build.scalar(2)]), build.node('Pow', ['x', build.scalar(3)]), build.node('Pow', ['x', build.floats([0, 1, 2, 3, 4], [5])]),
	]))

	it('Max, Min, Sum and Mean of several operands', () => checkGradients({ a: { dims: [3, 4] }, b: { dims: [4] }, c: { dims: [3, 1] } }, (build) => [
		build.node('Max', ['a', 'b', 'c']), build.node('Min', ['a', 'c']), build.node('Sum', ['a', 'b', 'c']), build.node('Mean', ['a', 'b', 'c']), build.node('Max', ['a']),
	]))

	it('Where and Cast', () => checkGradients({ a: { dims: [3, 4] }, b: { dims: [1, 4] } }, (build) => [
		build.node('Where', [build.node('Greater', ['a', build.scalar(0)]), 'a', 'b']),
		build.node('Cast', [build.node('Cast', ['a'], { to: 11 })], { to: 1 }),
	]))

	it('two operands of any sizes that broadcast', async () => {
		const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }).chain((dims) => fc.record({ a: operand(dims), b: operand(dims) }))
		await fc.assert(fc.asyncProperty(sizes, fc.constantFrom('Add', 'Sub', 'Mul', 'Div'), async ({ a, b }, operator) => {
			const inputs: Record<string, CheckedInput> = { a: { dims: a }, b: { dims: b, values: positive(elementCount(b), 3) } }
			await checkGradients(inputs, (build) => build.node(operator, ['a', 'b']))
		}), { numRuns: 60 })
	})
})
