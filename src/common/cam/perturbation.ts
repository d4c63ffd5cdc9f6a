import { randomStream } from '../random.ts'
import { upsampleBilinear } from '../imaging/overlay.ts'
import { rangeOf, type CamMap } from './camMap.ts'

/** Pixels of the largest input: a place among ties must fit beside a float32's 31 bits into a double's 53. */
const MOST_PIXELS = 2 ** 22
const TIE_SEED = 1

/**
 * Pixel indices of the network's input from the hottest to the coldest, by the map upsampled bilinearly as the overlay draws it.
 * Large parts of a map are equal (the ReLU's zeros, the rim beyond the outermost cells' centres), and in raster order their removal would uncover the
 * image from the top: equal pixels stand in a random order, the same one for every map of that size.
 * @throws Error when the map is not a map of finite numbers of 0 and more, or the input has more than 2^22 pixels.
 */
export function removalOrder(map: CamMap, inputHeight: number, inputWidth: number): Uint32Array<ArrayBuffer> {
	const pixels = inputHeight * inputWidth
	if (pixels > MOST_PIXELS) throw new Error(`Pixels of an input of ${inputWidth} x ${inputHeight} cannot be ranked: ${MOST_PIXELS} are the most.`)
	if (rangeOf(map).least < 0) throw new Error('The map holds a value below 0.')
	const heat = upsampleBilinear(map.values, map.width, map.height, inputWidth, inputHeight)
	// Floats of 0 and more rank as their bits do. Minus zero would not.
	const bits = new Uint32Array(heat.map(Math.abs).buffer)
	const shuffled = randomStream(TIE_SEED, 'equal pixels').permutation(pixels)
	const keys = new Float64Array(pixels)
	for (let place = 0; place < pixels; place++) keys[place] = (0x7fffffff - (bits[shuffled[place]!] as number)) * MOST_PIXELS + place
	keys.sort()
	return Uint32Array.from(keys, (key) => shuffled[key % MOST_PIXELS]!)
}

/** How many of the pixels are changed at a share of 0 to 1: the first so many of removalOrder. */
export function changedPixels(pixels: number, share: number): number {
	return Math.round(pixels * Math.min(Math.max(share, 0), 1))
}

/** Area under a curve given in even steps from 0 to 1, by trapezoids; of values in 0 to 1 it lies there too. @throws Error with fewer than two values. */
export function areaUnder(values: readonly number[]): number {
	if (values.length < 2) throw new Error('An area needs at least two values.')
	const sum = values.reduce((total, value) => total + value, 0) - (values[0]! + values.at(-1)!) / 2
	return Math.min(Math.max(sum / (values.length - 1), Math.min(...values)), Math.max(...values))
}
