import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lineStyle, markPath, SERIES_COLOURS, type Mark } from '../../../../src/renderer/admin/charts/lineStyle.ts'

const tokens = new Map(Array.from(
	readFileSync(new URL('../../../../src/renderer/ui/tokens.css', import.meta.url), 'utf8').matchAll(/(--[\w-]+): (#[\da-f]{6});/g),
	([, name = '', colour = '']) => [name, [1, 3, 5].map((place) => Number.parseInt(colour.slice(place, place + 2), 16))] as const,
))

function token(name: string): number[] {
	const colour = tokens.get(name)
	if (!colour) throw new Error(`tokens.css has no ${name}.`)
	return colour
}

/** Relative luminance of WCAG 2.2. */
function luminance(colour: number[]): number {
	const [red = 0, green = 0, blue = 0] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: number[], other: number[]): number {
	const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
	return (lighter + 0.05) / (darker + 0.05)
}

describe('line styles', () => {
	it('are thirty that differ, and no neighbours have the same dashes', () => {
		const styles = Array.from({ length: 30 }, (_, index) => lineStyle(index))
		expect(new Set(styles.map((style) => JSON.stringify(style))).size).toBe(30)
		for (const [index, { dash }] of styles.entries()) expect(dash).not.toEqual(styles[index + 1]?.dash)
	})

	it('have colours that are seen on every background of the program', () => {
		for (let index = 1; index <= SERIES_COLOURS; index++) {
			for (const background of ['--background', '--panel', '--raised']) expect(contrast(token(`--series-${index}`), token(background))).toBeGreaterThanOrEqual(3)
		}
		expect(tokens.has(`--series-${SERIES_COLOURS + 1}`)).toBe(false)
	})
})

it('text can be read on every shade of a confusion matrix (WCAG AA)', () => {
	const [from, to] = [token('--panel'), token('--shade')]
	for (let percent = 0; percent <= 100; percent++) {
		const shade = from.map((value, part) => value + ((to[part]! - value) * percent) / 100)
		expect(contrast(token('--text-strong'), shade)).toBeGreaterThanOrEqual(4.5)
	}
})

describe('marks', () => {
	const marks: Mark[] = ['circle', 'square', 'triangle', 'diamond', 'cross', 'wedge']

	it.each(marks)('%s is a closed outline about its place', (mark) => {
		const path = markPath(mark, 100, 200, 4)
		expect(path).toMatch(/^M[^Z]+Z$/)
		const places = [...path.matchAll(/(\d+(?:\.\d+)?) (\d+(?:\.\d+)?)(?=[LAZ])/g)].map(([, x, y]) => [Number(x), Number(y)])
		expect(places.length).toBeGreaterThan(1)
		for (const [x = 0, y = 0] of places) expect(Math.hypot(x - 100, y - 200)).toBeLessThan(4 * 1.5)
	})

	it('are six shapes', () => expect(new Set(marks.map((mark) => markPath(mark, 0, 0, 1))).size).toBe(6))
})
