import { deflateRawSync } from 'node:zlib'
import sharp from 'sharp'
import { dataSetBytes, dicomFile, type DicomElement, type DicomValue } from '../../../src/common/imaging/dicomWriter.ts'
import { encodeHtj2k, encodeJpeg2000, encodeJpegLs, encodeRle } from './encoders.ts'
import { encodeDctJpeg, encodeLosslessJpeg, type Samples } from './jpegEncoder.ts'

/** A DICOM file made up for the tests, with the stored values that it must decode to. */
export interface SyntheticFile {
	name: string
	transferSyntax: string
	bytes: Uint8Array
	rows: number
	columns: number
	components: number
	photometric: string
	/** Stored values, interleaved; of colour after conversion to RGB. */
	expected: ArrayLike<number>
	/** Largest difference that the syntax may make. */
	tolerance: number
}

const ROWS = 44
const COLUMNS = 60
const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.1.1'

/** A smooth hill with a sharp disc and a ramp, 0 to `largest`: edges, gradients and flat parts for every codec. */
function picture(largest: number): number[] {
	return Array.from({ length: ROWS * COLUMNS }, (_, index) => {
		const [row, column] = [Math.floor(index / COLUMNS), index % COLUMNS]
		const hill = Math.exp(-((row - 20) ** 2 + (column - 35) ** 2) / 300)
		const disc = (row - 30) ** 2 + (column - 14) ** 2 < 60 ? 0.4 : 0
		const flat = row < 6 ? 0 : 1
		return Math.round(largest * Math.min(flat * (0.08 + 0.5 * hill + disc + 0.2 * (column / COLUMNS)), 1))
	})
}

function colourPicture(): number[] {
	const red = picture(255)
	return red.flatMap((value, index) => [value, 255 - value, (index * 3) % 256])
}

export interface ImageDescription {
	components: number
	photometric: string
	allocated: number
	stored: number
	highBit?: number
	signed: boolean
	planar?: boolean
	frames?: number
	rows?: number
	columns?: number
}

function short(tag: number, value: number): DicomElement {
	return { tag, vr: 'US', value: [value] }
}

/** Header elements of a synthetic image without pixel data. */
export function imageElements(image: ImageDescription): DicomElement[] {
	return [
		{ tag: 0x00080016, vr: 'UI', value: SOP_CLASS },
		{ tag: 0x00080018, vr: 'UI', value: '2.25.1001' },
		{ tag: 0x00080060, vr: 'CS', value: 'DX' },
		{ tag: 0x00100010, vr: 'PN', value: 'Synthetic^Image' },
		{ tag: 0x00100020, vr: 'LO', value: 'SYNTHETIC' },
		{ tag: 0x0020000d, vr: 'UI', value: '2.25.1002' },
		{ tag: 0x0020000e, vr: 'UI', value: '2.25.1003' },
		short(0x00280002, image.components),
		{ tag: 0x00280004, vr: 'CS', value: image.photometric },
		...(image.components > 1 ? [short(0x00280006, image.planar ? 1 : 0)] : []),
		...(image.frames ? [{ tag: 0x00280008, vr: 'IS', value: String(image.frames) }] : []),
		short(0x00280010, image.rows ?? ROWS),
		short(0x00280011, image.columns ?? COLUMNS),
		short(0x00280100, image.allocated),
		short(0x00280101, image.stored),
		short(0x00280102, image.highBit ?? image.stored - 1),
		short(0x00280103, image.signed ? 1 : 0),
	]
}

/** Stored values as native pixel bytes, shifted up to the high bit. */
export function nativeBytes(values: ArrayLike<number>, image: ImageDescription, littleEndian = true): Uint8Array {
	const size = image.allocated / 8
	const bytes = new Uint8Array(values.length * size)
	const view = new DataView(bytes.buffer)
	const shift = (image.highBit ?? image.stored - 1) + 1 - image.stored
	for (let index = 0; index < values.length; index++) {
		const word = ((values[index] as number) & (2 ** image.stored - 1)) << shift
		if (size === 1) bytes[index] = word
		else view.setUint16(index * 2, word, littleEndian)
	}
	return bytes
}

