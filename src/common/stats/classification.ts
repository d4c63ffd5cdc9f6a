/**
 * The answers of a classifier on a set of cases, beside what is true of them. Matrices are in row-major order [case, label].
 */
export interface Cases {
	task: 'multiclass' | 'multilabel'
	/** How many labels. */
	labels: number
	/** 1, 0, or -1 where it is not known. A multiclass case counts where exactly one label is 1 and none is unknown. */
	truth: Int8Array
	/** Calibrated, 0 to 1. */
	probabilities: Float64Array
	/** Patient or other group of each case: what an interval draws. */
	groups: readonly string[]
	/** Multilabel: the probability from which on each label is called. Multiclass: the label of the largest probability is called. */
	operatingPoints: readonly number[]
}

/** Bins of the calibration error (Guo et al. 2017: 15 of equal width). */
export const CALIBRATION_BINS = 15

/** The bin of a probability: equal widths, the lower end belongs to the bin, 1 to the last one. */
export function calibrationBin(probability: number): number {
	return Math.min(Math.floor(probability * CALIBRATION_BINS), CALIBRATION_BINS - 1)
}

/** Position of the largest value in a row; of several the first. */
export function largestOf(values: ArrayLike<number>, start: number, count: number): number {
	let best = 0
	for (let index = 1; index < count; index++) if (values[start + index]! > values[start + best]!) best = index
	return best
}

/** The true class of each case of a multiclass set, -1 where it is not known. */
export function trueClasses({ truth, labels }: Pick<Cases, 'truth' | 'labels'>): Int32Array {
	return Int32Array.from({ length: truth.length / labels }, (_, row) => {
		const values = truth.subarray(row * labels, (row + 1) * labels)
		return values.includes(-1) || values.indexOf(1) !== values.lastIndexOf(1) ? -1 : values.indexOf(1)
	})
}

/** The cases at the given positions. */
export function selectCases(cases: Cases, rows: readonly number[]): Cases {
	const { labels } = cases
	const truth = new Int8Array(rows.length * labels)
	const probabilities = new Float64Array(rows.length * labels)
	for (const [target, row] of rows.entries()) {
		truth.set(cases.truth.subarray(row * labels, (row + 1) * labels), target * labels)
		probabilities.set(cases.probabilities.subarray(row * labels, (row + 1) * labels), target * labels)
	}
	return { ...cases, truth, probabilities, groups: rows.map((row) => cases.groups[row] as string) }
}

/**
 * Multiclass: rows are the truth, columns the call, in the order of the labels. Multilabel: for each label the row
 * [true positives, false negatives, false positives, true negatives].
 */
export function confusionMatrix(cases: Cases): number[][] {
	const { labels, probabilities, truth, operatingPoints } = cases
	if (cases.task === 'multiclass') {
		const matrix = Array.from({ length: labels }, () => Array.from({ length: labels }, () => 0))
		for (const [row, label] of trueClasses(cases).entries()) if (label >= 0) matrix[label]![largestOf(probabilities, row * labels, labels)]!++
		return matrix
	}
	const matrix = Array.from({ length: labels }, () => [0, 0, 0, 0])
	for (const [index, known] of truth.entries()) {
		if (known < 0) continue
		const label = index % labels
		const called = probabilities[index]! >= operatingPoints[label]!
		matrix[label]![known === 1 ? (called ? 0 : 1) : called ? 2 : 3]!++
	}
	return matrix
}
