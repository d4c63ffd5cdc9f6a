import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import { float32Tensor, float32Value, intsAttribute, makeGraph, makeModel, makeNode, writeModel, type Graph, type Model } from '../../src/onnx/model.ts'
import { packManifest } from './inferenceFixtures.ts'
import { ramp } from './runGraph.ts'

/** Side of the input and of the layer. */
export const CAM_SIDE = 24
export const LAYER_SIDE = 6
/** Channels 0 and 1 are zero everywhere, 2 is 0.5 everywhere, 4 and 5 are what 3 is. */
export const CONSTANT_CHANNELS = [0, 1, 2]
export const EQUAL_CHANNELS = [3, 4, 5]

/** A classifier of two convolutions; its layer "features" [batch, channels, 6, 6] is what the second one reads. `around`: the logits also read what comes before the layer. */
export function camClassifier(channels: number, { around = false } = {}): Model & { graph: Graph } {
	const weights = ramp(channels * 27, 3)
	const bias = ramp(channels, 4).map((value) => value * 0.2)
	for (const channel of [...CONSTANT_CHANNELS, ...EQUAL_CHANNELS]) {
		for (let index = 0; index < 27; index++) weights[channel * 27 + index] = CONSTANT_CHANNELS.includes(channel) ? 0 : (weights[3 * 27 + index] as number)
		bias[channel] = CONSTANT_CHANNELS.includes(channel) ? channel / 4 : 0.1
	}
	const graph: Graph = {
		...makeGraph('cam'),
		node: [
			makeNode('Conv', ['input', 'weights', 'bias'], ['convolved'], [intsAttribute('strides', [4, 4]), intsAttribute('pads', [0, 0, 0, 0])]),
			makeNode('HardSwish', ['convolved'], ['active']),
			// Channel 0 and 1 end at 0, channel 2 at a half.
			makeNode('Sub', ['active', 'floor'], ['features']),
			makeNode('Conv', ['features', 'mix', 'mixBias'], ['mixed']),
			makeNode('Relu', ['mixed'], ['rectified']),
			makeNode('GlobalAveragePool', [around ? 'together' : 'rectified'], ['pooled']),
			makeNode('Flatten', ['pooled'], ['flat']),
			makeNode('Gemm', ['flat', 'classes', 'classBias'], ['logits']),
		],
		initializer: [
			float32Tensor('weights', [channels, 3, 3, 3], Array.from(weights)),
			float32Tensor('bias', [channels], Array.from(bias)),
			float32Tensor('floor', [1, channels, 1, 1], Array.from({ length: channels }, (_, channel) => (channel === 1 ? hardSwish(0.25) : channel === 2 ? hardSwish(0.5) - 0.5 : 0))),
			float32Tensor('mix', [8, channels, 1, 1], Array.from(ramp(8 * channels, 5))),
			float32Tensor('mixBias', [8], Array.from(ramp(8, 6))),
			float32Tensor('classes', [8, 3], Array.from(ramp(24, 7), (value) => value * 4)),
			float32Tensor('classBias', [3], [0.1, -0.2, 0.3]),
		],
		input: [float32Value('input', ['batch', 3, CAM_SIDE, CAM_SIDE])],
		output: [float32Value('logits', ['batch', 3]), float32Value('features', ['batch', channels, LAYER_SIDE, LAYER_SIDE])],
	}
	if (around) graph.node.splice(5, 0, makeNode('GlobalAveragePool', ['active'], ['pooledBefore']), makeNode('ReduceMean', ['pooledBefore'], ['level']), makeNode('Add', ['rectified', 'level'], ['together']))
	return { ...makeModel(graph, 14), graph }
}

function hardSwish(value: number): number {
	return Math.fround(value * Math.min(1, Math.max(0, value / 6 + 0.5)))
}

/** Writes the classifier as a pack. @returns its manifest. */
export function writeCamPack(directory: string, channels: number, options: { around?: boolean } = {}): ModelManifest {
	const bytes = writeModel(camClassifier(channels, options))
	writeFileSync(join(directory, 'model.onnx'), bytes)
	return {
		...packManifest,
		input: { ...packManifest.input, height: CAM_SIDE, width: CAM_SIDE },
		outputs: { logits: 'logits', features: null, camLayers: [{ name: 'features', output: 'features', channels, height: LAYER_SIDE, width: LAYER_SIDE }], defaultCamLayer: 'features' },
		sha256: createHash('sha256').update(bytes).digest('hex'),
	}
}
