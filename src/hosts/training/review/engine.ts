import type { HostImplementation } from '../../serve.ts'
import { compareModels } from '../comparison/compareModels.ts'
import { recogniseDataSet } from '../data/recognise/recognise.ts'
import { surveyDataSet } from '../data/surveyDataSet.ts'
import { testPack } from '../pack/testPack.ts'
import { unpackPack } from '../pack/unpackPack.ts'
import { listRuns, markRun, openRun } from '../runs/folder.ts'
import { preflightRun } from '../runs/run.ts'
import { seldom } from '../seldom.ts'
import { createAnsweredImages } from './answeredImages.ts'
import { augmentationPreview } from './augmentationPreview.ts'
import { compareRuns } from './compare.ts'
import { runCurves } from './curves.ts'
import { runDetail } from './detail.ts'
import { readLogTail } from './logTail.ts'
import { createMetricsReader } from './metricsReader.ts'
import { recipeNetworks } from './recipeNetworks.ts'
import { removalOf, removeRun } from './removal.ts'
import { createRunMaps } from './runMaps.ts'
import { worstErrors } from './worst.ts'

const NEVER = new AbortController().signal

/** The methods of the review host. */
export function createReviewEngine(): HostImplementation<'review'> {
	const metrics = createMetricsReader()
	const images = createAnsweredImages()
	const maps = createRunMaps(images)
	return {
		preflight: async ({ places, ...source }, { progress, signal }) => preflightRun(source, places, { progress: seldom(progress), pause: signal, cancel: NEVER, leave: NEVER, turn: async () => {} }),
		augmentationPreview: ({ places, samples, draws, seed, ...source }, { signal, progress }) => augmentationPreview(source, places, { samples, draws, seed, signal, progress }),
		recipeNetworks: async ({ places, classes, ...source }) => recipeNetworks(source, places, classes),
		runs: async ({ places }) => listRuns(places.runs),
		mark: async ({ id, places, state, reason }) => markRun(places.runs, id, state, reason),
		metrics: async ({ id, places, afterStep, afterValidations }) => metrics.read(openRun(places.runs, id).directory, { afterStep, afterValidations }),
		log: async ({ id, places }) => readLogTail(openRun(places.runs, id).directory),
		detail: async ({ id, places }) => runDetail(places.runs, id),
		curves: async ({ id, places, split }) => runCurves(places.runs, id, split),
		worst: async ({ id, places, split, count }) => worstErrors(places.runs, id, split, count),
		async answeredFile({ id, places, image }) {
			const { path, sha256 } = images.find(places.runs, id, image)
			return { path, sha256 }
		},
		map: ({ id, places, image }, { progress, signal }) => maps.map({ runs: places.runs, id, image, lungs: places.lungs }, { signal, onProgress: (done, of) => progress({ done, of }) }),
		compare: async ({ ids, places, split }) => compareRuns(places.runs, ids, split),
		removal: async ({ id, places }) => removalOf(places.runs, id),
		async remove({ id, places }) {
			removeRun(places.runs, id)
			return {}
		},
		recogniseDataSet: ({ folder }, { signal }) => recogniseDataSet(folder, signal),
		surveyDataSet: (input, { signal, progress }) => surveyDataSet(input, { signal, progress }),
		compareModels: ({ places, ...input }, { signal, progress }) => compareModels(input, places, { signal, progress }),
		unpackPack: async ({ path, into }, { signal }) => {
			await unpackPack(path, into, signal)
			return {}
		},
		testPack: ({ directory, manifest }) => testPack(directory, manifest),
	}
}
