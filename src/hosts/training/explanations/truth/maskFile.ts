import { readFile, stat } from 'node:fs/promises'
import sharp from 'sharp'
import type { FilmMask } from '../../../../common/cam/energy.ts'
import { UserError } from '../../../../common/contract/procedures.ts'
import { decodeFrameOf, sha256Of } from '../../../imaging/decodeFrame.ts'

/** Bounds on a mask; a full-size radiograph has about 3,000 x 3,000 pixels. */
const LIMITS = { bytes: 64 * 2 ** 20, side: 4096 } as const
/** A mask has one value outside and a few inside: of organs or kinds of lesions. More are a picture, or a mask that lossy compression has blurred. */
const MOST_LEVELS = 8
/** A mask that was made smaller than its film may have lost a part of a row or a column. */
const ASPECT_TOLERANCE = 0.01

interface ReadMask {
	mask: FilmMask
	/** Of the file. */
	sha256: string
}

/**
 * Reads where something is on a film: a grey PNG or TIFF image without losses, 0 outside, any other value inside.
 * @param film the size of the image that it belongs to; the mask may be of another size, but must be of the same shape.
 * @throws UserError with the reason where it is not there, is damaged, too large, no mask or of another shape than its film.
 */
export async function readMask(path: string, film: { width: number; height: number }): Promise<ReadMask> {
	const bytes = await bytesOf(path)
	const size = await sharp(bytes, { limitInputPixels: LIMITS.side ** 2 }).metadata().catch((error: unknown) => {
		throw new UserError('The mask is no image that can be read, or is larger than 4096 x 4096 pixels.', String(error))
	})
	if (size.width > LIMITS.side || size.height > LIMITS.side) throw new UserError(`The mask is ${size.width} x ${size.height} pixels; up to ${LIMITS.side} a side are read.`)
	const sha256 = sha256Of(bytes)
	const { header, pixels } = await decodeFrameOf(bytes, sha256, 0)
	if (header.samplesPerPixel !== 1) throw new UserError('The mask is a colour image; a mask has one grey value for what is outside and others for what is inside.')
	const levels = new Set<number>()
	for (let index = 0; index < pixels.length && levels.size <= MOST_LEVELS; index++) levels.add(pixels[index] as number)
	if (levels.size > MOST_LEVELS) throw new UserError(`The mask has more than ${MOST_LEVELS} grey values, so what is inside cannot be told; was it stored with losses?`)
	const { columns: width, rows: height } = header
	if (Math.abs((width * film.height) / (height * film.width) - 1) > ASPECT_TOLERANCE) {
		throw new UserError(`The mask is ${width} x ${height} pixels and its film ${film.width} x ${film.height}: they are not of the same shape.`)
	}
	return { mask: { width, height, values: Uint8Array.from(pixels, (value) => (value === 0 ? 0 : 1)) }, sha256 }
}

async function bytesOf(path: string): Promise<Uint8Array> {
	try {
		const status = await stat(path)
		if (!status.isFile()) throw new UserError('The mask is not a file.')
		if (status.size > LIMITS.bytes) throw new UserError('The mask is larger than 64 MiB, which is more than this program reads.')
		return await readFile(path)
	} catch (error) {
		if (error instanceof UserError) throw error
		throw new UserError((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'The mask is not there.' : 'The mask cannot be read.', String(error))
	}
}
