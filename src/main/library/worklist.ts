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
const SORTS: Record<WorklistQuery['sort'], { key: string; index: string }> = {
	importedAt: { key: 'study_id', index: 'worklist_by_import' },
	studyDate: { key: 'study_date', index: 'worklist_by_date' },
	patientName: { key: 'name_key', index: 'worklist_by_name' },
	patientId: { key: 'patient_key', index: 'worklist_by_patient' },
	modality: { key: 'modality', index: 'worklist_by_modality' },
	readingState: { key: 'reading_state', index: 'worklist_by_state' },
}

const SEARCH = 'SELECT rowid FROM worklist_search WHERE worklist_search MATCH ?'

/** From so many found studies on it is quicker to walk an index and ask of each row whether it was found than to look up and sort what was found. */
const MANY_FOUND = 5_000

interface Conditions {
	terms: string[]
	parameters: (string | number)[]
}

/**
 * One page of the worklist with the counts that belong to it. Equal sort keys are ordered by import. Modalities are those
 * in the library, whatever the filters.
 */
export function queryWorklist(library: Library, query: WorklistQuery): WorklistPage {
	const { database } = library
	return inSnapshot(database, () => {
		const modalities = distinctModalities(database)
		const total = count(database, 'SELECT count(*) AS n FROM worklist', [])
		const filters = filtersOf(query, modalities)
		const expression = searchExpression(query.search)
		const { page, matching } = expression === null ? filtered(database, query, filters, total) : found(database, query, filters, expression)
		return { rows: rowsOf(database, page), matching, total, modalities: [...new Set(modalities.flatMap(splitModalities))].toSorted() }
	})
}

function filtered(database: Database.Database, query: WorklistQuery, { terms, parameters }: Conditions, total: number): { page: number[]; matching: number } {
	return {
		page: studyIds(database, `SELECT study_id FROM worklist INDEXED BY ${SORTS[query.sort].index}${where(terms)}${orderBy(query)}`, [...parameters, query.limit, query.offset]),
		matching: terms.length === 0 ? total : count(database, `SELECT count(*) AS n FROM worklist${where(terms)}`, parameters),
	}
}

function found(database: Database.Database, query: WorklistQuery, { terms, parameters }: Conditions, expression: string): { page: number[]; matching: number } {
	const hits = count(database, 'SELECT count(*) AS n FROM worklist_search WHERE worklist_search MATCH ?', [expression])
	// The plus sign keeps SQLite from looking up each found study.
	const isFound = `${hits > MANY_FOUND ? '+' : ''}study_id IN (${SEARCH})`
	const matching = terms.length === 0 ? hits : count(database, `SELECT count(*) AS n FROM worklist${where([...terms, isFound])}`, [...parameters, expression])
	const window = [query.limit, query.offset]
	if (query.sort === 'importedAt') {
		// The search gives its finds in this order, and ends when the page is full.
		const direction = query.descending ? 'DESC' : 'ASC'
		const sql = terms.length === 0
			? `${SEARCH} ORDER BY rowid ${direction} LIMIT ? OFFSET ?`
			: `SELECT study_id FROM worklist_search CROSS JOIN worklist ON study_id = worklist_search.rowid
				WHERE worklist_search MATCH ? AND ${terms.join(' AND ')} ORDER BY worklist_search.rowid ${direction} LIMIT ? OFFSET ?`
		return { matching, page: studyIds(database, sql, [expression, ...parameters, ...window]) }
	}
	const index = hits > MANY_FOUND ? ` INDEXED BY ${SORTS[query.sort].index}` : ''
	return { matching, page: studyIds(database, `SELECT study_id FROM worklist${index}${where([...terms, isFound])}${orderBy(query)}`, [...parameters, expression, ...window]) }
}

function where(terms: string[]): string {
	return terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`
}

function orderBy({ sort, descending }: WorklistQuery): string {
	const { key } = SORTS[sort]
	const direction = descending ? 'DESC' : 'ASC'
	return ` ORDER BY ${key === 'study_id' ? '' : `${key} ${direction}, `}study_id ${direction} LIMIT ? OFFSET ?`
}

function studyIds(database: Database.Database, sql: string, parameters: (string | number)[]): number[] {
	return prepared<(string | number)[], number>(database, sql).pluck().all(...parameters)
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

function filtersOf(query: WorklistQuery, modalities: string[]): Conditions {
	const terms: string[] = []
	const parameters: (string | number)[] = []
	function restrict(term: string, ...values: (string | number)[]): void {
		terms.push(term)
		parameters.push(...values)
	}
	if (query.modality !== null) {
		const wanted = query.modality
		const kept = modalities.filter((joined) => splitModalities(joined).includes(wanted))
		restrict('modality IN (SELECT value FROM json_each(?))', JSON.stringify(kept))
	}
	if (query.readingState !== null) restrict('reading_state = ?', READING_STATES.indexOf(query.readingState))
	if (query.answer !== null) restrict('answer_state = ?', query.answer)
	if (query.from !== null || query.to !== null) restrict(`study_date <> ''`)
	if (query.from !== null) restrict('study_date >= ?', query.from)
	if (query.to !== null) restrict('study_date <= ?', query.to)
	return { terms, parameters }
}

function rowsOf(database: Database.Database, page: number[]): WorklistRow[] {
	const rows = prepared<[string], Omit<WorklistRow, 'readingState'> & { readingState: number }>(database, `
		SELECT w.study_id AS studyId, p.name AS patientName, p.patient_id AS patientId, p.sex, p.birth_date AS birthDate,
			s.date AS studyDate, s.description, s.accession_number AS accessionNumber, w.modality, w.images,
			s.imported_at AS importedAt, w.reading_state AS readingState, w.answer, w.answer_state AS answerState
		FROM json_each(?) page JOIN worklist w ON w.study_id = page.value JOIN studies s ON s.id = w.study_id JOIN patients p ON p.id = s.patient_row
		ORDER BY page.key
	`).all(JSON.stringify(page))
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
