import type { ModelManifest } from '../../../common/contract/model.ts'
import { HALF_PRECISION } from '../../../common/contract/training/pack.ts'
import { modelOfNetwork } from '../../../onnx/fromModel.ts'
import { writeModel } from '../../../onnx/model.ts'
import type { Network, Weights } from '../../../onnx/network.ts'
import { halfPrecisionWeights } from '../../../onnx/surgery/half.ts'
import { countMacs, countParameters } from '../../../zoo/count.ts'
import { likenessLayer } from './likeness.ts'
import { makePack, type MadePack, type PackOptions, type PackSource } from './makePack.ts'

export interface TrainedNetwork extends Pick<PackSource, 'training' | 'trainingRun' | 'description' | 'dataSet'> {
	network: Network
	weights: Weights
	input: Pick<ModelManifest['input'], 'colour' | 'mean' | 'std' | 'region' | 'tones'>
}

/** Makes the model pack of a network with its weights; see makePack. */
export function exportPack({ network, weights, input, ...rest }: TrainedNetwork, directory: string, options: PackOptions): Promise<MadePack> {
	const { weighted, attention } = countMacs(network)
	const half = rest.description.weights === 'float16'
	const model = modelOfNetwork(network, weights)
	const camLayers = network.camLayers.map(({ name, output, channels, height, width }) => ({ name, output, channels, height, width }))
	return makePack({
		...rest,
		graph: writeModel(half ? { ...model, graph: halfPrecisionWeights(model.graph) } : model),
		architecture: `${network.title}, ${network.inputSize} x ${network.inputSize}${half ? HALF_PRECISION : ''}`,
		parameters: countParameters(network),
		macs: weighted + attention,
		input: { ...input, name: 'input', height: network.inputSize, width: network.inputSize },
		outputs: { logits: 'logits', features: 'features', camLayers, defaultCamLayer: camLayers[0]?.name ?? '' },
		likeness: likenessLayer(network),
	}, directory, options)
}
