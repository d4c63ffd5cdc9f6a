/** Means of a layer's activations over the cells of a grid: where in the image what is to be seen, coarsely. */
export interface FeatureGrid {
	channels: number
	height: number
	width: number
	/** Cells on each side. */
	grid: number
	/** Channels that are looked at, evenly spaced among all. */
	kept: number
}

/** Features that gridFeatures gives. */
export function gridSize({ grid, kept }: FeatureGrid): number {
	return kept * grid * grid
}

/**
 * Adaptive average pooling of some channels of one image, as PyTorch's AdaptiveAvgPool2d: cell i of n reaches from floor(i * side / n) to ceil((i + 1) * side / n).
 * @param activations [channels, height, width]
 * @returns [kept, grid, grid]
 */
export function gridFeatures(activations: ArrayLike<number>, shape: FeatureGrid): Float32Array {
	const { channels, height, width, grid, kept } = shape
	const features = new Float32Array(gridSize(shape))
	const edges = (cell: number, side: number) => [Math.floor((cell * side) / grid), Math.ceil(((cell + 1) * side) / grid)] as const
	for (let index = 0; index < features.length; index++) {
		const channel = Math.floor((Math.floor(index / grid ** 2) * channels) / kept)
		const [top, bottom] = edges(Math.floor(index / grid) % grid, height)
		const [left, right] = edges(index % grid, width)
		let sum = 0
		for (let y = top; y < bottom; y++) {
			const start = (channel * height + y) * width
			for (let x = left; x < right; x++) sum += activations[start + x]!
		}
		features[index] = sum / ((bottom - top) * (right - left))
	}
	return features
}
