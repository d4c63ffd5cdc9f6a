import { UserError } from '../../../../common/contract/procedures.ts'
import { randomStream } from '../../../../common/random.ts'
import { pillowResize } from '../../../inference/pillowResize.ts'
import { writeNormalised } from '../../../inference/preprocess.ts'
import { readMask } from '../../explanations/truth/maskFile.ts'
import { augment } from './augment.ts'
import type { BatchAnswer, BatchJob, KeptImage } from './jobs.ts'
import { openImage } from './openImage.ts'
import type { Planes } from './resample.ts'
import { showPart } from './shownPart.ts'

/** Films are kept with a short side of this many times the network's, so that a crop still has pixels to show. */
const KEPT_SCALE = 1.25

/** A pixel of a mask is inside where more than half of it is. */
const MIDDLE = 127

/**
 * The tensor of a batch. Without augmentation an image's values are those of a prediction, to the bit; with it, the random numbers of an image are
 * those of its number within the epoch.
 * @throws UserError naming the image that cannot be read or is no longer what it was.
 */
export async function makeBatch(job: BatchJob): Promise<BatchAnswer> {
	const { input, augmentation } = job
	const area = 3 * input.size * input.size
	const images = new Float32Array(job.batch * area)
	const masks = job.images.some(({ mask }) => mask) ? new Float32Array(job.batch * input.size * input.size) : null
	const decoded = await Promise.all(job.images.map(async (image, place) => {
		const opened = image.kept ? null : await decode(image, job)
		const kept = planesOf(image.kept ?? opened, image.mask !== null)
		const shown = augmentation ? await augment(kept, augmentation, input.size, randomStream(job.seed, 'augment', job.epoch, job.first + place)) : kept
		writeNormalised(images.subarray(place * area, (place + 1) * area), shown.planes, input)
		if (shown.mask) masks?.set(shown.mask.map((value) => (value > MIDDLE ? 1 : 0)), place * input.size * input.size)
		return opened
	}))
	return { images, masks, decoded }
}

async function decode({ id, path, sha256, mask, part }: BatchJob['images'][number], { input, augmentation }: BatchJob): Promise<KeptImage> {
	const film = await openImage(path, input.colour).catch(refusing(id))
	if (sha256 !== null && film.sha256 !== sha256) throw new UserError(`${id}: the file has changed since the data set was read.`)
	const image = showPart(film, part, input.tones ?? null)
	const marked = mask && (await readMask(mask.path, image).catch(refusing(mask.id)))
	if (mask && marked && marked.sha256 !== mask.sha256) throw new UserError(`${mask.id}: the file has changed since the data set was read.`)
	const shrink = augmentation ? Math.min(1, (KEPT_SCALE * input.size) / Math.min(image.width, image.height)) : null
	const width = shrink === null ? input.size : Math.max(1, Math.round(image.width * shrink))
	const height = shrink === null ? input.size : Math.max(1, Math.round(image.height * shrink))
	const planes = image.planes.map((plane) => pillowResize(plane, image.width, image.height, width, height))
	if (marked) planes.push(pillowResize(Uint8Array.from(marked.mask.values, (value) => value * 255), marked.mask.width, marked.mask.height, width, height))
	const bytes = new SharedArrayBuffer(planes.length * width * height)
	const kept = new Uint8Array(bytes)
	for (const [index, plane] of planes.entries()) kept.set(plane, index * width * height)
	return { width, height, bytes }
}

/** Names the file that an error is about. */
function refusing(file: string): (error: unknown) => never {
	return (error) => {
		throw error instanceof UserError ? new UserError(`${file}: ${error.message}`, error.detail) : error
	}
}

function planesOf(kept: KeptImage | null, marked: boolean): Planes & { mask: Uint8Array | null } {
	if (!kept) throw new Error('An image has neither kept planes nor been decoded.')
	const { width, height, bytes } = kept
	const area = width * height
	const planes = Array.from({ length: bytes.byteLength / area }, (_, index) => new Uint8Array(bytes, index * area, area))
	return { width, height, planes: marked ? planes.slice(0, -1) : planes, mask: marked ? (planes.at(-1) ?? null) : null }
}
