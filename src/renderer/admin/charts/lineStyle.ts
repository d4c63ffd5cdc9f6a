/** How a line of a chart is told from the others: colour, dashes and the shape of its marks, so that colour is never alone. */
export interface LineStyle {
	/** Place in the palette: the token --series-1 is 0. */
	colour: number
	/** Lengths of dash and gap in CSS pixels; none for a whole line. */
	dash: readonly number[]
	mark: Mark
}

export type Mark = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'wedge'

/** As many as tokens.css has. */
export const SERIES_COLOURS = 6
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [10, 3, 2, 3], [4, 2]]
const MARKS: readonly Mark[] = ['circle', 'square', 'triangle', 'diamond', 'cross', 'wedge']

/** The style of the nth line; thirty of them differ. */
export function lineStyle(index: number): LineStyle {
	return { colour: index % SERIES_COLOURS, dash: DASHES[index % DASHES.length] ?? [], mark: MARKS[index % MARKS.length] ?? 'circle' }
}

/** The outline of a mark as the path of an SVG or a canvas. @param radius half its width, in the unit of x and y. */
export function markPath(mark: Mark, x: number, y: number, radius: number): string {
	const at = (right: number, down: number) => `${round(x + right * radius)} ${round(y + down * radius)}`
	if (mark === 'circle') return `M${at(-1, 0)}A${round(radius)} ${round(radius)} 0 1 1 ${at(1, 0)}A${round(radius)} ${round(radius)} 0 1 1 ${at(-1, 0)}Z`
	return `M${OUTLINES[mark].map(([right, down]) => at(right, down)).join('L')}Z`
}

const ARM = 0.4
const OUTLINES: Record<Exclude<Mark, 'circle'>, readonly (readonly [number, number])[]> = {
	square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
	triangle: [[0, -1.1], [1.1, 0.9], [-1.1, 0.9]],
	diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
	cross: [
		[-ARM, -1.15], [ARM, -1.15], [ARM, -ARM], [1.15, -ARM], [1.15, ARM], [ARM, ARM],
		[ARM, 1.15], [-ARM, 1.15], [-ARM, ARM], [-1.15, ARM], [-1.15, -ARM], [-ARM, -ARM],
	],
	wedge: [[0, 1.1], [1.1, -0.9], [-1.1, -0.9]],
}

function round(value: number): number {
	return Math.round(value * 100) / 100
}
