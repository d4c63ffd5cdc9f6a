import type { HostContext, HostImplementation } from '../serve.ts'
import type { RunProgress, RunSummary, Stop } from '../../common/contract/training/run.ts'
import { evaluateModel } from './evaluation/evaluateModel.ts'
import { explainSet } from './explanations/explainSet.ts'
import { createGate } from './gate.ts'
import { resumeRun, startRun, type RunControl } from './runs/run.ts'
import { seldom } from './seldom.ts'
import { zooBuild, zooList, zooSearch } from './zoo.ts'

/** The methods of the training host. */
export function createTrainingEngine(): HostImplementation<'training'> {
	/** How each run is stopped that works in this process and whose id was known from the beginning. */
	const running = new Map<string, Record<Stop, AbortController>>()
	const gate = createGate()

	async function controlled(context: HostContext<RunProgress>, id: string | null, work: (control: RunControl) => Promise<RunSummary>): Promise<RunSummary> {
		const stops = { paused: new AbortController(), cancelled: new AbortController(), interrupted: new AbortController() }
		const pause = AbortSignal.any([context.signal, stops.paused.signal])
		const ends = AbortSignal.any([pause, stops.cancelled.signal, stops.interrupted.signal])
		if (id !== null) running.set(id, stops)
		try {
			return await work({ progress: seldom(context.progress), pause, cancel: stops.cancelled.signal, leave: stops.interrupted.signal, turn: () => gate.pass(ends) })
		} finally {
			if (id !== null) running.delete(id)
		}
	}

	return {
		train: async ({ id, places, ...source }, context) => controlled(context, id ?? null, (control) => startRun(source, places, control, id ?? null)),
		resume: async ({ id, places, why }, context) => controlled(context, id, (control) => resumeRun(id, places, control, why)),
		async stop({ id, as }) {
			const stops = running.get(id)
			stops?.[as].abort()
			return { found: stops !== undefined }
		},
		async hold({ milliseconds }) {
			gate.hold(milliseconds)
			return {}
		},
		evaluate: (input, { signal, progress }) => evaluateModel(input, { signal, progress }),
		explainSet: (input, { signal, progress }) => explainSet(input, { signal, progress }),
		zooList: async ({ classes }) => zooList(classes),
		zooBuild: async (input) => zooBuild(input),
		zooSearch: async (input, { progress, signal }) => zooSearch(input, (done, of) => {
			signal.throwIfAborted()
			progress({ done, of })
		}),
	}
}
