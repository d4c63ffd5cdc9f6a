import { readFileSync } from 'node:fs'
import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createGraphBuilder } from '../../src/onnx/builder.ts'
import { differentiate } from '../../src/onnx/differentiate/differentiate.ts'
import { makeModel } from '../../src/onnx/model.ts'
import { OPERATOR_SET, type Network, type Weights } from '../../src/onnx/network.ts'
import { buildAutoFormerV2Tiny } from '../../src/zoo/autoformer.ts'
import { countMacs, countParameters, isTrainable } from '../../src/zoo/count.ts'
import { attentionMask, planWindows, relativePositions } from '../../src/zoo/windows.ts'
import { buildVisformerSmall } from '../../src/zoo/visformer.ts'
import { formulaImage, formulaWeights } from '../support/formulaWeights.ts'
import { openModel, ramp, runModel } from '../support/runGraph.ts'

interface GoldenCase {
	name: 'visformer-s' | 'autoformerv2-t'
	inputSize: number
	batch: number
	classes: number
	parameters: Record<string, number[]>
	logits: number[][]
	layers: Record<string, { dims: number[]; step: number; values: number[] }>
}

const { cases } = JSON.parse(readFileSync(new URL('../golden/zoo_transformer.json', import.meta.url), 'utf8')) as { cases: GoldenCase[] }
const BUILD = { 'visformer-s': buildVisformerSmall, 'autoformerv2-t': buildAutoFormerV2Tiny }

/** As in make_zoo_transformer_golden.py: smaller branches where batch normalisation in inference form does not bound the stream. */
function goldenWeights(network: Network): Weights {
	const smaller = /\.(attn\.(qkv|proj)|mlp\.conv3)\.weight$/
	return new Map([...formulaWeights(network)].map(([name, values]) => [name, network.name === 'visformer-s' && smaller.test(name) ? values.map((value) => value * 0.25) : values]))
}

function feedsOf(network: Network, batch: number) {
	const weights = goldenWeights(network)
	const size = network.inputSize
	return {
		input: { dims: [batch, 3, size, size], values: formulaImage(2, size).subarray(0, batch * 3 * size * size) },
		...Object.fromEntries(network.parameters.map(({ name, dims }) => [name, { dims, values: weights.get(name) as Float32Array }])),
	}
}

const modelOf = (network: Network) => makeModel(network.graph, OPERATOR_SET, [])
const counts = (build: typeof buildVisformerSmall) => [1000, 14, 5, 3].map((classes) => countParameters(build({ classes, inputSize: 224 })))
/** Millions of multiply-accumulates: weighted, attention. */
const millions = (network: Network) => Object.values(countMacs(network)).map((count) => Math.round(count / 1e6))
/** Output and rate of each Dropout node. */
const rates = (network: Network) => network.graph.node.filter(({ opType }) => opType === 'Dropout').map((node) => {
	const rate = network.graph.initializer.find(({ name }) => name === node.input[1])
	return [node.output[0], Math.fround(rate?.floatData[0] ?? Number.NaN)]
})
const kinds = (network: Network) => Object.fromEntries(network.parameters.map(({ name, role, initialisation }) => [name, `${role} ${JSON.stringify(initialisation)}`]))

describe('transformers of the zoo against timm', () => {
	for (const golden of cases) {
		const title = `${golden.name} at ${golden.inputSize}`
		const network = BUILD[golden.name]({ classes: golden.classes, inputSize: golden.inputSize })

		it(`${title}: parameters have the names, the order and the sizes of the state dict`, () => {
			expect(network.parameters.map(({ name, dims }) => [name, dims])).toEqual(Object.entries(golden.parameters))
		})

		it(`${title}: logits, features and layers of two images; one image alone gets the same`, async () => {
			const results = await runModel(modelOf(network), feedsOf(network, golden.batch))
			const logits = results['logits']?.data as Float32Array
			for (const [index, value] of golden.logits.flat().entries()) expect(Math.abs((logits[index] ?? Number.NaN) - value), `logit ${index}`).toBeLessThan(1e-4)
			expect(results['features']?.dims).toEqual([golden.batch, 768])
			for (const layer of [...network.camLayers, ...network.hintLayers]) {
				const expected = golden.layers[layer.name]
				expect([layer.channels, layer.height, layer.width], layer.name).toEqual(expected?.dims)
				const found = results[layer.output]?.data as Float32Array
				const largest = Math.max(...(expected?.values ?? []).map(Math.abs))
				for (const [index, value] of (expected?.values ?? []).entries()) {
					expect(Math.abs((found[index * (expected?.step ?? 1)] ?? Number.NaN) - value), `${layer.name} ${index}`).toBeLessThan(1e-5 * largest)
				}
			}
			const alone = (await runModel(modelOf(network), feedsOf(network, 1)))['logits']?.data as Float32Array
			for (const [index, value] of alone.entries()) expect(Math.abs((logits[index] ?? Number.NaN) - value)).toBeLessThan(1e-4)
		})
	}
})

