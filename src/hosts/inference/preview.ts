import type { CamState } from '../../common/contract/analysis.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { reciproMap, reciproMasks } from '../../common/cam/recipro.ts'
import { calibrate, UNCALIBRATED } from '../../common/stats/calibration.ts'
import { MASKED_HEAD } from '../../onnx/maskedHeadGraph.ts'
import { runChecked, type Network } from './network.ts'

export interface PreviewContext {
	signal: AbortSignal
	/** Called between batches. */
	yieldTurn(): Promise<void>
}

/** Per label name height x width values of 0 to 1, row by row, and the range of probabilities that they were divided by (0 where the map is empty). */
export type PreviewMaps = Pick<CamState, 'height' | 'width' | 'maps' | 'peaks'>

/** Of the layer under all masks of a batch: what the head needs at once is a few times this, however large the layer. */
const MOST_VALUES = 2 ** 20

/**
 * Recipro-CAM of one image for all labels (reciproMap): the layer's activations under a small window at each position go through the network's head alone,
 * which takes no gradient and little time. It is another method than Score-CAM, and is to be named as what it is wherever it is shown.
 * @param tensor [1, 3, height, width], as the network saw the image.
 * @returns null where the logits do not follow from this layer alone.
 * @throws UserError when the layer is unknown or the signal aborts (at the next batch).
 */
export async function reciproCam(network: Network, tensor: Float32Array, layerName: string, context: PreviewContext): Promise<PreviewMaps | null> {
	const { input, outputs } = network.manifest
	const layer = outputs.camLayers.find(({ name }) => name === layerName)
	if (!layer) throw new UserError(`The network has no layer "${layerName}"; it has ${outputs.camLayers.map(({ name }) => name).join(', ')}.`)
	const image = { values: tensor, dims: [1, 3, input.height, input.width] }
	const { [layer.output]: activations } = await runChecked(network.session, { [input.name]: image }, { [layer.output]: [1, layer.channels, layer.height, layer.width] })
	return activations ? previewOf(network, { ...layer, values: activations }, context) : null
}

/** As reciproCam, where the layer's activations are known. */
export async function previewOf(
	{ manifest, maskedHead }: Network,
	layer: { name: string; channels: number; height: number; width: number; values: Float32Array },
	context: PreviewContext,
): Promise<PreviewMaps | null> {
	const head = await maskedHead(layer.name)
	if (!head) return null
	const { channels, height, width, values } = layer
	const { outputs: { logits: output }, labels, task } = manifest
	const probabilities = labels.map(() => new Float64Array(height * width))
	const most = Math.max(1, Math.floor(MOST_VALUES / values.length))
	for (let first = 0; first < height * width; first += most) {
		await context.yieldTurn()
		if (context.signal.aborted) throw new UserError('The map was cancelled.')
		const count = Math.min(most, height * width - first)
		const feeds = {
			[MASKED_HEAD.activations]: { values, dims: [1, channels, height, width] },
			[MASKED_HEAD.masks]: { values: reciproMasks(height, width, first, count), dims: [count, 1, height, width] },
		}
		const { [output]: logits } = await runChecked(head, feeds, { [output]: [count, labels.length] })
		if (!logits) throw new Error('The network gave no logits.')
		for (let index = 0; index < count; index++) {
			const answer = calibrate(logits.subarray(index * labels.length, (index + 1) * labels.length), task, UNCALIBRATED)
			for (const [label, probability] of answer.entries()) (probabilities[label] as Float64Array)[first + index] = probability
		}
	}
	const maps = probabilities.map(reciproMap)
	return {
		height,
		width,
		maps: Object.fromEntries(labels.map(({ name }, label) => [name, maps[label]?.values ?? []])),
		peaks: Object.fromEntries(labels.map(({ name }, label) => [name, maps[label]?.peak ?? 0])),
	}
}
