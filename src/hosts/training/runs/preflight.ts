import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Preflight } from '../../../common/contract/training/run.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { checkForTraining, countSplits } from '../data/checkForTraining.ts'
import type { DataSet, Split } from '../data/dataSet.ts'
import type { SeenDataSet } from '../data/readDataSet.ts'
import { initialOptimiserState } from '../optimise/optimiser.ts'
import { confoundedLabels } from '../pack/packData.ts'
import { checkpointBytes } from './checkpoint.ts'
import type { PreparedRun } from './prepared.ts'
import { sizeAt, type TrainingWork } from './work.ts'

/** What the process has without any graph, and what the runtime takes for each byte of the tensors of a graph: measured on OFA-595. */
const BASE_BYTES = 300 * 1024 ** 2
const RUNTIME_FACTOR = 2
/** Decoded images that are kept in memory, at most; their side in training, where crops need more pixels than the network reads. */
const KEPT_BYTES = 1024 ** 3
const KEPT_SIDE = 1.25
/** Metrics, state and the model pack's texts. */
const SMALL_FILES_BYTES = 16 * 1024 ** 2
/** Passes that are timed, after one that is not. */
const TIMED_PASSES = 3

function countClasses(dataSet: DataSet): Preflight['classes'] {
	const counts = countSplits(dataSet)
	const of = (split: Split, label: number) => counts.find((count) => count.split === split)?.labels[label]?.positive ?? 0
	return dataSet.labels.map((label, index) => ({ label, train: of('train', index), validation: of('validation', index), test: of('test', index) }))
}

type Check = Preflight['checks'][number]

/** A class with fewer images in a split than this is told of. */
const FEW = 20
/** What too few images of a class mean, by the split that has them. */
const FEW_MEANS: Record<Split, string> = {
	train: 'A network learns little from so few; more of them, or data.sampling.by "class", help',
	validation: 'Thresholds, calibration and the choice of the best weights rest on them',
	test: 'Results of these labels will say little',
}

/** Classes that have images, but too few for what the split is for. */
function fewImages(dataSet: DataSet): Check[] {
	const classes = countClasses(dataSet)
	return (['train', 'validation', 'test'] as const).flatMap((split) => {
		const few = classes.filter((counts) => counts[split] > 0 && counts[split] < FEW)
		return few.length === 0 ? [] : [{ name: 'warning', ok: true, detail: `The ${split} split has few images of ${few.map((counts) => `${counts.label} (${counts[split]})`).join(', ')}. ${FEW_MEANS[split]}.` }]
	})
}

/** Labels that can be told by where an image comes from. */
function confounded(dataSet: DataSet): Check[] {
	if (dataSet.task === 'segmentation') return []
	return confoundedLabels(dataSet).map(({ label, share }) => ({
		name: 'warning', ok: true, detail: `${Math.round(100 * share)} % of the training images of ${label} come from sources that hold almost nothing else: the network may learn where an image comes from rather than what is on it.`,
	}))
}

/** Whether student and teachers answer with the labels of the data set. Teachers with others are refused before. */
function labelChecks({ student: { manifest, network }, teachers, dataSet }: PreparedRun): Check[] {
	const own = manifest?.labels.map(({ name }) => name) ?? []
	const checks: Check[] = []
	if (teachers.length > 0) checks.push({ name: 'labels', ok: true, detail: `${teachers.map(({ name }) => name).join(', ')} ${teachers.length === 1 ? 'answers' : 'answer'} with the labels that the student learns: ${dataSet.labels.join(', ')}.` })
	if (manifest && own.join('\n') !== dataSet.labels.join('\n')) {
		checks.push({ name: 'warning', ok: true, detail: `${manifest.id} answers ${own.join(', ')}, and the data set has ${dataSet.labels.join(', ')}: the last layer of ${network.title} is learned anew.` })
	}
	return checks
}

function dataChecks({ recipe, dataSet }: Pick<PreparedRun, 'recipe' | 'dataSet'>): Check[] {
	const { folder } = recipe.data
	const count = (split: Split) => dataSet.samples.filter((sample) => sample.split === split).length
	const train = count('train')
	const checks: Check[] = [{ name: 'images', ok: true, detail: `${folder}: ${train} images to train on, ${count('validation')} to validate with, ${count('test')} to test with; ${dataSet.refused.length} left out.` }]
	try {
		const warnings = checkForTraining(dataSet)
		checks.push({ name: 'classes', ok: true, detail: countClasses(dataSet).map(({ label, ...counts }) => `${label} ${counts.train} / ${counts.validation} / ${counts.test}`).join(', ') })
		for (const detail of warnings) checks.push({ name: 'warning', ok: true, detail })
		checks.push(...fewImages(dataSet), ...confounded(dataSet))
	} catch (error) {
		if (!(error instanceof UserError)) throw error
		checks.push({ name: 'data', ok: false, detail: `${folder} (field data): ${error.message}` })
	}
	const needed = recipe.batch * recipe.optimisation.accumulate
	if (train > 0 && train < needed) checks.push({ name: 'batch', ok: false, detail: `${folder} has ${train} training images, fewer than one step takes: ${needed} (field batch, times optimisation.accumulate).` })
	return checks
}

/** Bytes that run and pack need on the disk: three checkpoints while one is written, best weights, the pack twice while it is made. */
function diskNeed(prepared: PreparedRun): number {
	const { student, recipe } = prepared
	const slots = slotBytes(prepared)
	const weights = checkpointBytes(new Map([['weights', student.weights]]))
	const average = recipe.optimisation.averageDecay === null ? 0 : weights
	return 3 * (weights + average + slots) + 3 * weights + 2 * weights + SMALL_FILES_BYTES
}

