import type { ComposedMap } from './compose.ts'

/** Weight of a position in the mask of another that is so many rows and columns away: the 3 x 3 Gaussian of Recipro-CAM. */
const GAUSSIAN = [
	[1 / 4, 1 / 8],
	[1 / 8, 1 / 16],
]

/** The masks of positions first..first+count-1 (row by row) of a layer, [count, 1, height, width]: what lies beyond the edge is cut off. */
export function reciproMasks(height: number, width: number, first: number, count: number): Float32Array<ArrayBuffer> {
	const size = height * width
	const masks = new Float32Array(count * size)
	for (let index = 0; index < count; index++) {
		const [row, column] = [Math.floor((first + index) / width), (first + index) % width]
		for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, height - 1); y++) {
			for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, width - 1); x++) {
				masks[index * size + y * width + x] = GAUSSIAN[Math.abs(y - row)]?.[Math.abs(x - column)] ?? 0
			}
		}
	}
	return masks
}

/**
 * Recipro-CAM (Byun and Lee, arXiv 2209.14074, with its Gaussian) of one label: the label's probability when the layer shows one place only, from its
 * smallest to its largest value. All places alike give an empty map.
 * @param probabilities Of the label under the mask of each position, row by row.
 */
export function reciproMap(probabilities: ArrayLike<number>): Pick<ComposedMap, 'values' | 'peak'> {
	const values = Array.from(probabilities)
	const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
	const peak = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY) - low
	return { values: values.map((value) => (peak > 0 ? (value - low) / peak : 0)), peak: peak > 0 ? peak : 0 }
}
