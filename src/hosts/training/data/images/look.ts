import { luminance } from '../../../../common/imaging/window.ts'
import { pillowResize } from '../../../inference/pillowResize.ts'
import { THUMBNAIL_SIDE } from '../nearDuplicates.ts'
import type { LookAnswer, LookJob } from './jobs.ts'
import { openImage, type ShownImage } from './openImage.ts'
import { tissueLooksOf } from './tissueLooks.ts'

/** Reads and decodes an image once, to know its bytes and what it looks like. @throws UserError where it cannot be read. */
export async function look({ path, tissue }: LookJob): Promise<LookAnswer> {
	const image = await openImage(path, tissue ? 'rgb' : 'grey')
	const { sha256, width, height } = image
	const grey = greyOf(image)
	return { sha256, width, height, thumbnail: pillowResize(grey, width, height, THUMBNAIL_SIDE, THUMBNAIL_SIDE), tissue: tissue ? tissueLooksOf(image.planes, grey, width, height) : null }
}

function greyOf({ planes: [first = new Uint8Array(), second, third] }: ShownImage): Uint8Array {
	return second && third ? first.map((red, index) => luminance(red, second[index] as number, third[index] as number)) : first
}
