/** How a square map is cut into square windows. */
export interface Windows {
	/** Places along a side of a window. */
	side: number
	/** Windows along a side of the map. */
	perSide: number
	/** Side of the map with the padding that makes windows whole. */
	padded: number
	/** By how many places the map is turned up and to the left before it is cut; 0: not at all. */
	shift: number
}

/** What two places of a window add to their score where the shift has brought them together from different ends of the map. */
const SEPARATED = -100

/** A window that would be larger than the map is the map, and is not shifted. */
export function planWindows(mapSide: number, windowSide: number, shifted: boolean): Windows {
	const side = Math.min(mapSide, windowSide)
	const perSide = Math.ceil(mapSide / side)
	return { side, perSide, padded: perSide * side, shift: shifted && mapSide > side ? Math.floor(windowSide / 2) : 0 }
}

/** For each pair of places of a window, seen from the first: the row of the table (2 side - 1)^2 that belongs to their distance. Row-major [places, places]. */
export function relativePositions(side: number): number[] {
	const places = Array.from({ length: side ** 2 }, (_, place) => ({ row: Math.floor(place / side), column: place % side }))
	return places.flatMap((one) => places.map((other) => (one.row - other.row + side - 1) * (2 * side - 1) + (one.column - other.column + side - 1)))
}

/** Swin's mask, row-major [windows, places, places]: 0 for pairs that may see each other, -100 for the others. */
export function attentionMask({ side, perSide, padded, shift }: Windows): number[] {
	const part = (position: number) => (position < padded - side ? 0 : position < padded - shift ? 1 : 2)
	const mask: number[] = []
	for (let window = 0; window < perSide ** 2; window++) {
		const top = Math.floor(window / perSide) * side
		const left = (window % perSide) * side
		const regions = Array.from({ length: side ** 2 }, (_, place) => part(top + Math.floor(place / side)) * 3 + part(left + (place % side)))
		for (const one of regions) for (const other of regions) mask.push(one === other ? 0 : SEPARATED)
	}
	return mask
}
