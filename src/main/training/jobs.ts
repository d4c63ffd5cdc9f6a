import { UserError, type EventPayload } from '../../common/contract/procedures.ts'

/** Long looks that a page has begun: a pre-flight, a search for a student. Each can be cancelled by its name. */
export interface Jobs {
	/** @throws UserError where a job of this name is under way. */
	run<Output>(jobId: string, work: (signal: AbortSignal, tell: (phase: string, done: number, of: number) => void) => Promise<Output>): Promise<Output>
	/** One that is not under way is left alone. */
	cancel(jobId: string): void
}

export function createJobs(tell: (progress: EventPayload<'training.job'>) => void): Jobs {
	const running = new Map<string, AbortController>()
	return {
		async run(jobId, work) {
			if (running.has(jobId)) throw new UserError('This is being looked at already.')
			const controller = new AbortController()
			running.set(jobId, controller)
			try {
				return await work(controller.signal, (phase, done, of) => tell({ jobId, phase, done, of }))
			} catch (error) {
				throw controller.signal.aborted ? new UserError('Cancelled.') : error
			} finally {
				running.delete(jobId)
			}
		},
		cancel: (jobId) => running.get(jobId)?.abort(),
	}
}
