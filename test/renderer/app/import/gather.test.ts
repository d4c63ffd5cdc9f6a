import { describe, expect, it } from 'vitest'
import { gatherEntries, type Entry, type GatheredFile } from '../../../../src/renderer/app/import/gather.ts'

function file(fullPath: string): Entry {
	return { isFile: true, fullPath, file: (done) => done(new File(['x'], 'x')) }
}

/** A folder whose reader gives its entries in parts, as Chromium's does. */
function folder(fullPath: string, entries: Entry[], partSize = 2): Entry {
	return {
		isFile: false,
		fullPath,
		createReader() {
			let at = 0
			return {
				readEntries(done) {
					done(entries.slice(at, at + partSize))
					at += partSize
				},
			}
		},
	}
}

async function gather(entries: Entry[]): Promise<GatheredFile[]> {
	const found: GatheredFile[] = []
	for await (const one of gatherEntries(entries)) found.push(one)
	return found
}

describe('gatherEntries', () => {
	it('unfolds folders to the bottom, every part of them, with their paths', async () => {
		const entries = [folder('/cd', [file('/cd/1'), file('/cd/2'), file('/cd/3'), folder('/cd/a', [file('/cd/a/4'), folder('/cd/a/b', [])])]), file('/5.dcm')]
		expect((await gather(entries)).map(({ name }) => name)).toEqual(['cd/1', 'cd/2', 'cd/3', 'cd/a/4', '5.dcm'])
	})
	it('notes a folder that cannot be read and goes on', async () => {
		const locked: Entry = { isFile: false, fullPath: '/locked', createReader: () => ({ readEntries: (_, failed) => failed(new Error('denied')) }) }
		const found = await gather([locked, file('/6')])
		expect(found[0]).toMatchObject({ name: 'locked', refused: expect.stringContaining('could not be read') })
		expect(found[1]?.name).toBe('6')
	})
	it('ends in a folder that contains itself', async () => {
		const loop: Entry = { isFile: false, fullPath: '/loop', createReader: () => folder('/loop', [loop]).createReader?.() ?? { readEntries: () => {} } }
		const found = await gather([loop])
		expect(found).toHaveLength(1)
		expect(found[0]).toHaveProperty('refused')
	})
})
