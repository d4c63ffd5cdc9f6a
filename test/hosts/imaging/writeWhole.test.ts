import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeWhole } from '../../../src/hosts/imaging/writeWhole.ts'

let folder: string

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('joins the parts, takes the place of what was there, and leaves nothing else', async () => {
	const target = join(folder, 'a.frame')
	writeWhole(target, [new TextEncoder().encode('old and longer')])
	writeWhole(target, [new TextEncoder().encode('he'), new Uint8Array(0), new TextEncoder().encode('llo')])
	expect(await readFile(target, 'utf8')).toBe('hello')
	expect(await readdir(folder)).toEqual(['a.frame'])
})

it('leaves nothing behind where the target cannot be written', async () => {
	expect(() => writeWhole(folder, [new Uint8Array(3)])).toThrow()
	expect(() => writeWhole(join(folder, 'none', 'a.frame'), [new Uint8Array(3)])).toThrow(/ENOENT/)
	expect(await readdir(folder)).toEqual([])
})
