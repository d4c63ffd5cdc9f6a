import type Database from 'better-sqlite3'
import { importSummarySchema, type ImportSummary } from '../../common/contract/import.ts'
import { inTransaction, prepared } from './database.ts'
import { isProcessAlive } from './home.ts'

/** Keeps the summary of an import as it is now; a later call with the same importId replaces it. */
export function saveImportSummary(database: Database.Database, summary: ImportSummary): void {
	const now = new Date().toISOString()
	inTransaction(database, () => {
		prepared(database, `
			INSERT INTO imports (import_id, process_id, started_at, finished_at, state, summary) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (import_id) DO UPDATE SET process_id = excluded.process_id, finished_at = excluded.finished_at, state = excluded.state, summary = excluded.summary
		`).run(summary.importId, process.pid, now, summary.state === 'running' ? null : now, summary.state, JSON.stringify(summary))
	})
}

/** The kept summary of an import, or null. */
export function getImportSummary(database: Database.Database, importId: string): ImportSummary | null {
	const row = prepared<[string], { summary: string }>(database, 'SELECT summary FROM imports WHERE import_id = ?').get(importId)
	return row ? importSummarySchema.parse(JSON.parse(row.summary)) : null
}

/** The last imports, newest first. */
export function listImportSummaries(database: Database.Database, limit = 20): ImportSummary[] {
	const rows = prepared<[number], { summary: string }>(database, 'SELECT summary FROM imports ORDER BY started_at DESC, rowid DESC LIMIT ?').all(limit)
	return rows.map((row) => importSummarySchema.parse(JSON.parse(row.summary)))
}

/** Imports whose process is gone did not finish: says so in their summaries. */
export function failInterruptedImports(database: Database.Database): void {
	const running = prepared<[], { process_id: number; summary: string }>(database, `SELECT process_id, summary FROM imports WHERE state = 'running'`).all()
	for (const row of running) {
		if (isProcessAlive(row.process_id)) continue
		const summary = importSummarySchema.parse(JSON.parse(row.summary))
		saveImportSummary(database, {
			...summary, state: 'failed', currentName: '',
			failure: 'The program ended during this import. What it had added is in the library; import the rest again.',
		})
	}
}
