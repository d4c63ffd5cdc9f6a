import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UserError } from '../../../src/common/contract/procedures.ts'
import { openLibrary } from '../../../src/main/library/library.ts'
import { openObjectStore, type ObjectStore } from '../../../src/main/library/objectStore.ts'
import { sweepObjects } from '../../../src/main/library/sweep.ts'
import { addSynthetic, sha256Of, temporaryFolder } from './synthetic.ts'

let folder: ReturnType<typeof temporaryFolder>
let objects: ObjectStore
beforeEach(() => {
	folder = temporaryFolder()
	objects = openObjectStore(join(folder.path, 'objects'))
})
afterEach(() => folder.remove())

test('bytes and files are kept under their hash, once', async () => {
	const bytes = randomBytes(3_000_001)
	const file = join(folder.path, 'film.dcm')
	writeFileSync(file, bytes)
	const stored = await objects.put(bytes)
	expect(stored).toEqual({ sha256: sha256Of(bytes), bytes: bytes.length, added: true })
	expect(await objects.put(file, stored.sha256)).toEqual({ ...stored, added: false })
	expect(objects.pathOf(stored.sha256)).toBe(join(objects.folder, stored.sha256.slice(0, 2), stored.sha256))
	expect(readFileSync(objects.pathOf(stored.sha256)).equals(bytes)).toBe(true)
	expect(objects.has(stored.sha256)).toBe(true)
	expect(await objects.verify(stored.sha256)).toBe('whole')
	expect(readdirSync(join(objects.folder, 'incoming'))).toEqual([])
})

test('an empty object is one too', async () => {
	const { sha256 } = await objects.put(new Uint8Array(0))
	expect(await objects.verify(sha256)).toBe('whole')
})

test('damage and absence are seen, and a put of the same bytes heals a cut-off object', async () => {
	const bytes = randomBytes(1000)
	const { sha256 } = await objects.put(bytes)
	writeFileSync(objects.pathOf(sha256), bytes.subarray(0, 500))
	expect(await objects.verify(sha256)).toBe('damaged')
	await objects.put(bytes)
	expect(await objects.verify(sha256)).toBe('whole')
	expect(await objects.verify('0'.repeat(64))).toBe('missing')
})

test('a file that is not what was inspected is refused and leaves nothing', async () => {
	await expect(objects.put(Buffer.from('new'), '1'.repeat(64))).rejects.toThrow(new UserError('The file changed while it was read.'))
	await expect(objects.put(join(folder.path, 'missing'))).rejects.toThrow(UserError)
	expect(readdirSync(objects.folder)).toEqual(['incoming'])
	expect(readdirSync(join(objects.folder, 'incoming'))).toEqual([])
})

test('names are hashes and nothing else', () => {
	expect(() => objects.pathOf('../../etc/passwd')).toThrow()
	expect(() => objects.has('AB'.repeat(32))).toThrow()
})

test('leftovers of processes that are gone are removed, of those that run kept', async () => {
	const incoming = join(objects.folder, 'incoming')
	mkdirSync(incoming, { recursive: true })
	for (const name of ['999999999-dead', `${process.ppid}-alive`, `${process.ppid}-old`]) writeFileSync(join(incoming, name), 'half')
	const longAgo = Date.now() / 1000 - 2 * 24 * 3600
	utimesSync(join(incoming, `${process.ppid}-old`), longAgo, longAgo)
	expect(await objects.cleanLeftovers()).toBe(2)
	expect(readdirSync(incoming)).toEqual([`${process.ppid}-alive`])
})

test('a sweep takes old objects without rows and nothing else', async () => {
	const library = openLibrary(folder.path)
	const { instanceId } = await addSynthetic(library, { salt: 'kept' })
	const old = await library.objects.put(Buffer.from('an import ended before its rows'))
	const fresh = await library.objects.put(Buffer.from('an import is at work'))
	const kept = library.database.prepare<[number], { sha256: string }>('SELECT sha256 FROM instances WHERE id = ?').get(instanceId)?.sha256 ?? ''
	const longAgo = Date.now() / 1000 - 2 * 24 * 3600
	for (const sha256 of [old.sha256, kept]) utimesSync(library.objects.pathOf(sha256), longAgo, longAgo)
	expect(await sweepObjects(library)).toBe(1)
	expect([old.sha256, fresh.sha256, kept].map((sha256) => existsSync(library.objects.pathOf(sha256)))).toEqual([false, true, true])
	library.close()
})
