import type { Analysis } from '../../common/contract/analysis.ts'
import { modelReferenceSchema } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { Finding } from '../../common/contract/report.ts'
import { inTransaction, prepared } from './database.ts'
import type { Library } from './library.ts'

interface FindingRow extends Omit<Finding, 'edited' | 'model'> {
	edited: number
	model: string | null
}

const FINDING_COLUMNS = `
	id, study_id AS studyId, instance_id AS instanceId, analysis_id AS analysisId, label, text, status, origin, edited, probability,
	operating_point AS operatingPoint, model, decided_at AS decidedAt`

/** In the order in which they came. */
export function listFindings(library: Library, studyId: number): Finding[] {
	return prepared<[number], FindingRow>(library.database, `SELECT ${FINDING_COLUMNS} FROM findings WHERE study_id = ? ORDER BY id`).all(studyId).map(findingOf)
}

/** @throws UserError where there is none. */
export function getFinding(library: Library, findingId: number): Finding {
	const row = prepared<[number], FindingRow>(library.database, `SELECT ${FINDING_COLUMNS} FROM findings WHERE id = ?`).get(findingId)
	if (!row) throw new UserError('This finding is not in the library; it may have been removed.')
	return findingOf(row)
}

/** Adds a reader's own finding, which is accepted by being written. */
export function addFinding(library: Library, studyId: number, text: string): Finding {
	const { database } = library
	const now = new Date().toISOString()
	return inTransaction(database, () => {
		if (!prepared(database, 'SELECT 1 FROM studies WHERE id = ?').get(studyId)) throw new UserError('This study is not in the library.')
		const { lastInsertRowid } = prepared(database, `
			INSERT INTO findings (study_id, text, status, origin, edited, created_at, decided_at) VALUES (?, ?, 'accepted', 'reader', 0, ?, ?)
		`).run(studyId, worded(text), now, now)
		return getFinding(library, Number(lastInsertRowid))
	})
}

/** Accepts, rejects, takes back a decision, or changes the words of a finding; a network's finding with other words is marked as edited. */
export function updateFinding(library: Library, findingId: number, change: { status?: Finding['status'] | undefined; text?: string | undefined }): Finding {
	const { database } = library
	return inTransaction(database, () => {
		const finding = getFinding(library, findingId)
		const status = change.status ?? finding.status
		if (finding.origin === 'reader' && status === 'suggested') throw new UserError('Only a network suggests findings; this one is a reader\'s.')
		const text = change.text === undefined ? finding.text : worded(change.text)
		const edited = finding.edited || (finding.origin === 'network' && text !== finding.text)
		const decidedAt = status === finding.status ? finding.decidedAt : status === 'suggested' ? null : new Date().toISOString()
		prepared(database, 'UPDATE findings SET status = ?, text = ?, edited = ?, decided_at = ? WHERE id = ?').run(status, text, edited ? 1 : 0, decidedAt, findingId)
		return getFinding(library, findingId)
	})
}

/** Removes a reader's own finding and returns its study. @throws UserError for a network's finding, which is rejected and kept. */
export function removeFinding(library: Library, findingId: number): number {
	const { database } = library
	return inTransaction(database, () => {
		const finding = getFinding(library, findingId)
		if (finding.origin === 'network') throw new UserError('A network\'s finding is kept; reject it instead.')
		prepared(database, 'DELETE FROM findings WHERE id = ?').run(findingId)
		return finding.studyId
	})
}

/**
 * Suggests what the student found on an image: every positive label that is a finding, once per image and label. A suggestion
 * that nobody has touched follows a newer analysis, and goes where that one no longer says it; what a reader decided or edited stays.
 * Returns the findings of the study. A teacher's analysis suggests nothing.
 */
export function prefillFindings(library: Library, analysis: Analysis): Finding[] {
	const { database } = library
	const { prediction, studyId, instanceId, frameIndex } = analysis
	return inTransaction(database, () => {
		if (analysis.role !== 'student') return listFindings(library, studyId)
		const positive = prediction.abstained || !prediction.gate.ok ? [] : prediction.labels.filter((label) => label.finding && label.positive)
		const untouched = `origin = 'network' AND status = 'suggested' AND edited = 0`
		prepared(database, `
			DELETE FROM findings WHERE instance_id = ? AND frame_index = ? AND ${untouched} AND label NOT IN (SELECT value FROM json_each(?))
		`).run(instanceId, frameIndex, JSON.stringify(positive.map((label) => label.name)))
		for (const label of positive) {
			prepared(database, `
				INSERT INTO findings (study_id, instance_id, frame_index, analysis_id, label, text, status, origin, edited, probability, operating_point, model, created_at)
				VALUES (?, ?, ?, ?, ?, ?, 'suggested', 'network', 0, ?, ?, ?, ?)
				ON CONFLICT (instance_id, frame_index, label) WHERE origin = 'network' DO UPDATE SET
					analysis_id = excluded.analysis_id, text = excluded.text, probability = excluded.probability,
					operating_point = excluded.operating_point, model = excluded.model
				WHERE ${untouched}
			`).run(
				studyId, instanceId, frameIndex, analysis.id, label.name, `${label.title} (probability ${label.probability.toFixed(2)})`,
				label.probability, label.operatingPoint, JSON.stringify(prediction.model), new Date().toISOString(),
			)
		}
		return listFindings(library, studyId)
	})
}

function worded(text: string): string {
	const trimmed = text.trim()
	if (trimmed === '') throw new UserError('A finding needs words; remove or reject it instead.')
	return trimmed
}

function findingOf(row: FindingRow): Finding {
	return { ...row, edited: row.edited === 1, model: row.model === null ? null : modelReferenceSchema.parse(JSON.parse(row.model)) }
}