/** A whole synthetic file. */
export function syntheticFile(transferSyntax: string, image: ImageDescription, pixelData: DicomValue, more: DicomElement[] = []): Uint8Array {
	const encoding = { explicit: transferSyntax !== '1.2.840.10008.1.2', littleEndian: transferSyntax !== '1.2.840.10008.1.2.2' }
	const vr = image.allocated === 8 || (typeof pixelData === 'object' && 'fragments' in pixelData) ? 'OB' : 'OW'
	const dataSet = dataSetBytes([...imageElements(image), ...more, { tag: 0x7fe00010, vr, value: pixelData }], encoding)
	return dicomFile(transferSyntax, SOP_CLASS, '2.25.1001', transferSyntax.endsWith('.1.99') ? deflateRawSync(dataSet) : dataSet)
}

const GREY_12: ImageDescription = { components: 1, photometric: 'MONOCHROME2', allocated: 16, stored: 12, signed: false }
const GREY_8: ImageDescription = { components: 1, photometric: 'MONOCHROME2', allocated: 8, stored: 8, signed: false }
const SIGNED_16: ImageDescription = { components: 1, photometric: 'MONOCHROME2', allocated: 16, stored: 16, signed: true }
const COLOUR: ImageDescription = { components: 3, photometric: 'RGB', allocated: 8, stored: 8, signed: false }

/** An empty offset table and the code stream as one fragment. */
function wrapped(stream: Uint8Array): DicomValue {
	return { fragments: [new Uint8Array(0), stream] }
}

