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
import { CHECKPOINTS, createRun, IMAGES, openRun, PACK, PREDICTIONS, readRecord, summarise, writeRecord, type RunFolder } from './folder.ts'
import { lockRun } from './lock.ts'
import { createRunLog, type RunLog } from './log.ts'
import { runLoop, START } from './loop.ts'
import { memoryFault } from './outOfMemory.ts'
import { checkBefore, measure, refusal, withFault } from './preflight.ts'
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
	/** Ends it as if its process had been killed, but with a checkpoint: nobody wanted it to end. */
	leave: AbortSignal
	/** Before each step; resolves when it may be taken. */
	turn(): Promise<void>
}

function stopOf({ pause, cancel, leave }: RunControl): AbortSignal {
	return AbortSignal.any([pause, cancel, leave])
}

/** What a run is that was stopped. One that was left is written down as running, and found interrupted. */
function stateOf({ pause, cancel }: RunControl): RunState {
	return cancel.aborted ? 'cancelled' : pause.aborted ? 'paused' : 'running'
}

const STOPPED: Partial<Record<RunState, string>> = { cancelled: 'Cancelled', paused: 'Paused', running: 'Stopped with the program' }

/** Also takes down what is told, in the log of the run. */
function logged(control: RunControl, log: RunLog): RunControl {
	return {
		...control,
		progress(value) {
			log.follow(value)
			control.progress(value)
		},
	}
}

/** Reads the images. @throws UserError naming file and field of what does not fit. */
async function readData({ data }: Recipe, threads: number, cache: string, control: RunControl): Promise<SeenDataSet> {
	return readDataSet(data, { memory: memoryOf(cache, data.folder), workers: threads, signal: stopOf(control), onProgress: (done, of) => control.progress({ kind: 'phase', phase: 'images', done, of }) })
}

/** Reads the networks. @throws UserError naming file and field of what does not fit. */
async function openNetworks(recipe: Recipe, seen: SeenDataSet, threads: number, { cache, lungs: pack }: RunPlaces, control: RunControl): Promise<PreparedRun> {
	const student = openStudent(recipe, seen.labels)
	const { dataSet, lungs } = student.input.region ? await shownLungs(seen, student.input.region, { cache, pack }, control) : { dataSet: seen, lungs: null }
	const teachers = openTeachers(recipe.teachers, dataSet.labels, dataSet.task, student.input)
	const { network, weights } = recipe.normalisation === 'restored'
		? await restored({ recipe, dataSet, student, threads }, (done, of) => control.progress({ kind: 'phase', phase: 'normalisation', done, of }), stopOf(control))
		: student
	const all = trainedParameters(network.parameters, recipe.optimisation.freeze)
	const trained = recipe.headOnly ? all.filter(({ name }) => name === network.head.weight || name === network.head.bias) : all
	return { recipe, losses: recipe.losses ?? defaultLosses(dataSet.task, teachers.length), dataSet, lungs, student: { ...student, network, weights }, teachers, trained, threads }
}

/** The data set as a network sees it that looks at the lungs: with the part of each film, and without films that have none. */
async function shownLungs(dataSet: SeenDataSet, region: NonNullable<InputRecipe['region']>, { cache, pack }: Pick<LungPartOptions, 'cache' | 'pack'>, control: RunControl): Promise<Pick<PreparedRun, 'dataSet' | 'lungs'>> {
	const { samples, refused, lungs } = await withLungParts(dataSet.samples, region, {
		cache, pack, signal: stopOf(control), onProgress: (done, of) => control.progress({ kind: 'phase', phase: 'lungs', done, of }),
	})
	return { dataSet: { ...dataSet, samples, refused: [...dataSet.refused, ...refused] }, lungs }
}

function titled(title: string, error: unknown): unknown {
	return error instanceof UserError ? new UserError(`${title}: ${error.message}`, error.detail) : error
}

/** A run that can begin, one whose pre-flight has failed, or one that could not be looked at to the end. */
type Opened = { preflight: Preflight } & ({ prepared: PreparedRun; work: TrainingWork } | { fault: unknown })

