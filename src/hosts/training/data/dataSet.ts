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
}

export type Split = 'train' | 'validation' | 'test'

export interface DataSet {
	task: 'multiclass' | 'multilabel'
	labels: readonly string[]
	/** In a fixed order: by id. */
	samples: readonly Sample[]
	/** Rows and files that were left out, with the reason in one sentence. */
	refused: readonly { id: string; reason: string }[]
	/** SHA-256 over labels, ids, truths, splits, groups and the bytes of every image. */
	sha256: string
}

/** Images of one step, ready for the network. */
export interface Batch {
	/** [batch, 3, size, size], normalised. */
	images: Float32Array
	/** [batch, classes] */
	target: Float32Array
	/** [batch, classes]: 1 where the truth is known. */
	known: Float32Array
	/** Positions in DataSet.samples. */
	indices: readonly number[]
	size: number
}
