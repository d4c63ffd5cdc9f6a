import { availableParallelism } from 'node:os'

/** Of the cores of the machine a run leaves one to everything else. */
export const RUN_THREADS = Math.max(1, availableParallelism() - 1)

/** A recipe that leaves the number of threads open gets the window's; anything else stays as it is. */
export function withThreads(recipe: unknown): unknown {
	return typeof recipe === 'object' && recipe !== null && !Array.isArray(recipe) && !('threads' in recipe) ? { ...recipe, threads: RUN_THREADS } : recipe
}
