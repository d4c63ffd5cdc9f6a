import { createHash } from 'node:crypto'
import { candidateReferenceSchema, comparisonReportSchema, type CandidateReference, type ComparisonReport, type ComparisonRow } from '../../common/contract/promotion.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { prepared } from './database.ts'
import type { Library } from './library.ts'

interface Row {
	id: number
	createdAt: string
	candidate: string
	report: string
	sha256: string
}

const COLUMNS = 'id, created_at AS createdAt, candidate, report, sha256'

/** Keeps a report whole. @returns its row. */
export function saveComparison(library: Library, candidate: CandidateReference, report: ComparisonReport): ComparisonRow {
	const text = JSON.stringify(comparisonReportSchema.parse(report))
	const { lastInsertRowid } = prepared(library.database, 'INSERT INTO comparisons (created_at, candidate, report, sha256) VALUES (?, ?, ?, ?)')
		.run(new Date().toISOString(), JSON.stringify(candidateReferenceSchema.parse(candidate)), text, sha256Of(text))
	return getComparison(library, Number(lastInsertRowid)).row
}

/** @throws UserError where there is none, or it was changed after it was made. */
export function getComparison(library: Library, id: number): { row: ComparisonRow; report: ComparisonReport } {
	const row = prepared<[number], Row>(library.database, `SELECT ${COLUMNS} FROM comparisons WHERE id = ?`).get(id)
	if (!row) throw new UserError('This comparison is not in the library.')
	if (sha256Of(row.report) !== row.sha256) throw new UserError(`The report of comparison ${id} is not the one that was kept: it was changed afterwards.`)
	return read(row)
}

/** Newest first; of one candidate, or null: all. One that was changed after it was made is not among them. */
export function listComparisons(library: Library, candidate: CandidateReference | null): ComparisonRow[] {
	const rows = prepared<[], Row>(library.database, `SELECT ${COLUMNS} FROM comparisons ORDER BY id DESC`).all()
	const wanted = candidate && JSON.stringify(candidateReferenceSchema.parse(candidate))
	return rows.filter((row) => (wanted === null || row.candidate === wanted) && sha256Of(row.report) === row.sha256).map((row) => read(row).row)
}

/** SHA-256 of the report as it stands in the library now; null where there is none. */
export function hashOfComparison(library: Library, id: number): string | null {
	const row = prepared<[number], { report: string }>(library.database, 'SELECT report FROM comparisons WHERE id = ?').get(id)
	return row ? sha256Of(row.report) : null
}

function read({ id, createdAt, candidate, report: text, sha256 }: Row): { row: ComparisonRow; report: ComparisonReport } {
	const report = comparisonReportSchema.parse(JSON.parse(text))
	const { current, candidate: other, films, verdict, labelled } = report
	return {
		report,
		row: { id, createdAt, candidate: candidateReferenceSchema.parse(JSON.parse(candidate)), models: { current, candidate: other }, kind: labelled ? 'labelled' : 'library', films: films.title, n: films.n, verdict, sha256 },
	}
}

function sha256Of(text: string): string {
	return createHash('sha256').update(text).digest('hex')
}
