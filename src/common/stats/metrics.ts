import { CALIBRATION_BINS, calibrationBin, largestOf, trueClasses, type Cases } from './classification.ts'
import { countRanking, rankLabel, type Counts } from './ranking.ts'

/** Metrics of one label against the others (multiclass) or by itself (multilabel). */
export const LABEL_METRICS = ['precision', 'recall', 'specificity', 'f1', 'auroc', 'auprc', 'ece', 'brier'] as const
export type LabelMetric = (typeof LABEL_METRICS)[number]

/** Metrics over all labels; docs/evaluation.md defines each. */
export const OVERALL_METRICS = [
	'accuracy', 'balancedAccuracy', 'macroPrecision', 'microPrecision', 'weightedPrecision', 'macroRecall', 'microRecall', 'weightedRecall',
	'macroSpecificity', 'microSpecificity', 'weightedSpecificity', 'macroF1', 'microF1', 'weightedF1', 'auroc', 'auprc', 'ece', 'brier',
] as const
export type OverallMetric = (typeof OVERALL_METRICS)[number]

/** Metrics of a set of cases, prepared so that they can be computed again under other weights of the groups. */
export interface PreparedMetrics {
	/** The patients, in the order of their names. */
	groups: readonly string[]
	/** Cases that count: multiclass those of a known class, multilabel those with a known label. */
	n: number
	/**
	 * OVERALL_METRICS, then LABEL_METRICS of each label; NaN for what is not defined.
	 * @param weights how often each group counts.
	 */
	compute(weights: ArrayLike<number>): Float64Array
}

/**
 * Sorts the cases of each label once. A mean over labels is one over the labels for which the number is defined: under weights that leave a
 * label without cases, over the others.
 */
export function prepareMetrics(cases: Cases): PreparedMetrics {
	const { labels, task, truth } = cases
	// In the order of their names, so that an interval does not depend on the order of the cases.
	const groups = [...new Set(cases.groups)].toSorted()
	const numbers = new Map(groups.map((group, index) => [group, index]))
	const groupOf = Int32Array.from(cases.groups, (group) => numbers.get(group) ?? 0)
	const classes = task === 'multiclass' ? trueClasses(cases) : null
	const allRows = Int32Array.from(cases.groups.keys())
	const knownRows = allRows.filter((row) => (classes ? classes[row]! >= 0 : truth.subarray(row * labels, (row + 1) * labels).some((value) => value >= 0)))
	const rankings = Array.from({ length: labels }, (_, label) => rankLabel(cases, classes ? knownRows : allRows.filter((row) => truth[row * labels + label]! >= 0), label, groupOf))
	const calls = classes ? prepareCalls(cases, classes, knownRows, groupOf) : null

	/** The numbers of each label, and what they were made from. */
	function labelMetrics(weights: ArrayLike<number>): LabelNumbers {
		const counts = rankings.map((ranking) => countRanking(ranking, weights))
		const called = calls?.(weights) ?? null
		if (called) {
			for (const [label, counted] of counts.entries()) {
				counted.truePositives = called.matrix[label * labels + label]!
				counted.falsePositives = -counted.truePositives
				for (let other = 0; other < labels; other++) counted.falsePositives += called.matrix[other * labels + label]!
			}
		}
		return { counts, called, metrics: counts.map(metricsOf) }
	}

	return {
		groups,
		n: knownRows.length,
		compute(weights) {
			const numbersOfLabels = labelMetrics(weights)
			const overall = overallMetrics(numbersOfLabels)
			return Float64Array.from([...OVERALL_METRICS.map((metric) => overall[metric]), ...numbersOfLabels.metrics.flatMap((metrics) => LABEL_METRICS.map((metric) => metrics[metric]))])
		},
	}
}

/** The metrics over all labels without intervals; null for what is not defined. */
export function overallMetricsOf(cases: Cases): Record<OverallMetric, number | null> {
	const prepared = prepareMetrics(cases)
	const values = prepared.compute(new Uint8Array(prepared.groups.length).fill(1))
	return Object.fromEntries(OVERALL_METRICS.map((metric, index) => [metric, Number.isNaN(values[index]) ? null : values[index]])) as Record<OverallMetric, number | null>
}

interface LabelNumbers {
	counts: Counts[]
	/** Null for labels that do not exclude each other. */
	called: { accuracy: number; ece: number } | null
	metrics: Record<LabelMetric, number>[]
}

