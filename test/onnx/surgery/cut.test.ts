import { describe, expect, it } from 'vitest'
import { buildMaskedHeadGraph, MASKED_HEAD } from '../../../src/onnx/maskedHeadGraph.ts'
import { makeNode, type Graph } from '../../../src/onnx/model.ts'
import { cutAt } from '../../../src/onnx/surgery/cut.ts'
import { CAM_SIDE, camClassifier, LAYER_SIDE } from '../../support/camPack.ts'
import { ramp, runModel } from '../../support/runGraph.ts'

const CHANNELS = 9
const model = camClassifier(CHANNELS)
const shape = { layer: 'features', logits: 'logits', channels: CHANNELS, height: LAYER_SIDE, width: LAYER_SIDE, classes: 3 }

describe('cut', () => {
	it('gives the nodes and constants behind a layer', () => {
		const head = cutAt(model.graph, 'features', 'logits')
		expect(head?.nodes.map((node) => node.opType)).toEqual(['Conv', 'Relu', 'GlobalAveragePool', 'Flatten', 'Gemm'])
		expect(head?.initializers.map((tensor) => tensor.name)).toEqual(['mix', 'mixBias', 'classes', 'classBias'])
	})

	it('gives nothing where something goes around the layer', () => {
		expect(cutAt(camClassifier(CHANNELS, { around: true }).graph, 'features', 'logits')).toBeNull()
	})

	it('gives nothing where the layer is only looked at, or is not there', () => {
		const tapped: Graph = { ...model.graph, node: [...model.graph.node, makeNode('Identity', ['features'], ['seen'])] }
		expect(cutAt(tapped, 'seen', 'logits')).toBeNull()
		expect(cutAt(model.graph, 'nothing', 'logits')).toBeNull()
		expect(cutAt(model.graph, 'features', 'nothing')).toBeNull()
		expect(cutAt(model.graph, 'logits', 'logits')).toBeNull()
	})
})

describe('masked head', () => {
	it('answers as the whole network under masks of one, and otherwise on the masked layer', async () => {
		const image = { dims: [1, 3, CAM_SIDE, CAM_SIDE], values: ramp(3 * CAM_SIDE * CAM_SIDE, 11) }
		const { features, logits } = await runModel(model, { input: image })
		const head = buildMaskedHeadGraph(model, shape)
		const size = LAYER_SIDE * LAYER_SIDE
		const masks = new Float32Array(2 * size).fill(1, 0, size)
		const values = features?.data as Float32Array
		const results = await runModel(head ?? model, {
			[MASKED_HEAD.activations]: { dims: [1, CHANNELS, LAYER_SIDE, LAYER_SIDE], values },
			[MASKED_HEAD.masks]: { dims: [2, 1, LAYER_SIDE, LAYER_SIDE], values: masks },
		})
		const found = results['logits']?.data as Float32Array
		const wanted = logits?.data as Float32Array
		for (let label = 0; label < 3; label++) expect(found[label]).toBeCloseTo(wanted[label] ?? Number.NaN, 5)
		// Under the mask of zeros the layer says nothing: what is left are the constants behind it.
		const nothing = await runModel(head ?? model, {
			[MASKED_HEAD.activations]: { dims: [1, CHANNELS, LAYER_SIDE, LAYER_SIDE], values: new Float32Array(CHANNELS * size) },
			[MASKED_HEAD.masks]: { dims: [1, 1, LAYER_SIDE, LAYER_SIDE], values: new Float32Array(size).fill(1) },
		})
		expect(Array.from(found.subarray(3))).toEqual(Array.from(nothing['logits']?.data as Float32Array))
	})

	it('is not made where the layer does not allow it, nor twice in one graph', () => {
		expect(buildMaskedHeadGraph(camClassifier(CHANNELS, { around: true }), shape)).toBeNull()
		const taken = { ...model, graph: { ...model.graph, node: model.graph.node.map((node) => (node.opType === 'Relu' ? { ...node, output: [MASKED_HEAD.masks] } : node)) } }
		taken.graph.node = taken.graph.node.map((node) => (node.opType === 'GlobalAveragePool' ? { ...node, input: [MASKED_HEAD.masks] } : node))
		expect(() => buildMaskedHeadGraph(taken, shape)).toThrow('already has a part')
	})
})
