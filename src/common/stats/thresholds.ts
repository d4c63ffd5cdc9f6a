export interface OperatingPoint {
	threshold: number
	sensitivity: number
	specificity: number
	precision: number
}

/**
 * The threshold with the largest F1 (harmonic mean of precision and sensitivity) for "score >= threshold is positive", halfway between two
 * neighbouring scores; of several equally good ones the highest.
 * @throws Error without both positives and negatives.
 */
export function bestF1Point(scores: readonly number[], positives: readonly boolean[]): OperatingPoint {
	const positiveCount = positives.filter(Boolean).length
	const negativeCount = positives.length - positiveCount
	if (positiveCount === 0 || negativeCount === 0) throw new Error('An operating point needs positive and negative cases.')
	const order = scores.map((score, index) => ({ score, positive: positives[index] === true })).toSorted((a, b) => b.score - a.score)
	let best: OperatingPoint & { f1: number } = { threshold: 1, sensitivity: 0, specificity: 1, precision: 0, f1: 0 }
	let found = 0
	let alarms = 0
	for (const [index, { score, positive }] of order.entries()) {
		if (positive) found++
		else alarms++
		const next = order[index + 1]?.score ?? 0
		if (next === score) continue
		const f1 = (2 * found) / (positiveCount + found + alarms)
		if (f1 <= best.f1) continue
		best = { threshold: (score + next) / 2, sensitivity: found / positiveCount, specificity: 1 - alarms / negativeCount, precision: found / (found + alarms), f1 }
	}
	const { threshold, sensitivity, specificity, precision } = best
	return { threshold, sensitivity, specificity, precision }
}

/** The threshold at or above which the given share of the scores lies (0 to 1), halfway between two neighbouring scores. */
export function coverageThreshold(scores: readonly number[], coverage: number): number {
	const order = scores.toSorted((a, b) => a - b)
	// The small part keeps 0.9 * 10 at 9, whatever its last binary digit.
	const below = order.length - Math.ceil(order.length * coverage - 1e-9)
	if (below === 0) return 0
	return ((order[below - 1] as number) + (order[below] ?? 1)) / 2
}
