import type PdfDocument from 'pdfkit'
import type { Typefaces } from '../text/typefaces.ts'
import { typeset, typesetOneLine, type Line, type Style } from '../text/typeset.ts'

/** A4 in points; the body's frame leaves room for the running header and footer. */
export const PAGE = { width: 595.28, height: 841.89, left: 52, right: 543.28, top: 78, bottom: 782 } as const
export const BODY_WIDTH = PAGE.right - PAGE.left

export const INK = { text: '#111111', muted: '#5c6268', line: '#c9cdd1', faint: '#eef0f1', fill: '#8d949b', strong: '#2b2f33' } as const

export const STYLES = {
	title: { size: 17, weight: 600 },
	heading: { size: 10.5, weight: 600 },
	body: { size: 9.5, weight: 400 },
	bodyStrong: { size: 9.5, weight: 600 },
	small: { size: 8, weight: 400 },
	smallStrong: { size: 8, weight: 600 },
	tiny: { size: 7, weight: 400 },
} as const satisfies Record<string, Style>

export type StructureType = 'H1' | 'H2' | 'H3' | 'P' | 'Figure' | 'Caption'

export interface TextOptions { style?: Style; colour?: string; x?: number; width?: number; tag?: StructureType }

/** Pages filled from the top down. All text goes through the typesetter, so every script and every page break is handled in one place. */
export interface Sheet {
	document: PDFKit.PDFDocument
	typefaces: Typefaces
	/** Top of the next block, in points from the top of the page. */
	y: number
	/** Begins a new page where less than `height` points are left. */
	ensure(height: number): void
	space(height: number): void
	rule(): void
	/** A heading that stays with at least `follow` points of what comes after it. */
	heading(text: string, follow?: number): void
	/** Flowing text over as many pages as it needs. */
	paragraph(text: string, options?: TextOptions): void
	/** Draws lines with their top at `top`, nothing else moved. Returns their height. */
	lines(lines: Line[], x: number, top: number, width: number, style: Style, colour?: string): number
	/** One line, cut where it is too wide. */
	label(text: string, x: number, top: number, width: number, options?: { style?: Style; colour?: string; align?: 'left' | 'right' | 'centre' }): void
	/** Marks what is drawn as one element of the document's structure. */
	tagged(tag: StructureType, draw: () => void, alternative?: string): void
	/** Marks what is drawn as decoration, which reading aloud leaves out. */
	decoration(draw: () => void): void
	set(text: string, style: Style, width: number): Line[]
}

export function lineHeight(style: Style): number {
	return style.size * 1.42
}

export function createSheet(document: InstanceType<typeof PdfDocument>, typefaces: Typefaces): Sheet {
	const root = document.struct('Document')
	document.addStructure(root)

	function drawLine(line: Line, x: number, top: number, width: number, style: Style, colour: string, align: 'left' | 'right' | 'centre'): void {
		const slack = width - line.width
		let left = x + (align === 'right' ? slack : align === 'centre' ? slack / 2 : 0)
		const baseline = top + style.size * 1.08
		document.fillColor(colour)
		for (const piece of line.pieces) {
			// pdfkit takes an open fontkit font as a source, which its types do not say.
			document.font(piece.face.font as unknown as Buffer, piece.face.key, style.size)
			// The feature list, empty as it is, makes pdfkit shape the piece whole instead of word by word.
			document.text(piece.text, left, baseline, { lineBreak: false, baseline: 'alphabetic', features: [] })
			left += piece.width
		}
	}

	const sheet: Sheet = {
		document,
		typefaces,
		y: PAGE.top,
		ensure(height) {
			if (sheet.y + height <= PAGE.bottom || sheet.y === PAGE.top) return
			// Not addPage: this closes the open structure element on the old page and opens it again on the new one.
			document.continueOnNewPage()
			sheet.y = PAGE.top
		},
		space(height) {
			sheet.y = Math.min(sheet.y + height, PAGE.bottom)
		},
		rule() {
			sheet.decoration(() => document.lineWidth(0.5).strokeColor(INK.line).moveTo(PAGE.left, sheet.y).lineTo(PAGE.right, sheet.y).stroke())
		},
		heading(text, follow = 30) {
			sheet.space(9)
			sheet.ensure(lineHeight(STYLES.heading) + 4 + follow)
			sheet.tagged('H2', () => sheet.lines(sheet.set(text, STYLES.heading, BODY_WIDTH), PAGE.left, sheet.y, BODY_WIDTH, STYLES.heading))
			sheet.y += lineHeight(STYLES.heading) + 2
		},
		paragraph(text, { style = STYLES.body, colour = INK.text, x = PAGE.left, width = PAGE.right - x, tag = 'P' } = {}) {
			const lines = sheet.set(text, style, width)
			sheet.tagged(tag, () => {
				for (const [index, line] of lines.entries()) {
					// No single first line at the foot of a page.
					sheet.ensure(lineHeight(style) * (index === 0 ? Math.min(lines.length, 2) : 1))
					drawLine(line, x, sheet.y, width, style, colour, line.rightToLeft ? 'right' : 'left')
					sheet.y += lineHeight(style)
				}
			})
		},
		lines(lines, x, top, width, style, colour = INK.text) {
			for (const [index, line] of lines.entries()) drawLine(line, x, top + index * lineHeight(style), width, style, colour, 'left')
			return lines.length * lineHeight(style)
		},
		label(text, x, top, width, { style = STYLES.body, colour = INK.text, align = 'left' } = {}) {
			drawLine(typesetOneLine(typefaces, text, style, width), x, top, width, style, colour, align)
		},
		tagged(tag, draw, alternative) {
			const element = document.struct(tag, alternative ? { alt: alternative } : {}, [document.markStructureContent(tag)])
			draw()
			document.endMarkedContent()
			root.add(element)
		},
		decoration(draw) {
			document.markContent('Artifact', { type: 'Layout' })
			draw()
			document.endMarkedContent()
		},
		set: (text, style, width) => typeset(typefaces, text, style, width),
	}
	return sheet
}
