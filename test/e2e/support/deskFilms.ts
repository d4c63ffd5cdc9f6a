import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { dataSetBytes, dicomFile, type DicomElement } from '../../../src/common/imaging/dicomWriter.ts'
import { PHANTOM } from '../../../src/common/imaging/phantom.ts'
import { phantomElements } from '../../../src/common/imaging/phantomDicom.ts'
import { randomStream } from '../../../src/common/random.ts'
import { phantomPng } from './syntheticFilms.ts'

export interface DeskFilm {
	patientId: string
	/** DICOM person name. */
	patientName: string
	path: string
}

const [COLUMNS, ROWS] = [PHANTOM.columns / 2, PHANTOM.rows / 2]
const UID = '2.25.4712'
const PIXEL_DATA = 0x7fe00010
const CHARACTER_SET = 0x00080005

/** Films of the phantom as DICOM files, one for each name, turned a little, every other one without the opacity. blank: one more without anything on it. */
export async function deskFilms(folder: string, names: readonly string[]): Promise<{ films: DeskFilm[]; blank: DeskFilm }> {
	await mkdir(folder, { recursive: true })
	const random = randomStream(1, 'desk films')
	const [opaque, clear] = await Promise.all([true, false].map(async (isOpaque) => sharp(await phantomPng(isOpaque)).resize(COLUMNS, ROWS).png().toBuffer()))
	const films: DeskFilm[] = []
	for (const [index, name] of names.entries()) {
		const turned = await sharp((index % 2 === 0 ? opaque : clear) ?? '').rotate(8 * random.uniform() - 4, { background: '#000' }).resize(COLUMNS, ROWS, { fit: 'cover' }).linear(0.85 + 0.3 * random.uniform(), 0).toColourspace('b-w').raw().toBuffer()
		films.push(await write(folder, index + 1, name, Uint16Array.from(turned, (grey) => grey * 16)))
	}
	return { films, blank: await write(folder, names.length + 1, 'Blank^Film', new Uint16Array(COLUMNS * ROWS).fill(2048)) }
}

async function write(folder: string, index: number, patientName: string, pixels: Uint16Array<ArrayBuffer>): Promise<DeskFilm> {
	const patientId = `DESK-${String(index).padStart(3, '0')}`
	const own: DicomElement[] = [
		{ tag: CHARACTER_SET, vr: 'CS', value: 'ISO_IR 192' },
		{ tag: 0x00080018, vr: 'UI', value: `${UID}.${index}.3` },
		{ tag: 0x00080050, vr: 'SH', value: `DESK-${index}` },
		{ tag: 0x00100010, vr: 'PN', value: new TextEncoder().encode(patientName) },
		{ tag: 0x00100020, vr: 'LO', value: patientId },
		{ tag: 0x0020000d, vr: 'UI', value: `${UID}.${index}.1` },
		{ tag: 0x0020000e, vr: 'UI', value: `${UID}.${index}.2` },
		{ tag: 0x00280010, vr: 'US', value: [ROWS] },
		{ tag: 0x00280011, vr: 'US', value: [COLUMNS] },
		{ tag: PIXEL_DATA, vr: 'OW', value: new Uint8Array(pixels.buffer) },
	]
	const elements = [...phantomElements().filter(({ tag }) => !own.some((element) => element.tag === tag)), ...own].toSorted((a, b) => a.tag - b.tag)
	const path = join(folder, `${patientId}.dcm`)
	await writeFile(path, dicomFile('1.2.840.10008.1.2.1', '1.2.840.10008.5.1.4.1.1.1.1', `${UID}.${index}.3`, dataSetBytes(elements)))
	return { patientId, patientName, path }
}
