import sharp, { type Sharp } from 'sharp'
import { UserError } from '../../../common/contract/procedures.ts'
import type { FileKind, Frame, FrameHeader } from '../../../common/contract/frame.ts'
import { actualRange, sampleTypeOf } from '../dicom/decodeDicom.ts'
import { extremes } from '../dicom/samples.ts'
import { LIMITS } from '../limits.ts'
import { tiffPhotometric } from './tiffPhotometric.ts'

// Operations are not repeated on the same pixels, so nothing is gained from keeping them.
sharp.cache(false)
sharp.concurrency(1)

type RasterKind = Exclude<FileKind, 'dicom'>

const NAMES: Record<RasterKind, string> = { png: 'PNG', jpeg: 'JPEG', tiff: 'TIFF' }

function open(bytes: Uint8Array, page: number): Sharp {
	// Colour profiles are left alone: samples are those of the file.
	return sharp(bytes, { limitInputPixels: LIMITS.side * LIMITS.side, failOn: 'error', ignoreIcc: true, page })
}

/**
 * Decodes a PNG, JPEG or TIFF image (one page of it) with libvips to 8 or 16 bit grey or RGB.
 * Such files carry no spacing: dots per inch are an instruction to a printer.
 * @throws UserError where it is damaged, cut off, too large or of a kind of pixels that is not read.
 */
export async function decodeRasterFrame(bytes: Uint8Array, kind: RasterKind, sha256: string, frameIndex: number): Promise<Frame> {
	const metadata = await readable(kind, () => open(bytes, 0).metadata())
	const frames = kind === 'tiff' ? Math.min(Math.max(metadata.pages ?? 1, 1), LIMITS.frames) : 1
	if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= frames) throw new UserError(`The file has ${frames} frames; there is no frame ${frameIndex + 1}.`)
	const page = frameIndex === 0 ? metadata : await readable(kind, () => open(bytes, frameIndex).metadata())
	if (page.width > LIMITS.side || page.height > LIMITS.side) throw new UserError(`The image is ${page.width} x ${page.height} pixels; up to ${LIMITS.side} a side are read.`)
	const wide = page.depth === 'ushort'
	if (!wide && page.depth !== 'uchar') throw new UserError(`The ${NAMES[kind]} image has samples of type ${page.depth}; 8 and 16 bit whole numbers are read.`)
	const grey = page.space === 'b-w' || page.space === 'grey16'
	const colour = page.space === 'srgb' || page.space === 'rgb' || page.space === 'rgb16'
	if (!grey && !colour) throw new UserError(`The ${NAMES[kind]} image has colours in ${String(page.space).toUpperCase()}; grey and RGB are read.`)

	const notes: string[] = []
	if (page.hasAlpha) notes.push('The transparency of the file was removed.')
	let pipeline = open(bytes, frameIndex).removeAlpha()
	if ((page.orientation ?? 1) > 1) {
		notes.push('The image was turned as its EXIF orientation says.')
		pipeline = pipeline.autoOrient()
	}
	const space = grey ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb'
	const { data, info } = await readable(kind, () => pipeline.toColourspace(space).raw({ depth: wide ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true }))
	const samplesPerPixel = grey ? 1 : 3
	const count = info.width * info.height * samplesPerPixel
	if (info.channels !== samplesPerPixel || data.byteLength !== count * (wide ? 2 : 1)) throw new UserError(`The ${NAMES[kind]} image did not decode to what its header says.`)
	const copy = new Uint8Array(data)
	const pixels = wide ? new Uint16Array(copy.buffer) : copy
	const whiteIsZero = kind === 'tiff' && grey && tiffPhotometric(bytes, frameIndex) === 0
	// libvips turns such images round while reading; the Frame keeps the samples as the file has them.
	if (whiteIsZero) for (let index = 0; index < pixels.length; index++) pixels[index] = (wide ? 65535 : 255) - (pixels[index] as number)
	const range = extremes(pixels)
	const photometric = !grey ? 'RGB' : whiteIsZero ? 'MONOCHROME1' : 'MONOCHROME2'
	const header: FrameHeader = {
		formatVersion: 1,
		sha256,
		frameIndex,
		kind,
		rows: info.height,
		columns: info.width,
		samplesPerPixel,
		sampleType: sampleTypeOf(pixels),
		photometric,
		source: {
			transferSyntax: null, photometric, samplesPerPixel, bitsAllocated: wide ? 16 : 8, bitsStored: wide ? 16 : 8, signed: false,
			frames, lossy: kind === 'jpeg', modality: null, bodyPart: null, viewPosition: null,
		},
		stored: range,
		modality: { slope: 1, intercept: 0, unit: '' },
		voi: wide && grey ? actualRange(range, 1, 0) : { function: 'LINEAR', windows: [wide ? { center: 32768, width: 65536, explanation: '' } : { center: 128, width: 256, explanation: '' }], luts: [] },
		spacing: null,
		notes,
	}
	return { header, pixels }
}

async function readable<Result>(kind: RasterKind, read: () => Promise<Result>): Promise<Result> {
	try {
		return await read()
	} catch (error) {
		const detail = error instanceof Error ? error.message : String(error)
		if (/pixel limit/i.test(detail)) throw new UserError(`The ${NAMES[kind]} image is larger than this program reads.`, detail)
		throw new UserError(`The ${NAMES[kind]} image is damaged or cut off.`, detail)
	}
}
