import type { PrincipalStatistics } from '../../../common/contract/model.ts'
import { gridFeatures, gridSize } from '../../../common/stats/gridFeatures.ts'
import { principalComponents } from '../../../common/stats/principalComponents.ts'
import type { Network } from '../../../onnx/network.ts'
import { distanceOf, likenessOf } from '../../inference/likeness.ts'

/**
 * Measured on chest films against photographs, tissue, other radiographs, inverted and turned films (docs/evaluation.md): the last stage that still sees the image at an eighth
 * of its side, on a grid of 4 x 4, with 64 components. What the last layer reads tells nothing: training has made it blind to all that is not needed to tell the classes apart.
 */
const FINEST_STRIDE = 8
const GRID = 4
const MOST_CHANNELS = 64
const COMPONENTS = 64
/** Of the validation images that the check lets through. */
const SHARE = 0.99
const LARGEST_STEP = 127
/** A limit is stated to six digits behind the point. */
const LIMIT_STEPS = 1e6

export type LikenessLayer = PrincipalStatistics['layer']

/** The layer whose activations say whether an image is like the training images: the last at an eighth of the image's side or finer, else the first; null without layers. */
export function likenessLayer({ hintLayers, camLayers, inputSize }: Pick<Network, 'hintLayers' | 'camLayers' | 'inputSize'>): LikenessLayer | null {
	const layers = [...hintLayers, ...camLayers]
	const layer = layers.findLast(({ height }) => height * FINEST_STRIDE >= inputSize) ?? layers[0]
	return layer ? { name: layer.name, output: layer.output, channels: layer.channels, height: layer.height, width: layer.width } : null
}

/** Gathers what the training images are like. */
export function createLikeness(layer: LikenessLayer): { add(activations: Float32Array): void; finish(): PrincipalStatistics | null } {
	const shape = { channels: layer.channels, height: layer.height, width: layer.width, grid: Math.min(GRID, layer.height, layer.width), kept: Math.min(MOST_CHANNELS, layer.channels) }
	const size = gridSize(shape)
	const rows: Float32Array[] = []
	return {
		add: (activations) => void rows.push(gridFeatures(activations, shape)),
		/** Null where there are too few images. The limit is left open. */
		finish() {
			if (rows.length < 2) return null
			const all = new Float32Array(rows.length * size)
			for (const [index, row] of rows.entries()) all.set(row, index * size)
			const { mean, deviation, components, variances, rest } = principalComponents(all, size, COMPONENTS)
			const scales = variances.map((_, component) => {
				let largest = 0
				for (let index = 0; index < size; index++) largest = Math.max(largest, Math.abs(components[component * size + index]!))
				return single(largest / LARGEST_STEP)
			})
			const steps = Int8Array.from({ length: components.length }, (_, index) => {
				const scale = scales[Math.floor(index / size)]!
				return scale > 0 ? Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, Math.round(components[index]! / scale))) : 0
			})
			return {
				kind: 'principal-components', n: rows.length, layer, grid: shape.grid, kept: shape.kept,
				mean: base64(Float32Array.from(mean)), deviation: base64(Float32Array.from(deviation)), components: base64(steps), scales, variances: variances.map(single), rest: single(rest), limit: null,
			}
		},
	}
}

/** The statistics with the limit that the given share of the validation images do not exceed, measured with the numbers as they are stored. */
export function withLimit(statistics: PrincipalStatistics, validation: readonly number[]): PrincipalStatistics {
	const order = validation.toSorted((a, b) => a - b)
	const value = order[Math.ceil(SHARE * order.length) - 1]
	// Upwards, so that the image that it is taken from stays within it.
	return { ...statistics, limit: value === undefined || !(value > 0) ? null : { value: Math.ceil(value * LIMIT_STEPS) / LIMIT_STEPS, share: SHARE, n: order.length } }
}

/** How far images are from the training images; null where the statistics say nothing. */
export function measureWith(statistics: PrincipalStatistics | null): ((activations: Float32Array) => number) | null {
	const likeness = likenessOf({ featureStatistics: statistics })
	return likeness && ((activations) => distanceOf(activations, likeness))
}

function base64(values: Float32Array | Int8Array): string {
	return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

/** Six significant digits: half the text, and no less said. */
function single(value: number): number {
	return Number(value.toPrecision(6))
}