describe('counts of the transformers', () => {
	it('parameters', () => {
		expect(counts(buildVisformerSmall)).toEqual([40_219_592, 39_461_358, 39_454_437, 39_452_899])
		expect(counts(buildAutoFormerV2Tiny)).toEqual([28_328_674, 27_570_440, 27_563_519, 27_561_981])
	})

	it('multiply-accumulates in millions: convolutions and linear layers, attention apart', () => {
		expect(millions(buildVisformerSmall({ classes: 1000, inputSize: 224 }))).toEqual([4747, 133])
		expect(millions(buildAutoFormerV2Tiny({ classes: 1000, inputSize: 224 }))).toEqual([4350, 273])
	})
})

describe('dropped paths', () => {
	it('rise evenly to the last block, and a path that is always kept has no node', () => {
		const found = rates(buildAutoFormerV2Tiny({ classes: 3, inputSize: 64 }))
		expect(found).toHaveLength(22)
		expect(found[0]).toEqual(['drop_path.layers.0.blocks.1.attn.sum', Math.fround(0.1 / 11)])
		expect(found.at(-1)).toEqual(['drop_path.layers.3.blocks.1.mlp.sum', Math.fround(0.1)])
	})

	it('are off in Visformer-S unless asked for', () => {
		expect(rates(buildVisformerSmall({ classes: 3, inputSize: 64 }))).toEqual([])
		const found = rates(buildVisformerSmall({ classes: 3, inputSize: 64, dropPath: 0.28 }))
		expect(found).toHaveLength(6 + 2 * 8)
		expect(found[0]).toEqual(['drop_path.stage1.1.mlp.sum', Math.fround(0.02)])
	})

	it('refuses a rate that is none', () => {
		for (const dropPath of [-0.1, 1, Number.NaN]) expect(() => buildVisformerSmall({ classes: 3, inputSize: 64, dropPath })).toThrow('rate of dropped paths')
	})
})

it('images that are no whole patches are refused', () => {
	expect(() => buildVisformerSmall({ classes: 3, inputSize: 100 })).toThrow('multiple of 32')
	expect(() => buildAutoFormerV2Tiny({ classes: 3, inputSize: 225 })).toThrow('multiple of 32')
})

describe('first values', () => {
	it('Visformer-S: convolutions by Kaiming, the head and the positions by a truncated normal', () => {
		expect(kinds(buildVisformerSmall({ classes: 3, inputSize: 64 }))).toMatchObject({
			'stage1.0.mlp.conv2.weight': 'weight {"kind":"kaimingNormal","fan":"out"}', 'patch_embed2.proj.bias': 'bias {"kind":"constant","value":0}',
			pos_embed1: 'position {"kind":"truncatedNormal","deviation":0.02}', 'head.weight': 'weight {"kind":"truncatedNormal","deviation":0.02}',
		})
	})

	it('AutoFormerV2-T: linear layers and tables by a truncated normal, the patches as torch does it', () => {
		const uniform = JSON.stringify({ kind: 'uniform', bound: 1 / Math.sqrt(48) })
		expect(kinds(buildAutoFormerV2Tiny({ classes: 3, inputSize: 64 }))).toMatchObject({
			'patch_embed.proj.weight': `weight ${uniform}`, 'patch_embed.proj.bias': `bias ${uniform}`, 'layers.1.downsample.reduction.weight': 'weight {"kind":"truncatedNormal","deviation":0.02}',
			'layers.0.blocks.0.attn.relative_position_bias_table': 'position {"kind":"truncatedNormal","deviation":0.02}', 'layers.0.blocks.0.attn.qkv.bias': 'bias {"kind":"constant","value":0}',
		})
	})
})

