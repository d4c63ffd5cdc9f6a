import type { SplitResults } from '../../../common/contract/training/evaluation.ts'

/** ROC: sensitivity over 1 - specificity. Precision-recall: precision over recall. */
export type CurveKind = 'roc' | 'precision-recall'

export type OperatingPoint = SplitResults['operatingPoints'][number]

/** Shares of 0 to 1, x rising. */
export interface Points {
	x: readonly number[]
	y: readonly number[]
}

/** A pointwise interval: shares of 0 to 1, all three as long, x rising. */
export interface Band {
	x: readonly number[]
	lower: readonly number[]
	upper: readonly number[]
}

/** Where a share lies on a drawing. */
export type Place = (share: number) => number

/** Points that lie nearer than this to the one before them cannot be told from it at any size that is drawn. */
const NEAREST = 1 / 1000

/** The points that can be told apart, with the first and the last. */
export function thinned({ x, y }: Points): Points {
	const kept: number[] = []
	for (let index = 0; index < x.length; index++) {
		const before = kept.at(-1)
		const isEnd = index === x.length - 1
		if (before === undefined || isEnd || Math.abs(x[index]! - x[before]!) >= NEAREST || Math.abs(y[index]! - y[before]!) >= NEAREST) kept.push(index)
	}
	return { x: kept.map((index) => x[index]!), y: kept.map((index) => y[index]!) }
}

/**
 * A curve as the path of an SVG. A ROC curve is straight between its points. Precision is a step: to the next recall it holds what stands there,
 * as in the average precision that is its area; a straight line would promise more (J. Davis, M. Goadrich, ICML 2006).
 */
export function curvePath(kind: CurveKind, points: Points, across: Place, down: Place): string {
	const { x, y } = thinned(points)
	return x.map((share, index) => {
		const [right, low] = [across(share).toFixed(1), down(y[index]!).toFixed(1)]
		if (index === 0) return `M${right} ${low}`
		return kind === 'roc' ? `L${right} ${low}` : `V${low}H${right}`
	}).join('')
}

/** The area between the two edges of an interval as the path of an SVG: along the upper edge and back along the lower one; '' for an empty one. */
export function bandPath({ x, lower, upper }: Band, across: Place, down: Place): string {
	const edge = (points: Points) => {
		const { x: shares, y } = thinned(points)
		return shares.map((share, index) => `${across(share).toFixed(1)} ${down(y[index]!).toFixed(1)}`)
	}
	const outline = [...edge({ x, y: upper }), ...edge({ x, y: lower }).toReversed()]
	return outline.length === 0 ? '' : `M${outline.join('L')}Z`
}

/** Where an operating point lies on its curve; null where it is not defined. */
export function placeOfOperatingPoint(kind: CurveKind, { sensitivity, specificity, precision }: OperatingPoint): [x: number, y: number] | null {
	if (sensitivity === null) return null
	if (kind === 'roc') return specificity === null ? null : [1 - specificity, sensitivity]
	return precision === null ? null : [sensitivity, precision]
}
