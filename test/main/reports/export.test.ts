import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeReportContent, encodeReportContent, type MapExplanation } from '../../../src/main/reports/content.ts'
import { formatCsv, reportCsv, reportJson } from '../../../src/main/reports/export.ts'
import { EXPLANATION, MAP, makeContent, makeKeyImage, makePng } from './sample.ts'

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

const mapped = (change: Partial<MapExplanation>, more: Partial<typeof MAP> = {}) => makeKeyImage({ map: { ...MAP, ...more, explanation: { ...EXPLANATION, ...change } } })
const ABOUT_MAP = ['role', 'model_id', 'label', 'probability', 'map_layer', 'map_faithfulness', 'reason']

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

	it('says which part of the film a map covers and how much of it lies inside the lungs, where that is known of one', () => {
		const lungs = { model: { id: 'lungs', version: '1.0.0', sha256: 'ab'.repeat(32) }, dice: 0.94, inside: { energyShare: 0.62, areaShare: 0.41 } }
		const region = { left: 0.1, top: 0.2, right: 0.9, bottom: 0.75 }
		const [head = [], ...rows] = parseCsv(reportCsv(makeContent({ keyImages: [mapped({ region, lungs })] })))
		const cells = rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? '']))).filter(({ map_layer }) => map_layer !== '')
		expect(cells).toMatchObject([{ map_region_left: '0.1', map_region_bottom: '0.75', map_inside_lungs: '0.62', map_lung_area: '0.41', lungs_model_id: 'lungs', lungs_model_sha256: 'ab'.repeat(32) }])
		expect(reportCsv(makeContent({ keyImages: [mapped({})] })).split('\r\n')[0]).not.toContain('lung')
	})

	it('has the numbers of each map among the key images in the row of its answer, or in a row of its own', () => {
		const content = makeContent({
			keyImages: [
				makeKeyImage(), mapped({}), mapped({}), mapped({ faithfulness: null, beside: null }, { layer: 'last_block' }),
				mapped({ analysisId: 77, frameIndex: 2, answer: { logit: -1, probability: 0.25, operatingPoint: 0.5, call: 'negative' }, maker: { ...EXPLANATION.maker, model: { id: 'older', version: '0.9.0', sha256: '0f'.repeat(32) } } }, { label: 'pneumonia' }),
			],
		})
		const [head = [], ...rows] = parseCsv(reportCsv(content))
		const cells = rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])))
		expect(cells.filter(({ map_layer }) => map_layer !== '').map((cell) => ABOUT_MAP.map((name) => cell[name]))).toEqual([
			['student', 'cxr3-student', 'covid19', '0.831', 'cam_final_expand', 'better', ''],
			['student', 'cxr3-student', 'covid19', '0.831', 'last_block', 'not measured', ''],
			['student', 'older', 'pneumonia', '0.25', 'cam_final_expand', 'better', 'The map explains an earlier answer than the ones reported.'],
		])
		expect(cells[0]).toMatchObject({
			map_definition: 'paper', map_peak: '2.75', map_chance: '0.05', map_random_maps: '19', map_score: '0.24', map_deletion_area: '0.3125', map_insertion_area: '0.5525', map_probability: '0.831',
			map_masked_probability: '0.611', map_drop: '0.2647', map_increased: 'false', map_beside_role: 'teacher', map_beside_model_id: 'cxr3-teacher', map_beside_model_version: '2.0.1',
			map_beside_layer: 'features', map_correlation: '-0.125', map_top_fifth_overlap: '0.3333',
		})
		expect(cells[1]).toMatchObject({ map_chance: '', map_deletion_area: '', map_correlation: '' })
		expect(cells.at(-1)).toMatchObject({ patient_id: 'PID-00042', file: 'chest-frontal.dcm', frame: '3', logit: '-1', operating_point: '0.5', call: 'negative', research_use: 'Research use only. Not a medical device.' })
		expect(new Set(rows.map((row) => row.length))).toEqual(new Set([head.length]))
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

	it('comes back with what is known of a map', () => {
		const content = makeContent({ keyImages: [makeKeyImage({ map: { ...MAP, explanation: EXPLANATION } }), makeKeyImage({ map: { ...MAP, explanation: { ...EXPLANATION, faithfulness: null, beside: null } } })] })
		const text = reportJson(content)
		const back = decodeReportContent(JSON.parse(text))
		expect(back.keyImages.map(({ map }) => map)).toEqual(content.keyImages.map(({ map }) => map))
		expect(reportJson(back)).toBe(text)
	})

	it('refuses what is not a whole report', () => {
		const { patient: _, ...rest } = encodeReportContent(makeContent())
		expect(() => decodeReportContent(rest)).toThrow()
		expect(() => decodeReportContent({ ...encodeReportContent(makeContent()), schemaVersion: 2 })).toThrow()
		expect(() => decodeReportContent({ ...encodeReportContent(makeContent()), researchUse: 'For every use.' })).toThrow()
	})
})

const golden = (extension: string) => readFileSync(resolve(import.meta.dirname, `../../golden/report-without-faithfulness.${extension}`), 'utf8').replaceAll('\r\n', '\n')

describe('a report that was signed before a map was measured for faithfulness', () => {
	it('still opens, and gives the same files as then', () => {
		const content = decodeReportContent(JSON.parse(golden('json')))
		expect(content.keyImages.map(({ map }) => map)).toEqual([null, MAP, { ...MAP, exact: false, share: 0.371 }])
		expect(reportJson(content)).toBe(golden('json'))
		expect(reportCsv(content).replaceAll('\r\n', '\n')).toBe(golden('csv'))
	})
})
