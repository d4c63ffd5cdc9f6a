import type { Weights } from '../../../onnx/network.ts'

/**
 * Moves an average of the weights towards them, in place: average = d average + (1 - d) weights. In a young run d is
 * (1 + step) / (10 + step), so that the first values are soon forgotten (TensorFlow's ExponentialMovingAverage).
 * @param average all parameters, running statistics among them; a copy of the weights at first
 * @param step steps taken, from 1
 */
export function updateAverage(average: Weights, weights: Weights, decay: number, step: number): void {
	const share = 1 - Math.min(decay, (1 + step) / (10 + step))
	for (const [name, mean] of average) {
		const values = weights.get(name)
		if (!values || values.length !== mean.length) throw new Error(`The weights have no "${name}" with ${String(mean.length)} values.`)
		for (let index = 0; index < mean.length; index++) mean[index]! += (values[index]! - mean[index]!) * share
	}
}
