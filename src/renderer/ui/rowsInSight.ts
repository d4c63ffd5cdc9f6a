/** Where a list is scrolled to and how much of it is seen, in CSS pixels; the first row height of it is the heading. */
export interface View {
	top: number
	height: number
}

/** Rows drawn beyond either edge, so that a quick scroll meets no gap. */
const BEYOND = 8

/** First and last row to draw, both inclusive; rows have one height, so no row has to be measured. */
export function rowsInSight({ top, height }: View, rowHeight: number, count: number, beyond = BEYOND): { first: number; last: number } {
	const end = Math.max(0, count - 1)
	return {
		first: Math.min(end, Math.max(0, Math.floor(top / rowHeight) - beyond)),
		last: Math.min(end, Math.ceil((top + height) / rowHeight) + beyond),
	}
}

/** The scroll position that brings a row wholly into sight with the least movement. */
export function scrollFor(index: number, { top, height }: View, rowHeight: number): number {
	const start = index * rowHeight
	if (start < top) return start
	// Below the heading there is one row height less to see.
	return Math.min(start, Math.max(top, start + 2 * rowHeight - height))
}
