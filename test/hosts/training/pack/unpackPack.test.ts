import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import * as fc from 'fast-check'
import { zipSync, type Zippable } from 'fflate'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../../../src/common/contract/procedures.ts'
import { unpackPack } from '../../../../src/hosts/training/pack/unpackPack.ts'
import { temporaryFolder } from '../../../support/inferenceFixtures.ts'
import { addCard, packContents, packFileOf } from '../../../support/packFiles.ts'
import { addSmallPack } from '../../../support/packs.ts'

const packs = temporaryFolder()
const files: Record<string, Uint8Array> = {}
let whole: Uint8Array<ArrayBuffer>
let folder = temporaryFolder()

beforeAll(async () => {
	addSmallPack(packs.path, 'small', 'student', 8)
	const directory = join(packs.path, 'models', 'small')
	addCard(directory)
	whole = (await packFileOf(directory)).bytes
	for (const name of readdirSync(directory)) files[name] = readFileSync(join(directory, name))
})
afterAll(() => packs.remove())
beforeEach(() => {
	folder = temporaryFolder()
})
afterEach(() => folder.remove())

async function unpack(archive: Uint8Array, signal = new AbortController().signal): Promise<Record<string, Uint8Array>> {
	const into = join(folder.path, 'into')
	rmSync(into, { recursive: true, force: true })
	mkdirSync(into)
	const path = join(folder.path, 'file.zip')
	writeFileSync(path, archive)
	await unpackPack(path, into, signal)
	return Object.fromEntries(readdirSync(into).map((name) => [name, new Uint8Array(readFileSync(join(into, name)))]))
}

const text = (words: string) => new TextEncoder().encode(words)

/** An archive of another program with these entries. */
function zip(entries: Zippable, options: Parameters<typeof zipSync>[1] = { level: 6 }): Uint8Array {
	return zipSync(entries, options)
}

/** Where the entries begin. */
function localHeaders(archive: Uint8Array): number[] {
	const view = new DataView(archive.buffer, archive.byteOffset, archive.length)
	return [...archive.keys()].filter((at) => at + 4 <= archive.length && view.getUint32(at, true) === 0x04034b50)
}

/** Changes every entry's headers in both places. */
function patched(archive: Uint8Array, change: (view: DataView, local: number | null, central: number | null) => void): Uint8Array {
	const bytes = Uint8Array.from(archive)
	const view = new DataView(bytes.buffer)
	for (let at = 0; at + 4 < bytes.length; at++) {
		const signature = view.getUint32(at, true)
		if (signature === 0x04034b50) change(view, at, null)
		if (signature === 0x02014b50) change(view, null, at)
	}
	return bytes
}

