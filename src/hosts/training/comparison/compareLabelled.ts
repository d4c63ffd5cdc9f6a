import { COMPARED_METRICS, type LabelledComparison, type PairedNumberOf } from '../../../common/contract/promotion.ts'
import type { ModelManifest } from '../../../common/contract/model.ts'
import type { EvaluatedSplit } from '../../../common/contract/training/evaluation.ts'
import { largestOf, trueClasses, type Cases } from '../../../common/stats/classification.ts'
import { mcnemarExact } from '../../../common/stats/mcnemar.ts'
import { LABEL_METRICS, OVERALL_METRICS, prepareMetrics, type LabelMetric } from '../../../common/stats/metrics.ts'
import { pairedNumbers, type PairedNumber } from '../../../common/stats/paired.ts'
import type { Answers } from '../evaluation/answerSamples.ts'
import { casesOf, confidences, splitResults, type Decision } from '../evaluation/results.ts'
import { isEnough, outcomeOf } from './verdict.ts'

/** One model's answers on the films, in the order of the labels of the current model. */
export interface Side {
	manifest: ModelManifest
	answers: Answers
	decision: Decision
}

/** What is compared of each label beside the metrics over all of them. */
const OF_LABEL = ['auroc', 'recall', 'specificity'] as const satisfies readonly LabelMetric[]
/** Of metrics that are computed, those of the labels. */
const OVERALL = COMPARED_METRICS.filter((metric) => metric !== 'answered')

/**
 * Both models on the same films: every number of each, their differences with paired intervals over patients, and who is right where.
 * @param sides current and candidate; both answered on the same films in the same order.
 */
export function compareLabelled(split: EvaluatedSplit, { current, candidate }: Record<'current' | 'candidate', Side>): LabelledComparison {
	const { labels } = current.manifest
	const cases = { current: casesOf(current.answers, current.decision), candidate: casesOf(candidate.answers, candidate.decision) }
	const { task } = current.decision
	const prepared = { current: numbersOf(cases.current, current.decision), candidate: numbersOf(cases.candidate, candidate.decision) }
	const all = pairedNumbers(prepared.current.groups, [prepared.current.compute, prepared.candidate.compute]).map(named)
	const at = (place: number): PairedNumberOf => all[place] ?? { current: null, candidate: null, difference: null, interval: null }
	return {
		split,
		task,
		overall: Object.fromEntries([...OVERALL, 'answered'].map((metric, place) => [metric, at(place)])) as LabelledComparison['overall'],
		right: task === 'multiclass' ? rightOf(calledRightly(cases.current), calledRightly(cases.candidate)) : null,
		labels: labels.map(({ name, title, operatingPoint }, label) => {
			const [auroc, sensitivity, specificity] = OF_LABEL.map((_, offset) => at(COMPARED_METRICS.length + label * OF_LABEL.length + offset)) as [PairedNumberOf, PairedNumberOf, PairedNumberOf]
			const counts = countsOf(cases.current, label)
			return {
				name, title, ...counts, auroc, sensitivity, specificity,
				right: rightOf(operatingRightly(cases.current, label), operatingRightly(cases.candidate, label)),
				outcome: outcomeOf(auroc, isEnough(counts)),
				operatingPoints: { current: operatingPoint, candidate: candidate.manifest.labels.find((other) => other.name === name)?.operatingPoint ?? operatingPoint },
			}
		}),
		results: { current: splitResults(split, current.answers, current.decision, []), candidate: splitResults(split, candidate.answers, candidate.decision, []) },
	}
}

function named({ first, second, difference, interval }: PairedNumber): PairedNumberOf {
	return { current: first, candidate: second, difference, interval }
}

