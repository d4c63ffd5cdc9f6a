import type { Lung, LungFindings } from '../contract/lungFindings.ts'
import type { FilmRegion } from '../contract/primitives.ts'
import { regionOf } from '../imaging/region.ts'
import { LUNG_LIMITS } from './limits.ts'
import { withoutOutgrowths } from './outgrowths.ts'
import { filled, partsOf, type Part } from './parts.ts'
import { separated } from './separate.ts'

/** A pixel of a cleaned lung mask: no lung, the lung on the picture's left, the one on its right. */
export const LUNG_MASK = { none: 0, left: 1, right: 2 } as const

/** A cleaned mask, side x side over the whole film, row by row (LUNG_MASK), and what it says. */
export interface FoundLungs {
	side: number
	mask: Uint8Array
	findings: LungFindings
}

/** Parts that are looked at: the air beside a patient may be taken for more than a lung. */
const MOST_PARTS = 4

/** One lung as it lies in the mask. */
interface Shape extends Lung {
	mask: Uint8Array
	/** Centre of its pixels, as shares of the film. */
	x: number
	y: number
	/** Parts of its width that lie on the film's upper and lower border, and of its height on the left and right one. */
	onBorder: { top: number; bottom: number; left: number; right: number }
}

/**
 * The two lungs of a mask: its two largest connected parts, or the two largest that lie as lungs do, without what hangs on them by a narrow neck, with their holes filled, everything else dropped. Where both are joined by a narrow bridge they are
 * separated first. The answer has reasons where this is not a frontal chest film with both lungs complete (LUNG_LIMITS).
 * @param mask side x side over the whole film, row by row; not 0 is lung.
 * @throws Error when the mask does not have side x side values.
 */
export function findLungs(mask: Uint8Array, side: number): FoundLungs {
	if (mask.length !== side * side) throw new Error(`A mask of ${side} x ${side} has ${mask.length} values.`)
	const shapes = largeParts(mask, side).map((part) => shapeOf(filled(withoutOutgrowths(part, side), side), side))
	const [first, second] = chosenPair(shapes.filter(({ area }) => area >= LUNG_LIMITS.leastArea))
	const clean = new Uint8Array(side * side)
	if (!first || !second) {
		// A lone lung is named by the half of the film that it lies in.
		const half = first && first.x < 0.5 ? 'left' : 'right'
		if (first) paint(clean, first, LUNG_MASK[half])
		const findings: LungFindings = { left: null, right: null, box: null, reasons: [missingReason(shapes, first)] }
		return { side, mask: clean, findings: first ? { ...findings, [half]: lungOf(first) } : findings }
	}
	paint(clean, first, LUNG_MASK.left)
	paint(clean, second, LUNG_MASK.right)
	return { side, mask: clean, findings: { left: lungOf(first), right: lungOf(second), box: around(first.box, second.box), reasons: reasonsAgainst(first, second) } }
}

/** The largest parts; where the second is too small to be a lung, the largest in two without what joins its halves. */
function largeParts(mask: Uint8Array, side: number): Part[] {
	const parts = partsOf(mask, side).slice(0, MOST_PARTS)
	const [largest, second] = parts
	if (!largest) return []
	if (second && second.length >= LUNG_LIMITS.leastAreaRatio * largest.length) return parts
	const apart = separated(largest, side)
	const halves = apart ? partsOf(apart, side) : []
	const [one, other] = halves
	if (one && other && other.length >= LUNG_LIMITS.leastAreaRatio * one.length) return [one, other]
	return parts
}

/** The two largest of the parts, the picture's left one first, unless these are not the lungs of a frontal film and two others are. */
function chosenPair(shapes: readonly Shape[]): [Shape?, Shape?] {
	const bySize = shapes.toSorted((a, b) => b.area - a.area)
	const pairs = bySize.flatMap((one, index) => bySize.slice(index + 1).map((other): [Shape, Shape] => (one.x <= other.x ? [one, other] : [other, one])))
	const ordered = pairs.toSorted((a, b) => b[0].area + b[1].area - a[0].area - a[1].area)
	return ordered.find(([left, right]) => reasonsAgainst(left, right).length === 0) ?? ordered[0] ?? [bySize[0]]
}

function reasonsAgainst(left: Shape, right: Shape): string[] {
	return [...cutReasons(left, right), ...shapeReasons(left, right)]
}

