import type { Augmentation } from '../../../../common/contract/training/augmentation.ts'
import type { ModelManifest } from '../../../../common/contract/model.ts'
import type { InputRecipe } from '../../../../common/contract/training/recipe.ts'
import type { SampleMask } from '../dataSet.ts'
import type { ShownPart } from './shownPart.ts'
import type { TissueLooks } from './tissueLooks.ts'

/** What a network wants of an image. */
export interface ImageInput extends Pick<ModelManifest['input'], 'mean' | 'std' | 'colour'> {
	/** Side in pixels. */
	size: number
	/** What is done to the grey values of what is shown, before the resize. */
	tones?: InputRecipe['tones']
}

/** Decoded planes that workers share: one or three of height x width, one after the other, and behind them the image's mask where it has one (0 and 255, between them at its border). */
export interface KeptImage {
	width: number
	height: number
	bytes: SharedArrayBuffer
}

export interface LookJob {
	kind: 'look'
	path: string
	/** Describes a patch of tissue too, so that it is found again turned, mirrored and enlarged. */
	tissue: boolean
}

export interface LookAnswer {
	sha256: string
	width: number
	height: number
	/** 16 x 16 grey values. */
	thumbnail: Uint8Array
	/** Null where it was not asked for. */
	tissue: TissueLooks | null
}

export interface BatchJob {
	kind: 'batch'
	images: {
		/** For messages: the path from the data set's folder. */
		id: string
		path: string
		/** What the bytes must be; null where nobody looked yet. */
		sha256: string | null
		/** What is marked on it; on all images of a data set or on none. */
		mask: SampleMask | null
		/** What is shown of it; null: all. */
		part: ShownPart | null
		kept: KeptImage | null
	}[]
	input: ImageInput
	/** Null: as for a prediction. */
	augmentation: Augmentation | null
	seed: number
	epoch: number
	/** Number of the first image within the epoch. */
	first: number
	/** Images of the tensor; what is missing stays zero. */
	batch: number
}

export interface BatchAnswer {
	/** [batch, 3, size, size], normalised. */
	images: Float32Array<ArrayBuffer>
	/** [batch, 1, size, size]: 1 inside; null where the images have no masks. */
	masks: Float32Array<ArrayBuffer> | null
	/** What was decoded for images that came without, in the job's order. */
	decoded: (KeptImage | null)[]
}

export type ImageJob = LookJob | BatchJob
export type ImageRequest = { number: number; job: ImageJob } | 'close'
export type ImageReply = { number: number; answer: LookAnswer | BatchAnswer } | { number: number; refused: string } | { number: number; fault: string }
