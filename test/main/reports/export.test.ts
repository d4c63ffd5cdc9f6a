import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeReportContent, encodeReportContent } from '../../../src/main/reports/content.ts'
import { formatCsv, reportCsv, reportJson } from '../../../src/main/reports/export.ts'
import { makeContent, makePng } from './sample.ts'

/** A reader of RFC 4180, written apart from the writer. */
function parseCsv(text: string): string[][] {
	const rows: string[][] = []
	let row: string[] = []
	let position = 0
	while (position < text.length) {
		let cell = ''
		if (text[position] === '"') {
			for (position++; ; position++) {
				if (text[position] === '"' && text[position + 1] === '"') cell += text[position++]
				else if (text[position] === '"') break
				else cell += text[position]
			}
			position++
		} else {
			while (position < text.length && text[position] !== ',' && !text.startsWith('\r\n', position)) cell += text[position++]
		}
		row.push(cell)
		if (text[position] === ',') position++
		else {
			rows.push(row)
			row = []
			position += 2
		}
	}
	return rows
}

describe('CSV', () => {
	it('has a row per image, network and label, and one for a refused image', () => {
		const [head = [], ...rows] = parseCsv(reportCsv(makeContent()))
		const cells = rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])))
		expect(cells.map(({ file, role, label, call, reason }) => [file, role, label, call, reason])).toEqual([
			['chest-frontal.dcm', 'student', 'covid19', 'positive', ''],
			['chest-frontal.dcm', 'student', 'normal', 'negative', ''],
			['chest-frontal.dcm', 'student', 'pneumonia', 'negative', ''],
			['chest-frontal.dcm', 'teacher', 'covid19', 'positive', ''],
			['chest-frontal.dcm', 'teacher', 'normal', 'negative', ''],
			['chest-frontal.dcm', 'teacher', 'pneumonia', 'negative', ''],
			['lateral.png', 'student', '', 'refused', 'The image is one constant value.'],
		])
		expect(cells[0]).toMatchObject({ probability: '0.831', operating_point: '0.42', agreement: 'agree', research_use: 'Research use only. Not a medical device.' })
		// A number keeps its sign.
		expect(Number(cells[1]?.['logit'])).toBeLessThan(0)
	})

	it('comes back as it was, formulas disarmed', () => {
		const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', 'a', ' ') }))
		fc.assert(fc.property(fc.array(fc.array(fc.oneof(text, fc.double({ noNaN: true }), fc.constant(null)), { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rows) => {
			const parsed = parseCsv(formatCsv(rows))
			expect(parsed.map((row) => row.length)).toEqual(rows.map((row) => row.length))
			for (const [index, row] of rows.entries()) {
				for (const [place, cell] of row.entries()) {
					const found = parsed[index]?.[place] ?? ''
					if (typeof cell !== 'string') expect(found).toBe(cell === null ? '' : String(cell))
					else {
						expect([cell, `'${cell}`]).toContain(found)
						expect(found).not.toMatch(/^[=+\-@\t\r]/)
					}
				}
			}
		}))
	})
})

describe('JSON', () => {
	it('comes back as it was, pictures and rejected findings included', () => {
		const content = makeContent()
		const text = reportJson(content)
		const back = decodeReportContent(JSON.parse(text))
		expect({ ...back, keyImages: [] }).toEqual({ ...content, keyImages: [] })
		expect(back.keyImages.map(({ png }) => Buffer.from(png).equals(Buffer.from(makePng(200, 240))))).toEqual([true, true])
		expect(text).toContain('REJECTED-TEXT')
		expect(JSON.parse(text)).toMatchObject({ schemaVersion: 1, researchUse: 'Research use only. Not a medical device.' })
	})

	it('refuses what is not a whole report', () => {
		const { patient: _, ...rest } = encodeReportContent(makeContent())
		expect(() => decodeReportContent(rest)).toThrow()
		expect(() => decodeReportContent({ ...encodeReportContent(makeContent()), schemaVersion: 2 })).toThrow()
		expect(() => decodeReportContent({ ...encodeReportContent(makeContent()), researchUse: 'For every use.' })).toThrow()
	})
})
