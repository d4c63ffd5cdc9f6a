import type { FilmRegion } from '../contract/primitives.ts'

/** A class activation map of one label, row by row, at any resolution. */
export interface CamMap {
	height: number
	width: number
	values: ArrayLike<number>
	/** The part of the film that the network saw and the map covers; missing: all of it. */
	region?: FilmRegion | undefined
}

/**
 * Smallest and largest value.
 * @throws Error when the number of values does not fit the size or one is not a finite number.
 */
export function rangeOf({ height, width, values }: CamMap): { least: number; most: number } {
	if (values.length !== height * width || values.length === 0) throw new Error(`A map of ${width} x ${height} has ${values.length} values.`)
	let least = Number.POSITIVE_INFINITY
	let most = Number.NEGATIVE_INFINITY
	for (let index = 0; index < values.length; index++) {
		const value = values[index] as number
		if (!Number.isFinite(value)) throw new Error('The map holds a value that is not a number.')
		if (value < least) least = value
		if (value > most) most = value
	}
	return { least, most }
}
