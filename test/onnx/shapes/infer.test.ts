import { describe, expect, it } from 'vitest'
import { createGraphBuilder, type Attributes, type GraphBuilder } from '../../../src/onnx/builder.ts'
import { DATA_TYPE, float32Tensor, int64Tensor } from '../../../src/onnx/model.ts'
import { elementCount } from '../../../src/onnx/tensor.ts'
import { ramp, runModel, typeName } from '../../support/runGraph.ts'

type Build = (build: GraphBuilder, input: (dims: number[]) => string) => string[]

const one = (opType: string, dims: number[][], attributes: Attributes = {}, outputs = 1): Build => (build, input) => build.nodes(opType, dims.map(input), attributes, outputs)

/** The constant is a graph constant, so its values are known. */
const withConstants = (opType: string, dims: number[], constants: (number[] | null)[], attributes: Attributes = {}, outputs = 1): Build =>
	(build, input) => build.nodes(opType, [input(dims), ...constants.map((values) => (values ? build.integers(values) : ''))], attributes, outputs)

const indices = (build: GraphBuilder, dims: number[], values: number[]): string =>
	build.initializer({ ...int64Tensor(build.unique('indices'), values), dims: dims.map(BigInt) })

const cases: [string, Build][] = [
	...['Relu', 'LeakyRelu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Erf', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Reciprocal', 'Sign', 'Floor', 'Ceil', 'Round', 'Elu',
		'Selu', 'Softplus', 'Softsign', 'Gelu', 'Softmax', 'LogSoftmax', 'Hardmax', 'Identity', 'Sin', 'Cos', 'Mish', 'Clip', 'Trilu', 'IsNaN', 'Dropout']
		.map((operator): [string, Build] => [operator, one(operator, [[2, 3, 4]])]),
	...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'Min', 'Max', 'Sum', 'Mean', 'PRelu']
		.flatMap((operator): [string, Build][] => [
			[`${operator} broadcast`, one(operator, [[2, 3, 4], [3, 1]])],
			...(operator === 'PRelu' ? [] : [[`${operator} both ways`, one(operator, [[3, 1], [2, 1, 5]])] as [string, Build]]),
		]),
	['Mod', (build, input) => build.nodes('Mod', [input([2, 3]), input([3])], { fmod: 1 }, 1)],
	['And, Or, Xor, Not', (build, input) => {
		const yes = build.node('Greater', [input([2, 3]), build.scalar(0)])
		const no = build.node('Not', [yes])
		return [build.node('And', [yes, no]), build.node('Or', [yes, no]), build.node('Xor', [yes, no])]
	}],
	['Where', (build, input) => [build.node('Where', [build.node('Greater', [input([3, 1]), build.scalar(0)]), input([1, 4]), input([2, 1, 1])])]],
	['Cast', (build, input) => [DATA_TYPE.int64, DATA_TYPE.bool, DATA_TYPE.float64].map((to) => build.node('Cast', [input([2, 3])], { to }))],
	['CumSum', (build, input) => [build.node('CumSum', [input([2, 3]), build.initializer({ ...int64Tensor('axis', [1]), dims: [] })])]],
	['Conv', one('Conv', [[2, 4, 7, 9], [6, 4, 3, 3]])],
	['Conv strided, padded, dilated', one('Conv', [[2, 4, 11, 9], [6, 2, 3, 3], [6]], { group: 2, strides: [2, 3], pads: [1, 2, 0, 1], dilations: [2, 1] })],
	['Conv depthwise, SAME_UPPER', one('Conv', [[1, 4, 8, 7], [4, 1, 5, 3]], { group: 4, auto_pad: 'SAME_UPPER', strides: [3, 2] })],
	['Conv one axis', one('Conv', [[2, 3, 10], [5, 3, 4]], { strides: [2] })],
	['Conv VALID', one('Conv', [[1, 3, 8, 8], [5, 3, 3, 3]], { auto_pad: 'VALID', strides: [2, 2] })],
	['ConvTranspose', one('ConvTranspose', [[2, 4, 5, 6], [4, 3, 3, 3]], { strides: [2, 2], pads: [1, 1, 0, 1], output_padding: [1, 0] })],
	['ConvTranspose groups, dilated', one('ConvTranspose', [[2, 4, 5, 6], [4, 3, 3, 2]], { group: 2, dilations: [2, 1] })],
	['MaxPool', one('MaxPool', [[2, 3, 9, 8]], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, 2)],
	['MaxPool rounding up', one('MaxPool', [[2, 3, 10, 7]], { kernel_shape: [2, 3], strides: [3, 2], ceil_mode: 1 })],
	['AveragePool', one('AveragePool', [[2, 3, 9, 8]], { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 0], count_include_pad: 1 })],
	['AveragePool rounding up', one('AveragePool', [[1, 3, 8, 8]], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, pads: [1, 1, 1, 1] })],
	['GlobalAveragePool', one('GlobalAveragePool', [[2, 3, 5, 4]])], ['GlobalMaxPool', one('GlobalMaxPool', [[2, 3, 5, 4]])],
	['BatchNormalization', one('BatchNormalization', [[2, 3, 4, 4], [3], [3], [3], [3]])],
	['BatchNormalization in training', one('BatchNormalization', [[2, 3, 4, 4], [3], [3], [3], [3]], { training_mode: 1 }, 3)],
	['LayerNormalization', one('LayerNormalization', [[2, 3, 4], [3, 4], [3, 4]], { axis: 1 }, 3)],
	['InstanceNormalization', one('InstanceNormalization', [[2, 3, 4, 4], [3], [3]])],
	['MatMul', one('MatMul', [[5, 1, 2, 3], [4, 3, 6]])], ['MatMul vector', one('MatMul', [[3], [4, 3, 6]])], ['MatMul by vector', one('MatMul', [[4, 2, 3], [3]])],
	['Gemm', one('Gemm', [[3, 2], [5, 3], [5]], { transA: 1, transB: 1, alpha: 0.5, beta: 2 })],
	['Einsum', one('Einsum', [[2, 3, 4], [2, 5, 4]], { equation: 'bij,bkj->bik' })],
	['Einsum implicit', one('Einsum', [[3, 4], [4, 2]], { equation: 'ij,jk' })],
	...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'].flatMap((operator): [string, Build][] => [
		[`${operator} all`, one(operator, [[2, 3, 4]], { keepdims: 0 })],
		[`${operator} axes`, withConstants(operator, [2, 3, 4], [[-1, 0]], { keepdims: 1 })],
		[`${operator} nothing`, withConstants(operator, [2, 3, 4], [[]], { noop_with_empty_axes: 1 })],
		[`${operator} dropped`, withConstants(operator, [2, 3, 4], [[1]], { keepdims: 0 })],
	]),
	['ArgMax', one('ArgMax', [[2, 3, 4]], { axis: -2 })], ['ArgMin', one('ArgMin', [[2, 3, 4]], { axis: 1, keepdims: 0 })],
	['TopK', withConstants('TopK', [2, 6], [[3]], {}, 2)],
	['Reshape', withConstants('Reshape', [2, 3, 4], [[0, -1]])], ['Reshape to more', withConstants('Reshape', [2, 12], [[-1, 2, 3]])],
	['Transpose', one('Transpose', [[2, 3, 4]], { perm: [1, 2, 0] })], ['Transpose reversed', one('Transpose', [[2, 3, 4]])],
	['Flatten', one('Flatten', [[2, 3, 4]], { axis: 2 })], ['Flatten at 0', one('Flatten', [[2, 3, 4]], { axis: 0 })], ['Flatten negative', one('Flatten', [[2, 3, 4]], { axis: -1 })],
	['Squeeze', withConstants('Squeeze', [1, 3, 1], [[-1]])], ['Squeeze all', one('Squeeze', [[1, 3, 1]])], ['Unsqueeze', withConstants('Unsqueeze', [2, 3], [[0, -1]])],
	['Slice', withConstants('Slice', [6, 7, 8], [[1, -3], [5, 100], [0, 2]])],
	['Slice backwards', withConstants('Slice', [6, 7], [[-1, 5], [-1000, 0], [0, 1], [-2, -1]])],
	['Slice of nothing', withConstants('Slice', [6, 7], [[5], [2], [0]])],
	['Split', one('Split', [[7, 2]], { num_outputs: 3 }, 3)], ['Split sizes', withConstants('Split', [2, 7], [[3, 4]], { axis: 1 }, 2)],
	['Concat', one('Concat', [[2, 3], [2, 5], [2, 1]], { axis: -1 })],
	['Expand', withConstants('Expand', [3, 1], [[2, 1, 6]])], ['Tile', withConstants('Tile', [2, 3], [[2, 3]])],
	['Pad', withConstants('Pad', [2, 3], [[1, 0, 2, -1]])], ['Pad axes', withConstants('Pad', [2, 3, 4], [[1, 2], null, [2]], { mode: 'reflect' })],
	['DepthToSpace', one('DepthToSpace', [[1, 8, 2, 3]], { blocksize: 2 })], ['SpaceToDepth', one('SpaceToDepth', [[1, 2, 4, 6]], { blocksize: 2 })],
	['Resize scales', (build, input) => [build.node('Resize', [input([1, 2, 3, 5]), '', build.floats([1, 1, 2, 1.5], [4])], { mode: 'linear' })]],
	['Resize sizes', withConstants('Resize', [1, 2, 3, 5], [null, null, [1, 2, 4, 4]], { mode: 'nearest' })],
	['Resize axes', withConstants('Resize', [1, 2, 3, 5], [null, null, [6, 4]], { mode: 'linear', axes: [2, 3] })],
	['Gather', (build, input) => [build.node('Gather', [input([3, 4, 5]), indices(build, [2, 2], [0, 3, -1, 1])], { axis: 1 })]],
	['Gather scalar', (build, input) => [build.node('Gather', [input([3, 4]), indices(build, [], [1])], { axis: 0 })]],
	['GatherElements', (build, input) => [build.node('GatherElements', [input([3, 4]), indices(build, [3, 1], [0, 3, 1])], { axis: 1 })]],
	['GatherND', (build, input) => [build.node('GatherND', [input([3, 4, 5]), indices(build, [2, 2], [0, 3, 2, 1])])]],
	['GatherND batches', (build, input) => [build.node('GatherND', [input([2, 4, 5]), indices(build, [2, 1], [3, 1])], { batch_dims: 1 })]],
	['ScatterElements', (build, input) => [build.node('ScatterElements', [input([3, 4]), indices(build, [3, 1], [0, 3, 1]), input([3, 1])], { axis: 1, reduction: 'add' })]],
	['ScatterND', (build, input) => [build.node('ScatterND', [input([3, 4]), indices(build, [2, 1], [0, 2]), input([2, 4])])]],
	['OneHot', (build) => [build.node('OneHot', [indices(build, [2, 2], [0, 3, 2, 1]), build.integers([4]), build.floats([0, 1], [2])], { axis: 1 })]],
	['ConstantOfShape', (build) => [build.node('ConstantOfShape', [build.integers([2, 3])], { value: float32Tensor('', [1], [4]) })]],
	['Shape and Size', (build, input) => [build.node('Shape', [input([2, 3, 4])], { start: 1 }), build.node('Size', [input([2, 3])])]],
	['Range', (build) => [build.node('Range', [build.scalar(1), build.scalar(8), build.scalar(2)])]],
	['EyeLike', one('EyeLike', [[3, 4]], { k: 1 })],
	['QuantizeLinear and back', (build, input) => {
		const scale = build.scalar(0.01)
		const zero = build.initializer({ ...int64Tensor('zero', []), dims: [], dataType: DATA_TYPE.int8, int32Data: [3] })
		const codes = build.node('QuantizeLinear', [input([2, 3]), scale, zero])
		return [codes, build.node('DequantizeLinear', [codes, scale, zero])]
	}],
]

