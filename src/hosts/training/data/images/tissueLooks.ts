/** What a patch of tissue looks like, whichever way it is turned. */
export interface TissueLooks {
	/** Square roots of the shares of pixels in 8 x 8 x 8 cells of red, green and blue: the scalar product of two is their Bhattacharyya coefficient. */
	colours: Float32Array
	/** Grey values on RINGS circles of POINTS points, radii in geometric progression: a turn is a shift along a circle, an enlargement one across them. */
	rings: Uint8Array
}

export const RINGS = 12
export const POINTS = 36
/** Ratio of two neighbouring radii; the largest circle has almost the patch's width. */
const RATIO = 1.12
const LARGEST = 0.48

/** @param planes red, green and blue, or grey alone. @param grey luminance; all height x width. */
export function tissueLooksOf([red = new Uint8Array(), green = red, blue = red]: readonly Uint8Array[], grey: Uint8Array, width: number, height: number): TissueLooks {
	const colours = new Float32Array(512)
	for (let index = 0; index < red.length; index++) {
		const cell = ((red[index] as number) >> 5) * 64 + ((green[index] as number) >> 5) * 8 + ((blue[index] as number) >> 5)
		colours[cell] = (colours[cell] as number) + 1
	}
	for (let cell = 0; cell < 512; cell++) colours[cell] = Math.sqrt((colours[cell] as number) / red.length)
	return { colours, rings: ringsOf(grey, width, height) }
}

function ringsOf(grey: Uint8Array, width: number, height: number): Uint8Array {
	const rings = new Uint8Array(RINGS * POINTS)
	const side = Math.min(width, height)
	for (let ring = 0; ring < RINGS; ring++) {
		const radius = LARGEST * side * RATIO ** (ring - RINGS + 1)
		// About the distance of two neighbours on the circle and of two circles, so that no detail between them is missed or doubled.
		const reach = Math.max(1, Math.round((radius * Math.PI) / POINTS))
		for (let point = 0; point < POINTS; point++) {
			const angle = (2 * Math.PI * point) / POINTS
			rings[ring * POINTS + point] = meanAround(grey, width, height, width / 2 + radius * Math.cos(angle), height / 2 + radius * Math.sin(angle), reach)
		}
	}
	return rings
}

function meanAround(grey: Uint8Array, width: number, height: number, x: number, y: number, reach: number): number {
	const left = Math.max(0, Math.round(x - reach)), right = Math.min(width, Math.round(x + reach))
	const top = Math.max(0, Math.round(y - reach)), bottom = Math.min(height, Math.round(y + reach))
	let sum = 0
	for (let row = top; row < bottom; row++) for (let column = left; column < right; column++) sum += grey[row * width + column] as number
	return Math.round(sum / Math.max(1, (right - left) * (bottom - top)))
}
