import type Database from 'better-sqlite3'
import type { WorklistPage, WorklistQuery, WorklistRow } from '../../common/contract/study.ts'
import { inSnapshot, prepared } from './database.ts'
import { foldedWords, searchExpression } from './words.ts'
import type { Library } from './library.ts'

const READING_STATES = ['unread', 'draft', 'signed'] as const
type ReadingState = (typeof READING_STATES)[number]

/** Characters of file names that the search keeps of one study; a CT of thousands of slices is found by its first ones. */
const FILE_NAMES_SEARCHED = 4_000

/** The order of import is the order of identifiers: both are given in the same transaction. */
const SORT_KEYS: Record<WorklistQuery['sort'], string> = {
	importedAt: 'study_id',
	studyDate: 'study_date',
	patientName: 'name_key',
	patientId: 'patient_key',
	modality: 'modality',
	readingState: 'reading_state',
}

/**
 * One page of the worklist with the counts that belong to it. Equal sort keys are ordered by import. Modalities are those
 * in the library, whatever the filters.
 */
export function queryWorklist(library: Library, query: WorklistQuery): WorklistPage {
	const { database } = library
	return inSnapshot(database, () => {
		const modalities = distinctModalities(database)
		const { where, parameters } = conditions(query, modalities)
		const key = SORT_KEYS[query.sort]
		const direction = query.descending ? 'DESC' : 'ASC'
		const order = key === 'study_id' ? `study_id ${direction}` : `${key} ${direction}, study_id ${direction}`
		const page = prepared<(string | number)[], { study_id: number }>(database, `SELECT study_id FROM worklist${where} ORDER BY ${order} LIMIT ? OFFSET ?`)
			.all(...parameters, query.limit, query.offset).map((row) => row.study_id)
		const total = count(database, 'SELECT count(*) AS n FROM worklist', [])
		return {
			rows: rowsOf(database, page),
			matching: where === '' ? total : count(database, `SELECT count(*) AS n FROM worklist${where}`, parameters),
			total,
			modalities: [...new Set(modalities.flatMap(splitModalities))].toSorted(),
		}
	})
}

/** Studies in the worklist. */
export function countStudies(library: Library): number {
	return count(library.database, 'SELECT count(*) AS n FROM worklist', [])
}

export function readingStateOf(code: number): ReadingState {
	return READING_STATES[code] ?? 'unread'
}

/**
 * Brings the worklist's row of a study up to date with the tables that it sums up; call it in the transaction that changed
 * them. A removed study loses its row.
 */
export function refreshWorklistRow(database: Database.Database, studyId: number): void {
	const study = prepared<[number], { deleted_at: string | null; date: string; name_key: string; patient_id: string }>(database, `
		SELECT s.deleted_at, s.date, p.name_key, p.patient_id FROM studies s JOIN patients p ON p.id = s.patient_row WHERE s.id = ?
	`).get(studyId)
	if (!study || study.deleted_at !== null) {
		prepared(database, 'DELETE FROM worklist WHERE study_id = ?').run(studyId)
		prepared(database, 'DELETE FROM worklist_search WHERE rowid = ?').run(studyId)
		return
	}
	const modalities = prepared<[number], { modality: string }>(database, `SELECT DISTINCT modality FROM series WHERE study_id = ? AND modality <> '' ORDER BY modality`).all(studyId)
	const images = count(database, 'SELECT count(*) AS n FROM instances WHERE study_id = ?', [studyId])
	const answer = strongestAnswer(database, studyId)
	prepared(database, `
		INSERT INTO worklist (study_id, name_key, patient_key, modality, reading_state, answer_state, study_date, images, answer)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (study_id) DO UPDATE SET
			name_key = excluded.name_key, patient_key = excluded.patient_key, modality = excluded.modality,
			reading_state = excluded.reading_state, answer_state = excluded.answer_state, study_date = excluded.study_date,
			images = excluded.images, answer = excluded.answer
	`).run(
		studyId, study.name_key, study.patient_id.toLowerCase(), modalities.map((row) => row.modality).join(', '),
		readingStateCode(database, studyId), answer.state, study.date, images, answer.text,
	)
}