/** @throws UserError where recipe or data cannot be read. */
async function open(source: RecipeSource, places: RunPlaces, control: RunControl): Promise<Opened> {
	const { title } = source
	const recipe = resolvePaths(parseRecipe(source.recipe, title), { base: source.base, models: places.models }, title)
	const threads = recipe.threads ?? cpus().length
	const seen = await readData(recipe, threads, places.cache, control).catch((error: unknown) => {
		throw titled(title, error)
	})
	let work: TrainingWork | null = null
	try {
		const prepared = await openNetworks(recipe, seen, threads, places, control)
		const preflight = checkBefore(prepared, places.runs, largestGraph(prepared))
		if (!preflight.ok) return { preflight, fault: refusal(preflight, title) }
		work = await openWork({ prepared, checkpoint: null, progress: (phase, done, of) => control.progress({ kind: 'phase', phase, done, of }), signal: stopOf(control), turn: control.turn })
		const time = await measure(prepared, work)
		return { preflight: { ...preflight, time, checks: [...preflight.checks, { name: 'time', ok: true, detail: timeInWords(time) }] }, prepared, work }
	} catch (caught) {
		await work?.close()
		const error = memoryFault(caught)
		if (!(error instanceof UserError)) throw error
		return { preflight: withFault({ recipe, dataSet: seen }, error.message), fault: titled(title, error) }
	}
}

/** Bytes of the tensors of a pass at the largest size. @throws UserError naming the field that does not fit the network. */
function largestGraph(prepared: PreparedRun): number {
	const { recipe, student } = prepared
	const largest = Math.max(...Array.from({ length: recipe.epochs }, (_, epoch) => sizeAt(prepared, epoch)))
	try {
		return graphOf(prepared, recipe.headOnly ? [headInputs(prepared)] : [3, largest, largest], student.weights).bytes
	} catch (error) {
		throw new UserError(error instanceof Error ? error.message : String(error))
	}
}

