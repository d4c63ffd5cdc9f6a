import { UserError } from '../../../../common/contract/procedures.ts'
import { randomStream } from '../../../../common/random.ts'
import { pillowResize } from '../../../inference/pillowResize.ts'
import { writeNormalised } from '../../../inference/preprocess.ts'
import { augment } from './augment.ts'
import type { BatchAnswer, BatchJob, KeptImage } from './jobs.ts'
import { openImage } from './openImage.ts'
import type { Planes } from './resample.ts'

/** Films are kept with a short side of this many times the network's, so that a crop still has pixels to show. */
const KEPT_SCALE = 1.25

/**
 * The tensor of a batch. Without augmentation an image's values are those of a prediction, to the bit; with it, the random numbers of an image are
 * those of its number within the epoch.
 * @throws UserError naming the image that cannot be read or is no longer what it was.
 */
export async function makeBatch(job: BatchJob): Promise<BatchAnswer> {
	const { input, augmentation } = job
	const area = 3 * input.size * input.size
	const images = new Float32Array(job.batch * area)
	const decoded = await Promise.all(job.images.map(async (image, place) => {
		const opened = image.kept ? null : await decode(image, job)
		const planes = planesOf(image.kept ?? opened)
		const shown = augmentation ? await augment(planes, augmentation, input.size, randomStream(job.seed, 'augment', job.epoch, job.first + place)) : planes.planes
		writeNormalised(images.subarray(place * area, (place + 1) * area), shown, input)
		return opened
	}))
	return { images, decoded }
}

async function decode({ id, path, sha256 }: BatchJob['images'][number], { input, augmentation }: BatchJob): Promise<KeptImage> {
	const image = await openImage(path, input.colour).catch((error: unknown) => {
		throw error instanceof UserError ? new UserError(`${id}: ${error.message}`, error.detail) : error
	})
	if (sha256 !== null && image.sha256 !== sha256) throw new UserError(`${id}: the file has changed since the data set was read.`)
	const shrink = augmentation ? Math.min(1, (KEPT_SCALE * input.size) / Math.min(image.width, image.height)) : null
	const width = shrink === null ? input.size : Math.max(1, Math.round(image.width * shrink))
	const height = shrink === null ? input.size : Math.max(1, Math.round(image.height * shrink))
	const bytes = new SharedArrayBuffer(image.planes.length * width * height)
	const kept = new Uint8Array(bytes)
	for (const [index, plane] of image.planes.entries()) kept.set(pillowResize(plane, image.width, image.height, width, height), index * width * height)
	return { width, height, bytes }
}

function planesOf(kept: KeptImage | null): Planes {
	if (!kept) throw new Error('An image has neither kept planes nor been decoded.')
	const { width, height, bytes } = kept
	const area = width * height
	return { width, height, planes: Array.from({ length: bytes.byteLength / area }, (_, index) => new Uint8Array(bytes, index * area, area)) }
}
