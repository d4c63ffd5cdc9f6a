import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createGraphBuilder, type GraphBuilder } from '../../../src/onnx/builder.ts'
import { differentiate } from '../../../src/onnx/differentiate/differentiate.ts'
import { makeGraph } from '../../../src/onnx/model.ts'
import type { Network } from '../../../src/onnx/network.ts'
import { elementCount } from '../../../src/onnx/tensor.ts'
import { addTrainingForward } from '../../../src/onnx/trainingForm.ts'
import { formulaTensor } from '../../support/formulaWeights.ts'
import { runModel } from '../../support/runGraph.ts'

interface OperatorCase {
	name: string
	inputs: Record<string, { dims: number[]; scale: number; shift: number }>
	dims: number[]
	y: number[]
	gradients: Record<string, number[]>
}

const golden = JSON.parse(readFileSync(new URL('../../golden/gradients.json', import.meta.url), 'utf8')) as {
	operators: OperatorCase[]
	running: { mean: number[]; variance: number[] }
}

/** `values` of make_gradient_golden.py. */
function values(name: string, dims: readonly number[], scale = 1, shift = 0): Float32Array {
	return formulaTensor(`${name}.bias`, [elementCount(dims)]).map((value) => value * 10 * scale + shift)
}

const conv = (attributes: Record<string, number | number[]>) => (build: GraphBuilder, inputs: string[]): string => build.node('Conv', inputs, attributes)
const slice = (build: GraphBuilder, input: string, start: number, end: number, axis: number, step = 1): string => build.node('Slice', [input, ...[start, end, axis, step].map((value) => build.integers([value]))])

