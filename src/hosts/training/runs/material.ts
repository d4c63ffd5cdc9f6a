import { changesNothing } from '../../../common/contract/training/augmentation.ts'
import type { DataSet, Split } from '../data/dataSet.ts'
import { createBatchSource } from '../data/images/batchSource.ts'
import { epochOrder } from '../data/sampling.ts'
import { openForward } from '../graph/forward.ts'
import type { PreparedRun } from './prepared.ts'

/** What a network is fed with in one pass. */
export interface Material {
	/** [batch, ...inputDims]: images, or features that were computed before. */
	inputs: Float32Array
	/** [batch, classes], or masks [batch, 1, size, size]. */
	target: Float32Array
	known: Float32Array
	/** Positions in the data set; fewer than a batch where a split ends. */
	indices: readonly number[]
}

export interface MaterialSource {
	inputDims: readonly number[]
	/** In an epoch. */
	batches: number
	/** A function of the seed, epoch and index alone. */
	batch(epoch: number, index: number): Promise<Material>
	close(): Promise<void>
}

/** Images of the training split, as the recipe samples and augments them. @throws UserError where an image cannot be read. */
export function trainingImages({ recipe, dataSet, student }: Pick<PreparedRun, 'recipe' | 'dataSet' | 'student'>, size: number): MaterialSource {
	return images(dataSet, 'train', {
		input: { ...student.input, size }, batch: recipe.batch, seed: recipe.seed, incomplete: 'drop',
		augmentation: changesNothing(recipe.augmentation) ? null : recipe.augmentation, sampling: recipe.data.sampling,
	})
}

/** Images of a split in the order of the data set, as for a prediction; the last batch is filled with zeros. */
export function plainImages({ recipe, dataSet, student }: PreparedRun, split: Split, size: number): MaterialSource {
	return images(dataSet, split, { input: { ...student.input, size }, batch: recipe.batch, seed: recipe.seed, incomplete: 'fill', augmentation: null, sampling: null })
}

function images(dataSet: DataSet, split: Split, options: Omit<Parameters<typeof createBatchSource>[0], 'dataSet' | 'split'>): MaterialSource {
	const source = createBatchSource({ dataSet, split, ...options })
	return {
		inputDims: [3, options.input.size, options.input.size],
		batches: source.batches,
		async batch(epoch, index) {
			const { images: inputs, target, known, indices } = await source.batch(epoch, index)
			return { inputs, target, known, indices }
		},
		close: () => source.close(),
	}
}

/** The same source, asking before each batch. */
export function inTurn(source: MaterialSource, turn: () => Promise<void>): MaterialSource {
	return {
		...source,
		async batch(epoch, index) {
			await turn()
			return source.batch(epoch, index)
		},
	}
}

/** A row per image of a split by its position in the data set. */
export type Rows = ReadonlyMap<number, Float32Array>

/** Runs something over every image of a split once, in the order of the data set, so that the rows do not depend on who asks for them when. */
export async function rowsOf(
	source: MaterialSource, run: (inputs: Float32Array) => Promise<Readonly<Record<string, Float32Array>>>, batch: number, progress: (done: number, of: number) => void, signal: AbortSignal,
): Promise<Record<string, Rows>> {
	const rows: Record<string, Map<number, Float32Array>> = {}
	for (let index = 0; index < source.batches; index++) {
		signal.throwIfAborted()
		const { inputs, indices } = await source.batch(0, index)
		for (const [name, values] of Object.entries(await run(inputs))) {
			const width = values.length / batch
			const own = (rows[name] ??= new Map())
			for (const [place, position] of indices.entries()) own.set(position, values.slice(place * width, (place + 1) * width))
		}
		progress(index + 1, source.batches)
	}
	return rows
}

/** Rows of some positions, one after the other; zeros where the batch is not full. */
export function gather(rows: Rows | undefined, indices: readonly number[], batch: number): Float32Array {
	const width = rows?.get(indices[0] ?? -1)?.length ?? 0
	const values = new Float32Array(batch * width)
	for (const [place, position] of indices.entries()) {
		const row = rows?.get(position)
		if (!row) throw new Error(`There is no row for the image ${position}.`)
		values.set(row, place * width)
	}
	return values
}

/** The features of all images of a split under the student's first values. */
export async function featuresOf(prepared: PreparedRun, split: Split, progress: (done: number, of: number) => void, signal: AbortSignal): Promise<Rows> {
	const { recipe, student, threads } = prepared
	const source = plainImages(prepared, split, student.input.size)
	const session = await openForward(student.network, student.weights, recipe.batch, source.inputDims, threads)
	try {
		const { features } = await rowsOf(source, session.run, recipe.batch, progress, signal)
		return features ?? new Map()
	} finally {
		await source.close()
		await session.release()
	}
}

/** Cached features in place of images: sampled as the recipe says for training, else in order. */
export function cachedFeatures({ recipe, dataSet }: PreparedRun, features: Rows, sampled: boolean): MaterialSource {
	const positions = [...features.keys()]
	const { batch, seed, data: { sampling } } = recipe
	const shown = positions.map((position) => dataSet.samples[position]).filter((sample) => sample !== undefined)
	const width = features.get(positions[0] ?? -1)?.length ?? 0
	const classes = dataSet.labels.length
	let order: { epoch: number; positions: readonly number[] } | null = null
	return {
		inputDims: [width],
		batches: sampled ? Math.max(1, Math.floor(positions.length / batch)) : Math.ceil(positions.length / batch),
		async batch(epoch, index) {
			if (order?.epoch !== epoch) order = { epoch, positions: sampled ? Array.from(epochOrder(shown, sampling, seed, epoch), (place) => positions[place] ?? 0) : positions }
			const indices = order.positions.slice(index * batch, (index + 1) * batch)
			const target = new Float32Array(batch * classes)
			const known = new Float32Array(batch * classes)
			for (const [place, position] of indices.entries()) {
				for (const [label, value] of (dataSet.samples[position]?.truth ?? []).entries()) {
					if (value === null) continue
					target[place * classes + label] = value
					known[place * classes + label] = 1
				}
			}
			return { inputs: gather(features, indices, batch), target, known, indices }
		},
		async close() {},
	}
}