describe('sizes and types of every operator', () => {
	it.each(cases)('%s as onnxruntime finds them', async (_, make) => {
		const build = createGraphBuilder()
		const feeds: Record<string, { dims: number[]; values: Float32Array }> = {}
		const outputs = make(build, (dims) => {
			const name = build.unique('input')
			feeds[name] = { dims, values: ramp(elementCount(dims)) }
			return build.input(name, dims)
		})
		for (const name of outputs) build.output(name)
		const results = await runModel(build.model(), feeds)
		for (const name of outputs) {
			expect({ dims: build.dims(name), type: typeName(build.facts(name).dataType) }).toEqual({ dims: results[name]?.dims, type: results[name]?.type })
		}
	})
})

/** Arithmetic on shapes as exporters write it: everything follows from constants. */
const constantCases: [string, (build: GraphBuilder) => string[]][] = [
	['shape of a shape', (build) => {
		const shape = build.node('Shape', [build.input('x', [4, 6, 5])])
		const first = build.node('Gather', [shape, build.initializer({ ...int64Tensor('zero', [0]), dims: [] })])
		const rest = build.node('Slice', [shape, build.integers([1]), build.integers([9223372036854775000])])
		const doubled = build.node('Mul', [rest, build.integers([2])])
		const batch = build.node('Unsqueeze', [first, build.integers([0])])
		return [build.node('Concat', [batch, doubled, build.integers([-1])], { axis: 0 }), build.node('Squeeze', [batch]), build.node('ReduceProd', [shape], { keepdims: 0 })]
	}],
	['integer division and remainder', (build) => {
		const numbers = build.integers([7, -7, 9])
		const divisors = build.integers([2, 2, -4])
		return [build.node('Div', [numbers, divisors]), build.node('Mod', [numbers, divisors]), build.node('Mod', [numbers, divisors], { fmod: 1 }), build.node('Sub', [numbers, divisors])]
	}],
	['floats', (build) => {
		const numbers = build.floats([0.5, 1.5, 2.5, -0.5, -1.7, 3.3], [2, 3])
		return [
			...['Round', 'Floor', 'Ceil', 'Neg', 'Abs', 'Sign', 'Exp', 'Sqrt', 'Reciprocal', 'Relu'].map((operator) => build.node(operator, [numbers])),
			build.node('Cast', [numbers], { to: DATA_TYPE.int64 }), build.node('Pow', [numbers, build.scalar(2)]), build.node('Clip', [numbers, build.scalar(-1), build.scalar(1)]),
			build.node('ReduceMean', [numbers, build.integers([1])]), build.node('ReduceMax', [numbers, build.integers([0])], { keepdims: 0 }),
		]
	}],
	['layout', (build) => {
		const numbers = build.node('Reshape', [build.node('Range', [build.scalar(0), build.scalar(24), build.scalar(1)]), build.integers([2, 3, 4])])
		return [
			build.node('Transpose', [numbers], { perm: [2, 0, 1] }), build.node('Slice', [numbers, build.integers([-1, 0]), build.integers([-10, 2]), build.integers([1, 2]), build.integers([-2, 1])]),
			build.node('Expand', [build.floats([1, 2], [2, 1]), build.integers([3, 2, 2])]), build.node('Tile', [build.floats([1, 2], [2, 1]), build.integers([2, 2])]),
			build.node('Gather', [numbers, indices(build, [2, 1], [1, -2])], { axis: 1 }), build.node('Concat', [numbers, numbers], { axis: 1 }),
			...build.nodes('Split', [numbers], { axis: 2, num_outputs: 2 }, 2), build.node('Flatten', [numbers], { axis: 2 }),
		]
	}],
	['comparisons', (build) => {
		const [left, right] = [build.integers([1, 2, 3]), build.integers([2])]
		const less = build.node('Less', [left, right])
		return [
			build.node('Where', [less, left, right]), build.node('Equal', [left, right]), build.node('Greater', [left, right]), build.node('Not', [less]), build.node('LessOrEqual', [left, right]),
			build.node('Min', [left, right]), build.node('Max', [left, right]), build.node('ConstantOfShape', [right]),
		]
	}],
]

describe('values that follow from constants', () => {
	it.each(constantCases)('%s as onnxruntime computes them', async (_, make) => {
		const build = createGraphBuilder()
		const outputs = make(build)
		for (const name of outputs) build.output(name)
		const feeds = Object.fromEntries(build.graph.input.map((value) => [value.name ?? '', { dims: [...build.dims(value.name ?? '')], values: ramp(elementCount(build.dims(value.name ?? ''))) }]))
		const results = await runModel(build.model(), feeds)
		for (const name of outputs) {
			const { values, dims } = build.facts(name)
			expect(dims).toEqual(results[name]?.dims)
			const found = Array.from(results[name]?.data as ArrayLike<number | bigint | boolean>, Number)
			if (!values) throw new Error(`${name} is not known`)
			for (const [index, value] of values.entries()) {
				if (Number.isNaN(value)) expect(found[index]).toBeNaN()
				else expect(found[index]).toBeCloseTo(value, 5)
			}
			expect(values).toHaveLength(found.length)
		}
	})
})
