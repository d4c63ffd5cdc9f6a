import { randomUUID } from 'node:crypto'
import type { Analysis, CamMode, CamState, StoredCam } from '../../common/contract/analysis.ts'
import type { Faithfulness } from '../../common/contract/explanation.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError, type EventPayload } from '../../common/contract/procedures.ts'
import type { EventHub } from '../eventHub.ts'
import type { FrameCache } from '../library/frameCache.ts'
import { getAnalysis, saveCam, storedCams } from '../library/analyses.ts'
import { saveFaithfulness, storedFaithfulness } from '../library/faithfulness.ts'
import type { Library } from '../library/library.ts'
import { isOutOfSpace, OUT_OF_SPACE } from '../library/outOfSpace.ts'
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
	/**
	 * How faithful the finished map of a label is: as it was measured before, else by a measurement that runs or is begun, which is kept when it ends.
	 * @throws UserError where there is no finished map of it, the model is gone, or the inference process refused or stopped; nothing is kept then.
	 */
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
	/** Measurements of faithfulness that run, by map and label. */
	const measuring = new Map<string, Promise<Faithfulness>>()

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
				{ modelSha256: model.manifest.sha256, framePath: frame.path, layer, mode, region: analysis.prediction.region ?? null },
				{
					signal: job.controller.signal,
					subject: instance.fileName,
					onProgress(state) {
						job.state = state
						tell(job, 'running')
					},
				},
			)
			// What the host sends last is what is kept: a preview, or a map of another layer or definition, would be taken for the one that was asked for.
			if (job.state.layer !== layer || job.state.mode !== mode) throw new UserError('The inference process made another map than the one that was asked for.')
			if (!job.state.exact || job.state.preview) throw new UserError('The map ended before every channel was in.')
			saveCam(library, job.analysisId, job.state)
			void loader.keepBatchSize(model)
			tell(job, 'finished')
		} catch (error) {
			if (job.controller.signal.aborted) tell(job, 'cancelled')
			else tell(job, 'failed', isOutOfSpace(error) ? OUT_OF_SPACE : error instanceof Error ? error.message : String(error))
		} finally {
			if (jobs.get(job.key) === job) jobs.delete(job.key)
		}
	}

	/** What is asked for. @throws UserError where there is nothing to explain, or nothing to explain it with. */
	function explained(analysisId: number, layer: string | null): { analysis: Analysis; model: ReadyModel; layer: string } {
		const analysis = getAnalysis(library, analysisId)
		if (!analysis.prediction.gate.ok) throw new UserError('The image was refused by the input gate, so there is no answer to explain.')
		const model = options.modelBySha256(analysis.prediction.model.sha256)
		if (!model) {
			throw new UserError(`The model that gave this answer (${analysis.prediction.model.id} ${analysis.prediction.model.version}) is no longer installed. Analyse the image again to explain it.`)
		}
		const { camLayers, defaultCamLayer } = model.manifest.outputs
		const wanted = layer ?? defaultCamLayer
		if (!camLayers.some(({ name }) => name === wanted)) throw new UserError(`The model ${model.manifest.id} has no layer ${wanted}.`)
		return { analysis, model, layer: wanted }
	}

	function finishedMap(analysisId: number, layer: string, mode: CamMode): StoredCam | null {
		return storedCams(library, analysisId).find(({ state }) => state.layer === layer && state.mode === mode) ?? null
	}

	async function measure(cam: StoredCam, analysis: Analysis, model: ReadyModel, label: string, values: number[]): Promise<Faithfulness> {
		const { layer, mode, height, width } = cam.state
		const instance = getInstance(library, analysis.instanceId)
		const [frame] = await Promise.all([frames.frame(instance, analysis.frameIndex), loader.ready(model)])
		const request = { modelSha256: model.manifest.sha256, framePath: frame.path, layer, mode, label, region: cam.state.region ?? null, map: { height, width, values } }
		return saveFaithfulness(library, cam, label, await hosts.call('inference', 'faithfulness', request, { subject: instance.fileName }))
	}

	return {
		start({ analysisId, layer, mode }) {
			const { model, layer: wanted } = explained(analysisId, layer)
			const finished = finishedMap(analysisId, wanted, mode)
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
			const { analysis, model, layer: wanted } = explained(analysisId, layer)
			const { id, labels } = model.manifest
			if (!labels.some(({ name }) => name === label)) throw new UserError(`The model ${id} has no label ${label}.`)
			const cam = finishedMap(analysisId, wanted, mode)
			const values = cam?.state.maps[label]
			if (!cam || !values) throw new UserError(`The map of ${label} at layer ${wanted} is not finished. Its faithfulness can be measured when it is.`)
			const stored = storedFaithfulness(library, analysisId).find((known) => known.label === label && known.layer === wanted && known.mode === mode)
			if (stored) return stored
			const key = `${cam.id}/${label}`
			const running = measuring.get(key) ?? measure(cam, analysis, model, label, values).finally(() => measuring.delete(key))
			measuring.set(key, running)
			return running
		},
	}
}
