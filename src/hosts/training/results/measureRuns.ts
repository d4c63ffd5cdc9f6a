import { UserError } from '../../../common/contract/procedures.ts'
import { COMPARED_METRICS, type ComparedMetric } from '../../../common/contract/training/review.ts'
import { UNCALIBRATED } from '../../../common/stats/calibration.ts'
import type { Cases } from '../../../common/stats/classification.ts'
import { bootstrapIntervals, INTERVAL_SEED, type Interval } from '../../../common/stats/interval.ts'
import { OVERALL_METRICS, prepareMetrics, type PreparedMetrics } from '../../../common/stats/metrics.ts'
import { randomStream } from '../../../common/random.ts'
import type { Sample } from '../data/dataSet.ts'
import { casesOf } from '../evaluation/results.ts'
import type { KeptRun } from './keptRun.ts'

/** eceBefore: the calibration error without calibration (temperature 1). */
export const TABLE_METRICS = COMPARED_METRICS
export type TableMetric = ComparedMetric

/** A run as far as its predictions are measured. */
export type AnsweredRun = Pick<KeptRun, 'id' | 'evaluation' | 'predictions'>

/** One number over the runs of a row (the seeds). */
export interface Summary {
	/** Of each run. */
	values: readonly number[]
	mean: number
	/** Between the runs (n - 1); null of one. */
	deviation: number | null
	/** 95 % over patients, of the mean of the runs: the same patients are drawn for all of them. */
	interval: Interval | null
}

export interface Measured<Metric extends TableMetric = TableMetric> {
	n: number
	groups: number
	/** Images that have each label. */
	labels: readonly { name: string; positives: number }[]
	metrics: Record<Metric, Summary>
}

/** Images of a split that results are given for. */
export type Chosen = (sample: Sample) => boolean

function caseSets({ evaluation, predictions: { samples, logits } }: AnsweredRun, chosen: Chosen): { before: Cases; after: Cases; rows: Sample[] } {
	const { task, labels } = evaluation.model
	const places = [...samples.keys()].filter((row) => chosen(samples[row] as Sample))
	const rows = places.map((row) => samples[row] as Sample)
	const own = new Float32Array(places.length * labels.length)
	for (const [target, row] of places.entries()) own.set(logits.subarray(row * labels.length, (row + 1) * labels.length), target * labels.length)
	const operatingPoints = evaluation.splits[0]?.operatingPoints.map(({ threshold }) => threshold) ?? labels.map(() => 0.5)
	const cases = (calibration: Parameters<typeof casesOf>[1]['calibration']) => casesOf({ samples: rows, logits: own }, { task, labels, calibration, operatingPoints })
	return { before: cases(UNCALIBRATED), after: cases(evaluation.calibration), rows }
}

interface Prepared {
	after: PreparedMetrics
	before: PreparedMetrics
	rows: readonly Sample[]
}

function prepare(run: AnsweredRun, chosen: Chosen): Prepared {
	const { before, after, rows } = caseSets(run, chosen)
	return { after: prepareMetrics(after), before: prepareMetrics(before), rows }
}

function numbersOf({ after, before }: Prepared, weights: ArrayLike<number>, metrics: readonly TableMetric[]): number[] {
	const calibrated = after.compute(weights)
	const uncalibrated = metrics.includes('eceBefore') ? before.compute(weights) : calibrated
	return metrics.map((metric) => (metric === 'eceBefore' ? uncalibrated : calibrated)[OVERALL_METRICS.indexOf(metric === 'eceBefore' ? 'ece' : metric)] ?? Number.NaN)
}

/** Weights under which every patient counts once. */
const once = ({ after }: Prepared) => new Uint8Array(after.groups.length).fill(1)

/** The numbers of one run on the images that are chosen, without intervals; NaN for one that is not defined. */
export function numbersOfRun(run: AnsweredRun, chosen: Chosen, metrics: readonly TableMetric[]): { n: number; numbers: number[] } {
	const prepared = prepare(run, chosen)
	return { n: prepared.after.n, numbers: numbersOf(prepared, once(prepared), metrics) }
}

