import { readFile, stat } from 'node:fs/promises'
import { UserError } from '../../../../common/contract/procedures.ts'
import { displaySamples } from '../../../../common/imaging/window.ts'
import { decodeFrameOf, sha256Of } from '../../../imaging/decodeFrame.ts'
import { LIMITS } from '../../../imaging/limits.ts'
import { displayPlanes } from '../../../inference/preprocess.ts'

/** An image as the network's preprocessing sees it before it is made small: display values 0 to 255 in the default window. */
export interface ShownImage {
	sha256: string
	width: number
	height: number
	/** One plane of grey, or red, green and blue; height x width each. */
	planes: Uint8Array[]
}

/**
 * Reads and decodes the first frame of an image file of any kind, by the one path that predictions use.
 * @throws UserError with the reason where it cannot be read.
 */
export async function openImage(path: string, colour: 'grey' | 'rgb'): Promise<ShownImage> {
	const bytes = await readImageFile(path)
	const sha256 = sha256Of(bytes)
	const frame = await decodeFrameOf(bytes, sha256, 0)
	return { sha256, width: frame.header.columns, height: frame.header.rows, planes: displayPlanes(frame, displaySamples(frame), colour) }
}

async function readImageFile(path: string): Promise<Uint8Array> {
	try {
		const status = await stat(path)
		if (!status.isFile()) throw new UserError('It is not a file.')
		if (status.size > LIMITS.fileBytes) throw new UserError('The file is larger than 2 GiB, which is more than this program reads.')
		return await readFile(path)
	} catch (error) {
		if (error instanceof UserError) throw error
		const { code } = error as NodeJS.ErrnoException
		throw new UserError(code === 'ENOENT' ? 'The file is not there.' : code === 'EACCES' ? 'The file may not be read.' : 'The file cannot be read.', String(error))
	}
}
