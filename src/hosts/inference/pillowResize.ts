/**
 * Pillow's BILINEAR resize of 8-bit planes, bit for bit (src/libImaging/Resample.c, ImagingResampleHorizontal_8bpc and Vertical_8bpc):
 * a triangle filter that widens when shrinking (antialiasing), coefficients in 22-bit fixed point, horizontal pass first, each pass rounded to 8 bits.
 * (Pillow 13 goes vertically first where an image loses far more height than width; a grey level may differ by one there.)
 */
const PRECISION_BITS = 32 - 8 - 2
const HALF = 1 << (PRECISION_BITS - 1)

interface Coefficients {
	/** First source sample and number of samples for each output sample. */
	first: Int32Array
	count: Int32Array
	/** `stride` values per output sample. */
	values: Int32Array
	stride: number
}

function coefficients(sourceSize: number, targetSize: number): Coefficients {
	const scale = sourceSize / targetSize
	const filterScale = Math.max(scale, 1)
	const support = filterScale
	const stride = Math.ceil(support) * 2 + 1
	const first = new Int32Array(targetSize)
	const count = new Int32Array(targetSize)
	const values = new Int32Array(targetSize * stride)
	const inverse = 1 / filterScale
	for (let target = 0; target < targetSize; target++) {
		const center = (target + 0.5) * scale
		const from = Math.max(Math.trunc(center - support + 0.5), 0)
		const length = Math.min(Math.trunc(center + support + 0.5), sourceSize) - from
		const weights: number[] = []
		let sum = 0
		for (let index = 0; index < length; index++) {
			const distance = Math.abs((index + from - center + 0.5) * inverse)
			const weight = distance < 1 ? 1 - distance : 0
			weights.push(weight)
			sum += weight
		}
		first[target] = from
		count[target] = length
		for (const [index, weight] of weights.entries()) {
			const normalised = sum === 0 ? weight : weight / sum
			values[target * stride + index] = Math.trunc(0.5 + normalised * (1 << PRECISION_BITS))
		}
	}
	return { first, count, values, stride }
}

function clip8(sum: number): number {
	const value = sum >> PRECISION_BITS
	return value < 0 ? 0 : value > 255 ? 255 : value
}

function resizeRows(pixels: Uint8Array, width: number, height: number, targetWidth: number): Uint8Array {
	const { first, count, values, stride } = coefficients(width, targetWidth)
	const result = new Uint8Array(targetWidth * height)
	for (let row = 0; row < height; row++) {
		const start = row * width
		for (let target = 0; target < targetWidth; target++) {
			const from = start + (first[target] as number)
			const length = count[target] as number
			const kernel = target * stride
			let sum = HALF
			for (let index = 0; index < length; index++) sum = (sum + Math.imul(pixels[from + index] as number, values[kernel + index] as number)) | 0
			result[row * targetWidth + target] = clip8(sum)
		}
	}
	return result
}

function resizeColumns(pixels: Uint8Array, width: number, height: number, targetHeight: number): Uint8Array {
	const { first, count, values, stride } = coefficients(height, targetHeight)
	const result = new Uint8Array(width * targetHeight)
	const sums = new Int32Array(width)
	for (let target = 0; target < targetHeight; target++) {
		sums.fill(HALF)
		const length = count[target] as number
		for (let index = 0; index < length; index++) {
			const weight = values[target * stride + index] as number
			const start = ((first[target] as number) + index) * width
			for (let column = 0; column < width; column++) sums[column] = (sums[column] as number) + Math.imul(pixels[start + column] as number, weight)
		}
		for (let column = 0; column < width; column++) result[target * width + column] = clip8(sums[column] as number)
	}
	return result
}

/**
 * One 8-bit plane (height x width, row by row) at another size, exactly as `Image.resize((targetWidth, targetHeight), BILINEAR)`.
 * A direction whose size stays is left alone.
 */
export function pillowResize(pixels: Uint8Array, width: number, height: number, targetWidth: number, targetHeight: number): Uint8Array {
	const narrowed = width === targetWidth ? pixels : resizeRows(pixels, width, height, targetWidth)
	return height === targetHeight ? narrowed : resizeColumns(narrowed, targetWidth, height, targetHeight)
}
