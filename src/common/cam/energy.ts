import { mapOnFilm } from '../imaging/overlay.ts'
import { rangeOf, type CamMap } from './camMap.ts'

/** Where something is on a film: one value for each pixel, row by row; not 0 is inside. */
export interface FilmMask {
	width: number
	height: number
	values: ArrayLike<number>
}

/** In pixels of the film; the pixel in column c covers c to c + 1. */
export interface FilmBox {
	x: number
	y: number
	width: number
	height: number
}

/** How much of a map lies inside of a mask. */
export interface MapEnergy {
	/** Sum of the map inside over the sum of all, 0 to 1: the energy-based pointing game of Wang et al. 2020. */
	energyShare: number
	/** Pixels inside over all, of those that the map covers: the share that a map which knows nothing has inside. */
	areaShare: number
	/** The pointing game of Zhang et al. 2016 without a margin: at least half of the pixels with the map's largest value are inside. */
	hit: boolean
}

/**
 * The map is upsampled bilinearly to the mask's size, as it is drawn over the film, so that each pixel of the mask counts by its own area. Where it covers a
 * part of the film only, the mask is cut to that part: of what lies outside the network knew nothing, and nothing of the map can lie there.
 * @returns null where the map is 0 everywhere, or the mask has nothing inside.
 * @throws Error when the map holds a value that is not a number or below 0, or the mask's values do not fit its size.
 */
export function energyInside(map: CamMap, mask: FilmMask): MapEnergy | null {
	const { least, most } = rangeOf(map)
	if (least < 0) throw new Error('The map holds a value below 0.')
	if (mask.values.length !== mask.width * mask.height) throw new Error(`A mask of ${mask.width} x ${mask.height} has ${mask.values.length} values.`)
	const { box, values: heat } = mapOnFilm(map, mask.width, mask.height)
	const peak = heat.reduce((largest, value) => Math.max(largest, value), 0)
	let all = 0
	let inside = 0
	let area = 0
	let peaks = 0
	let peaksInside = 0
	for (let index = 0; index < heat.length; index++) {
		const value = heat[index]!
		const isInside = mask.values[(box.y + Math.floor(index / box.width)) * mask.width + box.x + (index % box.width)] !== 0
		all += value
		if (isInside) {
			inside += value
			area++
		}
		if (value === peak) {
			peaks++
			if (isInside) peaksInside++
		}
	}
	if (most === 0 || all === 0 || (area === 0 && !hasInside(mask))) return null
	return { energyShare: Math.min(inside / all, 1), areaShare: area / heat.length, hit: peaksInside * 2 >= peaks }
}

function hasInside({ values }: FilmMask): boolean {
	for (let index = 0; index < values.length; index++) if (values[index] !== 0) return true
	return false
}

/** The pixels whose centres lie in one of the boxes. */
export function maskOfBoxes(boxes: readonly FilmBox[], width: number, height: number): FilmMask {
	const values = new Uint8Array(width * height)
	for (const box of boxes) {
		const left = Math.max(Math.ceil(box.x - 0.5), 0)
		const right = Math.min(Math.ceil(box.x + box.width - 0.5), width)
		const top = Math.max(Math.ceil(box.y - 0.5), 0)
		const bottom = Math.min(Math.ceil(box.y + box.height - 0.5), height)
		for (let row = top; row < bottom; row++) if (right > left) values.fill(1, row * width + left, row * width + right)
	}
	return { width, height, values }
}
