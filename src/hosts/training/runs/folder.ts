import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { UserError } from '../../../common/contract/procedures.ts'
import { recipeSchema, type Recipe } from '../../../common/contract/training/recipe.ts'
import { environmentSchema, nextRunId, runIdSchema, runRecordSchema, type RunEnvironment, type RunRecord, type RunSummary } from '../../../common/contract/training/run.ts'
import { diskFault, flushFolder, UNFINISHED, writeJsonDurably } from './durable.ts'
import { isLocked, lockRun } from './lock.ts'
import { createRunLog } from './log.ts'

/**
 * A run folder:
 *   recipe.json       the recipe with every default filled in and every path absolute
 *   environment.json  software, machine, threads, hashes of data, student and teachers
 *   state.json        what it is doing
 *   metrics.jsonl     a line per step and per validation
 *   checkpoints/      the last two and the best
 *   pack/             the model pack, once it is finished
 *   predictions.csv   what the pack answers on the validation and test images
 *   images.json       SHA-256 of those images as they were then
 *   log.jsonl         what happened to it, with times
 *   lock              which process works on it
 */
export interface RunFolder {
	id: string
	directory: string
	recipe: Recipe
	environment: RunEnvironment
}

export const METRICS = 'metrics.jsonl'
export const CHECKPOINTS = 'checkpoints'
export const PACK = 'pack'
/** What a pack says of itself: of a classifier, of a network that marks the lungs. */
const PACK_MANIFESTS = ['model.json', 'lungs.json']
export const PREDICTIONS = 'predictions.csv'
export const IMAGES = 'images.json'

/**
 * Makes the folder of a new run. It appears whole: `fill` writes the first checkpoint into it before it gets its name.
 * @param wanted its id; null for the next number of its name.
 * @throws UserError where there is a run of this id already, or the disk is full; nothing is left behind then.
 */
export function createRun(runs: string, wanted: string | null, recipe: Recipe, environment: RunEnvironment, record: RunRecord, fill: (directory: string) => void): RunFolder {
	mkdirSync(runs, { recursive: true })
	const id = wanted ?? nextRunId(recipe.name, readdirSync(runs))
	const directory = join(runs, id)
	if (existsSync(directory)) throw new UserError(`There is a run ${id} already. Start it again.`)
	const unfinished = join(runs, `${UNFINISHED}${id}-${String(process.pid)}`)
	try {
		rmSync(unfinished, { recursive: true, force: true })
		mkdirSync(join(unfinished, CHECKPOINTS), { recursive: true })
		writeJsonDurably(join(unfinished, 'recipe.json'), recipe)
		writeJsonDurably(join(unfinished, 'environment.json'), environment)
		writeJsonDurably(join(unfinished, 'state.json'), record)
		fill(unfinished)
		renameSync(unfinished, directory)
		flushFolder(runs)
	} catch (error) {
		rmSync(unfinished, { recursive: true, force: true })
		throw diskFault(error, runs)
	}
	return { id, directory, recipe, environment }
}

function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
	let value: unknown
	try {
		value = JSON.parse(readFileSync(path, 'utf8'))
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError(`${path} is not there.`)
		throw new UserError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
	}
	const parsed = schema.safeParse(value)
	if (parsed.success) return parsed.data
	const issue = parsed.error.issues[0]
	throw new UserError(`${path} is not valid at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}.`)
}

/** @throws UserError where there is no such run or its files are damaged. */
export function openRun(runs: string, id: string): RunFolder {
	const directory = join(runs, id)
	if (!runIdSchema.safeParse(id).success || !existsSync(join(directory, 'state.json'))) throw new UserError(`There is no run ${id} in ${runs}.`)
	return { id, directory, recipe: readJson(join(directory, 'recipe.json'), recipeSchema), environment: readJson(join(directory, 'environment.json'), environmentSchema) }
}

export function writeRecord(directory: string, record: RunRecord): void {
	writeJsonDurably(join(directory, 'state.json'), record)
}

/** What the run is doing; one that no process works on any more although it says so was interrupted. */
export function readRecord(directory: string): RunRecord {
	const record = readJson(join(directory, 'state.json'), runRecordSchema)
	return record.state === 'running' && !isLocked(directory) ? { ...record, state: 'interrupted' } : record
}

/**
 * Writes down what has become of a run that no process works on.
 * @throws UserError where one does, or the run is finished.
 */
export function markRun(runs: string, id: string, state: 'paused' | 'cancelled' | 'failed', reason: string): RunSummary {
	const { directory } = openRun(runs, id)
	const unlock = lockRun(directory, id)
	try {
		const before = readRecord(directory)
		if (before.state === 'finished') throw new UserError(`The run ${id} is finished.`)
		writeRecord(directory, { ...before, state, reason, updatedAt: new Date().toISOString() })
		createRunLog(directory).add('state', state === 'failed' ? `Failed: ${reason}` : `${state.slice(0, 1).toUpperCase()}${state.slice(1)} at step ${before.step}.`)
	} finally {
		unlock()
	}
	return summarise(directory)
}

export function summarise(directory: string): RunSummary {
	const pack = join(directory, PACK)
	const { name } = readJson(join(directory, 'recipe.json'), recipeSchema)
	const { createdAt } = readJson(join(directory, 'environment.json'), environmentSchema)
	return { id: basename(directory), name, directory, createdAt, record: readRecord(directory), pack: PACK_MANIFESTS.some((file) => existsSync(join(pack, file))) ? pack : null }
}

/** The runs of a folder by id; a folder that is no run, or a damaged one, comes with the reason. */
export function listRuns(runs: string): { runs: RunSummary[]; refused: { id: string; reason: string }[] } {
	const found: RunSummary[] = []
	const refused: { id: string; reason: string }[] = []
	const entries = existsSync(runs) ? readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')) : []
	for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
		try {
			found.push(summarise(join(runs, name)))
		} catch (error) {
			refused.push({ id: name, reason: error instanceof Error ? error.message : String(error) })
		}
	}
	return { runs: found, refused }
}
