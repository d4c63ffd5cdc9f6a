/**
 * Gaussian blur of a plane, row by row: one pass along the rows and one along the columns, weights out to three deviations that add up to one, edges repeated.
 * @param sigma Deviations in pixels: down the columns of pixels and along the rows.
 */
export function gaussianBlur(values: ArrayLike<number>, height: number, width: number, sigma: { rows: number; columns: number }): Float32Array<ArrayBuffer> {
	const alongRows = smoothed(values, { count: height, step: width }, { count: width, step: 1 }, sigma.columns)
	return Float32Array.from(smoothed(alongRows, { count: width, step: 1 }, { count: height, step: width }, sigma.rows))
}

interface Axis {
	count: number
	/** Between neighbours in memory. */
	step: number
}

/** Every line along one axis, smoothed. */
function smoothed(values: ArrayLike<number>, lines: Axis, along: Axis, sigma: number): Float64Array {
	const weights = gaussianWeights(sigma)
	const radius = (weights.length - 1) / 2
	const target = new Float64Array(values.length)
	for (let line = 0; line < lines.count; line++) {
		const start = line * lines.step
		for (let place = 0; place < along.count; place++) {
			let sum = 0
			for (const [index, weight] of weights.entries()) {
				const from = Math.min(Math.max(place + index - radius, 0), along.count - 1)
				sum += weight * values[start + from * along.step]!
			}
			target[start + place * along.step] = sum
		}
	}
	return target
}

function gaussianWeights(sigma: number): number[] {
	const radius = Math.ceil(3 * sigma)
	const weights = Array.from({ length: 2 * radius + 1 }, (_, index) => Math.exp(-((index - radius) ** 2) / (2 * sigma * sigma)))
	const sum = weights.reduce((total, weight) => total + weight, 0)
	return weights.map((weight) => weight / sum)
}
