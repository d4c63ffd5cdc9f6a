import { describe, expect, it } from 'vitest'
import { createGraphBuilder } from '../../src/onnx/builder.ts'
import { differentiate } from '../../src/onnx/differentiate/differentiate.ts'
import type { Network, ParameterRole } from '../../src/onnx/network.ts'
import { addTrainingForward } from '../../src/onnx/trainingForm.ts'
import { formulaTensor } from '../support/formulaWeights.ts'
import { ramp, runModel } from '../support/runGraph.ts'

const SIZE = 6

/** Convolution, norm, Relu, a branch that is dropped by image, a norm after the sum, and dropout before the head. */
function smallNetwork(): Network {
	const build = createGraphBuilder()
	const parameters: Network['parameters'] = []
	const parameter = (name: string, dims: number[], role: ParameterRole): string => {
		parameters.push({ name, dims, role, initialisation: { kind: 'constant', value: 0 } })
		return build.input(name, dims)
	}
	const norm = (name: string, x: string, channels: number): string => build.node('BatchNormalization', [
		x, parameter(`${name}.weight`, [channels], 'normScale'), parameter(`${name}.bias`, [channels], 'normShift'),
		parameter(`${name}.running_mean`, [channels], 'runningMean'), parameter(`${name}.running_var`, [channels], 'runningVariance'),
	], { momentum: 0.9 }, name)
	build.input('input', [1, 3, SIZE, SIZE])
	const stem = build.node('Relu', [norm('stem.norm', build.node('Conv', ['input', parameter('stem.weight', [4, 3, 3, 3], 'weight'), parameter('stem.bias', [4], 'bias')], { pads: [1, 1, 1, 1] }), 4)])
	const branch = build.node('Dropout', [build.node('Conv', [stem, parameter('branch.weight', [4, 4, 1, 1], 'weight')]), build.scalar(0.1)], {}, 'drop_path.branch')
	const joined = build.node('Relu', [norm('joined.norm', build.node('Add', [stem, branch], {}, 'joined'), 4)])
	build.node('Flatten', [build.node('GlobalAveragePool', [build.node('MaxPool', [joined], { kernel_shape: [2, 2], strides: [2, 2] })])], {}, 'features')
	build.node('Gemm', [build.node('Dropout', ['features', build.scalar(0.25)], {}, 'head.dropout'), parameter('head.weight', [2, 4], 'weight'), parameter('head.bias', [2], 'bias')], { transB: 1 }, 'logits')
	for (const name of ['logits', 'features', 'joined']) build.output(name)
	const graph = build.model({ freeBatch: true }).graph
	if (!graph) throw new Error('no graph')
	return {
		name: 'small', title: 'Small', classes: 2, inputSize: SIZE, graph, parameters, head: { weight: 'head.weight', bias: 'head.bias' },
		camLayers: [{ name: 'joined', output: 'joined', channels: 4, height: SIZE, width: SIZE }], hintLayers: [],
	}
}

async function step(normalisation: 'batch' | 'frozen', options: { masks?: number; before?: boolean } = {}) {
	const network = smallNetwork()
	const build = createGraphBuilder()
	// Names that the network wants too.
	if (options.before) build.node('Relu', [build.node('Conv', [build.input('elsewhere', [1, 1, 1, 1]), build.floats([1], [1, 1, 1, 1])])], {}, 'features')
	const bind = new Map(['input', ...network.parameters.map(({ name }) => name)].map((name) => [name, build.input(name, name === 'input' ? [3, 3, SIZE, SIZE] : network.parameters.find((one) => one.name === name)?.dims ?? [])]))
	const forward = addTrainingForward(build, network, bind, { normalisation })
	const loss = build.node('ReduceMean', [build.node('LogSoftmax', [forward.logits])], { keepdims: 0 })
	const gradients = differentiate(build, loss, network.parameters.filter(({ role }) => !role.startsWith('running')).map(({ name }) => name))
	for (const name of [forward.logits, forward.features, loss, ...gradients.values(), ...forward.updates.values()]) build.output(name)
	const results = await runModel(build.model(), {
		...(options.before ? { elsewhere: { dims: [1, 1, 1, 1], values: Float32Array.of(1) } } : {}),
		input: { dims: [3, 3, SIZE, SIZE], values: ramp(9 * SIZE * SIZE, 3) },
		...Object.fromEntries(network.parameters.map(({ name, dims }) => [name, { dims, values: formulaTensor(name, dims) }])),
		...Object.fromEntries(forward.masks.map(({ name, dims }) => [name, { dims, values: new Float32Array(dims.reduce((all, size) => all * size, 1)).fill(options.masks ?? 1) }])),
	})
	return { network, build, forward, gradients, value: (name: string | undefined) => Array.from((results[name ?? '']?.data ?? []) as Float32Array) }
}

