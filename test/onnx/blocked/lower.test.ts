import { InferenceSession, Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { channelBlock } from '../../../src/hosts/training/graph/block.ts'
import { lowerToBlocked } from '../../../src/onnx/blocked/lower.ts'
import { DOMAIN } from '../../../src/onnx/blocked/lowering.ts'
import { createGraphBuilder, type GraphBuilder } from '../../../src/onnx/builder.ts'
import { differentiate } from '../../../src/onnx/differentiate/differentiate.ts'
import { writeModel } from '../../../src/onnx/model.ts'
import { elementCount } from '../../../src/onnx/tensor.ts'
import { addTrainingForward, type Normalisation } from '../../../src/onnx/trainingForm.ts'
import { buildNetwork } from '../../../src/zoo/networks.ts'
import { ramp } from '../../support/runGraph.ts'

let block: number | null = null
beforeAll(async () => {
	block = await channelBlock()
	if (block === null) console.warn('Skipped: the lowering to blocked channels is not run, because this processor has no such operators in ONNX Runtime.')
})

type Outputs = Map<string, Float32Array>

async function outputsOf(build: GraphBuilder): Promise<Outputs> {
	const session = await InferenceSession.create(writeModel(build.model()), { graphOptimizationLevel: 'disabled', logSeverityLevel: 4, intraOpNumThreads: 1 })
	const feeds = Object.fromEntries(build.graph.input.map(({ name = '' }, index) => {
		const dims = build.dims(name)
		const values = ramp(elementCount(dims), index + 1)
		return [name, new Tensor('float32', name.includes('var') ? values.map((value) => 1 + value / 2) : values, dims)]
	}))
	const results = await session.run(feeds)
	await session.release()
	return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]))
}

function size(values: Float32Array): number {
	return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}

/** Root mean square of the differences of each output, as a share of the output's own or, for those that are next to nothing, of the whole. */
async function worstDifference(build: GraphBuilder): Promise<number> {
	const lowered = await outputsOf(lowerToBlocked(build, block ?? 16))
	const standard = await outputsOf(build)
	expect([...lowered.keys()].toSorted()).toEqual([...standard.keys()].toSorted())
	const typical = [...standard.values()].map(size).toSorted((left, right) => left - right)[standard.size >> 1] ?? 1
	return Math.max(...[...standard].map(([name, values]) => {
		const other = lowered.get(name) ?? new Float32Array()
		expect(other).toHaveLength(values.length)
		return size(values.map((value, index) => value - (other[index] ?? Number.NaN))) / (size(values) + 0.01 * typical)
	}))
}

/** Every input a graph has gets a gradient of the sum of squares of the output. */
function withGradients(make: (build: GraphBuilder, x: string) => string, dims: readonly number[]): GraphBuilder {
	const build = createGraphBuilder()
	const y = make(build, build.input('x', dims))
	const loss = build.node('ReduceSumSquare', [y], { keepdims: 0 })
	const names = build.graph.input.map(({ name = '' }) => name)
	for (const gradient of differentiate(build, loss, names).values()) build.output(gradient)
	build.output(y)
	return build
}

function weight(build: GraphBuilder, dims: readonly number[]): string {
	return build.input(build.unique('weight'), dims)
}

/** A convolution into blocks and one out of them, around what is tried. */
function between(channels: number, make: (build: GraphBuilder, x: string) => string): (build: GraphBuilder, x: string) => string {
	return (build, x) => {
		const inside = make(build, build.node('Conv', [x, weight(build, [channels, 3, 1, 1])]))
		return build.node('GlobalAveragePool', [build.node('Conv', [inside, weight(build, [8, build.dims(inside)[1] ?? 1, 1, 1])])])
	}
}

const perChannel = (build: GraphBuilder, channels: number) => weight(build, [1, channels, 1, 1])

