import type { Part } from './parts.ts'

/** Most pixels that a cut may take, as a share of the part's height: lungs touch along little of it, and a part that is one lung cannot be cut so. */
const MOST_CUT = 0.15
/** Where the cut may run, as shares of the part's width. */
const FROM = 0.3
const TO = 0.7

/**
 * Takes the fewest pixels out of a part so that nothing of it joins left and right: the cheapest way from its top to its bottom, to a neighbouring column at
 * most with each row (dynamic programming, as a seam of Avidan and Shamir 2007), within the middle of its box.
 * @returns the part's mask without them, side x side; null where they are too many.
 */
export function separated(part: Part, side: number): Uint8Array | null {
	const mask = new Uint8Array(side * side)
	let [left, right, top, bottom] = [side, -1, side, -1]
	for (const place of part) {
		mask[place] = 1
		left = Math.min(left, place % side)
		right = Math.max(right, place % side)
		top = Math.min(top, Math.floor(place / side))
		bottom = Math.max(bottom, Math.floor(place / side))
	}
	const width = right - left + 1
	const height = bottom - top + 1
	const first = left + Math.floor(width * FROM)
	const columns = Math.floor(width * TO) - Math.floor(width * FROM)
	if (columns < 3) return null
	// A row's columns on one side of the cut must not touch the next row's on the other: a step sideways takes both columns of the row.
	const cost = new Float64Array(columns * height)
	const from = new Int8Array(columns * height)
	const isLung = (row: number, column: number) => mask[(top + row) * side + first + column]!
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < columns; column++) {
			const place = row * columns + column
			let least = row === 0 ? 0 : Number.POSITIVE_INFINITY
			if (row > 0) {
				for (const step of [0, -1, 1]) {
					const before = column + step
					if (before < 0 || before >= columns) continue
					const value = cost[place - columns + step]! + (step === 0 ? 0 : isLung(row, before))
					if (value < least) {
						least = value
						from[place] = step
					}
				}
			}
			cost[place] = least + isLung(row, column)
		}
	}
	const last = cost.subarray((height - 1) * columns)
	let column = last.indexOf(Math.min(...last))
	if (last[column]! > MOST_CUT * height) return null
	for (let row = height - 1; row >= 0; row--) {
		const place = (top + row) * side + first + column
		const step = from[row * columns + column]!
		mask[place] = 0
		if (row > 0 && step !== 0) mask[place + step] = 0
		column += row > 0 ? step : 0
	}
	return mask
}
