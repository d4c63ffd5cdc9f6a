/** Mean and variance of each of a network's features. */
export interface FeatureStatistics {
	mean: readonly number[]
	variance: readonly number[]
}

/** Gathers mean and variance row by row (Welford 1962). */
export function createFeatureStatistics(size: number): { add(row: ArrayLike<number>): void; count(): number; result(): FeatureStatistics } {
	const mean = new Float64Array(size)
	const squares = new Float64Array(size)
	let rows = 0
	return {
		add(row) {
			rows++
			for (let index = 0; index < size; index++) {
				const value = row[index]!
				const before = value - mean[index]!
				mean[index]! += before / rows
				squares[index]! += before * (value - mean[index]!)
			}
		},
		count: () => rows,
		result: () => ({ mean: Array.from(mean), variance: Array.from(squares, (sum) => (rows > 1 ? sum / (rows - 1) : 0)) }),
	}
}

/** Variances below this share of the mean variance count as that much: a feature that never moved in training says little. */
const LEAST_VARIANCE = 1e-3

/**
 * How unlike the training images an image is: root mean square of its features' deviations, each in units of its standard deviation
 * (Mahalanobis distance with a diagonal covariance, divided by the square root of the number of features). About 1 for images like them.
 */
export function featureDistance(features: ArrayLike<number>, { mean, variance }: FeatureStatistics): number {
	const least = (LEAST_VARIANCE * variance.reduce((sum, value) => sum + value, 0)) / variance.length
	let sum = 0
	for (const [index, expected] of mean.entries()) {
		const scale = Math.max(variance[index]!, least)
		if (scale > 0) sum += (features[index]! - expected) ** 2 / scale
	}
	return Math.sqrt(sum / mean.length)
}
