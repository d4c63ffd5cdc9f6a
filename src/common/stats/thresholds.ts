/** How the probability is chosen from which on a label is called. */
export type OperatingRule =
	/** Largest F1, the harmonic mean of precision and sensitivity. */
	| { kind: 'f1' }
	/** Largest sensitivity + specificity - 1 (Youden 1950). */
	| { kind: 'youden' }
	/** The highest that still has this sensitivity. */
	| { kind: 'sensitivity'; value: number }

export interface OperatingPoint {
	threshold: number
	sensitivity: number
	specificity: number
	precision: number
}

/**
 * The threshold of a rule for "probability >= threshold is positive", halfway between two neighbouring probabilities; of several equally
 * good ones the highest. Null without both positives and negatives.
 */
export function operatingPoint(probabilities: readonly number[], positives: readonly boolean[], rule: OperatingRule): OperatingPoint | null {
	const positiveCount = positives.filter(Boolean).length
	const negativeCount = positives.length - positiveCount
	if (positiveCount === 0 || negativeCount === 0) return null
	const order = probabilities.map((probability, index) => ({ probability, positive: positives[index] === true })).toSorted((a, b) => b.probability - a.probability)
	let best: OperatingPoint | null = null
	let bestMerit = Number.NEGATIVE_INFINITY
	let found = 0
	let alarms = 0
	for (const [index, { probability, positive }] of order.entries()) {
		if (positive) found++
		else alarms++
		const next = order[index + 1]?.probability ?? 0
		if (next === probability && index + 1 < order.length) continue
		const sensitivity = found / positiveCount
		const specificity = 1 - alarms / negativeCount
		const merit = meritOf(rule, { sensitivity, specificity, f1: (2 * found) / (positiveCount + found + alarms) })
		if (merit <= bestMerit) continue
		best = { threshold: (probability + next) / 2, sensitivity, specificity, precision: found / (found + alarms) }
		bestMerit = merit
	}
	return best
}

function meritOf(rule: OperatingRule, { sensitivity, specificity, f1 }: { sensitivity: number; specificity: number; f1: number }): number {
	if (rule.kind === 'f1') return f1
	if (rule.kind === 'youden') return sensitivity + specificity - 1
	// The small part keeps 0.9 * 10 at 9, whatever its last binary digit.
	return sensitivity >= rule.value - 1e-9 ? 1 : 0
}

export function operatingRuleInWords(rule: OperatingRule): string {
	if (rule.kind === 'f1') return 'Largest F1'
	return rule.kind === 'youden' ? 'Largest sum of sensitivity and specificity (Youden)' : `Highest value with a sensitivity of at least ${rule.value}`
}

/** The threshold at or above which the given share of the confidences lies (0 to 1), halfway between two neighbouring ones. */
export function coverageThreshold(confidences: readonly number[], coverage: number): number {
	const order = confidences.toSorted((a, b) => a - b)
	const below = order.length - Math.ceil(order.length * coverage - 1e-9)
	if (below === 0) return 0
	return ((order[below - 1] as number) + (order[below] ?? 1)) / 2
}
