import type { HostContext, HostImplementation } from '../serve.ts'
import type { RunProgress, RunSummary } from '../../common/contract/training/run.ts'
import { evaluateModel } from './evaluation/evaluateModel.ts'
import { listRuns } from './runs/folder.ts'
import { preflightRun, resumeRun, startRun, type RunControl } from './runs/run.ts'
import { zooBuild, zooList } from './zoo.ts'

/** The methods of the training host. */
export function createTrainingEngine(): HostImplementation<'training'> {
	const running = new Map<string, AbortController>()

	async function controlled(context: HostContext<RunProgress>, work: (control: RunControl, onId: (id: string) => void) => Promise<RunSummary>): Promise<RunSummary> {
		const cancel = new AbortController()
		let known = ''
		try {
			return await work({ progress: context.progress, pause: context.signal, cancel: cancel.signal }, (id) => {
				known = id
				running.set(id, cancel)
			})
		} finally {
			running.delete(known)
		}
	}

	return {
		preflight: async ({ places, ...source }, { progress, signal }) => preflightRun(source, places, { progress, pause: signal, cancel: new AbortController().signal }),
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
		zooList: async ({ classes }) => zooList(classes),
		zooBuild: async (input) => zooBuild(input),
	}
}
