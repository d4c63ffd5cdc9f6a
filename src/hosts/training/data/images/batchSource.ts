import { changesNothing, type Augmentation } from '../../../../common/contract/training/augmentation.ts'
import type { Sampling } from '../../../../common/contract/training/data.ts'
import { UserError } from '../../../../common/contract/procedures.ts'
import type { Batch, DataSet, Sample, Split } from '../dataSet.ts'
import { epochOrder } from '../sampling.ts'
import type { ImageInput, KeptImage } from './jobs.ts'
import { startImageWorkers, type ImageWorkers } from './workers.ts'

export interface BatchSourceOptions {
	/** Samples that carry the hash of their file are held to it. */
	dataSet: Omit<DataSet, 'samples'> & { samples: readonly (Sample & { sha256?: string })[] }
	split: Split
	input: ImageInput
	/** Null: as for a prediction. */
	augmentation: Augmentation | null
	/** Null: in the order of the data set. */
	sampling: Sampling | null
	batch: number
	seed: number
	/** What an epoch's last batch is that is not full: left out (never the only one), or filled with images of zeros whose truth is not known. */
	incomplete: 'drop' | 'fill'
	/** Threads, 1 unless told otherwise: the network needs the other cores. 0: this one, nothing is made ahead. */
	workers?: number
	/** Decoded images that are kept in memory, at most so many bytes; 1 GiB unless told otherwise. Later ones are decoded in every epoch. */
	keepBytes?: number
}

export interface BatchSource {
	/** Images of an epoch that are shown, and in how many batches. */
	readonly images: number
	readonly batches: number
	/**
	 * A function of seed, epoch and index alone, however many threads there are and whatever was asked before. The next ones are made ahead.
	 * @throws UserError naming an image that cannot be read or has changed, or where a thread ended.
	 */
	batch(epoch: number, index: number): Promise<Batch>
	close(): Promise<void>
}

const KEEP_BYTES = 2 ** 30

/** Batches of a split, decoded and augmented in threads ahead of the compute. @throws UserError where the split is empty. */
export function createBatchSource(options: BatchSourceOptions): BatchSource {
	const { dataSet, split, input, batch, seed, sampling, incomplete } = options
	const positions = [...dataSet.samples.keys()].filter((position) => dataSet.samples[position]?.split === split)
	if (positions.length === 0) throw new UserError(`The data set has no image in the ${split} split.`)
	const shown = positions.map((position) => sampleAt(position))
	const augmentation = options.augmentation && !changesNothing(options.augmentation) ? options.augmentation : null
	const batches = incomplete === 'fill' ? Math.ceil(positions.length / batch) : Math.max(1, Math.floor(positions.length / batch))
	const threads = options.workers ?? 1
	// Two for each thread: what is being made and what comes next, so that a thread never waits while the network computes.
	const ahead = 2 * threads
	const workers: ImageWorkers = startImageWorkers(threads)
	const kept = new Map<number, KeptImage>()
	let room = options.keepBytes ?? KEEP_BYTES
	const made = new Map<string, Promise<Batch>>()
	let order: { epoch: number; positions: readonly number[] } | null = null

	function sampleAt(position: number): Sample & { sha256?: string } {
		const sample = dataSet.samples[position]
		if (!sample) throw new Error(`The data set has no sample ${position}.`)
		return sample
	}

	function orderOf(epoch: number): readonly number[] {
		if (order?.epoch !== epoch) {
			order = { epoch, positions: sampling ? Array.from(epochOrder(shown, sampling, seed, epoch), (place) => positions[place] ?? 0) : positions }
		}
		return order.positions
	}

	async function make(epoch: number, index: number): Promise<Batch> {
		const own = orderOf(epoch).slice(index * batch, (index + 1) * batch)
		const missing = own.map((position) => !kept.has(position))
		const answer = await workers.batch({
			kind: 'batch',
			images: own.map((position) => {
				const { id, path, sha256, mask, part } = sampleAt(position)
				return { id, path, sha256: sha256 ?? null, mask: mask ?? null, part: part ?? null, kept: kept.get(position) ?? null }
			}),
			input, augmentation, seed, epoch, first: index * batch, batch,
		})
		for (const [place, position] of own.entries()) {
			const image = answer.decoded[place]
			if (!missing[place] || !image || kept.has(position) || image.bytes.byteLength > room) continue
			kept.set(position, image)
			room -= image.bytes.byteLength
		}
		// A film with a mask is known all over.
		if (answer.masks) return { images: answer.images, target: answer.masks, known: new Float32Array(answer.masks.length).fill(1, 0, own.length * input.size ** 2), indices: own, size: input.size }
		const classes = dataSet.labels.length
		const target = new Float32Array(batch * classes)
		const known = new Float32Array(batch * classes)
		for (const [place, position] of own.entries()) {
			for (const [label, value] of sampleAt(position).truth.entries()) {
				if (value === null) continue
				target[place * classes + label] = value
				known[place * classes + label] = 1
			}
		}
		return { images: answer.images, target, known, indices: own, size: input.size }
	}

	function ask(epoch: number, index: number): Promise<Batch> {
		const key = `${epoch}/${index}`
		let promise = made.get(key)
		if (!promise) {
			promise = make(epoch, index)
			// Nobody may ever ask for one that was made ahead.
			promise.catch(() => {})
			made.set(key, promise)
		}
		return promise
	}

	return {
		images: incomplete === 'fill' ? positions.length : Math.min(positions.length, batches * batch),
		batches,
		async batch(epoch, index) {
			if (!Number.isInteger(index) || index < 0 || index >= batches) throw new Error(`An epoch has ${batches} batches; there is no batch ${index}.`)
			const wanted = [{ epoch, index }]
			for (let step = 1; step <= ahead; step++) {
				const at = index + step
				wanted.push({ epoch: epoch + Math.floor(at / batches), index: at % batches })
			}
			const keys = new Set(wanted.map((each) => `${each.epoch}/${each.index}`))
			for (const key of made.keys()) if (!keys.has(key)) made.delete(key)
			for (const each of wanted) void ask(each.epoch, each.index)
			const result = ask(epoch, index)
			made.delete(`${epoch}/${index}`)
			return await result
		},
		close: () => workers.close(),
	}
}