describe('a network in training form', () => {
	it('answers with frozen statistics as at inference, norms in convolutions', async () => {
		const { network, build, forward, gradients, value } = await step('frozen')
		const plain = await runModel({ ...build.model(), graph: network.graph }, {
			input: { dims: [3, 3, SIZE, SIZE], values: ramp(9 * SIZE * SIZE, 3) },
			...Object.fromEntries(network.parameters.map(({ name, dims }) => [name, { dims, values: formulaTensor(name, dims) }])),
		})
		for (const [index, logit] of Array.from((plain['logits']?.data ?? []) as Float32Array).entries()) expect(value(forward.logits)[index]).toBeCloseTo(logit, 5)
		expect(forward.updates.size).toBe(0)
		// The norm after the convolution is gone, that after the sum is a map of its own.
		expect(build.graph.node.filter(({ opType }) => opType === 'BatchNormalization')).toHaveLength(0)
		expect(build.graph.node.find(({ output }) => output[0] === 'stem.norm')?.opType).toBe('Conv')
		expect(build.graph.node.find(({ output }) => output[0] === 'joined.norm')?.opType).toBe('Add')
		expect(gradients.size).toBe(9)
	})

	it('lists masks with their sizes and rates, one value for each image where a path is dropped', async () => {
		const { forward } = await step('batch')
		expect(forward.masks).toEqual([
			{ name: 'mask/drop_path.branch', dims: [3, 1, 1, 1], rate: expect.closeTo(0.1, 6) as number }, { name: 'mask/head.dropout', dims: [3, 4], rate: 0.25 },
		])
		const { value, forward: dropped } = await step('batch', { masks: 0 })
		const bias = [...formulaTensor('head.bias', [2])]
		expect(value(dropped.logits)).toEqual([...bias, ...bias, ...bias])
	})

	it('keeps its names unless they are taken', async () => {
		expect((await step('batch')).forward).toMatchObject({ logits: 'logits', features: 'features', layers: new Map([['joined', 'joined']]) })
		const { forward, value } = await step('batch', { before: true })
		expect(forward.features).not.toBe('features')
		expect(value(forward.features)).toHaveLength(12)
	})

	it('moves both running statistics of every norm', async () => {
		const { forward } = await step('batch')
		expect([...forward.updates.keys()]).toEqual(['stem.norm.running_mean', 'stem.norm.running_var', 'joined.norm.running_mean', 'joined.norm.running_var'])
	})

	it('refuses the statistics of a single value', () => {
		const network = smallNetwork()
		const build = createGraphBuilder()
		const bind = new Map(network.parameters.map(({ name, dims }) => [name, build.input(name, dims)]))
		bind.set('input', build.input('input', [1, 3, 1, 1]))
		const anySize = { ...network, graph: { ...network.graph, input: network.graph.input.map((value) => (value.name === 'input' ? { ...value, type: undefined } : value)) } }
		expect(() => addTrainingForward(build, anySize, bind, { normalisation: 'batch' })).toThrow('BatchNormalization "stem.norm" would take the statistics of a single value: use a larger batch or frozen statistics.')
	})
})
