import { create, type Font } from 'fontkit'
import { describe, expect, it } from 'vitest'
import { loadTypefaces } from '../../../../src/main/reports/text/typefaces.ts'
import { createOutlineSubset } from '../../../../src/main/reports/text/outlineSubset.ts'

/** The outline with whole numbers, as a TrueType file has it, without what closes a contour by itself. */
function outline(font: Font, glyphId: number, x = 0): string[] {
	const contours: string[][] = []
	for (const { command, args } of font.getGlyph(glyphId).path.commands) {
		if (command === 'closePath') continue
		if (command === 'moveTo') contours.push([])
		contours.at(-1)?.push(args.map((value, index) => Math.round(value + (index % 2 === 0 ? x : 0))).join(' '))
	}
	// Whether the way back to the start is drawn or implied.
	return contours.map((points) => (points.length > 1 && points.at(-1) === points[0] ? points.slice(0, -1) : points).join(', '))
}

describe('a subset made of outlines', () => {
	it.each(['ABCgjÄ§8é', 'Жщ', '山田太郎', '김민준', 'שלום'])('has the outlines and widths of %s in a file that fontkit reads', async (text) => {
		const typefaces = await loadTypefaces(text)
		for (const weight of [400, 600] as const) {
			for (const character of text) {
				const source = typefaces.find(character, weight, null)?.font as Font
				const glyph = source.glyphForCodePoint(character.codePointAt(0) as number)
				const subset = createOutlineSubset(source, [[{ glyphId: 0, x: 0, y: 0 }], [{ glyphId: glyph.id, x: 0, y: 0 }]])
				expect(subset.includeGlyph(1)).toBe(1)
				expect(subset.includeGlyph(1)).toBe(1)
				const file = create(Buffer.from(subset.encode())) as Font
				expect(outline(file, 1)).toEqual(outline(source, glyph.id))
				expect(file.getGlyph(1).advanceWidth).toBe(Math.round(glyph.advanceWidth))
			}
		}
	})

	it('has two weights that differ', async () => {
		const typefaces = await loadTypefaces('山')
		const widths = ([400, 600] as const).map((weight) => {
			const font = typefaces.find('山', weight, null)?.font as Font
			return outline(font, font.glyphForCodePoint(0x5c71).id).join()
		})
		expect(widths[0]).not.toBe(widths[1])
	})

	it('draws several outlines as one glyph', async () => {
		const font = (await loadTypefaces('ab')).latin(400).font
		const [first, second] = [font.glyphForCodePoint(0x61).id, font.glyphForCodePoint(0x62).id]
		const subset = createOutlineSubset(font, [[{ glyphId: 0, x: 0, y: 0 }], [{ glyphId: first, x: 0, y: 0 }, { glyphId: second, x: 300, y: 0 }]])
		subset.includeGlyph(1)
		const file = create(Buffer.from(subset.encode())) as Font
		expect(outline(file, 1)).toEqual([...outline(font, first), ...outline(font, second, 300)])
	})
})
