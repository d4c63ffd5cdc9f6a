import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll } from 'vitest'
import { randomStream } from '../../src/common/random.ts'

const folders: string[] = []

/** A new empty folder that is removed after the tests of the file. */
export async function newFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'negatoscope-data-'))
	folders.push(folder)
	return folder
}

afterAll(async () => {
	for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

/** Grey values of a soft random picture; different seeds look different. */
export async function picture(seed: number, width = 48, height = 40): Promise<Buffer> {
	const stream = randomStream(seed, 'picture')
	const cells = Uint8Array.from({ length: 25 }, () => stream.integer(256))
	return await sharp(cells, { raw: { width: 5, height: 5, channels: 1 } }).resize(width, height, { fit: 'fill' }).toColourspace('b-w').raw().toBuffer()
}

export async function pictureFile(seed: number, format: 'png' | 'jpeg' = 'png', width = 48, height = 40): Promise<Buffer> {
	return await sharp(await picture(seed, width, height), { raw: { width, height, channels: 1 } }).toFormat(format).toBuffer()
}

/** Writes files below a folder: a number is a picture made from it, text and bytes are written as they are. */
export async function writeTree(folder: string, files: Record<string, number | string | Uint8Array>): Promise<string> {
	for (const [name, content] of Object.entries(files)) {
		const path = join(folder, ...name.split('/'))
		await mkdir(dirname(path), { recursive: true })
		await writeFile(path, typeof content === 'number' ? await pictureFile(content, /\.jpe?g$/.test(name) ? 'jpeg' : 'png') : content)
	}
	return folder
}
