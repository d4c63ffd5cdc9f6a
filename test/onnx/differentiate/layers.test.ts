import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Attributes } from '../../../src/onnx/builder.ts'
import { checkGradients, type CheckedInput } from '../../support/gradientCheck.ts'
import { ramp } from '../../support/runGraph.ts'

const small = (max: number, min = 1) => fc.integer({ min, max })

describe('Conv', () => {
	const cases: { name: string; x: number[]; w: number[]; attributes: Attributes; hasBias?: boolean }[] = [
		{ name: 'dense with padding and bias', x: [2, 3, 5, 6], w: [4, 3, 3, 3], attributes: { pads: [1, 1, 1, 1] }, hasBias: true },
		{ name: '1x1', x: [2, 5, 3, 4], w: [6, 5, 1, 1], attributes: {} },
		{ name: '1x1 with a stride', x: [2, 3, 5, 5], w: [4, 3, 1, 1], attributes: { strides: [2, 2] } },
		{ name: 'a stem: 7x7 with stride 2', x: [2, 3, 11, 10], w: [4, 3, 7, 7], attributes: { strides: [2, 2], pads: [3, 3, 3, 3] } },
		{ name: 'patches side by side', x: [2, 3, 8, 8], w: [5, 3, 4, 4], attributes: { strides: [4, 4] }, hasBias: true },
		{ name: 'patches with a rest', x: [2, 3, 7, 9], w: [5, 3, 2, 2], attributes: { strides: [2, 2] } },
		{ name: 'dilated', x: [1, 2, 9, 9], w: [3, 2, 3, 3], attributes: { dilations: [2, 3], pads: [2, 3, 1, 0] } },
		{ name: 'grouped', x: [2, 6, 5, 5], w: [4, 3, 3, 3], attributes: { group: 2, pads: [1, 1, 1, 1] }, hasBias: true },
		{ name: 'grouped with stride and dilation', x: [2, 4, 9, 8], w: [6, 2, 3, 2], attributes: { group: 2, strides: [2, 1], dilations: [2, 1], pads: [2, 0, 1, 1] } },
		{ name: 'depthwise 5x5', x: [3, 4, 6, 6], w: [4, 1, 5, 5], attributes: { group: 4, pads: [2, 2, 2, 2] } },
		{ name: 'depthwise with stride', x: [2, 3, 8, 7], w: [3, 1, 3, 3], attributes: { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] } },
		{ name: 'depthwise with two filters per channel', x: [2, 3, 6, 6], w: [6, 1, 3, 3], attributes: { group: 3, strides: [2, 1], pads: [1, 1, 1, 1] } },
		{ name: 'wide, a multiplication for each tap', x: [1, 130, 3, 3], w: [2, 130, 2, 2], attributes: {} },
		{ name: 'auto_pad SAME_UPPER', x: [1, 2, 7, 6], w: [3, 2, 4, 3], attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
		{ name: 'auto_pad SAME_LOWER, one axis', x: [1, 2, 7], w: [3, 2, 4], attributes: { auto_pad: 'SAME_LOWER', strides: [2] } },
		{ name: 'padding beyond the kernel', x: [1, 2, 4, 4], w: [3, 2, 2, 2], attributes: { pads: [2, 3, 0, 2] } },
	]
	for (const { name, x, w, attributes, hasBias } of cases) {
		it(name, () => {
			const bias: Record<string, CheckedInput> = hasBias ? { b: { dims: [w[0] ?? 1] } } : {}
			return checkGradients({ x: { dims: x }, w: { dims: w }, ...bias }, (build) => build.node('Conv', ['x', 'w', ...Object.keys(bias)], { kernel_shape: w.slice(2), ...attributes }))
		})
	}

	it('of any sizes', async () => {
		const axis = fc.record({ kernel: small(3), stride: small(3), dilation: small(2), before: small(2, 0), after: small(2, 0), extra: small(4, 0) })
		const parameters = fc.record({ batch: small(2), groups: small(3), inner: small(2), outer: small(2), axes: fc.array(axis, { minLength: 2, maxLength: 2 }) })
		await fc.assert(fc.asyncProperty(parameters, async ({ batch, groups, inner, outer, axes }) => {
			const sizes = axes.map(({ kernel, dilation, before, after, extra }) => Math.max(1, (kernel - 1) * dilation + 1 - before - after) + extra)
			const attributes = {
				group: groups, strides: axes.map((one) => one.stride), dilations: axes.map((one) => one.dilation),
				pads: [...axes.map((one) => one.before), ...axes.map((one) => one.after)], kernel_shape: axes.map((one) => one.kernel),
			}
			await checkGradients(
				{ x: { dims: [batch, groups * inner, ...sizes] }, w: { dims: [groups * outer, inner, ...axes.map((one) => one.kernel)] } },
				(build) => build.node('Conv', ['x', 'w'], attributes),
			)
		}), { numRuns: 60 })
	})
})

describe('matrices', () => {
	for (const [a, b] of [
		[[3, 4], [4, 5]], [[2, 3, 4], [4, 5]], [[2, 3, 4], [2, 4, 5]], [[2, 1, 3, 4], [3, 4, 2]], [[3, 4], [2, 4, 5]], [[4], [4, 3]], [[3, 4], [4]], [[2, 3, 4], [4]], [[4], [2, 4, 3]], [[4], [4]],
	] as const) {
		it(`MatMul of [${a.join()}] and [${b.join()}]`, () => checkGradients({ a: { dims: a }, b: { dims: b } }, (build) => build.node('MatMul', ['a', 'b'])))
	}
	for (const transA of [0, 1]) {
		for (const transB of [0, 1]) {
			it(`Gemm with transA ${transA} and transB ${transB}`, () => checkGradients({ a: { dims: transA ? [4, 3] : [3, 4] }, b: { dims: transB ? [5, 4] : [4, 5] }, c: { dims: [5] }, d: { dims: [3, 1] } }, (build) => [
				build.node('Gemm', ['a', 'b', 'c'], { transA, transB }), build.node('Gemm', ['a', 'b', 'd'], { transA, transB, alpha: 0.7, beta: 1.3 }), build.node('Gemm', ['a', 'b'], { transA, transB }),
			]))
		}
	}
})

