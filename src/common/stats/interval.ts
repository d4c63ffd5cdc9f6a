import { randomStream } from '../random.ts'

/** A repeatable sequence of numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0
	return () => {
		state = (state + 0x6d2b79f5) >>> 0
		let mixed = Math.imul(state ^ (state >>> 15), state | 1)
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
	}
}

/** Resamples of an interval, and what the random numbers start from where nothing else is said. */
export const RESAMPLES = 1000
export const INTERVAL_SEED = 1
/** Fewer resamples than this share in which the number is defined give no interval. One patient is in 63 % of the draws, one of two in 86 %: what hangs on a single patient has no interval. */
const FEWEST_DEFINED = 0.75

export type Interval = [low: number, high: number]

/**
 * 95 % intervals of many numbers by the percentile bootstrap over groups (patients): whole groups are drawn with replacement, because images
 * of one patient are not independent. All numbers are computed of the same draws. Null where there are fewer than two groups, or
 * the number is undefined in more than a quarter of the draws (other undefined draws are left out), or it is the same in all of them: then the
 * cases hold no trace of how it varies, and a width of zero would claim that it does not.
 * @param compute the numbers under the given count of each group; NaN for one that is not defined. Always of the same length.
 */
export function bootstrapIntervals(groups: number, compute: (weights: Uint16Array) => Float64Array, { resamples = RESAMPLES, seed = INTERVAL_SEED } = {}): (Interval | null)[] {
	const weights = new Uint16Array(groups)
	const rows: Float64Array[] = []
	const draws = groups > 1 ? resamples : 0
	for (let resample = 0; resample < draws; resample++) {
		const random = randomStream(seed, 'bootstrap', resample)
		weights.fill(0)
		for (let draw = 0; draw < groups; draw++) weights[random.integer(groups)]!++
		rows.push(compute(weights))
	}
	const columns = rows[0]?.length ?? compute(weights.fill(1)).length
	return Array.from({ length: columns }, (_, column) => percentiles(Float64Array.from(rows, (row) => row[column]!)))
}

function percentiles(values: Float64Array): Interval | null {
	const order = values.filter((value) => Number.isFinite(value)).toSorted()
	if (order.length === 0 || order.length < values.length * FEWEST_DEFINED) return null
	const at = (share: number) => order[Math.round(share * (order.length - 1))]!
	return order[0] === order.at(-1) ? null : [at(0.025), at(0.975)]
}
