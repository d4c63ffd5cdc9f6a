import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { UserError } from '../../common/contract/procedures.ts'
import type { LibraryPaths } from './home.ts'
import { migrations as released, type Migration } from './migrations/index.ts'

/** "NEGA": tells a study library from any other SQLite file. */
const APPLICATION_ID = 0x4e454741
const BUSY_MILLISECONDS = 10_000
const BACKUPS_KEPT = 5

/**
 * Opens the study library's database, makes it where there is none, and brings an older one to this version
 * (after a copy of it in the backups folder). Several processes may have it open at once.
 *
 * @throws UserError where it is damaged, no study library, or from a newer version; the file is left as it was.
 */
export function openDatabase(paths: LibraryPaths, migrations: readonly Migration[] = released): Database.Database {
	const size = existsSync(paths.database) ? statSync(paths.database).size : 0
	if (size === 0 && holdsObjects(paths)) {
		throw damaged(paths, existsSync(paths.database) ? 'the file is empty' : 'the file is missing, but its images are there')
	}
	// The last process to close a database removes its write-ahead log: one that is left means a process that did not
	// close, or one that is running.
	const log = `${paths.database}-wal`
	const unclean = size > 0 && existsSync(log) && statSync(log).size > 0
	let database: Database.Database | undefined
	try {
		// Patients' data: readable by its owner alone. SQLite gives its other files the same permissions.
		closeSync(openSync(paths.database, 'a', 0o600))
		database = new Database(paths.database, { timeout: BUSY_MILLISECONDS })
		refuseOthers(database, paths, migrations)
		configure(database)
		if (unclean) checkDatabase(paths)
		migrate(database, paths, migrations)
		return database
	} catch (error) {
		database?.close()
		throw explained(error, paths)
	}
}

/**
 * Reads the whole database for damage and for rows that point nowhere, by a connection of its own: FTS5's part of the check trusts
 * what its connection remembers, and takes what another process has written since for damage.
 * @throws UserError with what is wrong.
 */
export function checkDatabase(paths: LibraryPaths): void {
	const database = new Database(paths.database, { readonly: true, fileMustExist: true, timeout: BUSY_MILLISECONDS })
	try {
		inSnapshot(database, () => {
			const verdict = database.prepare<[], { quick_check: string }>('PRAGMA quick_check(1)').get()?.quick_check
			if (verdict !== 'ok') throw damaged(paths, String(verdict))
			const dangling = database.prepare<[], { table: string }>('PRAGMA foreign_key_check').get()
			if (dangling) throw damaged(paths, `a row of ${dangling.table} points to nothing`)
		})
	} catch (error) {
		throw explained(error, paths)
	} finally {
		database.close()
	}
}

const statements = new WeakMap<Database.Database, Map<string, Database.Statement>>()

/** The prepared statement for a text, made once per database. */
export function prepared<Parameters extends unknown[], Row = unknown>(database: Database.Database, sql: string): Database.Statement<Parameters, Row> {
	let known = statements.get(database)
	if (!known) statements.set(database, (known = new Map()))
	let statement = known.get(sql)
	if (!statement) known.set(sql, (statement = database.prepare(sql)))
	return statement as unknown as Database.Statement<Parameters, Row>
}

/** Runs `work` in one transaction that has the write lock from its beginning, so that what it reads stays true until it writes. */
export function inTransaction<Result>(database: Database.Database, work: () => Result): Result {
	if (database.inTransaction) return work()
	return database.transaction(work).immediate()
}

/** Runs queries that must agree with each other; other processes may write meanwhile. */
export function inSnapshot<Result>(database: Database.Database, work: () => Result): Result {
	if (database.inTransaction) return work()
	return database.transaction(work).deferred()
}

