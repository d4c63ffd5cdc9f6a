import { randomStream } from '../../src/common/random.ts'

/** Soft-edged discs of all sizes, as in a photograph of pebbles: grey values, side x side. */
export function pebbles(side: number): Uint8Array {
	const random = randomStream(1, 'pebbles')
	const pixels = new Uint8Array(side * side).fill(40)
	for (let disc = 0; disc < 160; disc++) {
		const [x, y, radius, value] = [random.uniform() * side, random.uniform() * side, 4 + 26 * random.uniform() ** 2, 60 + random.integer(190)]
		for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(side, y + radius); row++) {
			for (let column = Math.max(0, Math.floor(x - radius)); column < Math.min(side, x + radius); column++) {
				const depth = 1 - Math.hypot(row - y, column - x) / radius
				if (depth > 0) pixels[row * side + column] = value * Math.min(1, 0.4 + depth)
			}
		}
	}
	return pixels
}