describe('windows', () => {
	it('shrink to the map, are padded to be whole, and are shifted only where there are several', () => {
		expect(planWindows(56, 7, true)).toEqual({ side: 7, perSide: 8, padded: 56, shift: 3 })
		expect(planWindows(56, 7, false).shift).toBe(0)
		expect(planWindows(40, 7, true)).toEqual({ side: 7, perSide: 6, padded: 42, shift: 3 })
		expect(planWindows(14, 14, true)).toEqual({ side: 14, perSide: 1, padded: 14, shift: 0 })
		expect(planWindows(5, 7, true)).toEqual({ side: 5, perSide: 1, padded: 5, shift: 0 })
	})

	it('pairs of the same distance have the same row of the table', () => {
		expect(relativePositions(2)).toEqual([4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4])
	})

	it('the mask separates what the shift has brought together', () => {
		const mask = attentionMask({ side: 2, perSide: 2, padded: 4, shift: 1 })
		const rows = (window: number) => Array.from({ length: 4 }, (_, row) => mask.slice(window * 16 + row * 4, window * 16 + row * 4 + 4).map((value) => (value === 0 ? '.' : value === -100 ? 'x' : '?')).join(''))
		expect(rows(0)).toEqual(['....', '....', '....', '....'])
		expect(rows(1)).toEqual(['.x.x', 'x.x.', '.x.x', 'x.x.'])
		expect(rows(2)).toEqual(['..xx', '..xx', 'xx..', 'xx..'])
		expect(rows(3)).toEqual(['.xxx', 'x.xx', 'xx.x', 'xxx.'])
	})
})

/** The loss is the sum of two images' three logits with these weights. */
const LOSS_WEIGHTS = [1, -2, 0.5, 0.3, 1.5, -1]

describe('gradients of the transformers', () => {
	for (const [name, build] of Object.entries(BUILD)) {
		it(`${name}: every parameter has one, and together they foretell how the loss changes`, async () => {
			const network = build({ classes: 3, inputSize: 64 })
			const trainable = network.parameters.filter(isTrainable)
			const graph = createGraphBuilder()
			const bind = new Map([['input', graph.input('input', [2, 3, 64, 64])]])
			for (const { name: parameter, dims } of network.parameters) bind.set(parameter, graph.input(parameter, dims))
			graph.include(network.graph, bind)
			const loss = graph.node('ReduceSum', [graph.node('Mul', ['logits', graph.floats(LOSS_WEIGHTS, [2, 3])])], { keepdims: 0 }, 'loss')
			graph.output(loss)
			const gradients = differentiate(graph, loss, trainable.map((parameter) => parameter.name))
			expect([...gradients.keys()]).toEqual(trainable.map((parameter) => parameter.name))
			for (const gradient of gradients.values()) graph.output(gradient)

			const feeds: Record<string, { dims: readonly number[]; values: Float32Array }> = feedsOf(network, 2)
			const results = await runModel(graph.model(), feeds)
			// Central difference along one random direction of all parameters at once.
			let foretold = 0
			const moved = { up: { ...feeds }, down: { ...feeds } }
			// The error of the difference falls with its square until rounding takes over below: 7e-3, 5e-4, 7e-5 of the slope at 4e-4, 2e-4, 1e-4.
			const step = 1e-4
			for (const [index, { name: parameter, dims }] of trainable.entries()) {
				const values = feeds[parameter]?.values as Float32Array
				const direction = ramp(values.length, index + 1)
				const gradient = results[gradients.get(parameter) as string]?.data as Float32Array
				for (let at = 0; at < values.length; at++) foretold += (gradient[at] as number) * (direction[at] as number)
				moved.up[parameter] = { dims, values: values.map((value, at) => value + step * (direction[at] as number)) }
				moved.down[parameter] = { dims, values: values.map((value, at) => value - step * (direction[at] as number)) }
			}
			const forward = await openModel(modelOf(network))
			const lossAt = async (side: typeof feeds) => {
				const answers = await forward.run(Object.fromEntries(Object.entries(side).map(([input, { dims, values }]) => [input, new Tensor('float32', values, dims)])), ['logits'])
				const logits = answers['logits']?.data as Float32Array
				return LOSS_WEIGHTS.reduce((sum, weight, at) => sum + weight * (logits[at] ?? Number.NaN), 0)
			}
			const measured = ((await lossAt(moved.up)) - (await lossAt(moved.down))) / (2 * step)
			await forward.release()
			expect(Math.abs(measured - foretold) / Math.abs(foretold)).toBeLessThan(2e-3)
		})
	}
})
