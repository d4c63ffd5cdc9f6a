import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { importSummarySchema, type ImportSummary } from '../../../src/common/contract/import.ts'
import { UserError } from '../../../src/common/contract/procedures.ts'
import { importPaths, type ImportOptions } from '../../../src/main/library/import.ts'
import { getImportSummary, listImportSummaries, saveImportSummary } from '../../../src/main/library/importRecords.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { findInstance, getStudy, removeStudy } from '../../../src/main/library/studies.ts'
import { countStudies, queryWorklist } from '../../../src/main/library/worklist.ts'
import { worklistQuerySchema } from '../../../src/common/contract/study.ts'
import { HostDiedError } from '../../../src/main/supervisor/hostDiedError.ts'
import { fakeHosts, sha256Of, syntheticArchive, syntheticFile, temporaryFolder, writeFiles } from './synthetic.ts'

let home: ReturnType<typeof temporaryFolder>
let source: ReturnType<typeof temporaryFolder>
let library: Library
beforeEach(() => {
	home = temporaryFolder()
	source = temporaryFolder()
	library = openLibrary(home.path)
})
afterEach(() => {
	library.close()
	home.remove()
	source.remove()
})

const film = (uid: string, salt = uid) => syntheticFile({ study: { instanceUid: uid }, series: { instanceUid: `${uid}.1`, modality: 'DX' }, patient: { patientId: uid, name: 'Doe' }, salt })

async function run(files: { path: string; name: string }[] | string, rest: Partial<ImportOptions> = {}): Promise<ImportSummary> {
	const summary = await importPaths({
		importId: 'test', files: typeof files === 'string' ? [{ path: files, name: 'folder' }] : files, library, hosts: fakeHosts(), ...rest,
	})
	importSummarySchema.parse(summary)
	expect(readdirSync(library.paths.temporary)).toEqual([])
	expect(getImportSummary(library.database, summary.importId)).toEqual(summary)
	return summary
}

test('a folder with folders, archives, junk and links', async () => {
	const inner = syntheticArchive({ 'deep.dcm': film('1.4') })
	const tooDeep = syntheticArchive({ 'a.zip': syntheticArchive({ 'b.zip': syntheticArchive({ 'lost.dcm': film('1.9') }) }) })
	writeFiles(source.path, {
		'a.dcm': film('1.1'), 'sub/b.dcm': film('1.1', 'second image'), 'sub/.DS_Store': 'junk', 'z.zip': syntheticArchive({ 'c.dcm': film('1.3'), '../evil': Buffer.from('x'), 'inner.zip': inner, 'notes.txt': Buffer.from('hello') }),
		'deep.zip': tooDeep, 'plain.png': syntheticFile({ facts: { kind: 'png' } }),
	})
	symlinkSync('/etc/hostname', join(source.path, 'link.dcm'))
	mkdirSync(join(source.path, 'empty'))
	const states: ImportSummary[] = []
	const summary = await run(source.path, { onProgress: (state) => void states.push(structuredClone(state)) })
	expect(summary).toMatchObject({ state: 'finished', added: 5, duplicates: 0, failure: '', currentName: '' })
	expect(summary.refused.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
		{ name: 'folder/deep.zip/a.zip/b.zip', reason: 'An archive this deep in other archives is not unpacked.' },
		{ name: 'folder/link.dcm', reason: 'This is a link to another file, which is not followed.' },
		{ name: 'folder/sub/.DS_Store', reason: 'This is not an image.' },
		{ name: 'folder/z.zip/evil', reason: 'Its name leads out of the archive.' },
		{ name: 'folder/z.zip/notes.txt', reason: 'This is not an image.' },
	])
	expect(summary.filesDone).toBe(summary.filesTotal)
	expect(summary.studyIds).toHaveLength(4)
	expect(states[0]).toMatchObject({ state: 'running', filesDone: 0 })
	expect(states.at(-1)).toEqual(summary)
	const first = getStudy(library, summary.studyIds[0] ?? 0)
	expect(first.series[0]?.instances.map(({ fileName }) => fileName)).toEqual(['a.dcm', 'b.dcm'])
	const png = findInstance(library, sha256Of(syntheticFile({ facts: { kind: 'png' } })))
	expect(getStudy(library, png?.studyId ?? 0)).toMatchObject({ description: 'plain.png', studyInstanceUid: expect.stringMatching(/^2\.25\.\d{1,39}$/), patient: { name: '', patientId: '' } })
})

