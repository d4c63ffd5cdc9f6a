import { Worker } from 'node:worker_threads'
import { expect, it, vi } from 'vitest'
import { startImageWorkers, WorkerEndedError } from '../../../../src/hosts/training/data/images/workers.ts'

vi.mock('node:worker_threads', async (original) => {
	const real = await original<{ Worker: typeof Worker }>()
	return {
		...real,
		/** Answers nothing and ends at the first job, as a thread does that has no memory left. */
		Worker: class extends real.Worker {
			constructor() {
				super('require("node:worker_threads").parentPort.on("message", () => process.exit(7))', { eval: true })
			}
		},
	}
})

it('a thread that ends fails every job that it had and every later one, in words', async () => {
	const workers = startImageWorkers(1)
	const jobs = [1, 2, 3].map(() => workers.look({ kind: 'look', path: 'x.png', tissue: false }))
	for (const job of await Promise.allSettled(jobs)) {
		expect(job.status).toBe('rejected')
		const error = job.status === 'rejected' ? (job.reason as WorkerEndedError) : null
		expect(error).toBeInstanceOf(WorkerEndedError)
		expect(error?.message).toBe('A thread that reads images has ended unexpectedly, perhaps for want of memory.')
		expect(error?.detail).toContain('exit code 7')
	}
	await expect(workers.look({ kind: 'look', path: 'x.png', tissue: false })).rejects.toBeInstanceOf(WorkerEndedError)
	await workers.close()
})
