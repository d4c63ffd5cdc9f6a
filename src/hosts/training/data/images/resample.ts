/** From a place in the result to one in the image, both in pixels from the upper left edge: (a x + b y + this.x, c x + d y + this.y). */
export interface Affine {
	a: number
	b: number
	c: number
	d: number
	x: number
	y: number
}

/** 8-bit planes of an image: one of grey, or red, green and blue; height x width each. */
export interface Planes {
	width: number
	height: number
	planes: readonly Uint8Array[]
}

/**
 * 8-bit planes through an affine map, size x size, in one pass: a triangle filter along the image's rows and columns that widens where the map
 * shrinks, as Pillow's bilinear resize does; where it does not, plain bilinear. Rounded to 8 bits.
 * @param border what lies outside: black, the nearest edge, or the mirror image.
 */
export function resample({ width, height, planes }: Planes, map: Affine, size: number, border: 'black' | 'edge' | 'mirror'): Uint8Array[] {
	const reachX = Math.max(1, Math.hypot(map.a, map.b))
	const reachY = Math.max(1, Math.hypot(map.c, map.d))
	const columns = new Int32Array(2 * Math.ceil(reachX) + 1)
	const rows = new Int32Array(2 * Math.ceil(reachY) + 1)
	const weightsX = new Float64Array(columns.length)
	const weightsY = new Float64Array(rows.length)
	const results = planes.map(() => new Uint8Array(size * size))
	for (let row = 0; row < size; row++) {
		for (let column = 0; column < size; column++) {
			const countX = taps(map.a * (column + 0.5) + map.b * (row + 0.5) + map.x, reachX, width, border, columns, weightsX)
			const countY = taps(map.c * (column + 0.5) + map.d * (row + 0.5) + map.y, reachY, height, border, rows, weightsY)
			for (let channel = 0; channel < planes.length; channel++) {
				const plane = planes[channel] as Uint8Array
				let value = 0
				for (let j = 0; j < countY; j++) {
					const start = (rows[j] as number) * width
					let line = 0
					for (let i = 0; i < countX; i++) line += (weightsX[i] as number) * (plane[start + (columns[i] as number)] as number)
					value += (weightsY[j] as number) * line
				}
				(results[channel] as Uint8Array)[row * size + column] = value + 0.5
			}
		}
	}
	return results
}

/** Samples around a place along one side and their weights; @returns how many. Weights outside a black border are left out after the sum is made one. */
function taps(at: number, reach: number, side: number, border: 'black' | 'edge' | 'mirror', places: Int32Array, weights: Float64Array): number {
	const first = Math.ceil(at - reach - 0.5)
	const last = Math.floor(at + reach - 0.5)
	let sum = 0
	let count = 0
	for (let place = first; place <= last; place++) {
		const weight = 1 - Math.abs(place + 0.5 - at) / reach
		if (weight <= 0) continue
		sum += weight
		let inside = place
		if (place < 0 || place >= side) {
			if (border === 'black') continue
			inside = border === 'edge' ? Math.min(Math.max(place, 0), side - 1) : mirrored(place, side)
		}
		places[count] = inside
		weights[count++] = weight
	}
	for (let index = 0; index < count; index++) weights[index] = (weights[index] as number) / sum
	return count
}

function mirrored(place: number, side: number): number {
	const period = 2 * side
	const within = ((place % period) + period) % period
	return within < side ? within : period - 1 - within
}
