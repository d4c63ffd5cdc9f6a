import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packContentsSchema } from '../../../src/common/contract/packFile.ts'
import { openPackFile } from '../../../src/main/models/packFile.ts'
import { readPack } from '../../../src/main/models/pack.ts'
import { temporaryFolder } from '../../support/inferenceFixtures.ts'
import { addCard, collect, packFileOf } from '../../support/packFiles.ts'
import { addSmallPack } from '../../support/packs.ts'

let home = temporaryFolder()
let directory = ''
beforeEach(() => {
	home = temporaryFolder()
	addSmallPack(home.path, 'small', 'student', 8)
	directory = join(home.path, 'models', 'small')
	addCard(directory)
})
afterEach(() => home.remove())

const hasPython = spawnSync('python3', ['--version']).status === 0
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function open() {
	const pack = readPack(directory, 'user', new Map())
	if (pack.state === 'refused') throw new Error(pack.reason)
	return openPackFile(pack)
}

describe('a pack as one file', () => {
	it('is a ZIP archive that other programs read, with what is in it and its hashes first', async () => {
		const { name, bytes } = await packFileOf(directory)
		expect(name).toBe('small-1.0.0.negatoscope-pack.zip')
		const files = unzipSync(bytes)
		expect(Object.keys(files)).toEqual(['pack.json', 'model.json', 'model.onnx', 'CARD.md'])
		for (const file of ['model.json', 'model.onnx', 'CARD.md']) expect(sha256(files[file] ?? new Uint8Array()), file).toBe(sha256(readFileSync(join(directory, file))))
		const contents = packContentsSchema.parse(JSON.parse(Buffer.from(files['pack.json'] ?? []).toString()))
		expect(contents.files).toEqual(['model.json', 'model.onnx', 'CARD.md'].map((file) => ({ name: file, bytes: files[file]?.length, sha256: sha256(files[file] ?? new Uint8Array()) })))
	})
	it.skipIf(!hasPython)('has checksums that Python agrees with', async () => {
		const path = join(home.path, 'pack.zip')
		writeFileSync(path, (await packFileOf(directory)).bytes)
		expect(execFileSync('python3', ['-c', 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())', path], { encoding: 'utf8' }).trim()).toBe('None')
	})
	it('has the same bytes wherever and whenever it is written', async () => {
		const { bytes } = await packFileOf(directory)
		const copy = join(home.path, 'elsewhere')
		cpSync(directory, copy, { recursive: true })
		utimesSync(join(copy, 'model.onnx'), new Date(0), new Date(0))
		expect(sha256((await packFileOf(copy)).bytes)).toBe(sha256(bytes))
		writeFileSync(join(copy, 'notes.txt'), 'not a file of a pack')
		expect(sha256((await packFileOf(copy)).bytes)).toBe(sha256(bytes))
	})
	it('has evaluation.json where the pack has it', async () => {
		writeFileSync(join(directory, 'evaluation.json'), '{}')
		expect(Object.keys(unzipSync((await packFileOf(directory)).bytes))).toContain('evaluation.json')
	})
	it('is not made of a pack without a card or a licence, or with a link', async () => {
		rmSync(join(directory, 'CARD.md'))
		await expect(open()).rejects.toThrow('has no card')
		writeFileSync(join(directory, 'CARD.md'), ' \n')
		await expect(open()).rejects.toThrow('has no card')
		addCard(directory)
		const manifest = JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8')) as object
		writeFileSync(join(directory, 'model.json'), JSON.stringify({ ...manifest, licence: '' }))
		await expect(open()).rejects.toThrow('states no licence')
		writeFileSync(join(directory, 'model.json'), JSON.stringify(manifest))
		symlinkSync(join(directory, 'model.json'), join(directory, 'evaluation.json'))
		await expect(open()).rejects.toThrow('evaluation.json is not a plain file')
		rmSync(join(directory, 'evaluation.json'))
		mkdirSync(join(directory, 'evaluation.json'))
		await expect(open()).rejects.toThrow('evaluation.json is not a plain file')
	})
	it('breaks off where a file changes while it is written', async () => {
		const file = await open()
		appendFileSync(join(directory, 'CARD.md'), 'more')
		await expect(collect(file)).rejects.toThrow('CARD.md changed while the pack was written')
	})
})
