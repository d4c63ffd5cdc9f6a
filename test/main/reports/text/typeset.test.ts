import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { personName } from '../../../../src/common/text/personName.ts'
import { loadTypefaces } from '../../../../src/main/reports/text/typefaces.ts'
import { typeset, typesetOneLine } from '../../../../src/main/reports/text/typeset.ts'
import { visibleText } from '../../../../src/main/reports/text/visibleText.ts'

const STYLE = { size: 10, weight: 400 } as const
const textOf = (lines: { pieces: { text: string }[] }[]) => lines.map((line) => line.pieces.map((piece) => piece.text).join(''))

/** Brackets may be mirrored. */
const letters = (value: string) => [...value.normalize('NFD').replaceAll(/\s/gu, '').replaceAll(']', '[')].toSorted().join('')

describe('typesetting', () => {
	it('breaks at blanks and hyphens and keeps lines within the width', async () => {
		const typefaces = await loadTypefaces('abcdefghijklmnopqrstuvwxyz- ')
		const lines = typeset(typefaces, 'the quick brown fox-trot jumps over the lazy dog', STYLE, 82)
		expect(textOf(lines)).toEqual(['the quick brown', 'fox-trot jumps', 'over the lazy dog'])
		for (const line of lines) expect(line.width).toBeLessThanOrEqual(82)
	})

	it('breaks Chinese between characters but not before closing punctuation', async () => {
		const text = '心影不大，双肺纹理清晰。'
		const typefaces = await loadTypefaces(text)
		// Four characters are 40 points wide: the comma would begin the second line.
		expect(textOf(typeset(typefaces, text, STYLE, 42))).toEqual(['心影不', '大，双肺', '纹理清', '晰。'])
	})

	it('turns runs of right-to-left text round and leaves numbers as they are', async () => {
		const text = 'ab (אב 12) גד'
		const typefaces = await loadTypefaces(text)
		// Pieces stand in visual order; letters within a piece are left to the shaper.
		const [line] = typeset(typefaces, text, STYLE, 500)
		// The brackets belong to the outer, left-to-right text; within them the number follows the letters, which is on their left.
		expect(line?.pieces.map((piece) => piece.text)).toEqual(['ab (', '12', 'אב ', ') ', 'גד'])
		expect(line?.rightToLeft).toBe(false)
	})

	it('loses no character and never exceeds the width, whatever the text', async () => {
		const alphabet = 'ab -אבعم。王김Ж\u202e\u0007\n😀e\u0301'
		const typefaces = await loadTypefaces(visibleText(`${alphabet}[U+0123456789ABCDEF]…`))
		fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 80 }), fc.integer({ min: 12, max: 120 }), (text, width) => {
			const lines = typeset(typefaces, text, STYLE, width)
			for (const line of lines) expect(line.width).toBeLessThanOrEqual(width + 0.01)
			expect(letters(textOf(lines).join(''))).toBe(letters(visibleText(text).replaceAll('😀', '\ufffd')))
			expect(typesetOneLine(typefaces, text, STYLE, width).width).toBeLessThanOrEqual(width + 0.01)
		}), { numRuns: 150 })
	})

	it('mirrors brackets in right-to-left text, with a mark on them too', async () => {
		const text = 'א[ב]\u0301'
		const [line] = typeset(await loadTypefaces(text), text, STYLE, 500)
		expect(line?.pieces.map((piece) => piece.text).join('')).toBe('[\u0301ב]א')
	})

	it('takes ten times as long for a word of ten times as many letters, not a hundred times', async () => {
		const typefaces = await loadTypefaces('abc')
		const fastest = (length: number) => Math.min(...[1, 2, 3].map(() => {
			const begin = performance.now()
			expect(typeset(typefaces, 'abc'.repeat(length / 3), STYLE, 400).length).toBeGreaterThan(length / 100)
			return performance.now() - begin
		}))
		fastest(900)
		expect(fastest(18_000) / fastest(1800)).toBeLessThan(40)
	})
})

describe('names', () => {
	it.each([
		['DOE^JANE^MARIA^DR^PHD', 'DOE, JANE MARIA (DR, PHD)'],
		['DOE^JANE', 'DOE, JANE'],
		['Doe, Jane', 'Doe, Jane'],
		['Yamada^Tarou=山田^太郎=やまだ^たろう', 'Yamada, Tarou / 山田, 太郎 / やまだ, たろう'],
		['^^^', ''],
		['', ''],
	])('%s', (name, expected) => expect(personName(name)).toBe(expected))
})
