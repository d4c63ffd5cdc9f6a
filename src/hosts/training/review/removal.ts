import { randomUUID } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import type { RunRemoval } from '../../../common/contract/training/review.ts'
import type { RunState } from '../../../common/contract/training/run.ts'
import { flushFolder, UNFINISHED } from '../runs/durable.ts'
import { listRuns, openRun, readRecord } from '../runs/folder.ts'
import { runDetail } from './detail.ts'

const REMOVED = `${UNFINISHED}removed-`

/** What has come to its end. The others are cancelled first. */
const REMOVABLE: readonly RunState[] = ['finished', 'cancelled', 'failed']

/** What goes with a run. @throws UserError where it has not ended, or another run that has not ended is taught by its pack or begins with it. */
export function removalOf(runs: string, id: string): RunRemoval {
	const { directory } = openRun(runs, id)
	const { state, step } = readRecord(directory)
	if (!REMOVABLE.includes(state)) throw new UserError(`The run ${id} is ${state}. Cancel it first; what it has learned is kept until then.`)
	const needed = listRuns(runs).runs.find((other) => other.id !== id && !REMOVABLE.includes(other.record.state) && names(openRun(runs, other.id).recipe, directory))
	if (needed) throw new UserError(`The run ${needed.id} is ${needed.record.state} and needs the model pack of ${id}, which was not removed.`)
	const { evaluation, hashes, summary } = runDetail(runs, id)
	const test = evaluation?.splits.at(-1)
	return {
		bytes: bytesOf(directory), graph: hashes.graph,
		lost: [
			...(summary.pack ? [`The model pack${evaluation ? ` "${evaluation.model.title}"` : ''} with its weights, results and card${test?.balancedAccuracy == null ? '' : ` (balanced accuracy ${test.balancedAccuracy.toFixed(3)} on ${test.n} ${test.split} images)`}.`] : []),
			...(state === 'finished' ? [] : [`The weights after ${step} ${step === 1 ? 'step' : 'steps'}: the run cannot be resumed any more.`]),
			'Recipe, log, metrics and predictions: what was made with it cannot be made again from here.',
		],
	}
}

/** Removes the folder of a run. @throws UserError as removalOf. */
export function removeRun(runs: string, id: string): void {
	removalOf(runs, id)
	// Out of the list in one step; what a process that was ended here has left goes with the next.
	renameSync(join(runs, id), join(runs, `${REMOVED}${id}-${randomUUID()}`))
	flushFolder(runs)
	for (const name of readdirSync(runs)) if (name.startsWith(REMOVED)) rmSync(join(runs, name), { recursive: true, force: true })
}

/** Whether any text of a recipe lies in a folder. */
function names(recipe: unknown, folder: string): boolean {
	if (typeof recipe === 'string') return recipe === folder || recipe.startsWith(join(folder, '/'))
	return typeof recipe === 'object' && recipe !== null && Object.values(recipe).some((part) => names(part, folder))
}

function bytesOf(folder: string): number {
	return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => (entry.isFile() ? sum + statSync(join(entry.parentPath, entry.name)).size : sum), 0)
}
