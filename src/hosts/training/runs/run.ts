import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import { defaultLosses, type InputRecipe, type Recipe } from '../../../common/contract/training/recipe.ts'
import type { LungPack } from '../../../common/contract/lungs.ts'
import type { Best, Position, Preflight, RunProgress, RunRecord, RunState, RunSummary } from '../../../common/contract/training/run.ts'
import { isLabelled } from '../data/dataSet.ts'
import { withLungParts, type LungPartOptions } from '../data/lungParts.ts'
import { readDataSet, type SeenDataSet } from '../data/readDataSet.ts'
import { memoryOf } from '../data/survey.ts'
import { trainedParameters } from '../optimise/select.ts'
import { runPredictionsCsv } from '../evaluation/predictionsFile.ts'
import { exportPack } from '../pack/exportPack.ts'
import { makeLungPack } from '../pack/lungs/makeLungPack.ts'
import type { PackOptions } from '../pack/makePack.ts'
import { hashWeights, readBest, readLatest, saveCheckpoint } from './checkpoint.ts'
import { writeDurably } from './durable.ts'
import { compareEnvironments, environmentOf } from './environment.ts'
import { CHECKPOINTS, createRun, openRun, PACK, PREDICTIONS, readRecord, summarise, writeRecord, type RunFolder } from './folder.ts'
import { lockRun } from './lock.ts'
import { runLoop, START } from './loop.ts'
import { checkBefore, measure, refuseUnlessOk } from './preflight.ts'
import type { PreparedRun } from './prepared.ts'
import { parseRecipe, resolvePaths } from './recipeFile.ts'
import { restored } from './restored.ts'
import { graphOf } from './stage.ts'
import { openStudent, openTeachers } from './student.ts'
import { openWork, sizeAt, type TrainingWork } from './work.ts'

export interface RunPlaces {
	runs: string
	/** A folder for what is worth remembering of images that were looked at. */
	cache: string
	models: readonly string[]
	lungs: LungPack
	softwareVersion: string
}

export interface RecipeSource {
	recipe: unknown
	/** How it is called in messages. */
	title: string
	base: string
}

/** How a run tells what it does, and is told to end. */
export interface RunControl {
	progress(value: RunProgress): void
	/** Pauses it. */
	pause: AbortSignal
	/** Ends it for good; it can still be resumed. */
	cancel: AbortSignal
}

/** Reads data and networks. @throws UserError naming file and field of what does not fit. */
async function prepare(recipe: Recipe, title: string, threads: number, { cache, lungs: pack }: RunPlaces, control: RunControl): Promise<PreparedRun> {
	try {
		const seen = await readDataSet(recipe.data, {
			memory: memoryOf(cache, recipe.data.folder), workers: threads, signal: control.pause, onProgress: (done, of) => control.progress({ kind: 'phase', phase: 'images', done, of }),
		})
		const student = openStudent(recipe, seen.labels)
		const { dataSet, lungs } = student.input.region ? await shownLungs(seen, student.input.region, { cache, pack }, control) : { dataSet: seen, lungs: null }
		const teachers = openTeachers(recipe.teachers, dataSet.labels, dataSet.task, student.input)
		const { network, weights } = recipe.normalisation === 'restored'
			? await restored({ recipe, dataSet, student, threads }, (done, of) => control.progress({ kind: 'phase', phase: 'normalisation', done, of }), control.pause)
			: student
		const all = trainedParameters(network.parameters, recipe.optimisation.freeze)
		const trained = recipe.headOnly ? all.filter(({ name }) => name === network.head.weight || name === network.head.bias) : all
		return { recipe, losses: recipe.losses ?? defaultLosses(dataSet.task, teachers.length), dataSet, lungs, student: { ...student, network, weights }, teachers, trained, threads }
	} catch (error) {
		throw error instanceof UserError ? new UserError(`${title}: ${error.message}`, error.detail) : error
	}
}

/** The data set as a network sees it that looks at the lungs: with the part of each film, and without films that have none. */
async function shownLungs(dataSet: SeenDataSet, region: NonNullable<InputRecipe['region']>, { cache, pack }: Pick<LungPartOptions, 'cache' | 'pack'>, control: RunControl): Promise<Pick<PreparedRun, 'dataSet' | 'lungs'>> {
	const { samples, refused, lungs } = await withLungParts(dataSet.samples, region, {
		cache, pack, signal: control.pause, onProgress: (done, of) => control.progress({ kind: 'phase', phase: 'lungs', done, of }),
	})
	return { dataSet: { ...dataSet, samples, refused: [...dataSet.refused, ...refused] }, lungs }
}

function withTitle<Value>(title: string, make: () => Value): Value {
	try {
		return make()
	} catch (error) {
		throw new UserError(`${title}: ${error instanceof Error ? error.message : String(error)}`)
	}
}

