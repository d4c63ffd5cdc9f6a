import type { Font, Glyph, GlyphPosition } from 'fontkit'
import { createOutlineSubset, type GlyphPart } from './outlineSubset.ts'

/**
 * A font instance as pdfkit needs it to embed it so that its text can be searched and copied. In PDF a glyph has one meaning, but
 * joined scripts make letters of shared strokes and dots. So glyphs are numbered anew here: a number per glyph and meaning, and
 * what a letter was taken apart into is one glyph again.
 * @param name unique in a document: pdfkit merges fonts of the same name, and all instances of a file have one name.
 */
export function embeddedFont(instance: Font, name: string): Font {
	keepMeanings(instance)
	const parts: GlyphPart[][] = [[{ glyphId: 0, x: 0, y: 0 }]]
	const numbers = new Map<string, number>()

	function numbered(glyph: Glyph, pieces: GlyphPart[]): Glyph {
		const meaning = `${glyph.codePoints.join()}:${pieces.map(({ glyphId, x, y }) => `${glyphId} ${x} ${y}`).join()}`
		let number = numbers.get(meaning)
		if (number === undefined) numbers.set(meaning, (number = parts.push(pieces) - 1))
		return Object.create(glyph, { id: { value: number } }) as Glyph
	}

	return Object.create(instance, {
		postscriptName: { value: name },
		createSubset: { value: () => createOutlineSubset(instance, parts) },
		layout: {
			value(text: string, features?: string[]) {
				// A run has one direction: right to left where it has a letter of such a script. Digits alone never are.
				const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(text) && /\p{L}/u.test(text)
				const run = instance.layout(text, features, undefined, undefined, rightToLeft ? 'rtl' : 'ltr')
				const bases = joinParts(run.glyphs, run.positions, rightToLeft)
				run.glyphs = bases.map(({ glyph, pieces }) => numbered(glyph, pieces))
				run.positions = bases.map(({ position }) => position)
				return run
			},
		},
	}) as Font
}

/** fontkit keeps one object per glyph, with the characters that it stood for the first time; this keeps one per meaning. */
function keepMeanings(instance: Font): void {
	const plainGlyph = instance.getGlyph.bind(instance)
	const glyphs = new Map<string, Glyph>()
	instance.getGlyph = (glyphId, codePoints = []) => {
		const meaning = `${glyphId}:${codePoints.join()}`
		let glyph = glyphs.get(meaning)
		if (!glyph) glyphs.set(meaning, (glyph = Object.create(plainGlyph(glyphId), { codePoints: { value: codePoints } }) as Glyph))
		return glyph
	}
}

interface Base { glyph: Glyph; position: GlyphPosition; pieces: GlyphPart[] }

/** Adds glyphs that stand for no character and do not move on, such as the dots of an Arabic letter, to the letter they belong to. */
function joinParts(glyphs: Glyph[], positions: GlyphPosition[], rightToLeft: boolean): Base[] {
	const bases: Base[] = []
	let waiting: GlyphPart[] = []
	for (const [index, glyph] of glyphs.entries()) {
		const position = positions[index] ?? { xAdvance: glyph.advanceWidth, yAdvance: 0, xOffset: 0, yOffset: 0 }
		const last = bases.at(-1)
		if (glyph.codePoints.length === 0 && position.xAdvance === 0) {
			const part = { glyphId: glyph.id, x: position.xOffset, y: position.yOffset }
			// In visual order the dots of a letter stand before it where the run reads from right to left.
			if (rightToLeft) waiting.push(part)
			else if (last) last.pieces.push({ ...part, x: part.x + last.position.xAdvance - last.position.xOffset, y: part.y - last.position.yOffset })
			continue
		}
		const own = { glyphId: glyph.id, x: 0, y: 0 }
		bases.push({ glyph, position, pieces: [own, ...waiting.map((part) => ({ ...part, x: part.x - position.xOffset, y: part.y - position.yOffset }))] })
		waiting = []
	}
	return bases
}
