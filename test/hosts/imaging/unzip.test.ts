import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unzip, type UnzipBounds, type Unpacked } from '../../../src/hosts/imaging/unzip.ts'

const text = new TextEncoder()
let folder = ''

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'unzip-'))
})
afterEach(async () => {
	await rm(folder, { recursive: true, force: true })
})

async function unpack(archive: Uint8Array, bounds?: Partial<UnzipBounds>): Promise<Unpacked> {
	const path = join(folder, 'archive.zip')
	const into = join(folder, 'into')
	await writeFile(path, archive)
	await rm(into, { recursive: true, force: true })
	const { mkdir } = await import('node:fs/promises')
	await mkdir(into)
	const loose: UnzipBounds = { entries: 1000, totalBytes: 1e9, entryBytes: 1e9, ratio: 500, ratioFrom: 1e6, ...bounds }
	return await unzip(path, into, () => undefined, new AbortController().signal, loose)
}

/** Changes the flags and the method of every entry, in its own header and in the directory at the end. */
function patched(archive: Uint8Array, change: (view: DataView, flags: number, method: number) => void): Uint8Array {
	const bytes = archive.slice()
	const view = new DataView(bytes.buffer)
	for (let at = 0; at + 12 < bytes.length; at++) {
		const signature = view.getUint32(at, true)
		if (signature === 0x04034b50) change(view, at + 6, at + 8)
		if (signature === 0x02014b50) change(view, at + 8, at + 10)
	}
	return bytes
}

describe('archives', () => {
	it('give their files under generated names, folders and leftovers left out', async () => {
		const { files, refused } = await unpack(zipSync({ 'study/one.dcm': text.encode('one'), 'two.png': text.encode('two'), 'empty/': new Uint8Array(0), '__MACOSX/._one.dcm': text.encode('x'), 'study/.DS_Store': text.encode('x') }))
		expect(refused).toEqual([])
		expect(files.map(({ name }) => name)).toEqual(['study/one.dcm', 'two.png'])
		expect(await readFile(files[0]?.path ?? '', 'utf8')).toBe('one')
		expect(files.every(({ path }) => path.startsWith(join(folder, 'into')))).toBe(true)
	})

	it('cannot write outside their folder', async () => {
		const { files } = await unpack(zipSync({ '../../escape.txt': text.encode('a'), '/etc/absolute.txt': text.encode('b'), 'C:\\windows\\evil.txt': text.encode('c'), [`${'long/'.repeat(200)}name.dcm`]: text.encode('d') }))
		expect(files).toHaveLength(4)
		for (const { name, path } of files) {
			expect(path.startsWith(join(folder, 'into'))).toBe(true)
			expect(name).not.toContain('..')
			expect(name.length).toBeLessThanOrEqual(240)
		}
		expect((await readdir(folder)).toSorted()).toEqual(['archive.zip', 'into'])
	})

	it('leave archives inside packed', async () => {
		const inner = zipSync({ 'deep.dcm': text.encode('deep') })
		const { files } = await unpack(zipSync({ 'inner.zip': inner }))
		expect(new Uint8Array(await readFile(files[0]?.path ?? ''))).toEqual(inner)
	})

	it('refuse what a password protects and what is packed by another method', async () => {
		const archive = zipSync({ 'secret.dcm': text.encode('secret '.repeat(50)), 'next.dcm': text.encode('next '.repeat(50)) })
		const locked = await unpack(patched(archive, (view, flags) => view.setUint16(flags, 1, true)))
		expect(locked).toMatchObject({ files: [], refused: [{ name: 'secret.dcm', reason: expect.stringContaining('password') }, { name: 'next.dcm' }] })
		const packed = await unpack(patched(archive, (view, _flags, method) => view.setUint16(method, 12, true)))
		expect(packed.refused[0]?.reason).toContain('method (12)')
	})

	it('refuse a bomb and still give the others', async () => {
		const archive = zipSync({ 'bomb.dcm': new Uint8Array(5e6), 'good.dcm': text.encode('good') })
		const { files, refused } = await unpack(archive)
		expect(files.map(({ name }) => name)).toEqual(['good.dcm'])
		expect(refused).toEqual([{ name: 'bomb.dcm', reason: expect.stringContaining('far more than any image') }])
		expect(await readdir(join(folder, 'into'))).toHaveLength(1)
	})

	it('are bounded in their number of files and in all they unfold to', async () => {
		const many = zipSync(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}.txt`, text.encode('x'.repeat(100))])))
		const few = await unpack(many, { entries: 10 })
		expect(few.files).toHaveLength(10)
		expect(few.refused[0]?.reason).toContain('more than 10')
		const little = await unpack(many, { totalBytes: 450 })
		expect(little.files).toHaveLength(4)
		expect(little.refused).toHaveLength(8)
	})

	it('with a damaged entry refuse it and give the others; damaged as a whole they are refused', async () => {
		const archive = zipSync({ 'a.dcm': text.encode('a'.repeat(300)), 'b.dcm': text.encode('b') })
		const damaged = archive.slice()
		damaged.fill(0xff, 36, 40)
		const { files, refused } = await unpack(damaged)
		expect(files.map(({ name }) => name)).toEqual(['b.dcm'])
		expect(refused.map(({ name }) => name)).toEqual(['a.dcm'])
		await expect(unpack(archive.subarray(0, 60))).rejects.toThrow('The archive is damaged or cut off.')
	})

	it('with an entry of another size than stated refuse it', async () => {
		const archive = zipSync({ 'a.dcm': text.encode('a'.repeat(300)), 'b.dcm': text.encode('b') })
		const view = new DataView(archive.buffer)
		const directory = archive.findIndex((_, at) => at + 4 < archive.length && view.getUint32(at, true) === 0x02014b50)
		view.setUint32(directory + 24, 299, true)
		const { files, refused } = await unpack(archive)
		expect([files.map(({ name }) => name), refused.map(({ name }) => name)]).toEqual([['b.dcm'], ['a.dcm']])
	})

	it('stop when the import is cancelled', async () => {
		const path = join(folder, 'archive.zip')
		await writeFile(path, zipSync({ 'a.dcm': text.encode('a') }))
		await expect(unzip(path, folder, () => undefined, AbortSignal.abort())).rejects.toThrow(/abort/i)
	})
})
