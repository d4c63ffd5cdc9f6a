import { UserError } from '../../common/contract/procedures.ts'
import { answeredImageSchema } from '../../common/contract/training/review.ts'
import { runIdSchema } from '../../common/contract/training/run.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import type { TrainingPlaces } from '../training/places.ts'
import type { Pictures } from './pictures.ts'

/** Pixels of the longer side, at most. */
const SIDES: Record<string, number> = { small: 256, large: 1024 }

/** Pictures of images that finished runs have answered on. */
export interface RunPictures {
	/**
	 * @param image id of an image that the run's predictions list; no other file is ever read.
	 * @param size small or large.
	 * @param signal nobody wants it any more; what has not begun is not begun.
	 * @returns path of a PNG.
	 * @throws UserError where the run has not answered on it, its file is gone or its bytes are not those that it answered on; AbortError.
	 */
	path(runId: string, image: string, size: string, signal: AbortSignal): Promise<string>
}

export function createRunPictures({ pictures, hosts, places }: { pictures: Pictures; hosts: HostCaller; places(): TrainingPlaces }): RunPictures {
	return {
		async path(runId, image, size, signal) {
			const [id, named, maxSide] = [runIdSchema.safeParse(runId), answeredImageSchema.safeParse(image), Object.hasOwn(SIDES, size) ? SIDES[size] : undefined]
			if (!id.success || !named.success || maxSide === undefined) throw new UserError('There is no such picture.')
			const { path, sha256 } = await hosts.call('review', 'answeredFile', { id: id.data, image: named.data, places: places() }, { subject: image })
			return pictures.path({ path, image, sha256, maxSide, advice: 'What the run answered on it is kept.' }, signal)
		},
	}
}
