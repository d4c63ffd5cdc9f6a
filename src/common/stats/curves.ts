import { trueClasses, type Cases } from './classification.ts'
import { bootstrapIntervals } from './interval.ts'
import { countRanking, rankLabel, walkRanking, type Ranking } from './ranking.ts'

/** A curve by falling threshold. */
export interface Curve {
	x: number[]
	y: number[]
	/** From this probability on the label is called at the point; null where nothing is called. */
	threshold: (number | null)[]
}

/** 95 % intervals of a curve's y at given x; null where they are not defined. */
export interface Band {
	x: number[]
	low: (number | null)[]
	high: (number | null)[]
}

/** A value and its 95 % interval; null where it is not defined. */
export interface Measured {
	value: number | null
	interval: [number, number] | null
}

export interface LabelCurves {
	positives: number
	negatives: number
	/** Share of false alarms against sensitivity; null without positive and negative cases. */
	roc: (Curve & { band: Band }) | null
	/** Recall against precision; null without positive and negative cases. */
	precisionRecall: (Curve & { band: Band }) | null
	auroc: Measured
	auprc: Measured
}

/** Where bands are computed: every hundredth. A precision at recall 0 is one of nothing. */
const FALSE_ALARMS = Array.from({ length: 101 }, (_, index) => index / 100)
const RECALLS = Array.from({ length: 100 }, (_, index) => (index + 1) / 100)
/** Most points of a curve, about. */
const MOST_POINTS = 400
/** A share that was counted equals a hundredth up to the last binary digits. */
const SAME = 1e-9

/** Sensitivity against the share of false alarms, from (0, 0) to (1, 1), a point per distinct probability. */
export function rocCurve(ranking: Ranking, weights: ArrayLike<number>): Curve {
	const curve: Curve = { x: [0], y: [0], threshold: [null] }
	walkRanking(ranking, weights, (positives, negatives, probability) => void push(curve, negatives, positives, probability))
	const [allNegatives = 0, allPositives = 0] = [curve.x.at(-1), curve.y.at(-1)]
	return { ...curve, x: curve.x.map((value) => value / allNegatives), y: curve.y.map((value) => value / allPositives) }
}

/** Precision against recall, a point per distinct probability. Between two points the precision is that of the later one: its area is the average precision. */
export function precisionRecallCurve(ranking: Ranking, weights: ArrayLike<number>): Curve {
	const curve: Curve = { x: [], y: [], threshold: [] }
	walkRanking(ranking, weights, (positives, negatives, probability) => void push(curve, positives, positives / (positives + negatives), probability))
	const all = curve.x.at(-1) ?? 0
	return { ...curve, x: curve.x.map((value) => value / all) }
}

function push({ x, y, threshold }: Curve, toX: number, toY: number, probability: number): void {
	x.push(toX)
	y.push(toY)
	threshold.push(probability)
}

/** The curve with its ends, and of the points between them those that are so far from the last one that there are not too many. */
export function thinned({ x, y, threshold }: Curve, far: (dx: number, dy: number) => boolean): Curve {
	if (x.length <= MOST_POINTS) return { x, y, threshold }
	let last = 0
	const kept = [...x.keys()].filter((index) => {
		const keep = index === 0 || index === x.length - 1 || far(Math.abs(x[index]! - x[last]!), Math.abs(y[index]! - y[last]!))
		if (keep) last = index
		return keep
	})
	return { x: kept.map((index) => x[index]!), y: kept.map((index) => y[index]!), threshold: kept.map((index) => threshold[index]!) }
}

/**
 * Sensitivity at each of FALSE_ALARMS (linear between the points of the ROC curve; of several at one share of false alarms the highest), then precision at each of
 * RECALLS (of the highest threshold that reaches it), then the areas under both; NaN where they are not defined.
 */
export function alongCurves(ranking: Ranking, weights: ArrayLike<number>): Float64Array {
	const values = new Float64Array(FALSE_ALARMS.length + RECALLS.length + 2).fill(Number.NaN)
	const { positives: allPositives, negatives: allNegatives, auroc, auprc } = countRanking(ranking, weights)
	values[values.length - 2] = auroc
	values[values.length - 1] = auprc
	if (allPositives === 0 || allNegatives === 0) return values
	let alarm = 0, recall = 0, beforeX = 0, beforeY = 0
	walkRanking(ranking, weights, (positives, negatives) => {
		const x = negatives / allNegatives, y = positives / allPositives
		// A share that lies on the point itself waits for the next one: there may be more sensitivity for the same false alarms.
		while (alarm < FALSE_ALARMS.length && FALSE_ALARMS[alarm]! < x - SAME) {
			values[alarm] = beforeY + ((y - beforeY) * Math.max(0, FALSE_ALARMS[alarm]! - beforeX)) / (x - beforeX)
			alarm++
		}
		while (recall < RECALLS.length && RECALLS[recall]! <= y + SAME) values[FALSE_ALARMS.length + recall++] = positives / (positives + negatives)
		beforeX = x
		beforeY = y
	})
	while (alarm < FALSE_ALARMS.length) values[alarm++] = beforeY
	return values
}

/**
 * ROC and precision-recall curves of every label against the others (multiclass) or by itself (multilabel), with bands and areas by the bootstrap over groups of
 * docs/evaluation.md. Long curves keep about 400 points; their areas are those of all.
 */
export function labelCurves(cases: Cases): LabelCurves[] {
	const { labels, task, truth } = cases
	const names = [...new Set(cases.groups)].toSorted()
	const numbers = new Map(names.map((group, index) => [group, index]))
	const groupOf = Int32Array.from(cases.groups, (group) => numbers.get(group) ?? 0)
	const classes = task === 'multiclass' ? trueClasses(cases) : null
	const rows = Int32Array.from(cases.groups.keys())
	const rankings = Array.from({ length: labels }, (_, label) => rankLabel(cases, rows.filter((row) => (classes ? classes[row]! : truth[row * labels + label]!) >= 0), label, groupOf))
	const width = FALSE_ALARMS.length + RECALLS.length + 2
	const intervals = bootstrapIntervals(names.length, (weights) => {
		const all = new Float64Array(labels * width)
		for (const [label, ranking] of rankings.entries()) all.set(alongCurves(ranking, weights), label * width)
		return all
	})
	const once = new Uint8Array(names.length).fill(1)
	return rankings.map((ranking, label) => {
		const { positives, negatives, auroc, auprc } = countRanking(ranking, once)
		const own = intervals.slice(label * width, (label + 1) * width)
		const band = (x: readonly number[], start: number): Band => ({ x: [...x], low: x.map((_, index) => own[start + index]?.[0] ?? null), high: x.map((_, index) => own[start + index]?.[1] ?? null) })
		const both = positives > 0 && negatives > 0
		return {
			positives, negatives,
			roc: both ? { ...thinned(rocCurve(ranking, once), (dx, dy) => dx + dy >= 2 / MOST_POINTS), band: band(FALSE_ALARMS, 0) } : null,
			precisionRecall: both ? { ...thinned(precisionRecallCurve(ranking, once), (dx) => dx >= 1 / MOST_POINTS), band: band(RECALLS, FALSE_ALARMS.length) } : null,
			auroc: { value: both ? auroc : null, interval: both ? (own[width - 2] ?? null) : null },
			auprc: { value: both ? auprc : null, interval: both ? (own[width - 1] ?? null) : null },
		}
	})
}
