/**
 * Colours for a difference of -1 to 1: from light blue over dark grey to light orange. Lightness rises evenly with the size of the difference on
 * both sides (OKLab by B. Ottosson, 2020), so that equal differences look equally large; chroma rises faster, so that a small one shows its side.
 * Blue against orange is told apart by people who do not tell red from green.
 */
const BLUE_HUE = 235
const ORANGE_HUE = 65
const DARKEST = 0.3
const LIGHTEST = 0.8
const MOST_CHROMA = 0.105

/** Odd, so that no difference has an entry of its own. */
const ENTRIES = 255
const TABLE = makeTable()

function makeTable(): Uint8Array<ArrayBuffer> {
	const table = new Uint8Array(ENTRIES * 3)
	for (let index = 0; index < ENTRIES; index++) {
		const difference = (index / (ENTRIES - 1)) * 2 - 1
		const size = Math.abs(difference)
		table.set(oklabToSrgb(DARKEST + (LIGHTEST - DARKEST) * size, MOST_CHROMA * Math.sqrt(size), difference < 0 ? BLUE_HUE : ORANGE_HUE), index * 3)
	}
	return table
}

/** 255 x 3 bytes, red, green and blue, for -1 to 1. */
export function divergingColours(): Uint8Array<ArrayBuffer> {
	return TABLE
}

/** The entry for a difference of -1 to 1, clamped. */
export function divergingIndex(difference: number): number {
	return Math.min(Math.max(Math.round(((difference + 1) / 2) * (ENTRIES - 1)), 0), ENTRIES - 1)
}

/** The colour for a difference of -1 to 1 as CSS text. */
export function divergingCss(difference: number): string {
	const index = divergingIndex(difference) * 3
	return `rgb(${TABLE[index]}, ${TABLE[index + 1]}, ${TABLE[index + 2]})`
}

function oklabToSrgb(lightness: number, chroma: number, hue: number): [number, number, number] {
	const a = chroma * Math.cos((hue * Math.PI) / 180)
	const b = chroma * Math.sin((hue * Math.PI) / 180)
	const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
	const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
	const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
	return [
		toByte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
		toByte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
		toByte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
	]
}

function toByte(linear: number): number {
	const inGamut = Math.min(Math.max(linear, 0), 1)
	return Math.round(255 * (inGamut <= 0.0031308 ? 12.92 * inGamut : 1.055 * inGamut ** (1 / 2.4) - 0.055))
}
