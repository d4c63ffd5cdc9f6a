import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Attributes, GraphBuilder } from '../../../src/onnx/builder.ts'
import { checkGradients } from '../../support/gradientCheck.ts'
import { ramp } from '../../support/runGraph.ts'

const x = { dims: [2, 3, 4] }

function bySizes(build: GraphBuilder, sizes: number[], attributes: Attributes): string {
	return build.node('Resize', ['x', '', '', build.integers(sizes)], attributes)
}

function byScales(build: GraphBuilder, scales: number[], attributes: Attributes): string {
	return build.node('Resize', ['x', '', build.floats(scales, [scales.length])], attributes)
}

describe('reductions', () => {
	for (const operator of ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSumSquare', 'ReduceL1', 'ReduceL2', 'ReduceLogSumExp']) {
		it(`${operator} over some axes, all and none`, () => checkGradients({ x }, (build) => [
			build.node(operator, ['x', build.integers([1])], { keepdims: 1 }), build.node(operator, ['x', build.integers([-1, 0])], { keepdims: 0 }),
			build.node(operator, ['x'], { keepdims: 0 }), build.node(operator, ['x', build.integers([])], { noop_with_empty_axes: 1 }),
		].slice(0, operator.startsWith('ReduceM') || operator === 'ReduceSum' ? 4 : 3)))
	}
})

describe('sizes and order', () => {
	it('Reshape, Flatten, Squeeze, Unsqueeze and Transpose', () => checkGradients({ x, thin: { dims: [2, 1, 3, 1] } }, (build) => [
		build.node('Reshape', ['x', build.integers([4, -1])]), build.node('Flatten', ['x']), build.node('Flatten', ['x'], { axis: 2 }), build.node('Squeeze', ['thin']),
		build.node('Squeeze', ['thin', build.integers([1])]), build.node('Unsqueeze', ['x', build.integers([0, -1])]), build.node('Transpose', ['x'], { perm: [2, 0, 1] }), build.node('Transpose', ['x']),
	]))

	it('Slice with steps, from the end and turned around', () => checkGradients({ x: { dims: [3, 7, 5] } }, (build) => {
		const slice = (starts: number[], ends: number[], axes: number[], steps: number[]): string => build.node('Slice', ['x', ...[starts, ends, axes, steps].map((values) => build.integers(values))])
		return [
			slice([1], [6], [1], [2]), slice([-3, 0], [1000, 2], [1, 0], [1, 1]), slice([6], [0], [1], [-2]), slice([-1, -1], [-1000, -1000], [1, 2], [-1, -3]),
			build.node('Slice', ['x', build.integers([1, 2]), build.integers([3, 5])]),
		]
	}))

	it('Slice of any bounds', async () => {
		const bound = fc.integer({ min: -8, max: 8 })
		await fc.assert(fc.asyncProperty(bound, bound, fc.constantFrom(-3, -2, -1, 1, 2, 3), async (start, end, step) => {
			await checkGradients({ x: { dims: [2, 6] } }, (build) => {
				const part = build.node('Slice', ['x', build.integers([start]), build.integers([end]), build.integers([1]), build.integers([step])])
				return [build.node('Concat', [part, 'x'], { axis: 1 })]
			})
		}), { numRuns: 60 })
	})

	it('Split, of which not all parts are used, and Concat', () => checkGradients({ x: { dims: [2, 7, 2] }, y: { dims: [2, 3, 2] } }, (build) => {
		const [first = '', , third = ''] = build.nodes('Split', ['x', build.integers([2, 1, 4])], { axis: 1 }, 3)
		const [left = '', right = ''] = build.nodes('Split', ['x'], { axis: -1, num_outputs: 2 }, 2)
		return [first, third, build.node('Concat', ['y', 'x', 'y'], { axis: -2 }), build.node('Mul', [left, right])]
	}))

	it('Gather of rows that repeat, of one row, and of a permutation', () => checkGradients({ x: { dims: [4, 3] } }, (build) => {
		const table = build.node('Reshape', [build.integers([0, 2, 2, -1, 2, 0]), build.integers([2, 3])])
		return [
			build.node('Gather', ['x', table]), build.node('Gather', ['x', build.integers([1, 1])], { axis: 1 }), build.node('Gather', ['x', build.integers([2, -4, 1, 3])]),
			build.node('Gather', ['x', build.integers([3, 1])]), build.node('Gather', ['x', build.node('Squeeze', [build.integers([2])])], { axis: -1 }),
		]
	}))

	for (const mode of ['constant', 'edge', 'reflect', 'wrap']) {
		it(`Pad, ${mode}`, () => checkGradients({ x: { dims: [3, 4] }, fill: { dims: [] } }, (build) => {
			const fill = mode === 'constant' ? ['fill'] : []
			const outputs = [build.node('Pad', ['x', build.integers([1, 2, 2, 1]), ...fill], { mode })]
			if (mode === 'constant') outputs.push(build.node('Pad', ['x', build.integers([-1, 2, 0, -2])]), build.node('Pad', ['x', build.integers([2, 1]), 'fill', build.integers([-1])]))
			return outputs
		}))
	}

	it('Expand', () => checkGradients({ x: { dims: [3, 1] }, y: { dims: [] } }, (build) => [
		build.node('Expand', ['x', build.integers([2, 1, 4])]), build.node('Expand', ['x', build.integers([3, 1])]), build.node('Expand', ['y', build.integers([2, 2])]),
	]))
})

describe('Resize', () => {
	const image = { x: { dims: [1, 2, 4, 5], values: ramp(40) } }

	for (const transformation of ['half_pixel', 'pytorch_half_pixel', 'asymmetric', 'align_corners']) {
		it(`bilinear, ${transformation}`, () => checkGradients(image, (build) => {
			const attributes = { mode: 'linear', coordinate_transformation_mode: transformation }
			return [bySizes(build, [1, 2, 7, 10], attributes), bySizes(build, [1, 2, 2, 3], attributes), byScales(build, [1, 1, 2, 1.5], attributes), bySizes(build, [6, 9], { ...attributes, axes: [2, 3] })]
		}))
	}
	for (const rounding of ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']) {
		it(`nearest, ${rounding}`, () => checkGradients(image, (build) => {
			const attributes = { mode: 'nearest', nearest_mode: rounding }
			return [
				bySizes(build, [1, 2, 8, 10], { ...attributes, coordinate_transformation_mode: 'asymmetric' }), bySizes(build, [1, 2, 3, 7], attributes),
				byScales(build, [1, 1, 2, 2], { ...attributes, coordinate_transformation_mode: 'asymmetric' }), byScales(build, [1, 1, 0.5, 1.7], attributes),
			]
		}))
	}
})
