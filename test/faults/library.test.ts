import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ImportSummary } from '../../src/common/contract/import.ts'
import { importPaths } from '../../src/main/library/import.ts'
import { checkDatabase, inSnapshot } from '../../src/main/library/database.ts'
import { listImportSummaries } from '../../src/main/library/importRecords.ts'
import { cleanLibrary, openLibrary, type Library } from '../../src/main/library/library.ts'
import { mountSmall } from '../support/smallDisk.ts'
import { fakeHosts, syntheticArchive, syntheticFile, temporaryFolder, writeFiles } from '../main/library/synthetic.ts'

let home: ReturnType<typeof temporaryFolder>
let source: ReturnType<typeof temporaryFolder>
beforeEach(() => {
	home = temporaryFolder()
	source = temporaryFolder()
})
afterEach(() => {
	home.remove()
	source.remove()
})

const FILES = 300

/** Patients follow from studies, so that every file of a study agrees. */
function film(index: number): Buffer {
	return syntheticFile({
		patient: { patientId: `p${index % 20}`, name: `Name${index % 20}` }, study: { instanceUid: `1.${index % 100}`, description: 'Chest' },
		series: { instanceUid: `2.${index}`, modality: 'DX' }, salt: `${index} ${'.'.repeat((index * 997) % 60_000)}`,
	})
}

function writeFilms(folder: string, from: number, to: number): void {
	const files = Object.fromEntries(Array.from({ length: to - from }, (_, index) => [`${String(from + index).padStart(4, '0')}.dcm`, film(from + index)]))
	writeFiles(folder, { ...files, 'more.zip': syntheticArchive({ 'inside.dcm': film(10_000) }) })
}

function start(folder: string, importId: string): ChildProcess {
	return spawn(process.execPath, [join(import.meta.dirname, 'libraryChild.ts'), home.path, folder, importId], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Everything that must hold of a library at any time. */
async function expectConsistent(library: Library): Promise<number> {
	checkDatabase(library.paths)
	const fresh = new Database(library.paths.database, { readonly: true })
	expect(fresh.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
	fresh.close()
	const instances = inSnapshot(library.database, () => expectWholeRows(library))
	for (const { sha256 } of instances) expect(await library.objects.verify(sha256)).toBe('whole')
	return instances.length
}

/** Counts that belong together come from one snapshot: another process may be writing. */
function expectWholeRows(library: Library): { sha256: string }[] {
	const count = (sql: string) => library.database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${sql}`).get()?.n
	expect(count('studies s WHERE NOT EXISTS (SELECT 1 FROM instances WHERE study_id = s.id)')).toBe(0)
	expect(count('series s WHERE NOT EXISTS (SELECT 1 FROM instances WHERE series_id = s.id)')).toBe(0)
	expect(count('patients p WHERE NOT EXISTS (SELECT 1 FROM studies WHERE patient_row = p.id)')).toBe(0)
	expect(count('studies s LEFT JOIN worklist w ON w.study_id = s.id WHERE w.images IS NOT (SELECT count(*) FROM instances WHERE study_id = s.id)')).toBe(0)
	expect(count(`worklist_search WHERE worklist_search MATCH '"chest"*'`)).toBe(count('studies'))
	return library.database.prepare<[], { sha256: string }>('SELECT sha256 FROM instances').all()
}

test('killed at any moment of an import, the library is whole and goes on', async () => {
	writeFilms(source.path, 0, FILES)
	let stored = 0
	let interrupted = 0
	for (let round = 0; round < 10; round++) {
		const child = start(source.path, `round-${round}`)
		// Attached first: an import that is quicker than the delay has ended by then.
		const ended = once(child, 'exit')
		await once(child.stdout ?? child, 'data')
		await delay(Math.random() * (round % 3 === 0 ? 25 : 400))
		child.kill('SIGKILL')
		await ended
		const library = openLibrary(home.path)
		const now = await expectConsistent(library)
		expect(now).toBeGreaterThanOrEqual(stored)
		stored = now
		interrupted = listImportSummaries(library.database, 100).filter(({ state }) => state === 'failed').length
		expect(listImportSummaries(library.database, 100).filter(({ state }) => state === 'running')).toEqual([])
		await cleanLibrary(library)
		expect(readdirSync(library.paths.temporary)).toEqual([])
		library.close()
	}
	console.info(`${interrupted} of 10 imports were killed at work; ${stored} of ${FILES + 1} files were in by then`)
	expect(interrupted).toBeGreaterThan(0)
	const library = openLibrary(home.path)
	const summary = await importPaths({ importId: 'last', files: [{ path: source.path, name: 'films' }], library, hosts: fakeHosts() })
	expect(summary).toMatchObject({ state: 'finished', refused: [], duplicates: stored, added: FILES + 1 - stored })
	expect(await expectConsistent(library)).toBe(FILES + 1)
	library.close()
})

test('killed while it is opened for the first time, the next start makes the library', async () => {
	for (let round = 0; round < 6; round++) {
		const child = start(source.path, 'none')
		const ended = once(child, 'exit')
		await delay(60 + Math.random() * 120)
		child.kill('SIGKILL')
		await ended
		const library = openLibrary(home.path)
		expect(await expectConsistent(library)).toBe(0)
		library.close()
		home.remove()
		home = temporaryFolder()
	}
})

test('two processes that import at once, and a reader between them, lose and double nothing', async () => {
	const other = temporaryFolder()
	writeFilms(source.path, 0, 120)
	writeFilms(other.path, 60, 180)
	const children = [start(source.path, 'one'), start(other.path, 'two')]
	const outputs = children.map(async (child) => {
		let text = ''
		child.stdout?.on('data', (data: Buffer) => (text += data.toString()))
		await once(child, 'close')
		return JSON.parse(text.split('\n')[1] ?? '') as ImportSummary
	})
	const reader = openLibrary(home.path)
	const done = Promise.all(outputs)
	while ((await Promise.race([done, delay(20, null)])) === null) await expectConsistent(reader)
	const summaries = await done
	expect(summaries.map(({ state, refused, failure }) => ({ state, refused, failure }))).toEqual(Array.from({ length: 2 }, () => ({ state: 'finished', refused: [], failure: '' })))
	expect(summaries.reduce((sum, { added }) => sum + added, 0)).toBe(181)
	expect(summaries.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(61)
	expect(await expectConsistent(reader)).toBe(181)
	reader.close()
	other.remove()
})

test('a disk that really is full ends the import with its reason', async (context) => {
	const unmount = mountSmall(home.path, 4)
	if (!unmount) return context.skip('Skipped: this account may not mount a small file system.')
	try {
		writeFilms(source.path, 0, FILES)
		const library = openLibrary(home.path)
		const summary = await importPaths({ importId: 'full', files: [{ path: source.path, name: 'films' }], library, hosts: fakeHosts() })
		expect(summary.state).toBe('failed')
		expect(summary.failure).toMatch(/^There is no space left/)
		expect(summary.added).toBeGreaterThan(5)
		expect(await expectConsistent(library)).toBe(summary.added)
		expect(readdirSync(join(library.paths.objects, 'incoming'))).toEqual([])
		library.close()
		const again = openLibrary(home.path)
		expect(await expectConsistent(again)).toBe(summary.added)
		again.close()
	} finally {
		unmount()
	}
})