function timeInWords({ secondsPerStep, imagesPerSecond, steps, seconds }: NonNullable<Preflight['time']>): string {
	return `About ${seconds < 90 ? 'a minute' : seconds < 5400 ? `${Math.ceil(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`}: ${steps} steps of ${secondsPerStep.toFixed(2)} s (${imagesPerSecond.toFixed(1)} images/s, measured) and the validations.`
}

function headInputs({ student: { network } }: PreparedRun): number {
	const dims = network.parameters.find(({ name }) => name === network.head.weight)?.dims ?? []
	return dims.find((size) => size !== network.classes) ?? network.classes
}

/** Everything that is looked at before a run begins. @throws UserError where recipe or data cannot be read at all. */
export async function preflightRun(source: RecipeSource, places: RunPlaces, control: RunControl): Promise<Preflight> {
	const opened = await open(source, places, control)
	if ('work' in opened) await opened.work.close()
	return opened.preflight
}

/**
 * Looks at everything, makes a run folder and works until the end or until it is stopped.
 * @param wanted the run's id; null for the next number of its name.
 * @throws UserError where it cannot begin or fails; AbortError where it is stopped before it has a folder.
 */
export async function startRun(source: RecipeSource, places: RunPlaces, given: RunControl, wanted: string | null = null): Promise<RunSummary> {
	const log = createRunLog()
	const control = logged(given, log)
	const opened = await open(source, places, control)
	if ('fault' in opened) {
		control.progress({ kind: 'preflight', preflight: opened.preflight })
		throw opened.fault
	}
	const { prepared, preflight, work } = opened
	try {
		control.progress({ kind: 'preflight', preflight })
		// A stop before there is a run leaves nothing behind.
		stopOf(control).throwIfAborted()
		const record = recordOf(work, START, 'running')
		const folder = createRun(places.runs, wanted, { ...prepared.recipe, losses: [...prepared.losses] }, environmentOf(prepared, places.softwareVersion), record, (directory) => {
			saveCheckpoint(join(directory, CHECKPOINTS), { position: START, groups: work.state() })
		})
		log.attach(folder.directory)
		const unlock = lockRun(folder.directory, folder.id)
		try {
			await follow(folder, prepared, work, START, control, log)
		} finally {
			unlock()
		}
		return summarise(folder.directory)
	} finally {
		await work.close()
	}
}

/**
 * Goes on from the last checkpoint.
 * @param why it does, for its log; '' where a person asks for it.
 * @throws UserError where data or networks are no longer what they were: the run has failed then, and can be resumed when they are.
 */
export async function resumeRun(id: string, places: RunPlaces, given: RunControl, why = ''): Promise<RunSummary> {
	const folder = openRun(places.runs, id)
	const { directory } = folder
	const before = readRecord(directory)
	if (before.state === 'finished') throw new UserError(`The run ${id} is finished: its model pack is in ${join(directory, PACK)}.`)
	const unlock = lockRun(directory, id)
	const log = createRunLog(directory)
	const control = logged(given, log)
	try {
		if (why !== '') control.progress({ kind: 'note', text: why })
		const reopened = await reopen(folder, places, control).catch((caught: unknown) => {
			const error = memoryFault(caught)
			const stopped = writeEnding(error, control, log, (state, reason = '') => writeRecord(directory, { ...before, state, reason, updatedAt: new Date().toISOString() }))
			if (!stopped) throw error
			return null
		})
		if (reopened) {
			const { prepared, work, position } = reopened
			await follow(folder, prepared, work, position, control, log).finally(() => work.close())
		}
	} finally {
		unlock()
	}
	return summarise(directory)
}

/** What a run goes on with. @throws UserError where data or networks are no longer what they were. */
async function reopen(folder: RunFolder, places: RunPlaces, control: RunControl): Promise<{ prepared: PreparedRun; work: TrainingWork; position: Position }> {
	const { directory, recipe, environment: { threads } } = folder
	const { checkpoint, passedOver } = readLatest(join(directory, CHECKPOINTS))
	for (const text of passedOver) control.progress({ kind: 'note', text: `${text} The one before it is taken.` })
	const prepared = await readData(recipe, threads, places.cache, control).then((seen) => openNetworks(recipe, seen, threads, places, control)).catch((error: unknown) => {
		throw titled(join(directory, 'recipe.json'), error)
	})
	const differs = compareEnvironments(folder, environmentOf(prepared, places.softwareVersion))
	if (differs !== null) control.progress({ kind: 'note', text: differs })
	const work = await openWork({ prepared, checkpoint, progress: (phase, done, of) => control.progress({ kind: 'phase', phase, done, of }), signal: stopOf(control), turn: control.turn })
	return { prepared, work, position: checkpoint.position }
}

function recordOf(work: TrainingWork, position: Position, state: RunState, reason = '', weightsSha256: string | null = null): RunRecord {
	const { step, epoch, loss, best, seconds } = position
	return { state, reason, updatedAt: new Date().toISOString(), step, steps: work.stepsPerEpoch * work.epochs, epoch, epochs: work.epochs, loss, best, seconds, weightsSha256 }
}

/** Writes down how a run ended that did not get to its end. @returns whether it was stopped; false where it has failed. */
function writeEnding(error: unknown, control: RunControl, log: RunLog, write: (state: RunState, reason?: string) => void): boolean {
	if (error instanceof Error && error.name === 'AbortError') {
		write(stateOf(control))
		log.add('state', `${STOPPED[stateOf(control)] ?? ''}.`)
		return true
	}
	const reason = error instanceof Error ? error.message : String(error)
	log.add('state', `Failed: ${reason}`)
	// With a full disk even this cannot be written; the run is then found interrupted.
	try {
		write('failed', reason)
	} catch {}
	return false
}

/** Works until the end or a stop, and writes down which it was. @throws Error where the run has failed, which is written down too. */
async function follow(folder: RunFolder, prepared: PreparedRun, work: TrainingWork, from: Position, control: RunControl, log: RunLog): Promise<void> {
	const { directory, id, recipe } = folder
	let position = from
	const write = (state: RunState, reason = '', weightsSha256: string | null = null) => writeRecord(directory, recordOf(work, position, state, reason, weightsSha256))
	try {
		write('running')
		control.progress({ kind: 'started', id, directory, step: from.step, steps: work.stepsPerEpoch * work.epochs, epochs: work.epochs })
		position = await runLoop(work, {
			directory, position, checkpointEverySteps: recipe.checkpointEverySteps, stop: stopOf(control), turn: control.turn, progress: control.progress,
			onCheckpoint(reached) {
				position = reached
				write('running')
			},
		})
		if (position.step < work.stepsPerEpoch * work.epochs) {
			write(stateOf(control))
			log.add('state', `${STOPPED[stateOf(control)] ?? ''} at step ${position.step}.`)
			return
		}
		const weightsSha256 = await finish(folder, prepared, position, control)
		write('finished', '', weightsSha256)
		log.add('state', `Finished: the model pack is in ${PACK}.`)
	} catch (caught) {
		const error = memoryFault(caught)
		position = lastPosition(directory) ?? position
		// While the pack is made a stop comes as an error.
		if (!writeEnding(error, control, log, write)) throw error
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
		signal: stopOf(control),
		turn: control.turn,
		progress: ({ phase, done, of }) => control.progress({ kind: 'phase', phase, done, of }),
	}
	if (isLabelled(dataSet)) {
		const { answers } = await exportPack({ ...trained, input: { colour, mean, std, ...(region ? { region } : {}), ...(tones ? { tones } : {}) }, dataSet }, pack, options)
		writeDurably(join(directory, PREDICTIONS), [new TextEncoder().encode(runPredictionsCsv(answers, dataSet.labels))])
		const hashes = [answers.validation, answers.test].flatMap(({ samples, hashes: own }) => samples.map(({ id: image }, row) => [image, own[row]]))
		writeDurably(join(directory, IMAGES), [new TextEncoder().encode(`${JSON.stringify(hashes)}\n`)])
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
