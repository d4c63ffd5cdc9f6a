import { inSnapshot, prepared } from './database.ts'
import type { Library } from './library.ts'
import { foldedWords } from './words.ts'

/** What a model said in a week, as it was counted when it said so. */
export interface WeekRow {
	modelSha256: string
	week: string
	role: string
	model: string
	modelTitle: string
	images: number
	refused: number
	abstained: number
}

export interface LabelRow {
	modelSha256: string
	week: string
	label: string
	title: string
	finding: number
	/** That passed the gate. */
	images: number
	calls: number
	/** Sum. */
	probability: number
}

/** Suggestions of a week's analyses that readers decided. */
export interface DecidedRow {
	modelSha256: string
	week: string
	label: string
	accepted: number
	rejected: number
}

/** Findings that readers wrote themselves in studies of a week; label: whose words they begin with, null: of none. */
export interface AddedRow {
	modelSha256: string
	week: string
	label: string | null
	added: number
}

export interface DriftRows {
	weeks: WeekRow[]
	refusals: { modelSha256: string; week: string; check: string; images: number }[]
	labels: LabelRow[]
	decided: DecidedRow[]
	added: AddedRow[]
}

/**
 * Everything that is known of the last weeks, this one included. What models said is read from a few rows that are kept as it is said; decisions, which change, are
 * counted anew, through an index that has no more of an analysis than its model and time.
 */
export function driftRows(library: Library, weeks: number): DriftRows {
	const { database } = library
	return inSnapshot(database, () => {
		const { since, from } = prepared<[string], { since: string; from: string }>(database, `
			SELECT strftime('%G-W%V', day) AS since, strftime('%Y-%m-%d', day, 'weekday 0', '-6 days') AS "from" FROM (SELECT datetime('now', ?) AS day)
		`).get(`-${7 * (weeks - 1)} days`) ?? { since: '', from: '' }
		const labels = prepared<[string], LabelRow>(database, `
			SELECT model_sha256 AS modelSha256, week, label, title, finding, images, calls, probability FROM drift_labels WHERE week >= ?
		`).all(since)
		return {
			weeks: prepared<[string], WeekRow>(database, `
				SELECT model_sha256 AS modelSha256, week, role, model, model_title AS modelTitle, images, refused, abstained FROM drift_weeks WHERE week >= ? ORDER BY week DESC, images DESC, model_sha256
			`).all(since),
			refusals: prepared<[string], DriftRows['refusals'][number]>(database, `
				SELECT model_sha256 AS modelSha256, week, check_name AS "check", images FROM drift_refusals WHERE week >= ? ORDER BY images DESC, check_name
			`).all(since),
			labels,
			decided: prepared<[string], DecidedRow>(database, `
				SELECT a.model_sha256 AS modelSha256, strftime('%G-W%V', a.created_at) AS week, f.label, sum(f.status = 'accepted') AS accepted, sum(f.status = 'rejected') AS rejected
				FROM findings f CROSS JOIN analyses a INDEXED BY analyses_in_time ON a.id = f.analysis_id
				WHERE f.origin = 'network' AND f.status <> 'suggested' AND f.label IS NOT NULL AND a.created_at >= ? GROUP BY 1, 2, 3
			`).all(from),
			added: addedRows(library, from, labels),
		}
	})
}

/** By the student's last analysis of the study. Words that deny a finding begin otherwise and are counted as others. */
function addedRows({ database }: Library, from: string, labels: readonly LabelRow[]): AddedRow[] {
	const rows = prepared<[string], { modelSha256: string; week: string; text: string }>(database, `
		SELECT a.model_sha256 AS modelSha256, strftime('%G-W%V', a.created_at) AS week, f.text
		FROM findings f CROSS JOIN analyses a INDEXED BY analyses_in_time ON a.id = (SELECT max(n.id) FROM analyses n WHERE n.study_id = f.study_id AND n.role = 'student')
		WHERE f.origin = 'reader' AND f.status = 'accepted' AND a.created_at >= ?
	`).all(from)
	const titles = Map.groupBy(labels.filter(({ finding }) => finding === 1), ({ modelSha256 }) => modelSha256)
	const counted = new Map<string, AddedRow>()
	for (const { modelSha256, week, text } of rows) {
		const words = foldedWords(text)
		const named = (titles.get(modelSha256) ?? []).find(({ title, label }) => begins(words, foldedWords(title)) || begins(words, foldedWords(label)))
		const key = JSON.stringify([modelSha256, week, named?.label ?? null])
		const row = counted.get(key) ?? { modelSha256, week, label: named?.label ?? null, added: 0 }
		row.added++
		counted.set(key, row)
	}
	return [...counted.values()]
}

function begins(words: readonly string[], start: readonly string[]): boolean {
	return start.length > 0 && start.every((word, place) => words[place] === word)
}
