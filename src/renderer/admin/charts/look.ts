import { SERIES_COLOURS } from './lineStyle.ts'

/** What a canvas needs of tokens.css, which it can not take by name. */
export interface Look {
	text: string
	muted: string
	line: string
	background: string
	/** Of the lines, in their order. */
	series: string[]
	/** CSS pixels of the root; small text is three quarters of it. */
	rootSize: number
	font: string
}

/** The tokens as they are at an element now. @param rootSize CSS pixels. */
export function lookOf(element: Element, rootSize: number): Look {
	const style = getComputedStyle(element)
	const token = (name: string) => style.getPropertyValue(name).trim()
	return {
		text: token('--text'),
		muted: token('--muted'),
		line: token('--line'),
		background: token('--background'),
		series: Array.from({ length: SERIES_COLOURS }, (_, index) => token(`--series-${index + 1}`)),
		rootSize,
		font: `${Math.round(rootSize * 0.75)}px ${style.fontFamily}`,
	}
}
