import { rowsBelow } from './lineData.ts'

/** First and last x that are shown. */
export type Range = readonly [number, number]

/** The range after a step of zooming. @param centre stays where it is. @param factor below 1 nearer, above 1 further away. */
export function zoomedAround([first, last]: Range, centre: number, factor: number): Range {
	return [centre - (centre - first) * factor, centre + (last - centre) * factor]
}

/** A range that may be shown: within the data, with two points at least; null where that is everything. @param x rising. */
export function allowedRange(x: readonly number[], wanted: Range, before: Range | null): Range | null {
	const [start, end] = [x[0] ?? 0, x.at(-1) ?? 0]
	const [first, last] = [Math.max(start, Math.min(...wanted)), Math.min(end, Math.max(...wanted))]
	if (first <= start && last >= end) return null
	const points = rowsBelow(x, last) + (x[rowsBelow(x, last)] === last ? 1 : 0) - rowsBelow(x, first)
	return points < 2 ? before : [first, last]
}

/** The range moved so far that an x lies in it. */
export function rangeAround([first, last]: Range, x: number): Range {
	const shift = x < first ? x - first : x > last ? x - last : 0
	return [first + shift, last + shift]
}

/**
 * The row that a key moves the cursor to; null for any other key. Arrows go a hundredth of what is shown, with Shift a tenth, and a row at least.
 * @param rows how many there are. @param shown first and last row in sight.
 */
export function rowAfterKey(key: string, shift: boolean, present: number, rows: number, shown: readonly [number, number]): number | null {
	const step = Math.max(1, Math.round((shown[1] - shown[0]) / (shift ? 10 : 100)))
	const target = { ArrowRight: present + step, ArrowLeft: present - step, Home: 0, End: rows - 1 }[key]
	return target === undefined ? null : Math.max(0, Math.min(rows - 1, target))
}
