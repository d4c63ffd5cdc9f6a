import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openUploads, type Uploads } from '../../../src/main/api/uploads.ts'

let home: string
let uploads: Uploads

beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), 'negatoscope-test-'))
	uploads = await openUploads(home)
})
afterEach(() => rm(home, { recursive: true, force: true }))

const body = (text: string) => new Blob([text]).stream() as Parameters<Uploads['receive']>[3]

describe('uploads', () => {
	it('hands files over once, in the order of their index, under the names that the person knows', async () => {
		await uploads.receive('one', 1, 'folder/b.dcm', body('B'))
		await uploads.receive('one', 0, 'folder/a.dcm', body('A'))
		const files = uploads.take('one')
		expect(files.map(({ name }) => name)).toEqual(['folder/a.dcm', 'folder/b.dcm'])
		expect(await Promise.all(files.map(({ path }) => readFile(path, 'utf8')))).toEqual(['A', 'B'])
		expect(uploads.take('one')).toEqual([])
		await uploads.clear('one')
		expect(await readdir(join(home, 'uploads'))).toEqual([])
	})

	it.each(['take', 'clear'] as const)('leaves nothing of a file that is still arriving at a %s', async (end) => {
		const more = Promise.withResolvers<void>()
		const slow = new ReadableStream({
			async pull(controller) {
				controller.enqueue(new TextEncoder().encode('A'))
				await more.promise
				controller.close()
			},
		}) as unknown as Parameters<Uploads['receive']>[3]
		await uploads.receive('one', 0, 'a.dcm', body('A'))
		const arriving = expect(uploads.receive('one', 1, 'slow.dcm', slow)).rejects.toThrow('slow.dcm was not taken')
		await expect.poll(() => readdir(join(home, 'uploads', 'one'))).toContain('1')
		await uploads[end]('one')
		more.resolve()
		await arriving
		expect(uploads.take('one')).toEqual([])
		expect(await readdir(join(home, 'uploads', 'one')).catch(() => [])).not.toContain('1')
	})

	it('keeps the name apart from the path, so that none can point elsewhere', async () => {
		await uploads.receive('one', 0, '../../../escape.dcm', body('A'))
		const [file] = uploads.take('one')
		expect(file).toEqual({ path: join(home, 'uploads', 'one', '0'), name: '../../../escape.dcm' })
	})

	it.each(['..', 'a/b', '', 'UPPER', 'x'.repeat(65)])('refuses the import id "%s"', async (id) => {
		await expect(uploads.receive(id, 0, 'a', body('A'))).rejects.toThrow('not valid')
		await expect(uploads.clear(id)).rejects.toThrow('not valid')
	})

	it.each([-1, 1.5, Number.NaN, 200_000])('refuses the index %s', async (index) => {
		await expect(uploads.receive('one', index, 'a', body('A'))).rejects.toThrow('not valid')
	})
})
