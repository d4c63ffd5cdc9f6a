import { bootstrapIntervals, type Interval } from './interval.ts'

/** A mean over the rows that have the number; null where none has. */
interface GroupMean {
	value: number | null
	/** 95 % by the bootstrap over groups; null where bootstrapIntervals gives none. */
	interval: Interval | null
	/** Rows that have the number. */
	n: number
}

/**
 * Means of several columns with intervals that draw whole groups (patients), the same draws for all of them.
 * @param rows one number per column, null where a row does not have it.
 * @param groups of each row.
 */
export function groupMeans(rows: readonly (readonly (number | null)[])[], groups: readonly string[], columns: number): GroupMean[] {
	const places = new Map<string, number>()
	for (const group of groups) if (!places.has(group)) places.set(group, places.size)
	const sums = new Float64Array(places.size * columns)
	const counts = new Float64Array(places.size * columns)
	for (const [index, row] of rows.entries()) {
		const place = (places.get(groups[index] as string) as number) * columns
		for (let column = 0; column < columns; column++) {
			const value = row[column]
			if (value === null || value === undefined) continue
			sums[place + column] = (sums[place + column] as number) + value
			counts[place + column] = (counts[place + column] as number) + 1
		}
	}
	const compute = (weights: Uint16Array): Float64Array => {
		const totals = new Float64Array(columns)
		const numbers = new Float64Array(columns)
		for (const [group, weight] of weights.entries()) {
			if (weight === 0) continue
			for (let column = 0; column < columns; column++) {
				totals[column] = (totals[column] as number) + weight * (sums[group * columns + column] as number)
				numbers[column] = (numbers[column] as number) + weight * (counts[group * columns + column] as number)
			}
		}
		return totals.map((total, column) => total / (numbers[column] as number))
	}
	const values = compute(new Uint16Array(places.size).fill(1))
	const intervals = bootstrapIntervals(places.size, compute)
	return Array.from(values, (value, column) => ({
		value: Number.isNaN(value) ? null : value,
		interval: Number.isNaN(value) ? null : (intervals[column] ?? null),
		n: rows.filter((row) => row[column] !== null && row[column] !== undefined).length,
	}))
}