function slotBytes({ recipe, trained }: PreparedRun): number {
	// The slots of a single number for each parameter: their count is what is asked for, not their memory.
	const kinds = initialOptimiserState(recipe.optimisation.optimiser, [{ name: 'one', dims: [1], role: 'weight', initialisation: { kind: 'constant', value: 0 } }]).slots.size
	return kinds * countValues(trained) * 4
}

function keptBytes({ recipe, dataSet, student }: PreparedRun): number {
	if (recipe.headOnly) return 0
	const area = student.input.size ** 2 * ((student.input.colour === 'rgb' ? 3 : 1) + (dataSet.task === 'segmentation' ? 1 : 0))
	const count = (split: Split) => dataSet.samples.filter((sample) => sample.split === split).length
	return Math.min(KEPT_BYTES, count('train') * area * KEPT_SIDE ** 2) + Math.min(KEPT_BYTES, count('validation') * area)
}

function countValues(parameters: readonly { dims: readonly number[] }[]): number {
	return parameters.reduce((sum, { dims }) => sum + dims.reduce((product, size) => product * size, 1), 0)
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2).toLocaleString('en')} MiB`

/** Free bytes of the file system that a folder will be on. */
function freeBytes(folder: string): number {
	let existing = folder
	while (!existsSync(existing)) existing = dirname(existing)
	const { bavail, bsize } = statfsSync(existing)
	return bavail * bsize
}

/** What can be said before any session is opened. @param graphBytes most memory that the tensors of a pass need. */
export function checkBefore(prepared: PreparedRun, runs: string, graphBytes: number): Preflight {
	const { student, trained, dataSet } = prepared
	const parameters = { all: countValues(student.network.parameters.filter(({ role }) => role !== 'runningMean' && role !== 'runningVariance')), trained: countValues(trained) }
	const weightBytes = parameters.all * 4
	const teacherBytes = prepared.teachers.reduce((sum, teacher) => sum + [...teacher.weights.values()].reduce((total, values) => total + values.byteLength, 0), 0)
	const memory = { needed: BASE_BYTES + RUNTIME_FACTOR * graphBytes + 3 * weightBytes + slotBytes(prepared) + 3 * teacherBytes + keptBytes(prepared), free: process.availableMemory() }
	const disk = { needed: diskNeed(prepared), free: freeBytes(runs) }
	const checks: Check[] = [
		...dataChecks(prepared),
		...labelChecks(prepared),
		{ name: 'memory', ok: memory.needed <= memory.free, detail: memory.needed <= memory.free ? `About ${mebibytes(memory.needed)} of ${mebibytes(memory.free)}.` : `The run needs about ${mebibytes(memory.needed)} of memory, and ${mebibytes(memory.free)} are free: a smaller batch, with optimisation.accumulate, or a smaller input.size needs less.` },
		{ name: 'disk', ok: disk.needed <= disk.free, detail: disk.needed <= disk.free ? `About ${mebibytes(disk.needed)} of ${mebibytes(disk.free)}.` : `${runs} has ${mebibytes(disk.free)} left, and the run needs about ${mebibytes(disk.needed)} for checkpoints and model pack.` },
	]
	return { ok: checks.every(({ ok }) => ok), checks, classes: countClasses(dataSet), refused: [...dataSet.refused], parameters, memoryBytes: memory, diskBytes: disk, time: null }
}

/** What can be said where networks, losses or metrics do not fit the data or each other: the images, and the fault in a sentence. */
export function withFault({ recipe, dataSet }: { recipe: PreparedRun['recipe']; dataSet: SeenDataSet }, fault: string): Preflight {
	const checks = [...dataChecks({ recipe, dataSet }), { name: 'networks', ok: false, detail: fault }]
	return { ok: false, checks, classes: countClasses(dataSet), refused: [...dataSet.refused], parameters: null, memoryBytes: null, diskBytes: null, time: null }
}

/** Why a run does not begin: every check that failed. */
export function refusal(preflight: Preflight, title: string): UserError {
	return new UserError(`${title}: the run cannot begin. ${preflight.checks.filter(({ ok }) => !ok).map(({ detail }) => detail).join(' ')}`)
}

/** Times a few passes and one validation, without changing anything. */
export async function measure(prepared: PreparedRun, work: TrainingWork): Promise<NonNullable<Preflight['time']>> {
	const { recipe } = prepared
	const stage = await work.stage(0)
	const weights = work.state().get('weights') ?? new Map()
	await stage.run(0, 0, 0, weights)
	const started = performance.now()
	for (let pass = 0; pass < TIMED_PASSES; pass++) await stage.run(0, Math.min(pass, stage.passes - 1), pass, weights)
	const secondsPerPass = (performance.now() - started) / 1000 / TIMED_PASSES
	const before = performance.now()
	await work.validate(recipe.epochs - 1)
	const validation = (performance.now() - before) / 1000
	// Work grows with the area of the image.
	const areas = Array.from({ length: recipe.epochs }, (_, epoch) => (sizeAt(prepared, epoch) / stage.size) ** 2)
	const secondsPerStep = secondsPerPass * recipe.optimisation.accumulate
	const validations = Math.ceil(recipe.epochs / recipe.validation.everyEpochs)
	return {
		secondsPerStep, imagesPerSecond: recipe.batch / secondsPerPass, steps: work.stepsPerEpoch * recipe.epochs,
		seconds: areas.reduce((sum, area) => sum + area * secondsPerStep * work.stepsPerEpoch, 0) + validations * validation,
	}
}