/** COMPARED_METRICS, then OF_LABEL of each label; recall and specificity at the operating points, also of classes that exclude each other. */
function numbersOf(cases: Cases, decision: Decision): { groups: number; compute(weights: ArrayLike<number>): Float64Array } {
	const own = prepareMetrics(cases)
	const operated = cases.task === 'multilabel' ? own : prepareMetrics(atOperatingPoints(cases))
	const answered = answeredShare(cases, own.groups, decision.abstention)
	const overall = OVERALL.map((metric) => OVERALL_METRICS.indexOf(metric))
	const ofLabel = OF_LABEL.map((metric) => OVERALL_METRICS.length + LABEL_METRICS.indexOf(metric))
	return {
		groups: own.groups.length,
		compute(weights) {
			const metrics = own.compute(weights)
			const atPoints = operated === own ? metrics : operated.compute(weights)
			const labels = Array.from({ length: cases.labels }, (_, label) => ofLabel.map((place) => atPoints[place + label * LABEL_METRICS.length]!))
			return Float64Array.from([...overall.map((place) => metrics[place]!), answered(weights), ...labels.flat()])
		},
	}
}

/** Each label for itself. A case of classes that exclude each other counts where its class is known. */
function atOperatingPoints(cases: Cases): Cases {
	const classes = trueClasses(cases)
	return { ...cases, task: 'multilabel', truth: cases.truth.map((value, index) => (classes[Math.floor(index / cases.labels)]! < 0 ? -1 : value)) }
}

/** Share of the films on which a model does not abstain. @param groups in the order of the weights. */
function answeredShare(cases: Cases, groups: readonly string[], threshold: number): (weights: ArrayLike<number>) => number {
	const places = new Map(groups.map((group, place) => [group, place]))
	const rows = confidences(cases).map(({ confidence }, row) => ({ place: places.get(cases.groups[row] as string) as number, isAnswered: confidence >= threshold }))
	return (weights) => {
		let all = 0
		let answered = 0
		for (const { place, isAnswered } of rows) {
			all += weights[place]!
			if (isAnswered) answered += weights[place]!
		}
		return answered / all
	}
}

/** Of each case whether the class that is called is the true one; null where that is not known. */
function calledRightly(cases: Cases): (boolean | null)[] {
	return Array.from(trueClasses(cases), (truth, row) => (truth < 0 ? null : largestOf(cases.probabilities, row * cases.labels, cases.labels) === truth))
}

/** Of each case whether a label is called or not as it should be at its operating point. */
function operatingRightly(cases: Cases, label: number): (boolean | null)[] {
	const { truth } = cases.task === 'multiclass' ? atOperatingPoints(cases) : cases
	return cases.groups.map((_, row) => {
		const known = truth[row * cases.labels + label]!
		return known < 0 ? null : (known === 1) === cases.probabilities[row * cases.labels + label]! >= cases.operatingPoints[label]!
	})
}

function rightOf(current: readonly (boolean | null)[], candidate: readonly (boolean | null)[]): LabelledComparison['labels'][number]['right'] {
	const counts = { both: 0, onlyCurrent: 0, onlyCandidate: 0, neither: 0 }
	for (const [row, one] of current.entries()) {
		const other = candidate[row]
		if (one === null || other === null || other === undefined) continue
		counts[one ? (other ? 'both' : 'onlyCurrent') : other ? 'onlyCandidate' : 'neither']++
	}
	return { ...counts, p: mcnemarExact(counts.onlyCurrent, counts.onlyCandidate) }
}

function countsOf(cases: Cases, label: number): { positives: number; negatives: number; positiveGroups: number; negativeGroups: number } {
	const { truth } = cases.task === 'multiclass' ? atOperatingPoints(cases) : cases
	const groupsWith = (wanted: number) => cases.groups.filter((_, row) => truth[row * cases.labels + label] === wanted)
	const [positives, negatives] = [groupsWith(1), groupsWith(0)]
	return { positives: positives.length, negatives: negatives.length, positiveGroups: new Set(positives).size, negativeGroups: new Set(negatives).size }
}
