import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { listImportSummaries } from '../../src/main/library/importRecords.ts'
import { checkDatabase } from '../../src/main/library/database.ts'
import { openLibrary } from '../../src/main/library/library.ts'
import { importFilm, phantomWith } from '../support/films.ts'
import { fillDisk, mountSmall } from '../support/smallDisk.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../support/workstation.ts'

const CLI = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url))
const SPACE = /^There is no space left on the disk/
let home: string

beforeEach(async () => {
	home = await newHome()
})
afterEach(() => removeHome(home))

function phantom(number: number): Uint8Array {
	return phantomWith([{ tag: 0x00080018, vr: 'UI', value: `2.25.1${number}.3` }, { tag: 0x0020000d, vr: 'UI', value: `2.25.1${number}.1` }])
}

describe('a disk that is full', () => {
	let workstation: TestWorkstation | null = null
	let unmount: (() => void) | null = null

	afterEach(async () => {
		await workstation?.close()
		workstation = null
		unmount?.()
		unmount = null
	})

	it('ends upload, import, draft, settings and signature each with one sentence, and leaves what was there', async (context) => {
		unmount = mountSmall(home, 48)
		if (!unmount) return context.skip('Skipped: this account may not mount a small file system.')
		workstation = await startWorkstation(home)
		const { call, rooms, program } = workstation
		const { studyId, instanceId } = await importFilm(workstation, phantom(1))
		const { id: analysisId } = await call('analysis.run', { instanceId, frameIndex: 0 })
		const text = { clinicalInformation: '', comparison: '', narrative: 'No opacity.', impression: '', keyImages: [] }
		await call('reports.saveDraft', { studyId, text })
		const before = await call('studies.get', { studyId })
		await rm(join(home, 'incoming'), { recursive: true })
		const filler = fillDisk(home)

		await expect(call('reports.sign', { studyId, signedBy: 'Dr Reader' })).rejects.toThrow(SPACE)
		// The database may reuse pages of its own for a short text, so the draft is a long one.
		await expect(call('reports.saveDraft', { studyId, text: { ...text, narrative: 'x'.repeat(20_000), comparison: 'y'.repeat(20_000), impression: 'z'.repeat(20_000) } })).rejects.toThrow(SPACE)
		await expect(call('settings.set', { readerName: 'Dr Reader' })).rejects.toThrow(SPACE)
		const upload = await program.handle(new Request('http://localhost/uploads/one/0?name=film.dcm', { method: 'PUT', body: phantom(2) as Uint8Array<ArrayBuffer> }))
		expect([upload.status, await upload.text()]).toEqual([507, expect.stringMatching(SPACE)])
		const incoming = await newHome()
		await writeFile(join(incoming, 'film.dcm'), phantom(2))
		const ended = workstation.next('import.changed', ({ state }) => state !== 'running')
		workstation.importPaths([join(incoming, 'film.dcm')])
		expect(await ended).toMatchObject({ state: 'failed', added: 0, failure: expect.stringMatching(SPACE) as string })
		await removeHome(incoming)

		const after = await call('studies.get', { studyId })
		expect(after.analyses).toEqual(before.analyses)
		expect((await call('reports.draft', { studyId })).text.narrative).toBe('No opacity.')
		expect(await call('reports.ofStudy', { studyId })).toEqual([])
		expect((await call('worklist.query', {})).matching).toBe(1)
		expect(JSON.stringify(await call('settings.get', {}))).not.toContain('Dr Reader')

		// With space again, everything goes on.
		await rm(filler)
		checkDatabase(rooms.library.paths)
		expect((await call('reports.sign', { studyId, signedBy: 'Dr Reader' })).version).toBe(1)
		await call('settings.set', { readerName: 'Dr Reader' })
		await importFilm(workstation, phantom(2))
		expect((await call('studies.get', { studyId })).analyses.map(({ id }) => id)).toEqual([analysisId])
	})
})

test('a workstation that is closed during an import calls no file refused for it', async () => {
	const workstation = await startWorkstation(home)
	const folder = join(home, 'incoming')
	await mkdir(folder)
	for (let film = 0; film < 6; film++) await writeFile(join(folder, `${film}.dcm`), phantom(film))
	const begun = workstation.next('import.changed', ({ added }) => added > 0)
	const last = workstation.next('import.changed', ({ state }) => state !== 'running')
	workstation.importPaths([folder])
	await begun
	await workstation.close()
	expect(await last).toMatchObject({ state: 'cancelled', refused: [] })
	const library = openLibrary(home)
	const [summary] = listImportSummaries(library.database)
	expect(summary).toMatchObject({ state: 'cancelled', refused: [] })
	expect(summary?.added).toBeGreaterThan(0)
	library.close()
})

test('a damaged library ends a command with exit code 3 and one sentence, and is left as it is', async () => {
	const path = join(home, 'library.sqlite')
	const garbage = Buffer.from('SQLite format 3\0 and then nothing of the kind '.repeat(200))
	await writeFile(path, garbage)
	const outcome = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
		execFile(process.execPath, [CLI, 'studies', '--home', home], (error, stdout, stderr) => resolve({ code: error?.code, stdout, stderr }))
	})
	expect(outcome).toMatchObject({ code: 3, stdout: '' })
	expect(outcome.stderr).toMatch(/^negatoscope: The study library .+ is damaged and was left as it is; put back a copy of it .+, or choose another data folder\.\n$/)
	expect(await readFile(path)).toEqual(garbage)
})
