import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { PHANTOM, PHANTOM_OPACITY, phantomPixels } from '../../../src/common/imaging/phantom.ts'
import { randomStream } from '../../../src/common/random.ts'

const FILMS = 60
const SIDE = 256

/**
 * A data set of the phantom for the pictures of the guide, which show no patient's film: turned, windowed and moved a little, half of them without the opacity.
 * All films with it come from one hospital, one patient stands in two splits, and one film was stored anew. @returns the folder.
 */
export async function syntheticFilms(folder: string): Promise<string> {
	await mkdir(join(folder, 'films'), { recursive: true })
	const random = randomStream(1, 'synthetic films')
	const [clear, opaque] = await Promise.all([phantomPng(false), phantomPng(true)])
	const rows = ['file,label,patient_id,split,source,sex']
	for (let film = 0; film < FILMS; film++) {
		const isOpaque = film % 2 === 0
		const file = `films/film-${String(film + 1).padStart(3, '0')}.png`
		const zoom = 1 + 0.25 * random.uniform()
		const turned = sharp(isOpaque ? opaque : clear).rotate(14 * random.uniform() - 7, { background: '#000' }).resize(Math.round(SIDE * zoom), Math.round(SIDE * zoom), { fit: 'outside' })
		const { data, info } = await turned.toBuffer({ resolveWithObject: true })
		await sharp(data).extract({ left: Math.floor(random.uniform() * (info.width - SIDE)), top: Math.floor(random.uniform() * (info.height - SIDE)), width: SIDE, height: SIDE })
			.linear(0.75 + 0.5 * random.uniform(), 30 * random.uniform() - 15).toColourspace('b-w').png().toFile(join(folder, file))
		const split = film < 40 ? 'train' : film < 50 ? 'val' : 'test'
		const patient = film === FILMS - 1 ? 1 : film + 1
		rows.push([file, isOpaque ? 'opacity' : 'no opacity', `patient-${String(patient).padStart(3, '0')}`, split, isOpaque ? 'Hospital North' : film % 3 === 0 ? 'Hospital South' : 'Hospital North', film % 4 < 2 ? 'F' : 'M'].join(','))
	}
	const storedAnew = 'films/stored-anew.png'
	await sharp(join(folder, 'films', 'film-004.png')).linear(1.05, 0).toColourspace('b-w').png().toFile(join(folder, storedAnew))
	rows.push(`${storedAnew},no opacity,patient-061,test,Hospital South,M`)
	await writeFile(join(folder, 'manifest.csv'), `${rows.join('\n')}\n`)
	return folder
}

/** The phantom as an 8-bit picture. @param isOpaque with its opacity; without it, the lung above stands in its place. */
export async function phantomPng(isOpaque: boolean): Promise<Buffer> {
	const { columns, rows, bitsStored } = PHANTOM
	const pixels = phantomPixels()
	const grey = Uint8Array.from(pixels, (value) => value >> (bitsStored - 8))
	if (!isOpaque) {
		const half = columns / 2
		// As far as from one rib to the next but one.
		const above = Math.round(2.2 * PHANTOM_OPACITY.radius * half)
		const [column, row, reach] = [half + PHANTOM_OPACITY.x * half, PHANTOM_OPACITY.y * half, 1.4 * PHANTOM_OPACITY.radius * half]
		for (let y = Math.floor(row - reach); y < row + reach; y++) {
			for (let x = Math.floor(column - reach); x < column + reach; x++) {
				const share = Math.min(1, Math.max(0, (reach - Math.hypot(x - column, y - row)) / (0.3 * reach)))
				grey[y * columns + x] = share * (grey[(y - above) * columns + x] ?? 0) + (1 - share) * (grey[y * columns + x] ?? 0)
			}
		}
	}
	return sharp(grey, { raw: { width: columns, height: rows, channels: 1 } }).png().toBuffer()
}
