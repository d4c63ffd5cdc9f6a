import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { randomStream } from '../../src/common/random.ts'
import { writeManifest } from './pictures.ts'

export const FILM = { width: 80, height: 64 } as const

/** Two dark ellipses on a bright ground with some noise, and the ellipses alone. */
function drawFilm(index: number): { film: Uint8Array; mask: Uint8Array } {
	const random = randomStream(8, 'lungs', index)
	const [x, y, wide, high] = [0.28 + 0.04 * random.uniform(), 0.45 + 0.1 * random.uniform(), 0.13 + 0.03 * random.uniform(), 0.28 + 0.05 * random.uniform()]
	const film = new Uint8Array(FILM.width * FILM.height), mask = new Uint8Array(film.length)
	for (let place = 0; place < film.length; place++) {
		const u = ((place % FILM.width) + 0.5) / FILM.width, v = (Math.floor(place / FILM.width) + 0.5) / FILM.height
		const inside = [x, 1 - x].some((middle) => ((u - middle) / wide) ** 2 + ((v - y) / high) ** 2 <= 1)
		film[place] = Math.min(255, Math.max(0, (inside ? 50 : 190) + 8 * random.normal()))
		mask[place] = inside ? 255 : 0
	}
	return { film, mask }
}

export function writeGrey(path: string, pixels: Uint8Array, { width, height }: { width: number; height: number } = FILM): Promise<unknown> {
	return sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace('b-w').png().toFile(path)
}

/** Films with masks and a manifest.csv: two of each patient, of whom half are to train on. @returns the folder. */
export async function writeLungFilms(folder: string, count: number): Promise<string> {
	mkdirSync(join(folder, 'masks'), { recursive: true })
	const rows: string[][] = []
	for (let index = 0; index < count; index++) {
		const { film, mask } = drawFilm(index)
		await writeGrey(join(folder, `film${index}.png`), film)
		await writeGrey(join(folder, 'masks', `film${index}.png`), mask)
		const patient = index >> 1
		rows.push([`film${index}.png`, ['train', 'val', 'train', 'test'][patient % 4] ?? 'train', `patient ${patient}`, `masks/film${index}.png`])
	}
	writeManifest(folder, ['file', 'split', 'patient', 'lungs_mask'], rows)
	return folder
}
