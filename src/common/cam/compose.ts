import type { LayerActivations } from './passes.ts'

/** A map of one label: height * width values of 0 to 1, and the value that they were divided by. */
export interface ComposedMap {
	values: number[]
	/** values x peak is the ReLU of the weighted sum itself; 0 where that is 0 everywhere. */
	peak: number
}

/**
 * Score-CAM's map of one label (Wang et al. 2020, Algorithm 1): ReLU(sum over k of alpha_k A_k), alpha = softmax of the scores over channels,
 * divided by its largest value. Sums run in double precision in the order of the channels and exponentials are shifted by the largest score, so
 * that the result does not depend on the order in which the scores came.
 * @param scores The label's logit under each channel's mask.
 */
export function composeMap(layer: LayerActivations, scores: Float64Array): ComposedMap {
	const shift = largestScore(scores)
	const sum = weightedSum(layer, scores, shift)
	const denominator = scores.reduce((total, score) => total + Math.exp(score - shift), 0)
	const largest = sum.reduce((most, value) => Math.max(most, value), 0)
	return { values: Array.from(sum, (value) => (value > 0 ? value / largest : 0)), peak: largest / denominator }
}

export function largestScore(scores: Float64Array): number {
	let largest = Number.NEGATIVE_INFINITY
	for (const score of scores) if (score > largest) largest = score
	return largest
}

/** Sum over k of exp(score_k - shift) A_k; channels whose score is NaN, which is not known yet, are left out. */
export function weightedSum(layer: LayerActivations, scores: Float64Array, shift: number): Float64Array {
	const size = layer.height * layer.width
	const sum = new Float64Array(size)
	for (let channel = 0; channel < layer.channels; channel++) {
		const score = scores[channel] as number
		if (Number.isNaN(score)) continue
		const weight = Math.exp(score - shift)
		const start = channel * size
		for (let index = 0; index < size; index++) sum[index] = (sum[index] as number) + weight * (layer.values[start + index] as number)
	}
	return sum
}