/** @throws UserError where two runs did not answer on the same images with the same truth. */
function checkSame(runs: readonly AnsweredRun[], prepared: readonly Prepared[]): void {
	const key = ({ rows }: Prepared) => JSON.stringify(rows.map(({ id, group, truth }) => [id, group, truth]))
	const first = prepared[0] ? key(prepared[0]) : ''
	const other = prepared.findIndex((one) => key(one) !== first)
	if (other > 0) throw new UserError(`The runs ${runs[0]?.id ?? ''} and ${runs[other]?.id ?? ''} are compared, but did not answer on the same images.`)
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function deviationOf(values: readonly number[]): number | null {
	const middle = mean(values)
	return values.length < 2 ? null : Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}

/**
 * The numbers of some runs on the same images: of each, their mean and deviation, and the mean's interval over patients.
 * @returns null where none of the images is chosen.
 * @throws UserError where the runs did not answer on the same images.
 */
export function measureRuns<Metric extends TableMetric>(runs: readonly AnsweredRun[], chosen: Chosen, metrics: readonly Metric[]): Measured<Metric> | null {
	const prepared = runs.map((run) => prepare(run, chosen))
	checkSame(runs, prepared)
	const [first] = prepared
	if (!first || first.after.n === 0) return null
	const meanOf = (weights: ArrayLike<number>) => {
		const all = prepared.map((one) => numbersOf(one, weights, metrics))
		return Float64Array.from(metrics, (_, metric) => mean(all.map((numbers) => numbers[metric]!)))
	}
	const intervals = bootstrapIntervals(first.after.groups.length, meanOf)
	const values = prepared.map((one) => numbersOf(one, once(one), metrics))
	const labels = runs[0]?.evaluation.model.labels ?? []
	const summaries: Record<string, Summary> = Object.fromEntries(metrics.map((name, metric) => {
		const own = values.map((numbers) => numbers[metric]!)
		return [name, { values: own, mean: mean(own), deviation: deviationOf(own), interval: intervals[metric] ?? null }]
	}))
	return {
		n: first.after.n,
		groups: first.after.groups.length,
		labels: labels.map((name, label) => ({ name, positives: first.rows.filter(({ truth }) => truth[label] === 1).length })),
		metrics: summaries as Record<Metric, Summary>,
	}
}

/** Of the chosen images those that every run answered on: where one of them found no lungs, say, the others are not asked either. */
function ofAll(runs: readonly AnsweredRun[], chosen: Chosen): Chosen {
	const ids = runs.map(({ predictions }) => new Set(predictions.samples.map(({ id }) => id)))
	return (sample) => chosen(sample) && ids.every((own) => own.has(sample.id))
}

/** A number and its 95 % interval over patients; NaN where it is not defined. */
export interface WithInterval {
	value: number
	interval: Interval | null
}

export interface SideBySide {
	n: number
	groups: number
	/** In the order of the runs: each metric, and how much more it is than the first run's. */
	runs: readonly { metrics: readonly WithInterval[]; differences: readonly WithInterval[] }[]
}

/**
 * Runs on the images that all of them answered on. In every draw all of them see the same patients, so that a difference has the interval of a paired one.
 * @returns null where there is no such image.
 * @throws UserError where the runs do not know the same truth.
 */
export function sideBySide(runs: readonly AnsweredRun[], metrics: readonly TableMetric[], chosen: Chosen): SideBySide | null {
	const prepared = runs.map((run) => prepare(run, ofAll(runs, chosen)))
	checkSame(runs, prepared)
	const [first] = prepared
	if (!first || first.after.n === 0) return null
	const numbers = (weights: ArrayLike<number>): Float64Array => {
		const all = prepared.map((one) => numbersOf(one, weights, metrics))
		return Float64Array.from([...all.flat(), ...all.flatMap((own) => own.map((value, metric) => value - all[0]![metric]!))])
	}
	const values = numbers(once(first))
	const intervals = bootstrapIntervals(first.after.groups.length, numbers)
	const from = (start: number): WithInterval[] => metrics.map((_, metric) => ({ value: values[start + metric]!, interval: intervals[start + metric] ?? null }))
	const width = metrics.length
	return {
		n: first.after.n, groups: first.after.groups.length,
		runs: runs.map((_, run) => ({ metrics: from(run * width), differences: from((runs.length + run) * width) })),
	}
}

/** How much more one group of runs has than another. */
export interface Difference {
	mean: number
	/** By pair of runs, where they are paired. */
	pairs: readonly number[]
	/** 95 % over patients, and over the pairs where there are several. */
	interval: Interval | null
	/** Images that all runs answered on. */
	n: number
}

/**
 * Mean difference `ours - theirs` of pairs of runs. Of every draw of the bootstrap both see the same patients; with several pairs, as many pairs as there are
 * are drawn with replacement too, so that the interval has both the patients' and the seeds' spread (of three seeds: roughly).
 * Images that one of them did not answer on (no lungs were found, where it needs them) are left out.
 * @throws UserError where the runs do not know the same truth.
 */
export function pairedDifference(pairs: readonly (readonly [ours: AnsweredRun, theirs: AnsweredRun])[], metric: TableMetric, chosen: Chosen): Difference {
	const runs = pairs.flat()
	const common = ofAll(runs, chosen)
	const prepared = new Map(runs.map((run) => [run.id, prepare(run, common)]))
	checkSame(runs, runs.map(({ id }) => prepared.get(id) as Prepared))
	const differences = (weights: ArrayLike<number>): number[] => {
		const numbers = new Map([...prepared].map(([id, one]) => [id, numbersOf(one, weights, [metric])[0] ?? Number.NaN]))
		return pairs.map(([ours, theirs]) => (numbers.get(ours.id) ?? Number.NaN) - (numbers.get(theirs.id) ?? Number.NaN))
	}
	const groups = [...prepared.values()][0]?.after.groups.length ?? 0
	let draw = 0
	const [interval = null] = bootstrapIntervals(groups, (weights) => {
		const all = differences(weights)
		const random = randomStream(INTERVAL_SEED, 'pairs of runs', draw++)
		return Float64Array.of(mean(all.map(() => all[random.integer(all.length)]!)))
	})
	const all = differences(new Uint8Array(groups).fill(1))
	return { mean: mean(all), pairs: all, interval, n: prepared.get(runs[0]?.id ?? '')?.after.n ?? 0 }
}
