import { UserError } from '../../../common/contract/procedures.ts'
import type { EvaluatedSplit, EvaluationReport, Results, SplitResults } from '../../../common/contract/training/evaluation.ts'
import { calibrate, confidenceOf, reliabilityBins, UNCALIBRATED, type Calibration } from '../../../common/stats/calibration.ts'
import { confusionMatrix, largestOf, selectCases, trueClasses, type Cases } from '../../../common/stats/classification.ts'
import { bootstrapIntervals, INTERVAL_SEED, RESAMPLES, type Interval } from '../../../common/stats/interval.ts'
import { LABEL_METRICS, OVERALL_METRICS, overallMetricsOf, prepareMetrics } from '../../../common/stats/metrics.ts'
import type { Sample } from '../data/dataSet.ts'
import type { Answers } from './answerSamples.ts'

/** How a model's logits are read. */
export interface Decision {
	task: Cases['task']
	labels: readonly string[]
	calibration: Calibration
	/** One per label. */
	operatingPoints: readonly number[]
	/** Confidence below which the model abstains. */
	abstention: number
	/** Distance to the training images from which on an image is refused; null or missing where the model states none. */
	likeness?: number | null
}

/** How every interval of a report is made. */
export const INTERVAL_METHOD: EvaluationReport['interval'] = { method: 'percentile bootstrap over groups', level: 0.95, resamples: RESAMPLES, seed: INTERVAL_SEED }

/** Values of a column beyond this many are no groups. */
const MOST_VALUES = 100

/** 1, 0, or -1 where the truth is not known; a softened truth (an uncertain label in training) is not known either. */
export function truthOf(samples: readonly Sample[], labels: number): Int8Array {
	return Int8Array.from(samples.flatMap(({ truth }) => Array.from({ length: labels }, (_, label) => (truth[label] === 1 ? 1 : truth[label] === 0 ? 0 : -1))))
}

/** Answers as probabilities beside the truth. */
export function casesOf({ samples, logits }: Pick<Answers, 'samples' | 'logits'>, { task, labels, calibration, operatingPoints }: Pick<Decision, 'task' | 'labels' | 'calibration' | 'operatingPoints'>): Cases {
	const count = labels.length
	const probabilities = Float64Array.from(samples.flatMap((_, row) => calibrate(logits.subarray(row * count, (row + 1) * count), task, calibration)))
	return { task, labels: count, truth: truthOf(samples, count), probabilities, groups: samples.map(({ group }) => group), operatingPoints }
}

/**
 * Everything that is reported of one split.
 * @param by columns of the data set (source, or one of its attributes) whose values are evaluated by themselves.
 * @throws UserError for a column that the data does not have, or that has too many values.
 */
export function splitResults(split: EvaluatedSplit, answers: Pick<Answers, 'samples' | 'logits' | 'distances'>, decision: Decision, by: readonly string[]): SplitResults {
	const cases = casesOf(answers, decision)
	const before = casesOf(answers, { ...decision, calibration: UNCALIBRATED })
	const results = resultsOf(cases, decision.labels)
	return {
		split,
		...results,
		by: Object.fromEntries(by.map((column) => [column, resultsBy(column, answers.samples, cases, decision.labels)])),
		reliability: { before: reliabilityOf(before, eceInterval(before)), after: reliabilityOf(cases, results.intervals.ece) },
		operatingPoints: operatingResults(cases, decision.labels),
		abstention: abstentionOf(cases, decision.abstention),
		likeness: answers.distances && typeof decision.likeness === 'number' ? likenessOf(cases, answers.distances, decision.likeness) : null,
	}
}

function resultsBy(column: string, samples: readonly Sample[], cases: Cases, labels: readonly string[]): Record<string, Results> {
	const rows = Map.groupBy(samples.keys(), (row) => valueOf(samples[row] as Sample, column))
	if (rows.size > MOST_VALUES) throw new UserError(`The column ${column} has ${rows.size} different values; results are given for up to ${MOST_VALUES}.`)
	return Object.fromEntries([...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([value, own]) => [value, resultsOf(selectCases(cases, own), labels)]))
}

function valueOf(sample: Sample, column: string): string {
	const value = column === 'source' ? sample.source : sample.attributes[column]
	if (value === undefined) throw new UserError(`The data set has no column ${column}.`)
	return value === '' ? 'not stated' : value
}

const orNull = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value)

function named<Name extends string>(names: readonly Name[], values: Float64Array, intervals: readonly (Interval | null)[], start: number) {
	const from = <Value>(value: (index: number) => Value) => Object.fromEntries(names.map((name, offset) => [name, value(start + offset)])) as Record<Name, Value>
	return { ...from((index) => orNull(values[index])), intervals: from((index) => (Number.isNaN(values[index]) ? null : (intervals[index] ?? null))) }
}

/** All metrics of a set of cases with their intervals. */
export function resultsOf(cases: Cases, labels: readonly string[]): Results {
	const prepared = prepareMetrics(cases)
	const values = prepared.compute(new Uint8Array(prepared.groups.length).fill(1))
	const intervals = bootstrapIntervals(prepared.groups.length, prepared.compute)
	const classes = cases.task === 'multiclass' ? trueClasses(cases) : null
	return {
		n: prepared.n,
		groups: prepared.groups.length,
		...named(OVERALL_METRICS, values, intervals, 0),
		labels: labels.map((name, label) => {
			const known = cases.groups.flatMap((_, row) => {
				const value = classes ? (classes[row]! < 0 ? -1 : Number(classes[row] === label)) : cases.truth[row * cases.labels + label]!
				return value < 0 ? [] : [value]
			})
			const positives = known.filter((value) => value === 1).length
			return { name, positives, negatives: known.length - positives, unknown: cases.groups.length - known.length, ...named(LABEL_METRICS, values, intervals, OVERALL_METRICS.length + label * LABEL_METRICS.length) }
		}),
		confusion: confusionMatrix(cases),
	}
}

