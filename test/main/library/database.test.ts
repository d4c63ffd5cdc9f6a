import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UserError } from '../../../src/common/contract/procedures.ts'
import { checkDatabase, openDatabase } from '../../../src/main/library/database.ts'
import { libraryPaths, makeLibraryFolders, type LibraryPaths } from '../../../src/main/library/home.ts'
import { migrations } from '../../../src/main/library/migrations/index.ts'
import { temporaryFolder } from './synthetic.ts'

let folder: ReturnType<typeof temporaryFolder>
let paths: LibraryPaths
beforeEach(() => {
	folder = temporaryFolder()
	paths = libraryPaths(folder.path)
	makeLibraryFolders(paths)
})
afterEach(() => folder.remove())

const next = { version: migrations.length + 1, sql: `CREATE TABLE extra (id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT; INSERT INTO extra (word) SELECT name FROM patients;` }

test('a fresh database is durable, checked and strict', () => {
	const database = openDatabase(paths)
	expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
	expect(database.pragma('synchronous', { simple: true })).toBe(2)
	expect(database.pragma('foreign_keys', { simple: true })).toBe(1)
	expect(database.pragma('user_version', { simple: true })).toBe(migrations.at(-1)?.version)
	const tables = database.prepare<[], { name: string; strict: number; type: string }>(`SELECT name, strict, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'`).all()
	expect(tables.filter((table) => table.type === 'table' && !table.strict)).toEqual([])
	expect(() => database.prepare('INSERT INTO series (study_id, series_instance_uid, modality, description, body_part, laterality, view_position) VALUES (77, \'\', \'\', \'\', \'\', \'\', \'\')').run()).toThrow(/FOREIGN KEY/)
	checkDatabase(paths)
	database.close()
	if (process.platform !== 'win32') expect(statSync(paths.database).mode & 0o077).toBe(0)
})

test('migrations are numbered without gaps', () => {
	expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
})

test('an older database is copied, then migrated with its rows', () => {
	const older = openDatabase(paths)
	older.exec(`INSERT INTO patients (patient_id, name, name_key, sex, birth_date) VALUES ('7', 'Müller', 'muller', 'F', '')`)
	older.close()
	const newer = openDatabase(paths, [...migrations, next])
	expect(newer.pragma('user_version', { simple: true })).toBe(next.version)
	expect(newer.prepare('SELECT word FROM extra').all()).toEqual([{ word: 'Müller' }])
	expect(newer.pragma('foreign_keys', { simple: true })).toBe(1)
	newer.close()
	const copies = readdirSync(paths.backups)
	expect(copies).toHaveLength(1)
	const copy = new Database(join(paths.backups, copies[0] ?? ''), { readonly: true })
	expect(copy.pragma('user_version', { simple: true })).toBe(migrations.length)
	expect(copy.prepare('SELECT name FROM patients').all()).toEqual([{ name: 'Müller' }])
	copy.close()
})

test('a migration that fails leaves everything as it was', () => {
	openDatabase(paths).close()
	expect(() => openDatabase(paths, [...migrations, { version: next.version, sql: 'CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; SELECT nonsense FROM nowhere;' }])).toThrow(/nowhere/)
	const database = openDatabase(paths)
	expect(database.pragma('user_version', { simple: true })).toBe(migrations.length)
	expect(database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'half'`).get()).toBeUndefined()
	database.close()
})

test('only the last copies are kept', () => {
	openDatabase(paths).close()
	for (let version = migrations.length + 1; version <= migrations.length + 8; version++) {
		const more = Array.from({ length: version - migrations.length }, (_, index) => ({ version: migrations.length + 1 + index, sql: 'SELECT 1' }))
		openDatabase(paths, [...migrations, ...more]).close()
	}
	expect(readdirSync(paths.backups)).toHaveLength(5)
})

test('a newer database is refused and left as it is', () => {
	openDatabase(paths, [...migrations, next]).close()
	const before = readFileSync(paths.database)
	expect(() => openDatabase(paths)).toThrow(UserError)
	expect(() => openDatabase(paths)).toThrow(/newer version/)
	expect(readFileSync(paths.database).equals(before)).toBe(true)
})

test('a database of another program is refused and left as it is', () => {
	const other = new Database(paths.database)
	other.exec('CREATE TABLE bookmarks (url TEXT)')
	other.close()
	const before = readFileSync(paths.database)
	expect(() => openDatabase(paths)).toThrow(/another program/)
	expect(readFileSync(paths.database).equals(before)).toBe(true)
})

test.each([
	['text', () => Buffer.from('this is no database, but it is long enough to look at'.repeat(40))],
	['its first page overwritten', (bytes: Buffer) => Buffer.concat([Buffer.alloc(4096, 0xff), bytes.subarray(4096)])],
	['its schema page garbled', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(3000, 0x5a), bytes.subarray(3100)])],
])('a damaged database (%s) is reported in one sentence and left as it is', (_, damage) => {
	openDatabase(paths).close()
	const broken = damage(readFileSync(paths.database))
	writeFileSync(paths.database, broken)
	const attempt = () => openDatabase(paths)
	expect(attempt).toThrow(UserError)
	expect(attempt).toThrow(/^The study library .* is damaged and was left as it is; .*\.$/)
	expect(readFileSync(paths.database).equals(broken)).toBe(true)
})

test('damage in the middle is found after an unclean stop', () => {
	const database = openDatabase(paths)
	database.exec('BEGIN')
	for (let index = 0; index < 3000; index++) database.prepare(`INSERT INTO patients (patient_id, name, name_key, sex, birth_date) VALUES (?, 'x', 'x', '', '')`).run(`patient ${index}`)
	database.exec('COMMIT')
	database.pragma('wal_checkpoint(TRUNCATE)')
	database.exec(`INSERT INTO patients (patient_id, name, name_key, sex, birth_date) VALUES ('last', '', '', '', '')`)
	// As a process that was killed leaves it: the log beside the database.
	const log = readFileSync(`${paths.database}-wal`)
	database.close()
	const bytes = readFileSync(paths.database)
	bytes.fill(0x5a, bytes.length - 3 * 4096, bytes.length - 4096)
	writeFileSync(paths.database, bytes)
	writeFileSync(`${paths.database}-wal`, log)
	expect(() => openDatabase(paths)).toThrow(/is damaged/)
})

test('a library whose database is gone is not taken for a new one', () => {
	mkdirSync(join(paths.objects, 'ab'))
	writeFileSync(join(paths.objects, 'ab', 'ab'.repeat(32)), 'a film')
	expect(() => openDatabase(paths)).toThrow(/is damaged/)
	expect(existsSync(paths.database)).toBe(false)
	writeFileSync(paths.database, '')
	expect(() => openDatabase(paths)).toThrow(/is damaged/)
	expect(statSync(paths.database).size).toBe(0)
})

test('a folder in its place is refused', () => {
	mkdirSync(paths.database)
	expect(() => openDatabase(paths)).toThrow(/cannot be opened/)
})
