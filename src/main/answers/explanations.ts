import { randomUUID } from 'node:crypto'
import type { CamMode, CamState, StoredCam } from '../../common/contract/analysis.ts'
import type { Faithfulness } from '../../common/contract/explanation.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError, type EventPayload } from '../../common/contract/procedures.ts'
import type { EventHub } from '../eventHub.ts'
import type { FrameCache } from '../library/frameCache.ts'
import { getAnalysis, saveCam, storedCams } from '../library/analyses.ts'
import type { Library } from '../library/library.ts'
import { getInstance } from '../library/studies.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import type { ModelLoader } from './modelLoader.ts'

export interface Explanations {
	/**
	 * Answers at once with the finished map where there is one; else starts Score-CAM, or joins the job that makes the same map,
	 * and tells its states as events. All labels come from one job.
	 */
	start(request: { analysisId: number; layer: string | null; mode: CamMode }): { jobId: string; finished: StoredCam | null }
	/** Ends a job at its next batch; an ended or unknown one is left as it is. */
	cancel(jobId: string): void
	/** How faithful the finished map of a label is. @throws UserError where there is no finished map of it. */
	faithfulness(request: { analysisId: number; label: string; layer: string | null; mode: CamMode }): Promise<Faithfulness>
}

export interface ExplanationsOptions {
	library: Library
	frames: FrameCache
	hosts: HostCaller
	loader: ModelLoader
	events: EventHub
	/** @returns null where the pack that answered is no longer there. */
	modelBySha256(sha256: string): ReadyModel | null
}

interface Job {
	id: string
	key: string
	analysisId: number
	controller: AbortController
	state: CamState | null
}

export function createExplanations(options: ExplanationsOptions): Explanations {
	const { library, frames, hosts, loader, events } = options
	const jobs = new Map<string, Job>()

	function tell(job: Job, phase: EventPayload<'explanation.changed'>['phase'], reason = ''): void {
		events.emit('explanation.changed', { jobId: job.id, analysisId: job.analysisId, phase, state: job.state, reason })
	}

	async function run(job: Job, model: ReadyModel, layer: string, mode: CamMode): Promise<void> {
		tell(job, 'queued')
		try {
			const analysis = getAnalysis(library, job.analysisId)
			const instance = getInstance(library, analysis.instanceId)
			const [frame] = await Promise.all([frames.frame(instance, analysis.frameIndex), loader.ready(model)])
			job.state = await hosts.call(
				'inference',
				'explain',
				{ modelSha256: model.manifest.sha256, framePath: frame.path, layer, mode },
				{
					signal: job.controller.signal,
					subject: instance.fileName,
					onProgress(state) {
						job.state = state
						tell(job, 'running')
					},
				},
			)
			if (!job.state.exact) throw new UserError('The map ended before every channel was in.')
			saveCam(library, job.analysisId, job.state)
			tell(job, 'finished')
		} catch (error) {
			if (job.controller.signal.aborted) tell(job, 'cancelled')
			else tell(job, 'failed', error instanceof Error ? error.message : String(error))
		} finally {
			if (jobs.get(job.key) === job) jobs.delete(job.key)
		}
	}

	return {
		start({ analysisId, layer, mode }) {
			const analysis = getAnalysis(library, analysisId)
			if (!analysis.prediction.gate.ok) throw new UserError('The image was refused by the input gate, so there is no answer to explain.')
			const model = options.modelBySha256(analysis.prediction.model.sha256)
			if (!model) {
				throw new UserError(`The model that gave this answer (${analysis.prediction.model.id} ${analysis.prediction.model.version}) is no longer installed. Analyse the image again to explain it.`)
			}
			const wanted = layer ?? model.manifest.outputs.defaultCamLayer
			if (!model.manifest.outputs.camLayers.some(({ name }) => name === wanted)) throw new UserError(`The model ${model.manifest.id} has no layer ${wanted}.`)
			const finished = storedCams(library, analysisId).find(({ state }) => state.layer === wanted && state.mode === mode && state.exact) ?? null
			const key = `${analysisId}/${wanted}/${mode}`
			const known = jobs.get(key)
			// One that was cancelled ends at its next batch; who asks again wants a new one.
			const running = known?.controller.signal.aborted ? undefined : known
			if (finished || running) return { jobId: running?.id ?? `stored-${analysisId}`, finished }
			const job: Job = { id: randomUUID(), key, analysisId, controller: new AbortController(), state: null }
			jobs.set(key, job)
			// After the answer to this call, so that the window knows the job before its first state arrives.
			setImmediate(() => void run(job, model, wanted, mode))
			return { jobId: job.id, finished: null }
		},
		cancel(jobId) {
			for (const job of jobs.values()) if (job.id === jobId) job.controller.abort()
		},
		async faithfulness({ analysisId, label, layer, mode }) {
			const analysis = getAnalysis(library, analysisId)
			const model = options.modelBySha256(analysis.prediction.model.sha256)
			if (!model) throw new UserError('The model that gave this answer is no longer installed.')
			const wanted = layer ?? model.manifest.outputs.defaultCamLayer
			const state = storedCams(library, analysisId).find((cam) => cam.state.layer === wanted && cam.state.mode === mode && cam.state.exact)?.state
			const values = state?.maps[label]
			if (!state || !values) throw new UserError(`There is no finished map of ${label}.`)
			const instance = getInstance(library, analysis.instanceId)
			const [frame] = await Promise.all([frames.frame(instance, analysis.frameIndex), loader.ready(model)])
			const { height, width } = state
			return hosts.call('inference', 'faithfulness', { modelSha256: model.manifest.sha256, framePath: frame.path, layer: wanted, mode, label, map: { height, width, values } }, { subject: instance.fileName })
		},
	}
}
