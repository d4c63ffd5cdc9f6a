import { describe, expect, it } from 'vitest'
import { matchReports, sortReports, type ReportRow } from '../../../src/renderer/reports/reportList.ts'

function report(id: number, change: Partial<ReportRow>): ReportRow {
	return {
		id, studyId: id, version: 1, kind: 'report', signedBy: 'A. Reader', signedAt: `2026-01-0${id}T00:00:00.000Z`, pdfSha256: 'a'.repeat(64),
		patientName: '', patientId: '', studyDate: '', description: '', ...change,
	}
}

const reports = [
	report(1, { patientName: 'Müller^Zoë', patientId: 'P10', description: 'Chest PA' }),
	report(2, { patientName: 'محمود^علي', patientId: 'P9', description: 'Thorax', signedBy: 'B. Other' }),
	report(3, { patientName: 'van der Berg^Anna', patientId: 'P100', description: 'Chest AP' }),
]
const ids = (rows: ReportRow[]) => rows.map((row) => row.id)

describe('matchReports', () => {
	it.each([['', [1, 2, 3]], ['muller', [1]], ['chest', [1, 3]], ['chest anna', [3]], ['محم', [2]], ['other', [2]], ['hest', []], ['p10', [1, 3]]])('"%s"', (text, expected) => expect(ids(matchReports(reports, text))).toEqual(expected))
})

describe('sortReports', () => {
	it('orders numbers in ids as numbers', () => expect(ids(sortReports(reports, { key: 'patientId', descending: false }))).toEqual([2, 1, 3]))
	it('turns round', () => expect(ids(sortReports(reports, { key: 'signedAt', descending: true }))).toEqual([3, 2, 1]))
	it('leaves the given list as it is', () => expect(ids(reports)).toEqual([1, 2, 3]))
})
