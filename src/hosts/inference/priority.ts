/**
 * Lets short jobs pass a long one on the same thread: a run of a network blocks the thread, so the long job asks between its batches
 * whether anybody waits.
 */
export interface Priority {
	/** Runs a short job at once; long jobs hold back until it is done. */
	first<Value>(job: () => Promise<Value>): Promise<Value>
	/** For a long job between two batches: lets messages in, then waits until no short job is left. */
	yieldTurn(): Promise<void>
}

export function createPriority(): Priority {
	const running = new Set<Promise<unknown>>()
	return {
		async first(job) {
			const run = job()
			running.add(run)
			try {
				return await run
			} finally {
				running.delete(run)
			}
		},
		async yieldTurn() {
			// Two turns: messages are read between one round of immediates and the next.
			await turn()
			await turn()
			while (running.size > 0) await Promise.allSettled(running)
		},
	}
}

function turn(): Promise<void> {
	return new Promise((resolve) => void setImmediate(resolve))
}
