import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { UserError } from '../../../../common/contract/procedures.ts'
import type { BatchAnswer, BatchJob, ImageJob, ImageReply, ImageRequest, LookAnswer, LookJob } from './jobs.ts'
import { look } from './look.ts'
import { makeBatch } from './makeBatch.ts'

// V8 13.6 compiles the way from WebAssembly to an import that is often called, once for all threads of a process, and can free it
// twice where two threads give it back at the same time: "Check failed: jit_page.has_value()", and the whole process is gone. The
// decoders are WebAssembly, and so is what Node reads .ts files with. What is never compiled is never freed; a call of an import
// then takes 45 ns instead of 10.
setFlagsFromString('--wasm-wrapper-tiering-budget=2147483647')

/** Threads that decode and augment images. */
export interface ImageWorkers {
	/** @throws UserError where the image cannot be read, with the reason, or where a worker has ended. */
	look(job: LookJob): Promise<LookAnswer>
	/** @throws UserError as `look`. */
	batch(job: BatchJob): Promise<BatchAnswer>
	/** Waits for what is being done; what comes later is refused. */
	close(): Promise<void>
}

interface Pending {
	resolve(answer: LookAnswer | BatchAnswer): void
	reject(error: Error): void
}

/** The threads of it ended: not the fault of the image that was asked for. */
export class WorkerEndedError extends UserError {
	constructor(detail: string) {
		super('A thread that reads images has ended unexpectedly, perhaps for want of memory.', detail)
		this.name = 'WorkerEndedError'
	}
}

/** @param count threads; 0 does the work in this one, for a few images. */
export function startImageWorkers(count: number): ImageWorkers {
	if (count === 0) return { look, batch: makeBatch, close: () => Promise.resolve() }
	let next = 1
	let closing = false
	let broken: WorkerEndedError | null = null
	const threads = Array.from({ length: count }, () => start())

	function start(): { worker: Worker; pending: Map<number, Pending>; ended: Promise<void> } {
		const worker = new Worker(entry())
		const pending = new Map<number, Pending>()
		const ended = Promise.withResolvers<void>()
		worker.on('message', (reply: ImageReply) => {
			const job = pending.get(reply.number)
			pending.delete(reply.number)
			if ('answer' in reply) job?.resolve(reply.answer)
			else job?.reject('refused' in reply ? new UserError(reply.refused) : new Error(reply.fault))
		})
		let fault = ''
		worker.on('error', (error) => {
			fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
		})
		worker.on('exit', (code) => {
			if (!closing) broken ??= new WorkerEndedError(`exit code ${code} ${fault}`.trim())
			for (const job of pending.values()) job.reject(broken ?? new UserError('The images are no longer needed.'))
			pending.clear()
			ended.resolve()
		})
		// Only a job that is waited for keeps the process alive.
		worker.unref()
		return { worker, pending, ended: ended.promise }
	}

	function ask(job: ImageJob): Promise<LookAnswer | BatchAnswer> {
		if (broken) return Promise.reject(broken)
		if (closing) return Promise.reject(new UserError('The images are no longer needed.'))
		const thread = threads.reduce((least, other) => (other.pending.size < least.pending.size ? other : least))
		const number = next++
		const { promise, resolve, reject } = Promise.withResolvers<LookAnswer | BatchAnswer>()
		thread.pending.set(number, { resolve, reject })
		thread.worker.ref()
		thread.worker.postMessage({ number, job } satisfies ImageRequest)
		return promise.finally(() => {
			if (thread.pending.size === 0 && !closing) thread.worker.unref()
		})
	}

	return {
		look: (job) => ask(job) as Promise<LookAnswer>,
		batch: (job) => ask(job) as Promise<BatchAnswer>,
		async close() {
			closing = true
			for (const { worker } of threads) {
				worker.ref()
				worker.postMessage('close' satisfies ImageRequest)
			}
			await Promise.all(threads.map(({ ended }) => ended))
		},
	}
}

/** Beside the built program, or as it is written. */
function entry(): string {
	const here = import.meta.dirname
	const built = [join(here, 'imageWorker.js'), join(here, '..', 'imageWorker.js')].find((path) => existsSync(path))
	return built ?? join(here, 'worker.ts')
}
