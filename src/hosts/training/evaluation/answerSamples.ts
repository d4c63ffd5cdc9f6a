import { pillowResize } from '../../inference/pillowResize.ts'
import { writeNormalised } from '../../inference/preprocess.ts'
import type { Sample } from '../data/dataSet.ts'
import { openImage } from '../data/images/openImage.ts'
import { showPart } from '../data/images/shownPart.ts'
import type { Classifier } from './classifier.ts'

/** What a classifier gave on the images that could be read. */
export interface Answers {
	samples: Sample[]
	/** SHA-256 of the image file of each. */
	hashes: string[]
	/** [sample, label] */
	logits: Float32Array
	/** Of each to the training images, where that was measured. */
	distances?: readonly number[]
	refused: { id: string; reason: string }[]
}

export interface AnswerOptions {
	signal: AbortSignal
	/** Asked before each batch, where somebody else may go first; it goes on when it resolves. */
	turn?(): Promise<void>
	/** Images that were looked at, after every batch. */
	onProgress(done: number): void
	/** Features of each image, in the order of the samples. */
	onFeatures?(features: Float32Array): void
}

/** Images per run: a batch that a cancel has to wait for. */
const BATCH = 16

/**
 * Runs a classifier over images, fed as at inference; the images of the next batch are decoded while one runs. An image that cannot be
 * read is listed with the reason.
 * @throws AbortError between two batches when the signal says so; Error where the network gives no numbers.
 */
export async function answerSamples(classifier: Classifier, samples: readonly Sample[], { signal, turn, onProgress, onFeatures }: AnswerOptions): Promise<Answers> {
	const answered: Sample[] = []
	const hashes: string[] = []
	const refused: Answers['refused'] = []
	const logits = new Float32Array(samples.length * classifier.labels)
	let next = loadBatch(classifier, samples.slice(0, BATCH))
	for (let start = 0; start < samples.length; start += BATCH) {
		const batch = await next
		next = loadBatch(classifier, samples.slice(start + BATCH, start + 2 * BATCH))
		// A failure of the next batch is met when its turn comes.
		next.catch(() => undefined)
		await turn?.()
		signal.throwIfAborted()
		refused.push(...batch.refused)
		if (batch.samples.length > 0) {
			const answer = await classifier.answer(batch.images, batch.samples.length)
			logits.set(answer.logits, answered.length * classifier.labels)
			answered.push(...batch.samples)
			hashes.push(...batch.hashes)
			if (onFeatures && answer.features) {
				const size = answer.features.length / batch.samples.length
				for (let row = 0; row < batch.samples.length; row++) onFeatures(answer.features.subarray(row * size, (row + 1) * size))
			}
		}
		onProgress(Math.min(start + BATCH, samples.length))
	}
	return { samples: answered, hashes, logits: logits.subarray(0, answered.length * classifier.labels), refused }
}

interface LoadedBatch {
	samples: Sample[]
	hashes: string[]
	/** [samples, 3, height, width] */
	images: Float32Array
	refused: Answers['refused']
}

async function loadBatch({ input }: Classifier, samples: readonly Sample[]): Promise<LoadedBatch> {
	const size = 3 * input.height * input.width
	const images = new Float32Array(samples.length * size)
	const read: Sample[] = []
	const hashes: string[] = []
	const refused: Answers['refused'] = []
	const opened = await Promise.allSettled(samples.map((sample) => openImage(sample.path, input.colour)))
	for (const [index, sample] of samples.entries()) {
		const image = opened[index]
		if (image?.status !== 'fulfilled') {
			refused.push({ id: sample.id, reason: image?.reason instanceof Error ? image.reason.message : String(image?.reason) })
			continue
		}
		const { sha256, planes, width, height } = showPart(image.value, sample.part ?? null, input.tones ?? null)
		const resized = planes.map((plane) => pillowResize(plane, width, height, input.width, input.height))
		writeNormalised(images.subarray(read.length * size, (read.length + 1) * size), resized, input)
		read.push(sample)
		hashes.push(sha256)
	}
	return { samples: read, hashes, images: images.subarray(0, read.length * size), refused }
}