function refuseOthers(database: Database.Database, paths: LibraryPaths, migrations: readonly Migration[]): void {
	const version = versionOf(database)
	const newest = migrations.at(-1)?.version ?? 0
	const application = database.pragma('application_id', { simple: true })
	const empty = database.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()?.n === 0
	if (!empty && application !== APPLICATION_ID) {
		throw new UserError(`${paths.database} is a database of another program and was left as it is.`)
	}
	if (version > newest) {
		throw new UserError(
			`The study library in ${paths.home} was written by a newer version of Negatoscope and was left as it is; start that version, or choose another data folder.`,
			`Library version ${version}, this program knows up to ${newest}.`,
		)
	}
}

function configure(database: Database.Database): void {
	setWriteAheadLog(database)
	database.pragma('synchronous = FULL')
	database.pragma('foreign_keys = ON')
	database.pragma('trusted_schema = OFF')
	database.pragma('cache_size = -65536')
}

/** Changing the journal mode does not wait for a lock as other statements do; another process may just be doing the same. */
function setWriteAheadLog(database: Database.Database): void {
	for (let attempt = 1; ; attempt++) {
		try {
			if (database.pragma('journal_mode', { simple: true }) !== 'wal') database.pragma('journal_mode = WAL')
			return
		} catch (error) {
			if (attempt === 50 || !isBusy(error)) throw error
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
		}
	}
}

function migrate(database: Database.Database, paths: LibraryPaths, migrations: readonly Migration[]): void {
	const newest = migrations.at(-1)?.version ?? 0
	const found = versionOf(database)
	if (found === newest) return
	if (found > 0) backUp(database, paths, found)
	// A migration may rebuild tables, which must not cascade; the check at the end holds it to account.
	database.pragma('foreign_keys = OFF')
	inTransaction(database, () => {
		// Another process may have done it since.
		const version = versionOf(database)
		for (const migration of migrations) {
			if (migration.version <= version) continue
			database.exec(migration.sql)
			database.pragma(`user_version = ${migration.version}`)
		}
		database.pragma(`application_id = ${APPLICATION_ID}`)
		if (database.prepare('PRAGMA foreign_key_check').get()) throw new Error('The migration leaves rows that point to nothing.')
	})
	database.pragma('foreign_keys = ON')
}

function backUp(database: Database.Database, paths: LibraryPaths, version: number): void {
	const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
	database.prepare('VACUUM INTO ?').run(join(paths.backups, `library-v${version}-${stamp}.sqlite`))
	const copies = readdirSync(paths.backups).filter((name) => /^library-v\d+-.*\.sqlite$/.test(name))
	const byAge = copies.map((name) => ({ name, at: statSync(join(paths.backups, name)).mtimeMs })).toSorted((a, b) => b.at - a.at)
	for (const { name } of byAge.slice(BACKUPS_KEPT)) rmSync(join(paths.backups, name), { force: true })
}

function versionOf(database: Database.Database): number {
	return Number(database.pragma('user_version', { simple: true }))
}

function holdsObjects(paths: LibraryPaths): boolean {
	if (!existsSync(paths.objects)) return false
	return readdirSync(paths.objects).some((name) => /^[0-9a-f]{2}$/.test(name) && readdirSync(join(paths.objects, name)).length > 0)
}

function damaged(paths: LibraryPaths, detail: string): UserError {
	return new UserError(
		`The study library ${paths.database} is damaged and was left as it is; put back a copy of it (see ${paths.backups}), or choose another data folder.`,
		detail,
	)
}

function explained(error: unknown, paths: LibraryPaths): unknown {
	if (isSystemError(error)) return new UserError(`The study library ${paths.database} cannot be opened for writing.`, error.message)
	if (!(error instanceof Database.SqliteError)) return error
	if (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT')) return damaged(paths, error.message)
	if (error.code.startsWith('SQLITE_CANTOPEN') || error.code.startsWith('SQLITE_READONLY')) {
		return new UserError(`The study library ${paths.database} cannot be opened for writing.`, error.message)
	}
	if (isBusy(error)) return new UserError(`The study library ${paths.database} is held by another program.`, error.message)
	return error
}

function isBusy(error: unknown): boolean {
	return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
	return error instanceof Error && 'syscall' in error
}
