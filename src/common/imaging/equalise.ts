/**
 * Histogram equalisation of an 8-bit plane, value for value as Pillow's ImageOps.equalize. With h the histogram and
 * step = floor((number of pixels - h of the largest value that occurs) / 255), value v becomes
 * floor((floor(step / 2) + sum of h below v) / step), at most 255. A plane of one value, or of so few pixels that step is 0, stays as it is.
 */
export function equalise(plane: Uint8Array): Uint8Array {
	const histogram = new Float64Array(256)
	for (const value of plane) histogram[value]!++
	const largest = histogram.findLastIndex((count) => count > 0)
	const step = Math.floor((plane.length - (histogram[largest] ?? 0)) / 255)
	if (step === 0) return plane.slice()
	const table = new Uint8Array(256)
	let below = Math.floor(step / 2)
	for (let value = 0; value < 256; value++) {
		table[value] = Math.min(Math.floor(below / step), 255)
		below += histogram[value]!
	}
	return plane.map((value) => table[value]!)
}
