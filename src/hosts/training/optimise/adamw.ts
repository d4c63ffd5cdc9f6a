interface AdamwStep {
	learningRate: number
	beta1: number
	beta2: number
	epsilon: number
	weightDecay: number
	/** The step being taken, from 1. */
	step: number
}

/**
 * torch.optim.AdamW on one parameter, in place: w *= 1 - rate decay; m += (1 - beta1) (g - m); s = beta2 s + (1 - beta2) g^2;
 * w -= rate / (1 - beta1^step) m / (sqrt(s) / sqrt(1 - beta2^step) + epsilon).
 * @param mean zeros at first, as `square`
 */
export function adamwStep(
	weights: Float32Array, gradient: Float32Array, mean: Float32Array, square: Float32Array, { learningRate, beta1, beta2, epsilon, weightDecay, step }: AdamwStep,
): void {
	const kept = 1 - learningRate * weightDecay, fresh = 1 - beta1, freshSquare = 1 - beta2
	const rate = learningRate / (1 - beta1 ** step), correction = 1 / Math.sqrt(1 - beta2 ** step)
	for (let index = 0; index < weights.length; index++) {
		const slope = gradient[index]!
		const first = mean[index]! + fresh * (slope - mean[index]!)
		const second = beta2 * square[index]! + freshSquare * slope * slope
		mean[index] = first
		square[index] = second
		weights[index] = kept * weights[index]! - (rate * first) / (Math.sqrt(second) * correction + epsilon)
	}
}