describe('a pack file', () => {
	it('gives the files of the pack and nothing else', async () => {
		expect(await unpack(whole)).toEqual(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, new Uint8Array(bytes)])))
	})
	it('may have been packed again by another program', async () => {
		expect(Object.keys(await unpack(zip({ 'CARD.md': files['CARD.md']!, 'model.onnx': files['model.onnx']!, 'model.json': files['model.json']!, 'pack.json': packContents(files) })))).toHaveLength(3)
	})

	it.each<[string, () => Uint8Array, string]>([
		['no archive', () => text('Dear colleague'), 'damaged or cut off'],
		['one that is cut off', () => whole.subarray(0, whole.length - 40), 'damaged or cut off'],
		['an archive of something else', () => zip({ 'film.dcm': text('film') }), 'It is no model pack of Negatoscope: it holds "film.dcm"'],
		['a pack without its contents', () => zip(files), 'pack.json is missing'],
		['a pack without a card', () => zip({ 'pack.json': packContents(files), 'model.json': files['model.json']!, 'model.onnx': files['model.onnx']! }), 'CARD.md is missing'],
		['a pack whose contents forget a file', () => zip({ ...files, 'pack.json': packContents({ 'model.json': files['model.json']!, 'model.onnx': files['model.onnx']! }) }), 'does not name every file'],
		['a pack whose contents name a file twice', () => zip({ ...files, 'pack.json': packContents(files, { files: ['CARD.md', 'CARD.md', 'model.json'].map((name) => ({ name, bytes: files[name]!.length, sha256: createHash('sha256').update(files[name]!).digest('hex') })) }) }), 'does not name every file'],
		['contents that are no JSON', () => zip({ ...files, 'pack.json': text('{') }), 'pack.json is not JSON'],
		['another format', () => zip({ ...files, 'pack.json': packContents(files, { format: 'other' }) }), 'states another format'],
		['a newer format', () => zip({ ...files, 'pack.json': packContents(files, { formatVersion: 2 }) }), 'newer version of Negatoscope'],
		['contents with a further key', () => zip({ ...files, 'pack.json': packContents(files, { extra: 1 }) }), 'pack.json is not valid'],
		['contents that fill the memory', () => zip({ ...files, 'pack.json': new Uint8Array(70_000) }), 'pack.json is larger than 64 KiB'],
		['an exchanged card', () => zip({ ...files, 'CARD.md': text('Another card'), 'pack.json': packContents(files) }), 'CARD.md is not the file that pack.json describes'],
		['a further file', () => zip({ ...files, 'pack.json': packContents(files), 'run.sh': text('rm') }), 'it holds "run.sh"'],
		['a way out', () => zip({ ...files, 'pack.json': packContents(files), '../../model.onnx': text('x') }), 'no file of a pack'],
		['an absolute path', () => zip({ ...files, 'pack.json': packContents(files), '/etc/passwd': text('x') }), 'no file of a pack'],
		['a folder', () => zip({ ...files, 'pack.json': packContents(files), 'pack/': new Uint8Array(0) }), 'no file of a pack'],
		['another case', () => zip({ ...files, 'pack.json': packContents(files), 'MODEL.ONNX': text('x') }), 'it holds "MODEL.ONNX"'],
		['a link', () => zip({ ...files, 'pack.json': packContents(files), 'CARD.md': [text('/etc/passwd'), { os: 3, attrs: 0o120777 * 0x10000 }] }), 'CARD.md is a link'],
		['a large description', () => zip({ ...files, 'pack.json': packContents(files), 'model.json': new Uint8Array(1024 ** 2 + 1).map((_, place) => place * 7919) }), 'model.json is larger than 1024 KiB'],
		['a bomb', () => zip({ ...files, 'pack.json': packContents(files), 'model.onnx': new Uint8Array(3e6) }), 'model.onnx unfolds to far more'],
		['a password', () => patched(whole, (view, local, central) => view.setUint16(local === null ? (central ?? 0) + 8 : local + 6, 1, true)), 'protected by a password'],
		['another method', () => patched(whole, (view, local, central) => view.setUint16(local === null ? (central ?? 0) + 10 : local + 8, 12, true)), 'method (12)'],
	])('that is %s is refused with the reason', async (_, make, words) => {
		const refusal = unpack(make())
		await expect(refusal).rejects.toThrow(words)
		await expect(refusal).rejects.toBeInstanceOf(UserError)
	})

	it('with two entries of one name is refused', async () => {
		const twice = patched(zip({ ...files, 'pack.json': packContents(files), 'evaluation.json': text('{}') }, { level: 0 }), () => undefined)
		// The last one gets the name of the first; the lengths agree because evaluation.json is as long as this one and four letters.
		const named = Buffer.from(twice).toString('latin1').replaceAll('evaluation.json', `model.json${'\0'.repeat(5)}`)
		await expect(unpack(Buffer.from(named, 'latin1'))).rejects.toThrow('no file of a pack')
		const same = Buffer.from(Buffer.from(zip({ ...files, 'pack.json': packContents(files), 'model.jsom': text('{}') }, { level: 0 })).toString('latin1').replaceAll('model.jsom', 'model.json'), 'latin1')
		await expect(unpack(same)).rejects.toThrow('It holds model.json twice')
	})
	it('that states less than it unfolds to is refused', async () => {
		const lying = patched(zip({ ...files, 'pack.json': packContents(files) }), (view, _, central) => {
			if (central !== null && view.getUint32(central + 24, true) > 500) view.setUint32(central + 24, 400, true)
		})
		await expect(unpack(lying)).rejects.toBeInstanceOf(UserError)
	})
	it('ends when nobody waits any more', async () => {
		await expect(unpack(whole, AbortSignal.abort())).rejects.toThrow(/abort/i)
	})

	it('with an entry that cannot be opened leaves nothing that appears after the refusal', async () => {
		const [, first = 0] = localHeaders(whole)
		const damaged = Uint8Array.from(whole)
		damaged[first] = 0
		await expect(unpack(damaged)).rejects.toThrow('model.json is damaged inside the archive')
		const into = join(folder.path, 'into')
		expect(readdirSync(into)).toEqual([])
		// A file that was begun is opened some time later.
		await setTimeout(100)
		expect(readdirSync(into)).toEqual([])
	})
	it('with any bytes changed gives the files as they were, or is refused in words', async () => {
		const expected = await unpack(whole)
		let taken = 0
		await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }), fc.boolean(), async (changes, inDirectory) => {
			const bytes = Uint8Array.from(whole)
			// Half of them in the list of files, which is short and where a parser decides.
			for (const [place, change] of changes) {
				const at = inDirectory ? bytes.length - 1 - (place % 320) : place
				bytes[at] = bytes[at]! ^ change
			}
			const found = await unpack(bytes).catch((error: unknown) => {
				expect(error, String(error)).toBeInstanceOf(UserError)
				return null
			})
			if (!found) return
			taken++
			expect(found).toEqual(expected)
		}), { numRuns: 300 })
		// Times and comments are nobody's loss.
		expect(taken).toBeLessThan(150)
	})
	it('of any entries writes no name but a pack\'s, and only into its folder', async () => {
		// fflate cannot write an entry called __proto__.
		const entry = fc.tuple(fc.oneof(fc.constantFrom('model.json', 'model.onnx', 'CARD.md', 'evaluation.json', 'pack.json', '../CARD.md', 'a/../../CARD.md', 'CON', 'model.json/'), fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__')), fc.uint8Array({ maxLength: 40 }))
		await fc.assert(fc.asyncProperty(fc.array(entry, { maxLength: 6 }), fc.boolean(), async (entries, honest) => {
			const all: Zippable = Object.fromEntries(entries)
			if (honest) all['pack.json'] = packContents(Object.fromEntries(entries.filter(([name]) => name !== 'pack.json')))
			await unpack(zip(all)).catch((error: unknown) => expect(error).toBeInstanceOf(UserError))
			expect(readdirSync(folder.path).toSorted()).toEqual(['file.zip', 'into'])
			for (const name of readdirSync(join(folder.path, 'into'))) expect(['model.json', 'model.onnx', 'CARD.md', 'evaluation.json']).toContain(name)
		}), { numRuns: 150 })
	})
})
