import type { Interval } from './interval.ts'

/** Quantiles of the normal distribution for two-sided intervals. */
const QUANTILES = { 0.95: 1.959963984540054, 0.99: 2.5758293035489004 } as const

/**
 * Interval of a share by the score of Wilson (1927), which holds what it promises in small numbers and near 0 and 1 too (Brown, Cai and DasGupta 2001).
 * Null of no cases. Cases are taken to be independent.
 */
export function wilsonInterval(found: number, of: number, level: keyof typeof QUANTILES = 0.95): Interval | null {
	if (of === 0) return null
	const z2 = QUANTILES[level] ** 2
	const share = found / of
	const middle = (share + z2 / (2 * of)) / (1 + z2 / of)
	const half = (QUANTILES[level] / (1 + z2 / of)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of))
	// Rounding must not put the ends beyond what a share can be.
	return [found === 0 ? 0 : Math.max(0, middle - half), found === of ? 1 : Math.min(1, middle + half)]
}
