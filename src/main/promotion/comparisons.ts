import { randomUUID } from 'node:crypto'
import type { HostInput } from '../../common/contract/hosts.ts'
import { USUAL_MAPS, type CandidateReference, type ChosenFilms, type ComparisonJob } from '../../common/contract/promotion.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { whyNotComparable } from '../../common/text/comparable.ts'
import type { EventHub } from '../eventHub.ts'
import { saveComparison } from '../library/comparisons.ts'
import type { Library } from '../library/library.ts'
import { isOutOfSpace, OUT_OF_SPACE } from '../library/outOfSpace.ts'
import { comparedModel } from '../models/identity.ts'
import type { Registry } from '../models/registry.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { trainingPlaces } from '../training/places.ts'
import type { Candidates } from './candidates.ts'
import { comparedFilms } from './comparedFilms.ts'

/** Shadow evaluations: they run in the training process, so that reading waits for none of them. */
export interface Comparisons {
	/**
	 * Begins a comparison; what becomes of it is told as events. One at a time, because two would make each other's times wrong.
	 * @throws UserError where the candidate is refused or cannot be compared, there are no films, or another one runs.
	 */
	start(request: { candidate: CandidateReference; films: ChosenFilms; maps: number | null }): ComparisonJob
	/** Ends it at its next image; nothing is kept. */
	cancel(jobId: string): void
	/** The one that runs, or the last one; null: none was begun. */
	job(): ComparisonJob | null
	/** When nothing runs any more. */
	settled(): Promise<void>
}

export interface ComparisonsOptions {
	home: string
	library: Library
	registry: Registry
	candidates: Candidates
	hosts: HostCaller
	events: EventHub
}

export function createComparisons({ home, library, registry, candidates, hosts, events }: ComparisonsOptions): Comparisons {
	let job: ComparisonJob | null = null
	let controller = new AbortController()
	let running: Promise<void> = Promise.resolve()

	function tell(change: Partial<ComparisonJob>): void {
		if (!job) return
		job = { ...job, ...change }
		events.emit('promotion.changed', job)
	}

	async function run(request: HostInput<'review', 'compareModels'>, candidate: CandidateReference, title: string): Promise<void> {
		try {
			const report = await hosts.call('review', 'compareModels', request, { signal: controller.signal, subject: title, onProgress: (progress) => tell({ progress }) })
			tell({ phase: 'finished', comparisonId: saveComparison(library, candidate, report).id })
		} catch (error) {
			if (controller.signal.aborted) tell({ phase: 'cancelled' })
			else tell({ phase: 'failed', reason: isOutOfSpace(error) ? OUT_OF_SPACE : error instanceof Error ? error.message : String(error) })
		}
	}

	return {
		start({ candidate, films, maps }) {
			if (job?.phase === 'running') throw new UserError('Another comparison runs. Wait for its end, or cancel it.')
			registry.list()
			const pack = candidates.open(candidate)
			const { current, reason } = candidates.currentFor(pack.manifest)
			if (!current || reason !== '') throw new UserError(reason)
			const others = registry.list().flatMap((entry) => (entry.state === 'ready' && whyNotComparable(entry.manifest, pack.manifest) !== '' ? [entry.manifest.sha256] : []))
			const request = {
				current: { directory: current.directory, manifest: current.manifest, about: comparedModel(current.manifest) },
				candidate: { directory: pack.directory, manifest: pack.manifest, about: comparedModel(pack.manifest) },
				films: comparedFilms(films, candidate, { home, library, passedOver: others }),
				maps: maps ?? USUAL_MAPS,
				places: trainingPlaces({ home, registry }),
			}
			controller = new AbortController()
			job = { jobId: randomUUID(), candidate, phase: 'running', progress: null, comparisonId: null, reason: '' }
			// After the answer to this call, so that the window knows the job before its first state arrives.
			running = new Promise((resolve) => setImmediate(() => void run(request, candidate, pack.manifest.title).finally(resolve)))
			return job
		},
		cancel(jobId) {
			if (job?.jobId === jobId) controller.abort()
		},
		job: () => job,
		settled: () => running,
	}
}