test('the same bytes again add nothing, and bring a removed study back', async () => {
	writeFiles(source.path, { 'a.dcm': film('1.1'), 'copy.dcm': film('1.1'), 'b.dcm': film('1.2') })
	const hosts = fakeHosts()
	const first = await run(source.path, { hosts })
	expect(first).toMatchObject({ added: 2, duplicates: 1, filesTotal: 3 })
	const before = queryWorklist(library, worklistQuerySchema.parse({}))
	removeStudy(library, first.studyIds[0] ?? 0)
	expect(countStudies(library)).toBe(1)
	expect(await run(source.path, { hosts })).toMatchObject({ added: 0, duplicates: 3, studyIds: first.studyIds })
	expect(queryWorklist(library, worklistQuerySchema.parse({}))).toEqual(before)
	expect(library.database.prepare('SELECT count(*) AS n FROM instances').get()).toEqual({ n: 2 })
})

test('an object that was lost is put back by its duplicate', async () => {
	writeFiles(source.path, { 'a.dcm': film('1.1') })
	await run(source.path)
	const { rmSync } = await import('node:fs')
	const sha256 = sha256Of(film('1.1'))
	rmSync(library.objects.pathOf(sha256))
	expect(await run(source.path)).toMatchObject({ added: 0, duplicates: 1 })
	expect(await library.objects.verify(sha256)).toBe('whole')
})

