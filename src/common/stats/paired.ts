import { bootstrapIntervals, type Interval } from './interval.ts'

/** A number of two models on the same cases; null where it is not defined. */
export interface PairedNumber {
	first: number | null
	second: number | null
	/** Second minus first. */
	difference: number | null
	/** 95 % of the difference; null where bootstrapIntervals gives none. */
	interval: Interval | null
}

/**
 * Numbers of two models and their differences. Of every draw of the bootstrap both models see the same patients, so that what is hard about a patient counts for both and
 * falls out of the difference (paired bootstrap; Efron and Tibshirani 1993, chapter 8).
 * @param compute the numbers under the given count of each group, NaN where not defined; of the same length.
 */
export function pairedNumbers(groups: number, compute: readonly [first: (weights: ArrayLike<number>) => Float64Array, second: (weights: ArrayLike<number>) => Float64Array]): PairedNumber[] {
	const [ofFirst, ofSecond] = compute
	const differences = (weights: ArrayLike<number>) => {
		const first = ofFirst(weights)
		return ofSecond(weights).map((value, index) => value - first[index]!)
	}
	const all = new Uint8Array(groups).fill(1)
	const first = ofFirst(all)
	const second = ofSecond(all)
	const intervals = bootstrapIntervals(groups, differences)
	return Array.from(first, (value, index) => {
		const other = second[index]!
		const defined = !Number.isNaN(value) && !Number.isNaN(other)
		return { first: orNull(value), second: orNull(other), difference: defined ? other - value : null, interval: defined ? (intervals[index] ?? null) : null }
	})
}

function orNull(value: number): number | null {
	return Number.isNaN(value) ? null : value
}
