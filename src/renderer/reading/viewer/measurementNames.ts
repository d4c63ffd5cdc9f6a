import type { Annotation } from '../../../common/contract/annotation.ts'

const NAMES: Record<Annotation['tool'], string> = { length: 'Length', angle: 'Angle', ellipse: 'Ellipse', rectangle: 'Rectangle' }

/** Names those that have none: "Length 1", "Length 2"; a number is not given twice. */
export function named(annotations: readonly Annotation[]): Annotation[] {
	const taken = new Set(annotations.map((annotation) => annotation.label))
	return annotations.map((annotation) => {
		if (annotation.label.trim() !== '') return annotation
		let number = 1
		while (taken.has(`${NAMES[annotation.tool]} ${number}`)) number++
		const label = `${NAMES[annotation.tool]} ${number}`
		taken.add(label)
		return { ...annotation, label }
	})
}

/** Less than this far apart, in pixels, points are the same: millimetres and back are not exact. */
const SAME_POINT = 1e-3

/** Whether two lists of measurements say something different. */
export function differ(before: readonly Annotation[], after: readonly Annotation[]): boolean {
	if (before.length !== after.length) return true
	return before.some((one, index) => {
		const other = after[index]
		if (!other || one.uid !== other.uid || one.tool !== other.tool || one.label !== other.label || one.points.length !== other.points.length) return true
		return one.points.some(([column, row], at) => {
			const [otherColumn, otherRow] = other.points[at] ?? [Number.NaN, Number.NaN]
			return !(Math.abs(column - otherColumn) <= SAME_POINT && Math.abs(row - otherRow) <= SAME_POINT)
		})
	})
}