describe('pools', () => {
	it('GlobalAveragePool and GlobalMaxPool', () => checkGradients({ x: { dims: [2, 3, 4, 5] } }, (build) => [build.node('GlobalAveragePool', ['x']), build.node('GlobalMaxPool', ['x'])]))

	for (const [name, attributes] of Object.entries<Attributes>({
		'side by side': { kernel_shape: [2, 2], strides: [2, 2] },
		'overlapping': { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
		'with padding counted': { kernel_shape: [3, 2], strides: [1, 2], pads: [1, 0, 1, 1], count_include_pad: 1 },
		'with a rest, rounded up': { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
		'rounded up with padding': { kernel_shape: [3, 3], strides: [3, 2], pads: [1, 1, 0, 1], ceil_mode: 1 },
		'with a stride beyond the kernel': { kernel_shape: [1, 2], strides: [2, 3] },
	})) {
		it(`AveragePool ${name}`, () => checkGradients({ x: { dims: [2, 2, 8, 6] } }, (build) => build.node('AveragePool', ['x'], attributes)))
		const { count_include_pad: _, ...shared } = attributes
		it(`MaxPool ${name}`, () => checkGradients({ x: { dims: [2, 2, 8, 6] } }, (build) => build.node('MaxPool', ['x'], shared)))
	}

	it('MaxPool that gives its indices already, and one that is dilated', () => checkGradients({ x: { dims: [1, 2, 7, 7] } }, (build) => [
		build.nodes('MaxPool', ['x'], { kernel_shape: [2, 2], strides: [2, 2] }, 2)[0] ?? '', build.node('MaxPool', ['x'], { kernel_shape: [2, 3], dilations: [3, 2] }),
	]))

	it('of any sizes', async () => {
		const axis = fc.record({ kernel: small(3), stride: small(3), before: small(1, 0), after: small(1, 0), extra: small(5, 0) })
		const parameters = fc.record({ axes: fc.array(axis, { minLength: 2, maxLength: 2 }), isMax: fc.boolean(), counted: small(1, 0) })
		await fc.assert(fc.asyncProperty(parameters, async ({ axes, isMax, counted }) => {
			const pads = [...axes.map((one) => Math.min(one.before, one.kernel - 1)), ...axes.map((one) => Math.min(one.after, one.kernel - 1))]
			const attributes = { kernel_shape: axes.map((one) => one.kernel), strides: axes.map((one) => one.stride), pads }
			const dims = [2, 1, ...axes.map((one) => one.kernel + one.extra)]
			await checkGradients({ x: { dims } }, (build) => (isMax ? build.node('MaxPool', ['x'], attributes) : build.node('AveragePool', ['x'], { ...attributes, count_include_pad: counted })))
		}), { numRuns: 60 })
	})
})

describe('normalisation', () => {
	const statistics = { mean: { dims: [3] }, variance: { dims: [3], values: Float32Array.of(0.5, 1.5, 2.5) } }

	it('BatchNormalization with given statistics, and with respect to them', () => checkGradients({ x: { dims: [2, 3, 4, 2] }, scale: { dims: [3] }, shift: { dims: [3] }, ...statistics }, (build) => (
		build.node('BatchNormalization', ['x', 'scale', 'shift', 'mean', 'variance'], { epsilon: 1e-3 })
	)))

	it('BatchNormalization in training mode', () => checkGradients({
		x: { dims: [3, 3, 4, 2], values: ramp(72).map((value) => value + 2) }, scale: { dims: [3] }, shift: { dims: [3] },
		mean: { ...statistics.mean, isFixed: true }, variance: { ...statistics.variance, isFixed: true },
	}, (build) => build.nodes('BatchNormalization', ['x', 'scale', 'shift', 'mean', 'variance'], { training_mode: 1 }, 3)[0] ?? ''))

	it('BatchNormalization of vectors', () => checkGradients({ x: { dims: [4, 3] }, scale: { dims: [3] }, shift: { dims: [3] }, ...statistics }, (build) => (
		build.node('BatchNormalization', ['x', 'scale', 'shift', 'mean', 'variance'])
	)))

	it('LayerNormalization of the last axis and of the last two, with its further outputs and without', () => checkGradients({
		x: { dims: [2, 3, 6] }, scale: { dims: [6] }, shift: { dims: [6] }, scales: { dims: [3, 6] },
	}, (build) => [
		build.node('LayerNormalization', ['x', 'scale', 'shift']), build.node('LayerNormalization', ['x', 'scales'], { axis: 1, epsilon: 1e-3 }),
		build.nodes('LayerNormalization', ['x', 'scale', 'shift'], { axis: -1 }, 3)[0] ?? '',
	]))

	it('Softmax and LogSoftmax along every axis', () => checkGradients({ x: { dims: [2, 3, 4], values: ramp(24).map((value) => 3 * value) } }, (build) => (
		['Softmax', 'LogSoftmax'].flatMap((operator) => [build.node(operator, ['x']), build.node(operator, ['x'], { axis: 1 }), build.node(operator, ['x'], { axis: 0 })])
	)))

	it('Dropout outside of training', () => checkGradients({ x: { dims: [5] } }, (build) => build.node('Dropout', ['x', build.scalar(0.5)])))
})