async function open(source: RecipeSource, places: RunPlaces, control: RunControl): Promise<{ prepared: PreparedRun; preflight: Preflight; work: TrainingWork | null }> {
	const recipe = resolvePaths(parseRecipe(source.recipe, source.title), { base: source.base, models: places.models }, source.title)
	const prepared = await prepare(recipe, source.title, recipe.threads ?? cpus().length, places, control)
	const largest = Math.max(...Array.from({ length: recipe.epochs }, (_, epoch) => sizeAt(prepared, epoch)))
	const { bytes } = withTitle(source.title, () => graphOf(prepared, recipe.headOnly ? [headInputs(prepared)] : [3, largest, largest], prepared.student.weights))
	const preflight = checkBefore(prepared, places.runs, bytes)
	if (!preflight.ok) return { prepared, preflight, work: null }
	const work = await openWork({ prepared, checkpoint: null, progress: (phase, done, of) => control.progress({ kind: 'phase', phase, done, of }), signal: control.pause })
	const time = await measure(prepared, work)
	return { prepared, preflight: { ...preflight, time, checks: [...preflight.checks, { name: 'time', ok: true, detail: timeInWords(time) }] }, work }
}

function timeInWords({ secondsPerStep, imagesPerSecond, steps, seconds }: NonNullable<Preflight['time']>): string {
	return `About ${seconds < 5400 ? `${Math.ceil(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`}: ${steps} steps of ${secondsPerStep.toFixed(2)} s (${imagesPerSecond.toFixed(1)} images/s, measured) and the validations.`
}

function headInputs({ student: { network } }: PreparedRun): number {
	const dims = network.parameters.find(({ name }) => name === network.head.weight)?.dims ?? []
	return dims.find((size) => size !== network.classes) ?? network.classes
}

/** Everything that is looked at before a run begins. @throws UserError where data or networks cannot be read at all. */
export async function preflightRun(source: RecipeSource, places: RunPlaces, control: RunControl): Promise<Preflight> {
	const { preflight, work } = await open(source, places, control)
	await work?.close()
	return preflight
}

/** Looks at everything, makes a run folder and works until the end, a pause or a cancel. @throws UserError where it cannot begin or fails. */
export async function startRun(source: RecipeSource, places: RunPlaces, control: RunControl, onId: (id: string) => void): Promise<RunSummary> {
	const { prepared, preflight, work } = await open(source, places, control)
	try {
		control.progress({ kind: 'preflight', preflight })
		refuseUnlessOk(preflight, source.title)
		if (!work) throw new Error('A run without faults has sessions.')
		// A pause before there is a run leaves nothing behind.
		control.pause.throwIfAborted()
		const record = recordOf(work, START, 'running')
		const folder = createRun(places.runs, { ...prepared.recipe, losses: [...prepared.losses] }, environmentOf(prepared, places.softwareVersion), record, (directory) => {
			saveCheckpoint(join(directory, CHECKPOINTS), { position: START, groups: work.state() })
		})
		onId(folder.id)
		return await follow(folder, prepared, work, START, control)
	} finally {
		await work?.close()
	}
}

/** Goes on from the last checkpoint. @throws UserError where data or networks are no longer what they were. */
export async function resumeRun(id: string, places: RunPlaces, control: RunControl): Promise<RunSummary> {
	const folder = openRun(places.runs, id)
	const { state } = readRecord(folder.directory)
	if (state === 'finished') throw new UserError(`The run ${id} is finished: its model pack is in ${join(folder.directory, PACK)}.`)
	const title = join(folder.directory, 'recipe.json')
	const { checkpoint, passedOver } = readLatest(join(folder.directory, CHECKPOINTS))
	for (const text of passedOver) control.progress({ kind: 'note', text: `${text} The one before it is taken.` })
	const prepared = await prepare(folder.recipe, title, folder.environment.threads, places, control)
	const differs = compareEnvironments(folder, environmentOf(prepared, places.softwareVersion))
	if (differs !== null) control.progress({ kind: 'note', text: differs })
	const work = await openWork({ prepared, checkpoint, progress: (phase, done, of) => control.progress({ kind: 'phase', phase, done, of }), signal: control.pause })
	try {
		return await follow(folder, prepared, work, checkpoint.position, control)
	} finally {
		await work.close()
	}
}

function recordOf(work: TrainingWork, position: Position, state: RunState, reason = '', weightsSha256: string | null = null): RunRecord {
	const { step, epoch, loss, best, seconds } = position
	return { state, reason, updatedAt: new Date().toISOString(), step, steps: work.stepsPerEpoch * work.epochs, epoch, epochs: work.epochs, loss, best, seconds, weightsSha256 }
}

async function follow(folder: RunFolder, prepared: PreparedRun, work: TrainingWork, from: Position, control: RunControl): Promise<RunSummary> {
	const { directory, id, recipe } = folder
	const unlock = lockRun(directory, id)
	let position = from
	const write = (state: RunState, reason = '', weightsSha256: string | null = null) => writeRecord(directory, recordOf(work, position, state, reason, weightsSha256))
	try {
		write('running')
		control.progress({ kind: 'started', id, directory, step: from.step, steps: work.stepsPerEpoch * work.epochs, epochs: work.epochs })
		position = await runLoop(work, {
			directory, position, checkpointEverySteps: recipe.checkpointEverySteps, stop: AbortSignal.any([control.pause, control.cancel]), progress: control.progress,
			onCheckpoint(reached) {
				position = reached
				write('running')
			},
		})
		if (position.step < work.stepsPerEpoch * work.epochs) {
			write(control.cancel.aborted ? 'cancelled' : 'paused')
			return summarise(directory)
		}
		const weightsSha256 = await finish(folder, prepared, position, control)
		write('finished', '', weightsSha256)
		return summarise(directory)
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error)
		position = lastPosition(directory) ?? position
		// While the pack is made a stop comes as an error.
		if (error instanceof Error && error.name === 'AbortError') {
			write(control.cancel.aborted ? 'cancelled' : 'paused')
			return summarise(directory)
		}
		// With a full disk even this cannot be written; the run is then found interrupted.
		try {
			write('failed', reason)
		} catch {}
		throw error
	} finally {
		unlock()
	}
}

function lastPosition(directory: string): Position | null {
	try {
		return readLatest(join(directory, CHECKPOINTS)).checkpoint.position
	} catch {
		return null
	}
}

/** Exports the weights of the best validation. @returns their hash. */
async function finish(folder: RunFolder, prepared: PreparedRun, position: Position, control: RunControl): Promise<string> {
	const { directory, id, recipe, environment } = folder
	const { best } = position
	if (!best) throw new Error('A run that has ended was validated.')
	const weights = readBest(join(directory, CHECKPOINTS), best.step)
	const pack = join(directory, PACK)
	// Left by a process that was killed between the pack and the state.
	rmSync(pack, { recursive: true, force: true })
	const { student, dataSet, lungs, teachers } = prepared
	const { colour, mean, std, region, tones } = student.input
	const trained = {
		network: student.network, weights,
		training: trainingInWords(folder, prepared, best),
		trainingRun: {
			recipeSha256: createHash('sha256').update(readFileSync(join(directory, 'recipe.json'))).digest('hex'), dataSha256: dataSet.sha256, seed: recipe.seed,
			versions: { ...environment.software }, teachers: teachers.map(({ name, sha256 }) => ({ id: name, sha256 })), lungs,
		},
		description: { ...recipe.pack, id: recipe.pack.id ?? id, title: recipe.pack.title ?? recipe.name },
	}
	const options: PackOptions = {
		signal: AbortSignal.any([control.pause, control.cancel]),
		progress: ({ phase, done, of }) => control.progress({ kind: 'phase', phase, done, of }),
	}
	if (isLabelled(dataSet)) {
		const { answers } = await exportPack({ ...trained, input: { colour, mean, std, ...(region ? { region } : {}), ...(tones ? { tones } : {}) }, dataSet }, pack, options)
		writeDurably(join(directory, PREDICTIONS), [new TextEncoder().encode(runPredictionsCsv(answers, dataSet.labels))])
	} else await makeLungPack({ ...trained, input: { mean, std }, dataSet }, pack, options)
	return hashWeights(weights)
}

/** How the pack's weights came about, for model.json and CARD.md. */
function trainingInWords({ recipe, environment }: RunFolder, { teachers, student }: PreparedRun, best: Best): string {
	const { optimisation: { optimiser, averageDecay }, losses = [] } = recipe
	const from = recipe.student.from === 'pack' || recipe.student.from === 'onnx' || recipe.student.weights !== undefined ? 'from given weights' : 'from first values'
	return [
		`${student.network.title} ${from}, ${recipe.epochs} epochs of ${environment.data.samples.train} images in batches of ${recipe.batch * recipe.optimisation.accumulate} at ${student.input.size} pixels`,
		`${optimiser.kind} with a learning rate of ${optimiser.learningRate}`,
		`minimised: ${losses.map(({ kind, weight }) => `${weight} ${kind}`).join(' + ')}`,
		...(teachers.length > 0 ? [`taught by ${teachers.map(({ name }) => name).join(', ')}`] : []),
		...(averageDecay === null ? [] : [`moving average of the weights (${averageDecay})`]),
		`weights of epoch ${best.epoch}, the best by ${best.metric} on the validation images (${best.value.toFixed(4)})`,
	].join('; ') + '.'
}