/** Which label each multiclass case is called, how surely, and whether that is right; counted under weights. */
function prepareCalls(cases: Cases, classes: Int32Array, rows: Int32Array, groupOf: Int32Array) {
	const { labels, probabilities } = cases
	const called = rows.map((row) => largestOf(probabilities, row * labels, labels))
	const cells = rows.map((row, index) => classes[row]! * labels + called[index]!)
	const groups = rows.map((row) => groupOf[row]!)
	const bins = Uint8Array.from(rows, (row, index) => calibrationBin(probabilities[row * labels + called[index]!]!))
	const residuals = Float64Array.from(rows, (row, index) => probabilities[row * labels + called[index]!]! - (classes[row] === called[index] ? 1 : 0))
	return (weights: ArrayLike<number>) => {
		const matrix = new Float64Array(labels * labels)
		const gaps = new Float64Array(CALIBRATION_BINS)
		let total = 0
		for (let index = 0; index < cells.length; index++) {
			const weight = weights[groups[index]!]!
			if (weight === 0) continue
			matrix[cells[index]!]! += weight
			gaps[bins[index]!]! += weight * residuals[index]!
			total += weight
		}
		let right = 0
		for (let label = 0; label < labels; label++) right += matrix[label * labels + label]!
		return { matrix, accuracy: right / total, ece: sum(Array.from(gaps, Math.abs)) / total }
	}
}

/** A number that is not defined (0 / 0) is NaN, never 0: the recall of a label that does not occur, the precision of one that is never called. */
function metricsOf({ positives, negatives, truePositives, falsePositives, auroc, auprc, ece, brier }: Counts): Record<LabelMetric, number> {
	return {
		precision: truePositives / (truePositives + falsePositives),
		recall: truePositives / positives,
		specificity: (negatives - falsePositives) / negatives,
		// The harmonic mean of precision and recall: without a positive case there is no recall to take it of.
		f1: positives > 0 ? (2 * truePositives) / (positives + truePositives + falsePositives) : Number.NaN,
		auroc, auprc, ece, brier,
	}
}

/** For each metric the labels that a mean over labels is of. */
function definedLabels(metrics: readonly Record<LabelMetric, number>[]): Record<LabelMetric | 'balanced', number[]> {
	const labelsWith = (...wanted: LabelMetric[]) => [...metrics.keys()].filter((label) => wanted.every((metric) => !Number.isNaN(metrics[label]![metric])))
	return {
		// False alarms for a label that does not occur are in the specificity, and in the precision over all labels.
		precision: labelsWith('precision', 'recall'),
		recall: labelsWith('recall'), specificity: labelsWith('specificity'), f1: labelsWith('f1'), balanced: labelsWith('recall', 'specificity'),
		auroc: labelsWith('auroc'), auprc: labelsWith('auprc'), ece: labelsWith('ece'), brier: labelsWith('brier'),
	}
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
	return sum(values) / values.length
}

function overallMetrics({ counts, called, metrics }: LabelNumbers): Record<OverallMetric, number> {
	const defined = definedLabels(metrics)
	const values = (metric: LabelMetric) => defined[metric].map((label) => metrics[label]![metric])
	const macro = (metric: LabelMetric) => mean(values(metric))
	/** Each label as often as it occurs. */
	const weighted = (metric: LabelMetric) => sum(defined[metric].map((label) => metrics[label]![metric] * counts[label]!.positives)) / sum(defined[metric].map((label) => counts[label]!.positives))
	const positives = sum(counts.map((counted) => counted.positives))
	const negatives = sum(counts.map((counted) => counted.negatives))
	const truePositives = sum(counts.map((counted) => counted.truePositives))
	const falsePositives = sum(counts.map((counted) => counted.falsePositives))
	return {
		accuracy: called ? called.accuracy : (truePositives + negatives - falsePositives) / (positives + negatives),
		balancedAccuracy: called ? macro('recall') : mean(defined.balanced.map((label) => (metrics[label]!.recall + metrics[label]!.specificity) / 2)),
		macroPrecision: macro('precision'), microPrecision: truePositives / (truePositives + falsePositives), weightedPrecision: weighted('precision'),
		macroRecall: macro('recall'), microRecall: truePositives / positives, weightedRecall: weighted('recall'),
		macroSpecificity: macro('specificity'), microSpecificity: (negatives - falsePositives) / negatives, weightedSpecificity: weighted('specificity'),
		macroF1: macro('f1'), microF1: (2 * truePositives) / (positives + truePositives + falsePositives), weightedF1: weighted('f1'),
		auroc: macro('auroc'), auprc: macro('auprc'),
		ece: called ? called.ece : macro('ece'),
		// Over classes that exclude each other: Brier's sum over the classes (1950).
		brier: called ? sum(values('brier')) : macro('brier'),
	}
}
