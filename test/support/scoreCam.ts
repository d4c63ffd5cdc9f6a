import { InferenceSession, Tensor } from 'onnxruntime-node'
import { composeMap, labelScores, type ComposedMap } from '../../src/common/cam/compose.ts'
import type { MaskDefinition, ScoreCamDefinition } from '../../src/common/cam/definitions.ts'
import type { LayerActivations } from '../../src/common/cam/passes.ts'
import { camModeSchema } from '../../src/common/contract/analysis.ts'
import { modelOfNetwork } from '../../src/onnx/fromModel.ts'
import { writeModel, type Model } from '../../src/onnx/model.ts'
import type { Network, Weights } from '../../src/onnx/network.ts'
import { buildScoreCamGraph, SCORE_CAM } from '../../src/onnx/scoreCamGraph.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'
import { formulaImage, formulaTensor } from './formulaWeights.ts'

/** A network of the zoo as make_scorecam_golden.py has it. */
export interface ScoreCamCase {
	name: string
	classes: number
	inputSize: number
	/** Only every so many channels of the layer are taken. */
	step: number
	/** Factor of the last linear layer's weights. */
	gain: number
	/** Channels that are taken, height, width. */
	layer: [channels: number, height: number, width: number]
	logits: number[]
}

export const MODES = camModeSchema.options

/** As in make_zoo_transformer_golden.py: smaller branches where batch normalisation in inference form does not bound the stream. */
const SMALLER = /\.(attn\.(qkv|proj)|mlp\.conv3)\.weight$/
const SMALLER_SHARE = 0.25
const BATCH = 16
const OPTIONS: InferenceSession.SessionOptions = { logSeverityLevel: 4, intraOpNumThreads: 2 }

function weightsOf({ parameters, head, name: network }: Network, gain: number): Weights {
	return new Map(parameters.map(({ name, dims }) => {
		const values = formulaTensor(name, dims)
		const factor = name === head.weight || name === head.bias ? gain : network === 'visformer-s' && SMALLER.test(name) ? SMALLER_SHARE : 1
		return [name, factor === 1 ? values : values.map((value) => value * factor)]
	}))
}

/**
 * Maps of all labels by each definition of a network of the zoo on the image by formula, from graphs with constant weights as in a pack.
 * @param definitions May be changed ones, to see that a change shows.
 */
export async function scoreCamOfZoo(one: ScoreCamCase, definitions: readonly ScoreCamDefinition[]): Promise<{ logits: Float32Array; layer: LayerActivations; maps: ComposedMap[][] }> {
	const network = buildNetwork(one.name, one)
	const model = modelOfNetwork(network, weightsOf(network, one.gain))
	const size = one.inputSize
	const image = new Tensor('float32', formulaImage(1, size), [1, 3, size, size])
	const { logits, layer } = await activationsOf(model, network, image, one.step)
	const scores = new Map<string, Float32Array>()
	for (const { mask } of definitions) if (!scores.has(JSON.stringify(mask))) scores.set(JSON.stringify(mask), await logitsUnderMasks(model, one, mask, image, layer))
	const maps = definitions.map((definition) => {
		const rows = scores.get(JSON.stringify(definition.mask)) ?? new Float32Array()
		const byChannel = Array.from({ length: layer.channels }, (_, channel) => labelScores(definition, rows.subarray(channel * one.classes, (channel + 1) * one.classes)))
		return Array.from({ length: one.classes }, (_, label) => composeMap(layer, Float64Array.from(byChannel, (row) => row[label] as number), definition, { height: size, width: size }))
	})
	return { logits, layer, maps }
}

async function activationsOf(model: Model, { camLayers: [first] }: Network, image: Tensor, step: number): Promise<{ logits: Float32Array; layer: LayerActivations }> {
	if (!first) throw new Error('The network has no layer.')
	const session = await InferenceSession.create(writeModel(model), OPTIONS)
	const results = await session.run({ input: image }, ['logits', first.output])
	await session.release()
	const { height, width } = first
	const every = results[first.output]?.data as Float32Array
	const channels = Math.ceil(first.channels / step)
	const values = new Float32Array(channels * height * width)
	for (let channel = 0; channel < channels; channel++) values.set(every.subarray(channel * step * height * width, (channel * step + 1) * height * width), channel * height * width)
	return { logits: results['logits']?.data as Float32Array, layer: { channels, height, width, values } }
}

async function logitsUnderMasks(model: ReturnType<typeof modelOfNetwork>, one: ScoreCamCase, mask: MaskDefinition, image: Tensor, layer: LayerActivations): Promise<Float32Array> {
	const shape = { input: 'input', logits: 'logits', height: one.inputSize, width: one.inputSize, classes: one.classes }
	const session = await InferenceSession.create(writeModel(buildScoreCamGraph(model, shape, mask)), OPTIONS)
	const all = new Float32Array(layer.channels * one.classes)
	const plane = layer.height * layer.width
	for (let start = 0; start < layer.channels; start += BATCH) {
		const end = Math.min(start + BATCH, layer.channels)
		const activations = new Tensor('float32', layer.values.slice(start * plane, end * plane), [end - start, 1, layer.height, layer.width])
		const { logits } = await session.run({ [SCORE_CAM.image]: image, [SCORE_CAM.activations]: activations })
		all.set(logits?.data as Float32Array, start * one.classes)
	}
	await session.release()
	return all
}