const cases: [string, (build: GraphBuilder, x: string) => string][] = [
	['pointwise, channels that fill no block', between(24, (build, x) => build.node('Relu', [build.node('Conv', [x, weight(build, [40, 24, 1, 1]), weight(build, [40])])]))],
	['dense with stride and padding', between(16, (build, x) => build.node('Conv', [x, weight(build, [32, 16, 3, 3])], { strides: [2, 2], pads: [1, 1, 1, 1] }))],
	['groups of whole blocks', between(32, (build, x) => build.node('Conv', [x, weight(build, [32, 16, 3, 3])], { group: 2, pads: [1, 1, 1, 1] }))],
	['groups of less than a block', between(32, (build, x) => build.node('Conv', [x, weight(build, [32, 4, 3, 3])], { group: 8, pads: [1, 1, 1, 1] }))],
	...[[3, 1], [5, 1], [7, 2], [3, 2], [2, 2]].map(([kernel = 1, stride = 1]): [string, (build: GraphBuilder, x: string) => string] => [
		`depthwise ${kernel} with stride ${stride}`,
		between(24, (build, x) => build.node('HardSwish', [build.node('Conv', [x, weight(build, [24, 1, kernel, kernel])], { group: 24, strides: [stride, stride], pads: Array.from({ length: 4 }, () => kernel >> 1) })])),
	]),
	['depthwise with dilation', between(16, (build, x) => build.node('Conv', [x, weight(build, [16, 1, 3, 3])], { group: 16, dilations: [2, 2], pads: [2, 2, 2, 2] }))],
	['factors, offsets and sums', between(24, (build, x) => {
		const affine = build.node('Add', [build.node('Mul', [x, perChannel(build, 24)]), perChannel(build, 24)])
		return build.node('Sub', [build.node('Add', [affine, build.node('Mul', [x, build.scalar(0.3)])]), build.node('Neg', [x])])
	})],
	['products of two tensors', between(16, (build, x) => build.node('Mul', [build.node('Mul', [x, perChannel(build, 16)]), build.node('Sigmoid', [x])]))],
	...['Relu', 'HardSwish', 'Sigmoid', 'HardSigmoid', 'Tanh', 'LeakyRelu', 'Gelu', 'Softplus', 'Elu'].map((operator): [string, (build: GraphBuilder, x: string) => string] => [
		operator, between(24, (build, x) => build.node(operator, [build.node('Mul', [x, build.scalar(4)])])),
	]),
	['clip and where', between(16, (build, x) => build.node('Where', [build.node('Greater', [x, build.scalar(0.1)]), build.node('Clip', [x, build.scalar(-1), build.scalar(1)]), x]))],
	['squeeze and excitation', between(24, (build, x) => {
		const squeezed = build.node('Relu', [build.node('Conv', [build.node('GlobalAveragePool', [x]), weight(build, [8, 24, 1, 1])])])
		return build.node('Mul', [x, build.node('HardSigmoid', [build.node('Conv', [squeezed, weight(build, [24, 8, 1, 1])])])])
	})],
	['a branch dropped for whole images', between(16, (build, x) => build.node('Add', [x, build.node('Mul', [build.node('Conv', [x, weight(build, [16, 16, 1, 1])]), weight(build, [2, 1, 1, 1])])]))],
	['pools, joins and cuts in the standard layout', between(24, (build, x) => {
		const pooled = build.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] })
		const joined = build.node('Concat', [pooled, build.node('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] })], { axis: 1 })
		return build.node('Slice', [joined, build.integers([4]), build.integers([28]), build.integers([1])])
	})],
	['an output of the graph inside', between(16, (build, x) => {
		const y = build.node('Relu', [build.node('Conv', [x, weight(build, [16, 16, 1, 1])])])
		build.output(y)
		return y
	})],
]

/** A whole training graph: the network's logits squared as loss, gradients of all that is trained, running statistics. */
function trainingGraph(name: string, inputSize: number, batch: number, normalisation: Normalisation): GraphBuilder {
	const network = buildNetwork(name, { classes: 3, inputSize })
	const build = createGraphBuilder()
	const bind = new Map([['input', build.input('input', [batch, 3, inputSize, inputSize])], ...network.parameters.map(({ name: parameter, dims }) => [parameter, build.input(parameter, dims)] as const)])
	const forward = addTrainingForward(build, network, bind, { normalisation })
	const loss = build.node('ReduceMean', [build.node('LogSoftmax', [forward.logits])], { keepdims: 0 })
	const trained = network.parameters.filter(({ role }) => !role.startsWith('running'))
	const gradients = differentiate(build, loss, trained.map((parameter) => parameter.name))
	for (const output of [loss, forward.logits, ...gradients.values(), ...forward.updates.values()]) build.output(output)
	return build
}

describe('the lowering to blocked channels', () => {
	it.each(cases)('%s: values and gradients as in the standard graph', async (_, make) => {
		if (block === null) return
		const build = withGradients(make, [2, 3, 12, 12])
		expect(lowerToBlocked(build, block).graph.node.filter((node) => node.domain === DOMAIN).length).toBeGreaterThan(2)
		expect(await worstDifference(build)).toBeLessThan(2e-5)
	})

	// Steps of activations amplify differences of rounding: a disturbance of the image by one bit moves these gradients by up to 5e-3.
	it.each([['eeea-net-c2', 'batch'], ['eeea-net-c2', 'frozen']] as const)('%s with %s norm', async (name, normalisation) => {
		if (block === null) return
		expect(await worstDifference(trainingGraph(name, 64, 2, normalisation))).toBeLessThan(2e-2)
	})
})