function shapeOf(mask: Uint8Array, side: number): Shape {
	let [left, right, top, bottom, area, columns, rows] = [side, -1, side, -1, 0, 0, 0]
	const touching = { top: 0, bottom: 0, left: 0, right: 0 }
	for (let row = 0; row < side; row++) {
		for (let column = 0; column < side; column++) {
			if (mask[row * side + column] === 0) continue
			left = Math.min(left, column)
			right = Math.max(right, column)
			top = Math.min(top, row)
			bottom = Math.max(bottom, row)
			area++
			columns += column + 0.5
			rows += row + 0.5
			if (row === 0) touching.top++
			if (row === side - 1) touching.bottom++
			if (column === 0) touching.left++
			if (column === side - 1) touching.right++
		}
	}
	const width = right - left + 1
	const height = bottom - top + 1
	return {
		mask,
		box: regionOf({ x: left, y: top, width, height }, side, side),
		area: area / (side * side),
		x: columns / area / side,
		y: rows / area / side,
		onBorder: { top: touching.top / width, bottom: touching.bottom / width, left: touching.left / height, right: touching.right / height },
	}
}

function paint(target: Uint8Array, { mask }: Shape, value: number): void {
	for (const [place, inside] of mask.entries()) if (inside === 1) target[place] = value
}

const lungOf = ({ box, area }: Shape): Lung => ({ box, area })

function around(a: FilmRegion, b: FilmRegion): FilmRegion {
	return { left: Math.min(a.left, b.left), top: Math.min(a.top, b.top), right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom) }
}

function missingReason(shapes: readonly Shape[], lung: Shape | undefined): string {
	if (lung) return 'Only one lung was found: this is not a frontal chest film, or one lung is outside of it, missing or hidden.'
	return shapes.length === 0
		? 'No lungs were found: this is not a frontal chest film.'
		: `What was found is much too small for lungs (${percent(shapes.reduce((sum, { area }) => sum + area, 0))} of the film): this is not a frontal chest film, or it shows far more than the chest.`
}

function cutReasons(left: Shape, right: Shape): string[] {
	const borders = [
		['upper', Math.max(left.onBorder.top, right.onBorder.top), LUNG_LIMITS.mostOnEnd],
		['lower', Math.max(left.onBorder.bottom, right.onBorder.bottom), LUNG_LIMITS.mostOnEnd],
		['left', Math.max(left.onBorder.left, right.onBorder.left), LUNG_LIMITS.mostOnSide],
		['right', Math.max(left.onBorder.right, right.onBorder.right), LUNG_LIMITS.mostOnSide],
	] as const
	return borders.filter(([, share, most]) => share > most).map(([border, share]) => `A lung is cut off at the film's ${border} border: ${percent(share)} of its ${border === 'upper' || border === 'lower' ? 'width' : 'height'} lies on it.`)
}

/** One sentence for the first thing that does not fit: the others mostly follow from it. */
function shapeReasons(left: Shape, right: Shape): string[] {
	const box = around(left.box, right.box)
	const apart = (right.x - left.x) / (box.right - box.left)
	const askew = Math.abs(right.y - left.y) / (box.bottom - box.top)
	const beside = (Math.min(left.box.bottom, right.box.bottom) - Math.max(left.box.top, right.box.top)) / Math.min(heightOf(left), heightOf(right))
	const areaRatio = Math.min(left.area, right.area) / Math.max(left.area, right.area)
	const heightRatio = Math.min(heightOf(left), heightOf(right)) / Math.max(heightOf(left), heightOf(right))
	if (apart < LUNG_LIMITS.leastApart || apart > LUNG_LIMITS.mostApart || beside < LUNG_LIMITS.leastBeside) return unlike('they do not lie beside each other')
	if (askew > LUNG_LIMITS.mostAskew) return unlike('one lies far higher than the other')
	if (areaRatio < LUNG_LIMITS.leastAreaRatio) return unlike(`one is only ${percent(areaRatio)} as large as the other`)
	if (Math.min(tallnessOf(left), tallnessOf(right)) < LUNG_LIMITS.leastTallness) return unlike('one is wider than high')
	if (heightRatio < LUNG_LIMITS.leastHeightRatio) return unlike(`one is only ${percent(heightRatio)} as high as the other`)
	return []
}

function unlike(what: string): string[] {
	return [`The two lungs do not fit a frontal chest film: ${what}.`]
}

function heightOf({ box }: Shape): number {
	return box.bottom - box.top
}

function tallnessOf({ box }: Shape): number {
	return (box.bottom - box.top) / (box.right - box.left)
}

function percent(share: number): string {
	return `${Math.round(share * 100)} %`
}
