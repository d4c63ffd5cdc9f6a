import type { DataSets } from '../training/dataSets.ts'
import type { Pictures } from './pictures.ts'

const SIDE = 256

/** Small pictures of samples of data sets. */
export interface SamplePictures {
	/**
	 * @param image id of a sample that the last survey of the data set lists; no other file is ever read.
	 * @param signal nobody wants it any more; what has not begun is not begun.
	 * @returns path of a PNG of at most 256 pixels.
	 * @throws UserError where the survey does not list it, its file is gone or its bytes have changed since; AbortError.
	 */
	path(dataSetId: number, image: string, signal: AbortSignal): Promise<string>
}

export function createSamplePictures({ pictures, dataSets }: { pictures: Pictures; dataSets: Pick<DataSets, 'sample'> }): SamplePictures {
	return {
		async path(dataSetId, image, signal) {
			const { sample: { sha256 }, path } = await dataSets.sample(dataSetId, image)
			return pictures.path({ path, image, sha256, maxSide: SIDE, advice: 'Survey the data set anew to see what changed.' }, signal)
		},
	}
}
