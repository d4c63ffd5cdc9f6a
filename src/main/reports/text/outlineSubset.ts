import type { Font } from 'fontkit'

/** What pdfkit asks of a font subset. */
export interface FontSubset {
	/** Place in the subset of the glyph with this number; 0 is .notdef. */
	includeGlyph(number: number): number
	/** A TrueType font with the tables that PDF requires. */
	encode(): Uint8Array
}

/** An outline of the font, moved by x and y font units. */
export interface GlyphPart { glyphId: number; x: number; y: number }

interface Contour { points: { x: number; y: number; onCurve: boolean }[] }

/**
 * A subset built from the glyphs' outlines. fontkit's own subsets cannot write an instance of a variable font, and the
 * CJK fonts are affordable in size only as variable fonts. Composite glyphs come out simple, hinting is left out.
 * `parts` names, for each number that includeGlyph is asked for, the font's glyphs that it is drawn of; the first gives its width.
 */
export function createOutlineSubset(font: Font, parts: readonly GlyphPart[][]): FontSubset {
	const included = [0]
	const numbers = new Map([[0, 0]])
	return {
		includeGlyph(number) {
			const known = numbers.get(number)
			if (known !== undefined) return known
			numbers.set(number, included.length)
			return included.push(number) - 1
		},
		encode: () => encodeTrueType(font, included.map((number) => parts[number] ?? [])),
	}
}

function encodeTrueType(font: Font, drawn: GlyphPart[][]): Uint8Array {
	const glyphs = drawn.map((parts) => {
		const contours = parts.flatMap(({ glyphId, x, y }) => contoursOf(font.getGlyph(glyphId).path.commands, x, y))
		return { ...encodeGlyph(contours), advance: clamp16(font.getGlyph(parts[0]?.glyphId ?? 0).advanceWidth, 0, 0xffff) }
	})
	const box = {
		xMin: Math.min(...glyphs.map((glyph) => glyph.xMin)), yMin: Math.min(...glyphs.map((glyph) => glyph.yMin)),
		xMax: Math.max(...glyphs.map((glyph) => glyph.xMax)), yMax: Math.max(...glyphs.map((glyph) => glyph.yMax)),
	}
	const offsets = [0]
	for (const { bytes } of glyphs) offsets.push((offsets.at(-1) ?? 0) + bytes.length)

	const head = record(54, (view) => {
		view.setUint32(0, 0x00010000)
		view.setUint32(12, 0x5f0f3cf5)
		view.setUint16(18, font.unitsPerEm)
		view.setInt16(36, box.xMin)
		view.setInt16(38, box.yMin)
		view.setInt16(40, box.xMax)
		view.setInt16(42, box.yMax)
		view.setUint16(46, 6)
		view.setInt16(48, 2)
		view.setInt16(50, 1)
	})
	const hhea = record(36, (view) => {
		view.setUint32(0, 0x00010000)
		view.setInt16(4, clamp16(font.ascent))
		view.setInt16(6, clamp16(font.descent))
		view.setInt16(8, clamp16(font.lineGap))
		view.setUint16(10, Math.max(...glyphs.map((glyph) => glyph.advance)))
		view.setInt16(12, box.xMin)
		view.setInt16(16, box.xMax)
		view.setInt16(18, 1)
		view.setUint16(34, glyphs.length)
	})
	const maxp = record(32, (view) => {
		view.setUint32(0, 0x00010000)
		view.setUint16(4, glyphs.length)
		view.setUint16(6, Math.max(...glyphs.map((glyph) => glyph.points)))
		view.setUint16(8, Math.max(...glyphs.map((glyph) => glyph.contours)))
		view.setUint16(14, 1)
	})
	const hmtx = record(glyphs.length * 4, (view) => {
		for (const [index, glyph] of glyphs.entries()) {
			view.setUint16(index * 4, glyph.advance)
			view.setInt16(index * 4 + 2, glyph.xMin)
		}
	})
	const loca = record(offsets.length * 4, (view) => {
		for (const [index, offset] of offsets.entries()) view.setUint32(index * 4, offset)
	})
	return assemble({ glyf: Buffer.concat(glyphs.map((glyph) => glyph.bytes)), head, hhea, hmtx, loca, maxp })
}

