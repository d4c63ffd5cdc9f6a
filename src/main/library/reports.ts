import type { z } from 'zod'
import { UserError } from '../../common/contract/procedures.ts'
import { reportTextSchema, type Draft, type ReportText, type SignedReport, type reportRowSchema } from '../../common/contract/report.ts'
import { inTransaction, prepared } from './database.ts'
import { refreshWorklistRow } from './worklist.ts'
import type { Library } from './library.ts'

export type ReportRow = z.infer<typeof reportRowSchema>

const EMPTY_TEXT: ReportText = { clinicalInformation: '', comparison: '', narrative: '', impression: '', keyImages: [] }

const REPORT_COLUMNS = `
	r.id, r.study_id AS studyId, r.version, r.kind, r.signed_by AS signedBy, r.signed_at AS signedAt, r.pdf_sha256 AS pdfSha256`

/** The draft of a study; an empty one that was never saved where there is none. */
export function getDraft(library: Library, studyId: number): Draft {
	const row = prepared<[number], { text: string; savedAt: string; addendumTo: number | null }>(
		library.database, 'SELECT text, saved_at AS savedAt, addendum_to AS addendumTo FROM drafts WHERE study_id = ?',
	).get(studyId)
	if (!row) return { studyId, text: EMPTY_TEXT, savedAt: null, addendumTo: latestVersion(library, studyId) || null }
	return { studyId, text: reportTextSchema.parse(JSON.parse(row.text)), savedAt: row.savedAt, addendumTo: row.addendumTo }
}

/**
 * Keeps the text of a draft.
 * @throws UserError where the report is signed and no addendum was begun (a late autosave must not become one), or a key image is of another study.
 */
export function saveDraft(library: Library, studyId: number, text: ReportText): Draft {
	const { database } = library
	return inTransaction(database, () => {
		requireStudy(library, studyId)
		const begun = prepared<[number], { addendum_to: number | null }>(database, 'SELECT addendum_to FROM drafts WHERE study_id = ?').get(studyId)
		if (!begun && latestVersion(library, studyId) > 0) throw new UserError('This report is signed. Begin an addendum to write more.')
		for (const { instanceId } of text.keyImages) {
			if (!prepared(database, 'SELECT 1 FROM instances WHERE id = ? AND study_id = ?').get(instanceId, studyId)) throw new UserError('A key image is not of this study.')
		}
		return writeDraft(library, studyId, text, begun?.addendum_to ?? null)
	})
}

/** Begins an addendum to the last signed version, or returns the one that was begun. @throws UserError where nothing is signed yet. */
export function beginAddendum(library: Library, studyId: number): Draft {
	const { database } = library
	return inTransaction(database, () => {
		requireStudy(library, studyId)
		const version = latestVersion(library, studyId)
		if (version === 0) throw new UserError('There is no signed report to add to.')
		if (prepared(database, 'SELECT 1 FROM drafts WHERE study_id = ?').get(studyId)) return getDraft(library, studyId)
		return writeDraft(library, studyId, EMPTY_TEXT, version)
	})
}

/** Version that the next signed report of a study gets. */
export function nextReportVersion(library: Library, studyId: number): number {
	return latestVersion(library, studyId) + 1
}

/**
 * Keeps a signed version and ends the draft that it was made of. `content` is everything that was signed, as JSON; the PDF must be
 * in the object store.
 * @throws UserError where the version was taken meanwhile.
 */
export function saveSignedReport(
	library: Library,
	report: { studyId: number; version: number; signedBy: string; signedAt: string; pdfSha256: string; content: unknown },
): SignedReport {
	const { database } = library
	const { studyId, version } = report
	return inTransaction(database, () => {
		requireStudy(library, studyId)
		if (version !== nextReportVersion(library, studyId)) throw new UserError('Another version of this report was signed meanwhile. Open the study again to see it.')
		// Inside the transaction: a sweep removes unused objects under the same lock.
		if (!library.objects.has(report.pdfSha256)) throw new Error('The PDF of a signed report is not in the object store.')
		const { lastInsertRowid } = prepared(database, `
			INSERT INTO reports (study_id, version, kind, signed_by, signed_at, pdf_sha256, content) VALUES (?, ?, ?, ?, ?, ?, ?)
		`).run(studyId, version, version === 1 ? 'report' : 'addendum', report.signedBy, report.signedAt, report.pdfSha256, JSON.stringify(report.content))
		prepared(database, 'DELETE FROM drafts WHERE study_id = ?').run(studyId)
		refreshWorklistRow(database, studyId)
		return getSignedReport(library, Number(lastInsertRowid)).report
	})
}

/** A signed version with its frozen content. @throws UserError where there is none. */
export function getSignedReport(library: Library, reportId: number): { report: SignedReport; content: unknown } {
	const row = prepared<[number], SignedReport & { content: string }>(library.database, `SELECT ${REPORT_COLUMNS}, r.content FROM reports r WHERE r.id = ?`).get(reportId)
	if (!row) throw new UserError('This report is not in the library.')
	const { content, ...report } = row
	return { report, content: JSON.parse(content) as unknown }
}

/** Newest version first. */
export function reportsOfStudy(library: Library, studyId: number): SignedReport[] {
	return prepared<[number], SignedReport>(library.database, `SELECT ${REPORT_COLUMNS} FROM reports r WHERE r.study_id = ? ORDER BY r.version DESC`).all(studyId)
}

/** All signed versions, newest first; those of removed studies too, for a signed report outlives the list. */
export function allReports(library: Library): ReportRow[] {
	return prepared<[], ReportRow>(library.database, `
		SELECT ${REPORT_COLUMNS}, p.name AS patientName, p.patient_id AS patientId, s.date AS studyDate, s.description
		FROM reports r JOIN studies s ON s.id = r.study_id JOIN patients p ON p.id = s.patient_row ORDER BY r.id DESC
	`).all()
}

function writeDraft(library: Library, studyId: number, text: ReportText, addendumTo: number | null): Draft {
	prepared(library.database, `
		INSERT INTO drafts (study_id, text, saved_at, addendum_to) VALUES (?, ?, ?, ?)
		ON CONFLICT (study_id) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at
	`).run(studyId, JSON.stringify(text), new Date().toISOString(), addendumTo)
	refreshWorklistRow(library.database, studyId)
	return getDraft(library, studyId)
}

function latestVersion(library: Library, studyId: number): number {
	return prepared<[number], { version: number | null }>(library.database, 'SELECT max(version) AS version FROM reports WHERE study_id = ?').get(studyId)?.version ?? 0
}

function requireStudy(library: Library, studyId: number): void {
	if (!prepared(library.database, 'SELECT 1 FROM studies WHERE id = ?').get(studyId)) throw new UserError('This study is not in the library.')
}