/** Brings the words that a study is found by up to date; call it in the transaction that changed them or brought the study back. */
export function refreshSearchWords(database: Database.Database, studyId: number): void {
	const texts = prepared<[number], { name: string; patient_id: string; accession_number: string; description: string }>(database, `
		SELECT p.name, p.patient_id, s.accession_number, s.description FROM studies s JOIN patients p ON p.id = s.patient_row WHERE s.id = ?
	`).get(studyId)
	if (!texts) return
	const words = new Set(Object.values(texts).flatMap(foldedWords))
	let length = 0
	for (const { file_name: name } of prepared<[number], { file_name: string }>(database, 'SELECT file_name FROM instances WHERE study_id = ? ORDER BY id').iterate(studyId)) {
		length += name.length
		if (length > FILE_NAMES_SEARCHED) break
		for (const word of foldedWords(name)) words.add(word)
	}
	prepared(database, 'INSERT OR REPLACE INTO worklist_search (rowid, words) VALUES (?, ?)').run(studyId, [...words].join(' '))
}

function conditions(query: WorklistQuery, modalities: string[]): { where: string; parameters: (string | number)[] } {
	const terms: string[] = []
	const parameters: (string | number)[] = []
	function demand(term: string, ...values: (string | number)[]): void {
		terms.push(term)
		parameters.push(...values)
	}
	const expression = searchExpression(query.search)
	if (expression !== null) demand('study_id IN (SELECT rowid FROM worklist_search WHERE worklist_search MATCH ?)', expression)
	if (query.modality !== null) {
		const wanted = query.modality
		const kept = modalities.filter((joined) => joined === wanted || splitModalities(joined).includes(wanted))
		demand('modality IN (SELECT value FROM json_each(?))', JSON.stringify(kept))
	}
	if (query.readingState !== null) demand('reading_state = ?', READING_STATES.indexOf(query.readingState))
	if (query.answer !== null) demand('answer_state = ?', query.answer)
	if (query.from !== null || query.to !== null) demand(`study_date <> ''`)
	if (query.from !== null) demand('study_date >= ?', query.from)
	if (query.to !== null) demand('study_date <= ?', query.to)
	return { where: terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`, parameters }
}

function rowsOf(database: Database.Database, studyIds: number[]): WorklistRow[] {
	const rows = prepared<[string], Omit<WorklistRow, 'readingState'> & { readingState: number }>(database, `
		SELECT w.study_id AS studyId, p.name AS patientName, p.patient_id AS patientId, p.sex, p.birth_date AS birthDate,
			s.date AS studyDate, s.description, s.accession_number AS accessionNumber, w.modality, w.images,
			s.imported_at AS importedAt, w.reading_state AS readingState, w.answer, w.answer_state AS answerState
		FROM json_each(?) page JOIN worklist w ON w.study_id = page.value JOIN studies s ON s.id = w.study_id JOIN patients p ON p.id = s.patient_row
		ORDER BY page.key
	`).all(JSON.stringify(studyIds))
	return rows.map((row) => ({ ...row, readingState: readingStateOf(row.readingState) }))
}

/** Each distinct value by one seek in the index, instead of a walk over all rows. */
function distinctModalities(database: Database.Database): string[] {
	return prepared<[], { modality: string }>(database, `
		WITH RECURSIVE seen (modality) AS (
			SELECT min(modality) FROM worklist
			UNION ALL
			SELECT (SELECT min(w.modality) FROM worklist w WHERE w.modality > seen.modality) FROM seen WHERE seen.modality IS NOT NULL
		)
		SELECT modality FROM seen WHERE modality IS NOT NULL
	`).all().map((row) => row.modality)
}

function splitModalities(joined: string): string[] {
	return joined === '' ? [] : joined.split(', ')
}

export function readingStateCode(database: Database.Database, studyId: number): number {
	if (prepared(database, 'SELECT 1 FROM drafts WHERE study_id = ?').get(studyId)) return READING_STATES.indexOf('draft')
	if (prepared(database, 'SELECT 1 FROM reports WHERE study_id = ?').get(studyId)) return READING_STATES.indexOf('signed')
	return READING_STATES.indexOf('unread')
}

/** Of the student's last answer on each image: a positive one before an abstention before a negative one before a refusal, then the largest probability. */
function strongestAnswer(database: Database.Database, studyId: number): { state: string; text: string } {
	const row = prepared<[number], { answer_state: string; answer_text: string }>(database, `
		SELECT answer_state, answer_text FROM analyses
		WHERE id IN (SELECT max(id) FROM analyses WHERE study_id = ? AND role = 'student' GROUP BY instance_id, frame_index)
		ORDER BY CASE answer_state WHEN 'positive' THEN 0 WHEN 'abstained' THEN 1 WHEN 'negative' THEN 2 ELSE 3 END, answer_probability DESC
		LIMIT 1
	`).get(studyId)
	return row ? { state: row.answer_state, text: row.answer_text } : { state: 'none', text: '' }
}

function count(database: Database.Database, sql: string, parameters: (string | number)[]): number {
	return prepared<(string | number)[], { n: number }>(database, sql).get(...parameters)?.n ?? 0
}
