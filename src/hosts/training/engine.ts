import type { HostContext, HostImplementation } from '../serve.ts'
import type { RunProgress, RunSummary } from '../../common/contract/training/run.ts'
import { recogniseDataSet } from './data/recognise/recognise.ts'
import { surveyDataSet } from './data/surveyDataSet.ts'
import { compareModels } from './comparison/compareModels.ts'
import { evaluateModel } from './evaluation/evaluateModel.ts'
import { explainSet } from './explanations/explainSet.ts'
import { testPack } from './pack/testPack.ts'
import { unpackPack } from './pack/unpackPack.ts'
import { listRuns } from './runs/folder.ts'
import { preflightRun, resumeRun, startRun, type RunControl } from './runs/run.ts'
import { zooBuild, zooList, zooSearch } from './zoo.ts'

/** Images are counted faster than anybody reads. */
const PHASE_MILLISECONDS = 250

/** Leaves out what is said of a phase shortly after something was said of it, but not its end. */
function seldom(tell: (value: RunProgress) => void): (value: RunProgress) => void {
	let phase = ''
	let since = 0
	return (value) => {
		if (value.kind === 'phase') {
			const now = performance.now()
			if (value.phase === phase && value.done < value.of && now - since < PHASE_MILLISECONDS) return
			phase = value.phase
			since = now
		}
		tell(value)
	}
}

/** The methods of the training host. */
export function createTrainingEngine(): HostImplementation<'training'> {
	const running = new Map<string, AbortController>()

	async function controlled(context: HostContext<RunProgress>, work: (control: RunControl, onId: (id: string) => void) => Promise<RunSummary>): Promise<RunSummary> {
		const cancel = new AbortController()
		let known = ''
		try {
			return await work({ progress: seldom(context.progress), pause: context.signal, cancel: cancel.signal }, (id) => {
				known = id
				running.set(id, cancel)
			})
		} finally {
			running.delete(known)
		}
	}

	return {
		preflight: async ({ places, ...source }, { progress, signal }) => preflightRun(source, places, { progress: seldom(progress), pause: signal, cancel: new AbortController().signal }),
		train: async ({ places, ...source }, context) => controlled(context, (control, onId) => startRun(source, places, control, onId)),
		resume: async ({ id, places }, context) => controlled(context, (control, onId) => {
			onId(id)
			return resumeRun(id, places, control)
		}),
		async cancel({ id }) {
			const controller = running.get(id)
			controller?.abort()
			return { found: controller !== undefined }
		},
		runs: async ({ places }) => listRuns(places.runs),
		evaluate: (input, { signal, progress }) => evaluateModel(input, { signal, progress }),
		compareModels: ({ places, ...input }, { signal, progress }) => compareModels(input, places, { signal, progress }),
		unpackPack: async ({ path, into }, { signal }) => {
			await unpackPack(path, into, signal)
			return {}
		},
		testPack: ({ directory, manifest }) => testPack(directory, manifest),
		explainSet: (input, { signal, progress }) => explainSet(input, { signal, progress }),
		recogniseDataSet: ({ folder }, { signal }) => recogniseDataSet(folder, signal),
		surveyDataSet: (input, { signal, progress }) => surveyDataSet(input, { signal, progress }),
		zooList: async ({ classes }) => zooList(classes),
		zooBuild: async (input) => zooBuild(input),
		zooSearch: async (input, { progress, signal }) => zooSearch(input, (done, of) => {
			signal.throwIfAborted()
			progress({ done, of })
		}),
	}
}