/** One file at least in every transfer syntax that the imaging host decodes. */
export async function syntheticFiles(): Promise<SyntheticFile[]> {
	const twelve = picture(4095)
	const eight = picture(255)
	const signed = picture(60000).map((value) => value - 30000)
	const colour = colourPicture()
	const grey: Samples = { rows: ROWS, columns: COLUMNS, components: 1, values: twelve }
	const raw: Samples = { ...grey, values: signed.map((value) => value & 0xffff) }
	const rgb: Samples = { rows: ROWS, columns: COLUMNS, components: 3, values: colour }
	const files: SyntheticFile[] = []
	const add = (name: string, transferSyntax: string, image: ImageDescription, pixelData: DicomValue, expected: ArrayLike<number>, tolerance = 0, more: DicomElement[] = []): void => {
		files.push({ name, transferSyntax, bytes: syntheticFile(transferSyntax, image, pixelData, more), rows: ROWS, columns: COLUMNS, components: image.components, photometric: image.photometric, expected, tolerance })
	}
	const base = '1.2.840.10008.1.2'

	add('implicit-little', base, GREY_12, nativeBytes(twelve, GREY_12), twelve)
	add('explicit-little', `${base}.1`, GREY_12, nativeBytes(twelve, GREY_12), twelve)
	add('explicit-little-8-bit', `${base}.1`, GREY_8, nativeBytes(eight, GREY_8), eight)
	add('explicit-little-signed', `${base}.1`, SIGNED_16, nativeBytes(signed, SIGNED_16), signed)
	const signedTwelve = twelve.map((value) => value - 2048)
	add('explicit-little-signed-12', `${base}.1`, { ...GREY_12, signed: true }, nativeBytes(signedTwelve, GREY_12), signedTwelve)
	const highBit = { ...GREY_12, highBit: 15 }
	add('explicit-little-high-bit', `${base}.1`, highBit, nativeBytes(twelve, highBit), twelve)
	add('monochrome1', `${base}.1`, { ...GREY_12, photometric: 'MONOCHROME1' }, nativeBytes(twelve, GREY_12), twelve)
	add('rgb-interleaved', `${base}.1`, COLOUR, nativeBytes(colour, COLOUR), colour)
	const planes = [0, 1, 2].flatMap((component) => colour.filter((_, index) => index % 3 === component))
	add('rgb-planar', `${base}.1`, { ...COLOUR, planar: true }, nativeBytes(planes, COLOUR), colour)
	add('explicit-big', `${base}.2`, GREY_12, nativeBytes(twelve, GREY_12, false), twelve)
	add('deflated', `${base}.1.99`, GREY_12, nativeBytes(twelve, GREY_12), twelve)
	add('encapsulated-uncompressed', `${base}.1.98`, GREY_12, wrapped(nativeBytes(twelve, GREY_12)), twelve)
	add('rle', `${base}.5`, GREY_12, wrapped(encodeRle(grey, 2)), twelve)
	add('rle-rgb', `${base}.5`, COLOUR, wrapped(encodeRle(rgb, 1)), colour)
	const baseline = await sharp(Uint8Array.from(eight), { raw: { width: COLUMNS, height: ROWS, channels: 1 } }).toColourspace('b-w').jpeg({ quality: 98 }).toBuffer()
	add('jpeg-baseline', `${base}.4.50`, GREY_8, wrapped(new Uint8Array(baseline)), eight, 8)
	const progressive = await sharp(Uint8Array.from(eight), { raw: { width: COLUMNS, height: ROWS, channels: 1 } }).toColourspace('b-w').jpeg({ quality: 98, progressive: true }).toBuffer()
	add('jpeg-progressive-8', `${base}.4.55`, GREY_8, wrapped(new Uint8Array(progressive)), eight, 8)
	add('jpeg-extended-12', `${base}.4.51`, GREY_12, wrapped(encodeDctJpeg(grey, 12, false)), twelve, 3)
	add('jpeg-spectral-12', `${base}.4.53`, GREY_12, wrapped(encodeDctJpeg(grey, 12, true)), twelve, 3)
	add('jpeg-progression-12', `${base}.4.55`, GREY_12, wrapped(encodeDctJpeg(grey, 12, true)), twelve, 3)
	for (let predictor = 1; predictor <= 7; predictor++) {
		add(`jpeg-lossless-predictor-${predictor}`, `${base}.4.57`, GREY_12, wrapped(encodeLosslessJpeg(grey, 12, predictor)), twelve)
	}
	add('jpeg-lossless-sv1', `${base}.4.70`, SIGNED_16, wrapped(encodeLosslessJpeg(raw, 16, 1)), signed)
	add('jpeg-lossless-rgb', `${base}.4.70`, COLOUR, wrapped(encodeLosslessJpeg(rgb, 8, 1)), colour)
	add('jpeg-ls', `${base}.4.80`, GREY_12, wrapped(await encodeJpegLs(grey, 12, 0)), twelve)
	add('jpeg-ls-rgb', `${base}.4.80`, COLOUR, wrapped(await encodeJpegLs(rgb, 8, 0)), colour)
	add('jpeg-ls-near', `${base}.4.81`, GREY_12, wrapped(await encodeJpegLs(grey, 12, 3)), twelve, 3)
	add('jpeg2000-lossless', `${base}.4.90`, GREY_12, wrapped(await encodeJpeg2000(grey, 12, false, true)), twelve)
	add('jpeg2000-lossless-rgb', `${base}.4.90`, { ...COLOUR, photometric: 'YBR_RCT' }, wrapped(await encodeJpeg2000(rgb, 8, false, true)), colour)
	add('jpeg2000-signed', `${base}.4.90`, SIGNED_16, wrapped(await encodeJpeg2000(raw, 16, true, true)), signed)
	add('jpeg2000', `${base}.4.91`, GREY_12, wrapped(await encodeJpeg2000(grey, 12, false, false)), twelve, 60)
	add('htj2k-lossless', `${base}.4.201`, GREY_12, wrapped(await encodeHtj2k(grey, 12, false, true)), twelve)
	add('htj2k-lossless-rgb', `${base}.4.201`, { ...COLOUR, photometric: 'YBR_RCT' }, wrapped(await encodeHtj2k(rgb, 8, false, true)), colour)
	add('htj2k-rpcl', `${base}.4.202`, GREY_12, wrapped(await encodeHtj2k(grey, 12, false, true)), twelve)
	add('htj2k', `${base}.4.203`, GREY_12, wrapped(await encodeHtj2k(grey, 12, false, false)), twelve, 60)
	return files
}