/** What makes each of the golden operators with ONNX's. */
const MAKE: Record<string, (build: GraphBuilder, inputs: string[]) => string> = {
	'conv dense': conv({ pads: [1, 1, 1, 1] }),
	'conv 1x1': conv({}),
	'conv strided': conv({ strides: [2, 2], pads: [2, 2, 2, 2] }),
	'conv dilated': conv({ dilations: [2, 3], pads: [2, 3, 2, 3] }),
	'conv grouped': conv({ group: 2, pads: [1, 1, 1, 1] }),
	'conv depthwise': conv({ group: 4, pads: [2, 2, 2, 2] }),
	'conv depthwise strided': conv({ group: 3, strides: [2, 2], pads: [1, 1, 1, 1] }),
	'matmul batched': (build, inputs) => build.node('MatMul', inputs),
	'linear': (build, inputs) => build.node('Gemm', inputs, { transB: 1 }),
	'div': (build, inputs) => build.node('Div', inputs),
	'pow': (build, inputs) => build.node('Pow', inputs),
	'sqrt exp log erf tanh': (build, [x = '']) => {
		const of = (operator: string): string => build.node(operator, [x])
		return build.node('Add', [build.node('Add', [of('Sqrt'), build.node('Mul', [of('Exp'), of('Log')])]), build.node('Mul', [of('Erf'), of('Tanh')])])
	},
	'relu at zero': (build, inputs) => build.node('Relu', inputs),
	'relu': (build, inputs) => build.node('Relu', inputs),
	'leaky relu': (build, inputs) => build.node('LeakyRelu', inputs, { alpha: 0.2 }),
	'clip at its bounds': (build, inputs) => build.node('Clip', [...inputs, build.scalar(-1), build.scalar(1)]),
	'hard sigmoid': (build, inputs) => build.node('HardSigmoid', inputs, { alpha: 1 / 6, beta: 0.5 }),
	'hard swish': (build, inputs) => build.node('HardSwish', inputs),
	'gelu': (build, inputs) => build.node('Gelu', inputs),
	'gelu tanh': (build, inputs) => build.node('Gelu', inputs, { approximate: 'tanh' }),
	'sigmoid': (build, inputs) => build.node('Sigmoid', inputs),
	'softmax': (build, inputs) => build.node('Softmax', inputs, { axis: 1 }),
	'log softmax': (build, inputs) => build.node('LogSoftmax', inputs),
	'batch norm of a batch': (build, inputs) => build.nodes('BatchNormalization', [...inputs, build.floats([0, 0, 0, 0], [4]), build.floats([1, 1, 1, 1], [4])], { training_mode: 1 }, 3)[0] ?? '',
	'layer norm': (build, inputs) => build.node('LayerNormalization', inputs),
	'max pool': (build, inputs) => build.node('MaxPool', inputs, { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
	'max pool of ties': (build, inputs) => build.node('MaxPool', inputs, { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
	'average pool': (build, inputs) => build.node('AveragePool', inputs, { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
	'average pool rounded up': (build, inputs) => build.node('AveragePool', inputs, { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 }),
	'mean sum max': (build, [x = '']) => {
		const reduced = (operator: string, axes: number[]): string => build.node(operator, [x, build.integers(axes)], { keepdims: 1 })
		return build.node('Sum', [reduced('ReduceMean', [2]), reduced('ReduceSum', [0, 1]), reduced('ReduceMax', [1])])
	},
	'max of ties': (build, [x = '']) => build.node('ReduceMax', [x, build.integers([1])], { keepdims: 0 }),
	'maximum of ties': (build, inputs) => build.node('Max', inputs),
	'gather': (build, [x = '']) => build.node('Gather', [x, build.node('Reshape', [build.integers([0, 2, 2, 4, 2, 0]), build.integers([2, 3])])]),
	'reflected pad': (build, [x = '']) => build.node('Pad', [x, build.integers([0, 0, 1, 2, 0, 0, 3, 1])], { mode: 'reflect' }),
	'slice split concat': (build, [x = '']) => build.node('Concat', [slice(build, x, 1, 6, 1, 2), build.nodes('Split', [x, build.integers([3, 4])], { axis: 1 }, 2)[1] ?? '', x], { axis: 1 }),
	'where expand': (build, [x = '', w = '']) => build.node('Where', [build.node('Greater', [w, build.scalar(0)]), build.node('Expand', [x, build.integers([3, 4])]), w]),
	'bilinear': (build, [x = '']) => build.node('Resize', [x, '', '', build.integers([1, 2, 7, 3])], { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }),
	'bilinear corners': (build, [x = '']) => build.node('Resize', [x, '', '', build.integers([1, 2, 7, 9])], { mode: 'linear', coordinate_transformation_mode: 'align_corners' }),
	'nearest': (build, [x = '']) => build.node('Resize', [x, '', '', build.integers([1, 2, 8, 7])], { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }),
}

function expectClose(found: ArrayLike<number> | undefined, expected: readonly number[], what: string): void {
	expect(found?.length, what).toBe(expected.length)
	const most = Math.max(1, ...expected.map(Math.abs))
	for (const [index, value] of expected.entries()) expect(Math.abs((found?.[index] ?? Number.NaN) - value) / most, `${what} at ${index}`).toBeLessThan(1e-5)
}

describe('gradients of operators against PyTorch', () => {
	it('each golden operator is tried', () => expect(golden.operators.map(({ name }) => name).toSorted()).toEqual(Object.keys(MAKE).toSorted()))

	for (const one of golden.operators) {
		it(one.name, async () => {
			const build = createGraphBuilder()
			const feeds: Record<string, { dims: readonly number[]; values: Float32Array }> = {}
			for (const [name, { dims, scale, shift }] of Object.entries(one.inputs)) {
				build.input(name, dims)
				feeds[name] = { dims, values: values(`${one.name}/${name}`, dims, scale, shift) }
			}
			const y = MAKE[one.name]?.(build, Object.keys(one.inputs)) ?? ''
			expect(build.dims(y)).toEqual(one.dims)
			feeds['weights'] = { dims: one.dims, values: values(`${one.name}/y`, one.dims) }
			const loss = build.node('ReduceSum', [build.node('Mul', [y, build.input('weights', one.dims)])], { keepdims: 0 })
			const gradients = differentiate(build, loss, Object.keys(one.inputs))
			for (const output of [y, ...gradients.values()]) build.output(output)
			const results = await runModel(build.model(), feeds)
			expectClose(results[y]?.data as Float32Array, one.y, 'output')
			for (const [name, expected] of Object.entries(one.gradients)) expectClose(results[gradients.get(name) ?? '']?.data as Float32Array, expected, name)
		})
	}

	it('the running statistics of a batch', async () => {
		const names = ['weight', 'bias', 'running_mean', 'running_var']
		const draft = createGraphBuilder()
		for (const name of ['input', ...names]) draft.input(name, name === 'input' ? [3, 4, 5, 2] : [4])
		draft.node('BatchNormalization', ['input', ...names], { epsilon: 1e-5, momentum: 0.9 }, 'features')
		const network: Network = {
			name: 'norm', title: 'Norm', classes: 1, inputSize: 1, graph: { ...makeGraph('norm'), node: draft.graph.node }, parameters: [],
			head: { weight: '', bias: '' }, camLayers: [], hintLayers: [],
		}
		const build = createGraphBuilder()
		const bind = new Map(['input', ...names].map((name) => [name, build.input(name, name === 'input' ? [3, 4, 5, 2] : [4])]))
		const { updates } = addTrainingForward(build, network, bind, { normalisation: 'batch' })
		for (const output of updates.values()) build.output(output)
		const results = await runModel(build.model(), {
			input: { dims: [3, 4, 5, 2], values: values('running/x', [3, 4, 5, 2], 1, 2) },
			...Object.fromEntries(names.map((name) => [name, { dims: [4], values: formulaTensor(name, [4]) }])),
		})
		expectClose(results[updates.get('running_mean') ?? '']?.data as Float32Array, golden.running.mean, 'running mean')
		expectClose(results[updates.get('running_var') ?? '']?.data as Float32Array, golden.running.variance, 'running variance')
	})
})