test('cancel ends it after the file in hand, and what is in stays', async () => {
	writeFiles(source.path, Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${String(index).padStart(2, '0')}.dcm`, film(`1.${index}`)])))
	const controller = new AbortController()
	let inspected = 0
	const hosts = fakeHosts(() => {
		if (++inspected === 6) controller.abort()
	})
	const summary = await run(source.path, { hosts, signal: controller.signal })
	expect(summary.state).toBe('cancelled')
	expect(summary.added).toBeGreaterThan(2)
	expect(summary.added).toBeLessThan(7)
	expect(summary.refused).toEqual([])
	expect(countStudies(library)).toBe(summary.added)
	expect(inspected).toBeLessThan(9)
})

test('cancelled while an archive is unpacked, its folder goes', async () => {
	writeFiles(source.path, { 'a.zip': syntheticArchive({ 'a.dcm': film('1.1') }) })
	const controller = new AbortController()
	const hosts = fakeHosts(async (method) => {
		if (method !== 'unzip') return
		controller.abort()
		await delay(5)
	})
	expect(await run(source.path, { hosts, signal: controller.signal })).toMatchObject({ state: 'cancelled', added: 0, refused: [] })
})

test('a file that ends the host is tried once more, then refused; the rest goes on', async () => {
	writeFiles(source.path, { 'a.dcm': film('1.1'), 'bomb.dcm': film('1.2'), 'c.dcm': film('1.3'), 'unlucky.dcm': film('1.4'), 'x.zip': syntheticArchive({ 'y.dcm': film('1.5') }) })
	const deaths = new Map([['bomb.dcm', 9], ['unlucky.dcm', 1], ['x.zip', 2]])
	const hosts = fakeHosts((_, path) => {
		const name = path.slice(path.lastIndexOf('/') + 1)
		const left = deaths.get(name) ?? 0
		if (left === 0) return
		deaths.set(name, left - 1)
		throw new HostDiedError(`The image reader stopped while it worked on ${name}.`)
	})
	deaths.set('x.zip', 0)
	let unzips = 0
	const call = hosts.call
	hosts.call = (host, method, ...rest) => {
		if (method === 'unzip' && ++unzips === 1) return Promise.reject(new HostDiedError('The image reader stopped.'))
		return call(host, method, ...rest)
	}
	expect(await run(source.path, { hosts })).toMatchObject({
		state: 'finished', added: 4, refused: [{ name: 'folder/bomb.dcm', reason: 'The image reader stopped while it worked on bomb.dcm.' }],
	})
	expect(deaths.get('bomb.dcm')).toBe(7)
	expect(unzips).toBe(2)
})

test('a file that changes between two looks is refused', async () => {
	const path = join(source.path, 'a.dcm')
	writeFileSync(path, film('1.1'))
	const hosts = fakeHosts()
	const call = hosts.call
	hosts.call = async (host, method, ...rest) => {
		const answer = await call(host, method, ...rest)
		writeFileSync(path, 'something else')
		return answer
	}
	expect(await run(source.path, { hosts })).toMatchObject({ added: 0, refused: [{ name: 'folder/a.dcm', reason: 'The file changed while it was read.' }] })
})

test('what is not there, a device, and a fault of the host are refused with their reasons', async () => {
	writeFiles(source.path, { 'a.dcm': film('1.1') })
	const hosts = fakeHosts(() => {
		throw new UserError('The image reader failed: out of memory.')
	})
	expect(await run([{ path: join(source.path, 'none.dcm'), name: 'none.dcm' }, { path: '/dev/null', name: 'null' }, { path: join(source.path, 'a.dcm'), name: 'a.dcm' }], { hosts })).toMatchObject({
		state: 'finished', filesDone: 3, filesTotal: 3,
		refused: [
			{ name: 'none.dcm', reason: 'The file cannot be read.' }, { name: 'null', reason: 'This is a device or a pipe, not a file.' },
			{ name: 'a.dcm', reason: 'The image reader failed: out of memory.' },
		],
	})
})

test('a full disk ends it as failed, whoever meets it first, and what is in stays', async () => {
	writeFiles(source.path, Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`${index}.dcm`, film(`1.${index}`)])))
	let puts = 0
	const full: Library = {
		...library,
		objects: { ...library.objects, put: (...input) => (++puts > 3 ? Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })) : library.objects.put(...input)) },
	}
	const summary = await run(source.path, { library: full })
	expect(summary).toMatchObject({ state: 'failed', added: 3, refused: [] })
	expect(summary.failure).toBe('There is no space left on the disk of the study library. What was added before is kept; make space and import the rest again.')
	expect(countStudies(library)).toBe(3)
	const unzipping = fakeHosts((method) => {
		if (method === 'unzip') throw new UserError('The image reader failed: ENOSPC: no space left on device, write')
	})
	writeFiles(source.path, { '5.zip': syntheticArchive({ 'y.dcm': film('1.50') }) })
	expect(await run(source.path, { hosts: unzipping, importId: 'second' })).toMatchObject({ state: 'failed', failure: summary.failure })
})

test('a full database ends it as failed and holds no half study', async () => {
	writeFiles(source.path, Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`${String(index).padStart(3, '0')}.dcm`, film(`1.${index}`, 'x'.repeat(3000))])))
	const pages = Number(library.database.pragma('page_count', { simple: true }))
	library.database.pragma(`max_page_count = ${pages + 3}`)
	const summary = await importPaths({ importId: 'full', files: [{ path: source.path, name: 'folder' }], library, hosts: fakeHosts() })
	expect(summary.state).toBe('failed')
	expect(summary.failure).toMatch(/^There is no space left/)
	expect(countStudies(library)).toBe(summary.added)
	expect(library.database.prepare('SELECT count(*) AS n FROM studies s WHERE NOT EXISTS (SELECT 1 FROM instances WHERE study_id = s.id)').get()).toEqual({ n: 0 })
})

test('the event loop goes on', async () => {
	writeFiles(source.path, Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`${index}.dcm`, film(`1.${index}`)])))
	let turns = 0
	const timer = setInterval(() => turns++, 1)
	await run(source.path)
	clearInterval(timer)
	console.info(`turns of the event loop during an import of 150 files: ${turns}`)
	expect(turns).toBeGreaterThan(150)
})

test('an import whose process is gone is told as failed when the library is opened again', () => {
	const running: ImportSummary = { importId: 'gone', state: 'running', filesDone: 3, filesTotal: 9, currentName: 'x', added: 3, duplicates: 0, refused: [], studyIds: [], failure: '' }
	saveImportSummary(library.database, running)
	saveImportSummary(library.database, { ...running, importId: 'here' })
	library.database.prepare(`UPDATE imports SET process_id = 999999999 WHERE import_id = 'gone'`).run()
	openLibrary(home.path).close()
	expect(listImportSummaries(library.database).map(({ importId, state }) => [importId, state]).toSorted()).toEqual([['gone', 'failed'], ['here', 'running']])
	expect(getImportSummary(library.database, 'gone')?.failure).toMatch(/ended during this import/)
})
