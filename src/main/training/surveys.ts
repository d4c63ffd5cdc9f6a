import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SurveyJob } from '../../common/contract/training/dataSets.ts'
import type { EventHub } from '../eventHub.ts'
import { getDataSet, keepSurvey } from '../library/dataSets.ts'
import type { Library } from '../library/library.ts'
import { isOutOfSpace, OUT_OF_SPACE } from '../library/outOfSpace.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'

/** The surveys of data sets; several may wait, one works. Their states come as events. */
export interface Surveys {
	/** The one that waits, runs or ended last. */
	of(dataSetId: number): SurveyJob | null
	/** Begins, or queues, a survey; one that waits or runs already is joined. */
	start(dataSetId: number): SurveyJob
	cancel(dataSetId: number): void
	/** Ends them all. */
	close(): Promise<void>
}

/** @param places folder of the files of samples, and a folder for what is worth remembering of images. */
export function createSurveys({ library, hosts, events, places }: { library: Library; hosts: HostCaller; events: EventHub; places: { samples: string; cache: string } }): Surveys {
	const jobs = new Map<number, SurveyJob>()
	const controllers = new Map<number, AbortController>()
	let queue: Promise<void> = Promise.resolve()

	function tell(job: SurveyJob): void {
		jobs.set(job.dataSetId, job)
		events.emit('dataSets.survey', job)
	}

	async function work(dataSetId: number, controller: AbortController): Promise<void> {
		const { signal } = controller
		const samples = `${dataSetId}-${randomUUID()}.jsonl`
		try {
			signal.throwIfAborted()
			const { title, recipe } = getDataSet(library, dataSetId)
			tell({ dataSetId, state: 'running', progress: null, reason: '' })
			const survey = await hosts.call('review', 'surveyDataSet', { recipe, cache: places.cache, samples: join(places.samples, samples) }, {
				signal, subject: `the data set ${title}`, onProgress: (progress) => tell({ dataSetId, state: 'running', progress, reason: '' }),
			})
			const before = keepSurvey(library, dataSetId, { recipe, survey, samples })
			if (before !== null) await rm(join(places.samples, before), { force: true })
			end(dataSetId, controller, 'finished', '')
			events.emit('dataSets.changed', { dataSetId })
		} catch (error) {
			await rm(join(places.samples, samples), { force: true })
			if (signal.aborted) end(dataSetId, controller, 'cancelled', '')
			else end(dataSetId, controller, 'failed', isOutOfSpace(error) ? OUT_OF_SPACE : error instanceof Error ? error.message : String(error))
		}
	}

	function end(dataSetId: number, controller: AbortController, state: SurveyJob['state'], reason: string): void {
		// Who cancelled it may have asked for another already.
		if (controllers.get(dataSetId) !== controller) return
		controllers.delete(dataSetId)
		tell({ dataSetId, state, progress: jobs.get(dataSetId)?.progress ?? null, reason })
	}

	return {
		of: (dataSetId) => jobs.get(dataSetId) ?? null,
		start(dataSetId) {
			const running = jobs.get(dataSetId)
			if (running && controllers.get(dataSetId)?.signal.aborted === false) return running
			const controller = new AbortController()
			controllers.set(dataSetId, controller)
			const job: SurveyJob = { dataSetId, state: 'waiting', progress: null, reason: '' }
			tell(job)
			queue = queue.then(() => work(dataSetId, controller))
			return job
		},
		cancel: (dataSetId) => controllers.get(dataSetId)?.abort(),
		async close() {
			for (const controller of controllers.values()) controller.abort()
			await queue
		},
	}
}