function contoursOf(commands: { command: string; args: number[] }[], x: number, y: number): Contour[] {
	const contours: Contour[] = []
	for (const { command, args } of commands) {
		const [a = 0, b = 0, c = 0, d = 0] = args.map((value, index) => clamp16(value + (index % 2 === 0 ? x : y)))
		const points = contours.at(-1)?.points
		if (command === 'moveTo') contours.push({ points: [{ x: a, y: b, onCurve: true }] })
		else if (command === 'lineTo') points?.push({ x: a, y: b, onCurve: true })
		else if (command === 'quadraticCurveTo') points?.push({ x: a, y: b, onCurve: false }, { x: c, y: d, onCurve: true })
		else if (command !== 'closePath') throw new Error(`A TrueType outline has no ${command}.`)
	}
	for (const { points } of contours) {
		// A contour closes by itself: its end must not repeat its start.
		const [first, last] = [points[0], points.at(-1)]
		if (points.length > 1 && first && last?.onCurve && first.x === last.x && first.y === last.y) points.pop()
	}
	return contours.filter(({ points }) => points.length > 1)
}

/** A simple glyph (OpenType glyf table) with 16-bit coordinates, padded to 4 bytes; empty where there is no outline. */
function encodeGlyph(contours: Contour[]) {
	const points = contours.flatMap((contour) => contour.points)
	if (points.length === 0) return { bytes: new Uint8Array(0), points: 0, contours: 0, xMin: 0, yMin: 0, xMax: 0, yMax: 0 }
	const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)]
	const box = { xMin: Math.min(...xs), yMin: Math.min(...ys), xMax: Math.max(...xs), yMax: Math.max(...ys) }
	const size = 10 + contours.length * 2 + 2 + points.length * 5
	const bytes = record(Math.ceil(size / 4) * 4, (view) => {
		view.setInt16(0, contours.length)
		view.setInt16(2, box.xMin)
		view.setInt16(4, box.yMin)
		view.setInt16(6, box.xMax)
		view.setInt16(8, box.yMax)
		let position = 10
		let end = -1
		for (const contour of contours) {
			end += contour.points.length
			view.setUint16(position, end)
			position += 2
		}
		position += 2
		for (const point of points) view.setUint8(position++, point.onCurve ? 1 : 0)
		for (const values of [xs, ys]) {
			let last = 0
			for (const value of values) {
				view.setInt16(position, value - last)
				position += 2
				last = value
			}
		}
	})
	return { bytes, points: points.length, contours: contours.length, ...box }
}

function assemble(tables: Record<string, Uint8Array>): Uint8Array {
	const entries = Object.entries(tables)
	const selector = Math.floor(Math.log2(entries.length))
	const directory = new DataView(new ArrayBuffer(12 + entries.length * 16))
	directory.setUint32(0, 0x00010000)
	directory.setUint16(4, entries.length)
	directory.setUint16(6, 2 ** selector * 16)
	directory.setUint16(8, selector)
	directory.setUint16(10, entries.length * 16 - 2 ** selector * 16)
	let offset = directory.byteLength
	const parts: Uint8Array[] = [new Uint8Array(directory.buffer)]
	for (const [index, [tag, bytes]] of entries.entries()) {
		const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
		padded.set(bytes)
		const position = 12 + index * 16
		for (let letter = 0; letter < 4; letter++) directory.setUint8(position + letter, tag.charCodeAt(letter))
		directory.setUint32(position + 4, checksum(padded))
		directory.setUint32(position + 8, offset)
		directory.setUint32(position + 12, bytes.length)
		offset += padded.length
		parts.push(padded)
	}
	return Buffer.concat(parts)
}

function checksum(bytes: Uint8Array): number {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
	let sum = 0
	for (let position = 0; position < bytes.length; position += 4) sum = (sum + view.getUint32(position)) >>> 0
	return sum
}

function record(size: number, write: (view: DataView) => void): Uint8Array {
	const bytes = new Uint8Array(size)
	write(new DataView(bytes.buffer))
	return bytes
}

function clamp16(value: number, low = -0x8000, high = 0x7fff): number {
	return Math.min(Math.max(Math.round(value), low), high)
}
