import { calibrationBin, type Cases } from './classification.ts'

/** One label's cases by falling probability, ready to be counted again and again under other weights. */
export interface Ranking {
	/** Group of each case, as a number. */
	groups: Int32Array
	/** A sum of POSITIVE, TIE_END and BIN_END. */
	marks: Uint8Array
	/** Probability of each case. */
	probabilities: Float64Array
	/** Probability minus truth. */
	residuals: Float64Array
	/** Multilabel: how many cases, from the first, are called. */
	called: number
}
const POSITIVE = 1
/** The next case has a lower probability. */
const TIE_END = 2
/** The next case falls into another bin of the calibration error. */
const BIN_END = 4

/** @param rows the cases whose truth is known for the label. */
export function rankLabel(cases: Cases, rows: Int32Array, label: number, groupOf: Int32Array): Ranking {
	const { labels, probabilities, truth } = cases
	const at = (row: number) => probabilities[row * labels + label]!
	const order = rows.toSorted((a, b) => at(b) - at(a))
	const marks = Uint8Array.from(order, (row, index) => {
		const next = order[index + 1]
		const probability = at(row)
		const last = next === undefined
		return (truth[row * labels + label] === 1 ? POSITIVE : 0)
			+ (last || at(next) !== probability ? TIE_END : 0)
			+ (last || calibrationBin(at(next)) !== calibrationBin(probability) ? BIN_END : 0)
	})
	const operatingPoint = cases.operatingPoints[label] ?? 0.5
	return {
		groups: Int32Array.from(order, (row) => groupOf[row]!),
		marks,
		probabilities: Float64Array.from(order, at),
		residuals: Float64Array.from(order, (row) => at(row) - truth[row * labels + label]!),
		called: order.filter((row) => at(row) >= operatingPoint).length,
	}
}

/**
 * Walks along a label's cases from the highest probability, and stops wherever another threshold would call other cases.
 * @param stop is told how much weight of positive and of negative cases lies at or above the probability.
 */
export function walkRanking({ groups, marks, probabilities }: Ranking, weights: ArrayLike<number>, stop: (positives: number, negatives: number, probability: number) => void): void {
	let positives = 0, negatives = 0
	for (let index = 0; index < marks.length; index++) {
		const weight = weights[groups[index]!]!
		const mark = marks[index]!
		if ((mark & POSITIVE) !== 0) positives += weight
		else negatives += weight
		if ((mark & TIE_END) !== 0) stop(positives, negatives, probabilities[index]!)
	}
}

/** What one pass over a label's ranking counts. */
export interface Counts {
	positives: number
	negatives: number
	truePositives: number
	falsePositives: number
	auroc: number
	auprc: number
	ece: number
	brier: number
}

/**
 * Area under the ROC curve (chance that a positive scores above a negative, ties half), average precision
 * (sum of precision times gain in recall over the distinct scores), calibration error and Brier score in one pass.
 */
export function countRanking({ groups, marks, residuals, called }: Ranking, weights: ArrayLike<number>): Counts {
	let positives = 0, negatives = 0, tiedPositives = 0, tiedNegatives = 0
	let area = 0, precisionSum = 0, gap = 0, gaps = 0, squares = 0
	let truePositives = 0, falsePositives = 0
	for (let index = 0; index < marks.length; index++) {
		const weight = weights[groups[index]!]!
		const mark = marks[index]!
		if (weight !== 0) {
			const residual = residuals[index]!
			if ((mark & POSITIVE) !== 0) tiedPositives += weight
			else tiedNegatives += weight
			gap += weight * residual
			squares += weight * residual * residual
		}
		if ((mark & TIE_END) !== 0) {
			area += tiedNegatives * (positives + tiedPositives / 2)
			positives += tiedPositives
			negatives += tiedNegatives
			if (tiedPositives !== 0) precisionSum += (tiedPositives * positives) / (positives + negatives)
			tiedPositives = 0
			tiedNegatives = 0
			if ((mark & BIN_END) !== 0) {
				gaps += Math.abs(gap)
				gap = 0
			}
			// Equal probabilities are called together, so the end of the called ones is the end of a tie.
			if (index === called - 1) {
				truePositives = positives
				falsePositives = negatives
			}
		}
	}
	const both = positives > 0 && negatives > 0
	const total = positives + negatives
	return {
		positives, negatives, truePositives, falsePositives,
		auroc: both ? area / (positives * negatives) : Number.NaN,
		auprc: both ? precisionSum / positives : Number.NaN,
		ece: total > 0 ? gaps / total : Number.NaN,
		brier: total > 0 ? squares / total : Number.NaN,
	}
}
