interface SgdStep {
	learningRate: number
	momentum: number
	nesterov: boolean
	weightDecay: number
}

/**
 * torch.optim.SGD on one parameter, in place: g += decay w; v = momentum v + g; w -= rate (g + momentum v with Nesterov, v without). Each
 * result is rounded to float32 where PyTorch keeps it in memory.
 * @param velocity zeros at first; null without momentum
 */
export function sgdStep(weights: Float32Array, gradient: Float32Array, velocity: Float32Array | null, { learningRate, momentum, nesterov, weightDecay }: SgdStep): void {
	const length = weights.length
	if (!velocity) {
		for (let index = 0; index < length; index++) weights[index]! -= learningRate * (gradient[index]! + weightDecay * weights[index]!)
	} else if (nesterov) {
		for (let index = 0; index < length; index++) {
			const slope = gradient[index]! + weightDecay * weights[index]!
			const speed = momentum * velocity[index]! + slope
			velocity[index] = speed
			weights[index]! -= learningRate * (slope + momentum * speed)
		}
	} else {
		for (let index = 0; index < length; index++) {
			const speed = momentum * velocity[index]! + gradient[index]! + weightDecay * weights[index]!
			velocity[index] = speed
			weights[index]! -= learningRate * speed
		}
	}
}
