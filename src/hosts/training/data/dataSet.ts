import type { z } from 'zod'
import type { splitSchema } from '../../../common/contract/training/dataSets.ts'
import type { TrainingTask } from '../../../common/contract/training/loss.ts'
import type { ShownPart } from './images/shownPart.ts'

/** One image of a data set with its truth. */
export interface Sample {
	/** Stable within the data set: the path relative to its folder. */
	id: string
	/** Absolute. */
	path: string
	/** One value per label of the data set: 1, 0, or null where the truth is not known. One-hot for one label per image. */
	truth: readonly (number | null)[]
	split: Split
	/** Patient or other group that may not cross splits. */
	group: string
	/** Where the image comes from; '' where nothing is known. */
	source: string
	/** Further columns that results are given for, e.g. eval_domain, age_group. */
	attributes: Readonly<Record<string, string>>
	/** What is to be marked on it; data sets with masks alone have one. */
	mask?: SampleMask
	/** What a network that looks at a part of the film is shown of it. */
	part?: ShownPart
}

/** The file of a mask: 0 outside, any other value inside. */
export interface SampleMask {
	/** As messages name it. */
	id: string
	/** Absolute. */
	path: string
	/** Of the file's bytes. */
	sha256: string
}

export type Split = z.infer<typeof splitSchema>

export interface DataSet {
	task: TrainingTask
	labels: readonly string[]
	/** In a fixed order: by id. */
	samples: readonly Sample[]
	/** Rows and files that were left out, with the reason in one sentence. */
	refused: readonly { id: string; reason: string }[]
	/** SHA-256 over labels, ids, truths, splits, groups and the bytes of every image and mask. */
	sha256: string
}

/** A data set whose images have labels. */
export type LabelledDataSet = DataSet & { task: Exclude<TrainingTask, 'segmentation'> }

export function isLabelled(dataSet: DataSet): dataSet is LabelledDataSet {
	return dataSet.task !== 'segmentation'
}

/** Images of one step, ready for the network. */
export interface Batch {
	/** [batch, 3, size, size], normalised. */
	images: Float32Array
	/** [batch, classes], or masks [batch, 1, size, size]. */
	target: Float32Array
	/** As the target: 1 where the truth is known. */
	known: Float32Array
	/** Positions in DataSet.samples. */
	indices: readonly number[]
	size: number
}