/** Probabilities that are said, and whether each is so: of the called class, or of every label. */
function statements(cases: Cases): { probabilities: number[]; right: boolean[] } {
	const { labels, truth } = cases
	if (cases.task === 'multilabel') {
		const known = [...truth.keys()].filter((index) => truth[index]! >= 0)
		return { probabilities: known.map((index) => cases.probabilities[index]!), right: known.map((index) => truth[index] === 1) }
	}
	const classes = trueClasses(cases)
	const rows = [...classes.keys()].filter((row) => classes[row]! >= 0)
	const called = rows.map((row) => largestOf(cases.probabilities, row * labels, labels))
	return { probabilities: rows.map((row, index) => cases.probabilities[row * labels + called[index]!]!), right: rows.map((row, index) => classes[row] === called[index]) }
}

function eceInterval(cases: Cases): Interval | null {
	const prepared = prepareMetrics(cases)
	const ece = OVERALL_METRICS.indexOf('ece')
	return bootstrapIntervals(prepared.groups.length, (weights) => prepared.compute(weights).slice(ece, ece + 1))[0] ?? null
}

function reliabilityOf(cases: Cases, interval: Interval | null): SplitResults['reliability']['before'] {
	const { ece, brier } = overallMetricsOf(cases)
	const { probabilities, right } = statements(cases)
	return { ece, interval, brier, bins: reliabilityBins(probabilities, right) }
}

function operatingResults(cases: Cases, labels: readonly string[]): SplitResults['operatingPoints'] {
	// At its operating point each label is called for itself, also of classes that exclude each other.
	const classes = cases.task === 'multiclass' ? trueClasses(cases) : null
	const truth = classes ? cases.truth.map((value, index) => (classes[Math.floor(index / cases.labels)]! < 0 ? -1 : value)) : cases.truth
	return confusionMatrix({ ...cases, truth, task: 'multilabel' }).map(([found = 0, missed = 0, alarms = 0, rightly = 0], label) => ({
		label: labels[label] ?? '', threshold: cases.operatingPoints[label] ?? 0.5,
		sensitivity: orNull(found / (found + missed)), specificity: orNull(rightly / (rightly + alarms)), precision: orNull(found / (found + alarms)),
	}))
}

/** Confidence of each answer, and the share of its calls that are right (null where no truth is known). */
export function confidences(cases: Cases): { confidence: number; right: number | null }[] {
	const { labels, task, truth, operatingPoints } = cases
	const classes = task === 'multiclass' ? trueClasses(cases) : null
	return cases.groups.map((_, row) => {
		const probabilities = Array.from(cases.probabilities.subarray(row * labels, (row + 1) * labels))
		const confidence = confidenceOf(probabilities, task)
		if (classes) return { confidence, right: classes[row]! < 0 ? null : Number(classes[row] === largestOf(probabilities, 0, labels)) }
		const known = probabilities.flatMap((probability, label) => {
			const value = truth[row * labels + label]!
			return value < 0 ? [] : [(value === 1) === probability >= operatingPoints[label]! ? 1 : 0]
		})
		return { confidence, right: known.length === 0 ? null : known.reduce<number>((sum, value) => sum + value, 0) / known.length }
	})
}

function abstentionOf(cases: Cases, threshold: number): SplitResults['abstention'] {
	const all = confidences(cases)
	const { share, accuracy, intervals } = answeredOf(cases, all, (row) => (all[row]?.confidence ?? 0) >= threshold)
	return { threshold, coverage: share, accuracy, intervals: { coverage: intervals.share, accuracy: intervals.accuracy } }
}

/** What is left when images beyond the limit are refused for being unlike the training images. */
function likenessOf(cases: Cases, distances: readonly number[], limit: number): SplitResults['likeness'] {
	return { limit, ...answeredOf(cases, confidences(cases), (row) => (distances[row] ?? Number.NaN) <= limit) }
}

/** The share of the cases that are answered, and the share of the calls on these that are right. */
function answeredOf(cases: Cases, all: ReturnType<typeof confidences>, isAnswered: (row: number) => boolean) {
	const groups = new Map([...new Set(cases.groups)].map((group, index) => [group, index]))
	const compute = (weights: ArrayLike<number>) => {
		let [images, answered, judged, right] = [0, 0, 0, 0]
		for (const [row, one] of all.entries()) {
			const weight = weights[groups.get(cases.groups[row] as string) as number] as number
			images += weight
			if (!isAnswered(row)) continue
			answered += weight
			if (one.right === null) continue
			judged += weight
			right += weight * one.right
		}
		return Float64Array.of(answered / images, right / judged)
	}
	const [share, accuracy] = compute(new Uint8Array(groups.size).fill(1))
	const [ofShare = null, ofAccuracy = null] = bootstrapIntervals(groups.size, compute)
	return { share: orNull(share), accuracy: orNull(accuracy), intervals: { share: ofShare, accuracy: ofAccuracy } }
}
