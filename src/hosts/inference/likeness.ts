import type { Gate } from '../../common/contract/analysis.ts'
import type { ModelManifest, PrincipalStatistics } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { gridFeatures, type FeatureGrid } from '../../common/stats/gridFeatures.ts'
import { featureDistance, type PrincipalComponents } from '../../common/stats/principalComponents.ts'
import { writeModel, type Graph, type Model } from '../../onnx/model.ts'
import { tapTensors } from '../../onnx/surgery/tap.ts'
import { addCheck, type Verdict } from './gate.ts'

/** What a network's training images are like, and how far an image may be from them. */
export interface Likeness {
	/** The tensor of the graph. */
	output: string
	shape: FeatureGrid
	components: PrincipalComponents
	limit: PrincipalStatistics['limit']
}

/** Distances of an image and of its negative (null where nobody asked) to the training images. */
export interface Distances {
	image: number
	negative: number | null
}

/** Null where a pack states nothing that an image could be compared with. */
export function likenessOf({ featureStatistics: statistics }: Pick<ModelManifest, 'featureStatistics'>): Likeness | null {
	if (statistics?.kind !== 'principal-components') return null
	const { layer, grid, kept, mean, deviation, components, scales, variances, rest, limit } = statistics
	const size = kept * grid * grid
	const steps = new Int8Array(Uint8Array.from(Buffer.from(components, 'base64')).buffer)
	return {
		output: layer.output,
		shape: { channels: layer.channels, height: layer.height, width: layer.width, grid, kept },
		components: { mean: floats(mean), deviation: floats(deviation), components: Float32Array.from(steps, (value, index) => value * scales[Math.floor(index / size)]!), variances, rest },
		limit,
	}
}

function floats(base64: string): Float32Array {
	return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer)
}

/**
 * The bytes of a graph that gives out the layer too.
 * @throws UserError where it has no such tensor.
 */
export function withLayer(file: { bytes: Uint8Array; model: Model & { graph: Graph } }, layer: string | null, title: string): Uint8Array {
	const { bytes, model } = file
	if (layer === null || model.graph.output.some(({ name }) => name === layer)) return bytes
	try {
		return writeModel({ ...model, graph: tapTensors(model.graph, [layer]) })
	} catch (error) {
		throw new UserError(`The network ${title} does not fit its model.json: it has no tensor "${layer}".`, String(error))
	}
}

/** @param activations [channels, height, width] of the layer, for one image. */
export function distanceOf(activations: ArrayLike<number>, { shape, components }: Likeness): number {
	return featureDistance(gridFeatures(activations, shape), components)
}

/** The tensor of the negative of a grey image: display value v becomes 255 - v. */
export function negativeOf(tensor: Float32Array, { mean, std }: Pick<ModelManifest['input'], 'mean' | 'std'>): Float32Array {
	const size = tensor.length / 3
	const sums = [0, 1, 2].map((channel) => (1 - 2 * (mean[channel] ?? 0)) / (std[channel] ?? 1))
	return tensor.map((value, index) => sums[Math.floor(index / size)]! - value)
}

/** The last check: is the image like those that the network learned from; unknown where the pack does not say what they were like. */
export function addLikenessCheck(gate: Gate, distances: Distances | null, limit: PrincipalStatistics['limit']): Gate {
	return addCheck(gate, 'likeness', 'Like the training images', distances && limit ? verdictOn(distances, limit) : { state: 'unknown', detail: 'The model does not state what its training images were like.' })
}

function verdictOn({ image, negative }: Distances, { value, share }: NonNullable<PrincipalStatistics['limit']>): Verdict {
	const most = `at most ${value.toFixed(2)}`
	if (negative !== null && negative < image && negative <= value) {
		return { state: 'failed', detail: `The film looks inverted: its negative is nearer to the images that this network learned from (distance ${negative.toFixed(2)}) than the film itself (${image.toFixed(2)}; ${most}).` }
	}
	// Written so that a distance that is no number fails.
	if (!(image <= value)) {
		return { state: 'failed', detail: `The image is not like the images that this network learned from: its distance to them is ${image.toFixed(2)}, ${most} (${Math.round(100 * share)} % of the validation images).` }
	}
	return { state: 'passed', detail: `Distance ${image.toFixed(2)} to the images that this network learned from, ${most}.` }
}
