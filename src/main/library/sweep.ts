import { existsSync, rmSync, statSync } from 'node:fs'
import { inTransaction, prepared } from './database.ts'
import type { Library } from './library.ts'

const DAY = 24 * 60 * 60 * 1000

/**
 * Removes objects that no row speaks of: a process that ended between writing a file and its row leaves one. Returns how many.
 * Looks at every object, so it is for a quiet moment. Objects are left alone for a day after their last put, and are removed
 * under the write lock that an insert takes too, so one that is being imported is never lost.
 */
export async function sweepObjects(library: Library): Promise<number> {
	const { database, objects } = library
	let removed = 0
	const isUsed = prepared<[string, string]>(database, 'SELECT 1 FROM instances WHERE sha256 = ? UNION ALL SELECT 1 FROM reports WHERE pdf_sha256 = ? LIMIT 1')
	for await (const { sha256, path, modifiedMilliseconds } of objects.list()) {
		if (Date.now() - modifiedMilliseconds < DAY || isUsed.get(sha256, sha256)) continue
		inTransaction(database, () => {
			if (isUsed.get(sha256, sha256) || !existsSync(path) || Date.now() - statSync(path).mtimeMs < DAY) return
			rmSync(path)
			removed++
		})
	}
	return removed
}
