import { upsampleBilinear } from '../imaging/overlay.ts'
import type { ScoreCamDefinition } from './definitions.ts'
import type { LayerActivations } from './passes.ts'

/** A map of one label: height * width values of 0 to 1, row by row, and the value that they were divided by. */
export interface ComposedMap {
	height: number
	width: number
	values: number[]
	/** By the paper's definition values x peak is the ReLU of the weighted sum itself; the others subtract its smallest value first. 0 where the map is empty. */
	peak: number
}

/** Sides of a map in cells, of an image in pixels. */
export interface MapSize {
	height: number
	width: number
}

/** Whether the definition's maps have the size of the network's input, not the layer's. */
export function upsamples({ composition }: ScoreCamDefinition): boolean {
	return composition.some(({ step }) => step === 'upsample')
}

/** The size of the maps by a definition: the layer's, or that of the network's input where the definition upsamples. */
export function mapSize(definition: ScoreCamDefinition, layer: MapSize, input: MapSize): MapSize {
	return upsamples(definition) ? input : layer
}

/** The definition's score of each label from the network's logits [labels] under one mask. */
export function labelScores({ score }: ScoreCamDefinition, logits: ArrayLike<number>): Float64Array {
	const values = Float64Array.from(logits)
	if (score === 'logit') return values
	const largest = largestScore(values)
	const powers = values.map((logit) => Math.exp(logit - largest))
	const sum = powers.reduce((total, power) => total + power, 0)
	return powers.map((power) => power / sum)
}

/**
 * The map of one label as the definition's program gives it out. Sums run in double precision in the order of the channels and exponentials are
 * shifted by the largest score, so that the result does not depend on the order in which the scores came.
 * @param scores The label's score (see labelScores) under each channel's mask.
 * @param input Size of the network's input.
 */
export function composeMap(layer: LayerActivations, scores: Float64Array, definition: ScoreCamDefinition, input: MapSize): ComposedMap {
	const sum = definition.weight === 'score' ? sumOf(layer, scoreWeights(layer, scores, definition)) : softmaxSum(layer, scores)
	return composeSum(sum, layer, definition, input)
}

/** The map of a label whose weighted sum of channels is known, height x width of the layer. */
export function composeSum(sum: Float64Array, layer: MapSize, definition: ScoreCamDefinition, input: MapSize): ComposedMap {
	let values = sum
	let { height, width }: MapSize = layer
	let peak = 1
	for (const step of definition.composition) {
		switch (step.step) {
			case 'relu':
				values = values.map((value) => (value > 0 ? value : 0))
				break
			case 'upsample':
				values = Float64Array.from(upsampleBilinear(values, width, height, input.width, input.height))
				height = input.height
				width = input.width
				break
			case 'divide by largest': {
				const { largest } = extremes(values)
				peak *= largest
				values = values.map((value) => (largest > 0 ? value / largest : 0))
				break
			}
			case 'stretch': {
				const { smallest, largest } = extremes(values)
				const range = largest - smallest
				peak *= range > 0 ? range + step.epsilon : 0
				values = values.map((value) => (range > 0 ? (value - smallest) / (range + step.epsilon) : 0))
				break
			}
		}
	}
	return { height, width, values: Array.from(values), peak }
}

function softmaxSum(layer: LayerActivations, scores: Float64Array): Float64Array {
	const shift = largestScore(scores)
	const weights = scores.map((score) => Math.exp(score - shift))
	const denominator = weights.reduce((total, weight) => total + weight, 0)
	return sumOf(layer, weights).map((value) => value / denominator)
}

function scoreWeights(layer: LayerActivations, scores: Float64Array, { constantChannels }: ScoreCamDefinition): Float64Array {
	return constantChannels === 'kept' ? scores : scores.map((score, channel) => (varies(layer, channel) ? score : 0))
}

function varies({ values, height, width }: LayerActivations, channel: number): boolean {
	const start = channel * height * width
	for (let index = start + 1; index < start + height * width; index++) if (values[index] !== values[start]) return true
	return false
}

function extremes(values: Float64Array): { smallest: number; largest: number } {
	let smallest = Number.POSITIVE_INFINITY
	for (const value of values) if (value < smallest) smallest = value
	return { smallest, largest: largestScore(values) }
}

export function largestScore(scores: Float64Array): number {
	let largest = Number.NEGATIVE_INFINITY
	for (const score of scores) if (score > largest) largest = score
	return largest
}

function sumOf(layer: LayerActivations, weights: Float64Array): Float64Array {
	const size = layer.height * layer.width
	const sum = new Float64Array(size)
	for (let channel = 0; channel < layer.channels; channel++) {
		const weight = weights[channel] as number
		if (weight === 0) continue
		const start = channel * size
		for (let index = 0; index < size; index++) sum[index] = (sum[index] as number) + weight * (layer.values[start + index] as number)
	}
	return sum
}
