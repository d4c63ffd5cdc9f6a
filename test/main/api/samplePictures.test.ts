import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openPictures } from '../../../src/main/api/pictures.ts'
import { createSamplePictures } from '../../../src/main/api/samplePictures.ts'
import type { HostCaller } from '../../../src/main/supervisor/hostCaller.ts'
import { newFolder, writeTree } from '../../support/trees.ts'

let home: string
let folder: string
/** What the image reader was asked for, and how each of it ends. */
let asked: { path: string; end: () => void }[]

beforeEach(async () => {
	home = await newFolder()
	folder = await writeTree(await newFolder(), Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`${index}.png`, `file ${index}`])))
	asked = []
})

const hosts = {
	call: (_host: string, _method: string, { path, output }: { path: string; output: string }) => new Promise<void>((resolve) => {
		asked.push({ path, end: () => void writeFile(output, 'a picture').then(() => resolve()) })
	}),
} as unknown as HostCaller

const dataSets = {
	sample: async (_id: number, image: string) => ({
		sample: { id: image, split: 'train' as const, group: '', source: '', attributes: {}, truth: [], sha256: 'ab'.repeat(32), width: 1, height: 1, leaks: [] }, path: join(folder, image),
	}),
}

const open = async (own: object = {}) => createSamplePictures({ pictures: await openPictures({ home, hosts, ...own }), dataSets })
const names = () => asked.map(({ path }) => path.split('/').at(-1))
const wanted = new AbortController().signal

describe('pictures of samples', () => {
	it('are made a few at a time, and once for all who ask', async () => {
		const pictures = await open()
		const all = ['0.png', '1.png', '2.png', '0.png'].map((image) => pictures.path(1, image, wanted))
		await expect.poll(names).toHaveLength(2)
		asked[0]?.end()
		await expect.poll(() => names().toSorted()).toEqual(['0.png', '1.png', '2.png'])
		for (const { end } of asked) end()
		const [first, , , again] = await Promise.all(all)
		expect(again).toBe(first)
		expect(await pictures.path(1, '1.png', wanted)).toBe(await all[1])
		expect(asked).toHaveLength(3)
	})

	it('are not begun when nobody wants them any more, but for who still does', async () => {
		const pictures = await open()
		const [running, gone] = [['0.png', '1.png'].map((image) => pictures.path(1, image, wanted)), new AbortController()]
		await expect.poll(names).toHaveLength(2)
		const left = ['2.png', '3.png'].map((image) => pictures.path(1, image, gone.signal))
		const settled = Promise.allSettled(left)
		const stays = pictures.path(1, '3.png', wanted)
		// Time to find that the picture is being waited for already.
		await new Promise((resolve) => void setTimeout(resolve, 50))
		gone.abort()
		for (const { end } of asked) end()
		await Promise.all(running)
		await expect(left[0]).rejects.toMatchObject({ name: 'AbortError' })
		// Of two that are asked for at once either may come first: the disk answers as it likes.
		await expect.poll(() => names().toSorted()).toEqual(['0.png', '1.png', '3.png'])
		asked[2]?.end()
		await expect(stays).resolves.toMatch(/\.png$/)
		await settled
		expect(asked).toHaveLength(3)
	})

	it('are kept up to a bound, the oldest go first', async () => {
		const kept = join(home, 'cache', 'pictures')
		await open()
		for (let index = 0; index < 10; index++) {
			await writeFile(join(kept, `${index}.png`), new Uint8Array(100))
			await new Promise((resolve) => void setTimeout(resolve, 5))
		}
		await open({ limitBytes: 1000 })
		expect(await readdir(kept)).toHaveLength(10)
		await open({ limitBytes: 800 })
		expect((await readdir(kept)).toSorted()).toEqual(['4.png', '5.png', '6.png', '7.png', '8.png', '9.png'])
	})
})
