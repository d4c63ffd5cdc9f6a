import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { z } from 'zod'
import { lungManifestSchema } from '../../../common/contract/lungs.ts'
import { modelManifestSchema, trainingRunSchema } from '../../../common/contract/model.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { readDataSet } from '../data/readDataSet.ts'
import { answerSamples } from '../evaluation/answerSamples.ts'
import { classifierOf } from '../evaluation/classifier.ts'
import { runPredictionsCsv } from '../evaluation/predictionsFile.ts'
import { UNFINISHED } from '../runs/durable.ts'
import { METRICS, openRun, PACK, PREDICTIONS, readRecord, type RunFolder } from '../runs/folder.ts'
import { keptFile, parseKept } from './keptFiles.ts'
import { readKeptLungs } from './keptLungs.ts'
import { readKeptRun, type KeptRun } from './keptRun.ts'
import { measureRuns } from './measureRuns.ts'
import { ofSplit } from './resultRows.ts'

export interface KeepRequest {
	/** Folder of a finished run. */
	run: string
	/** Folder that gets a folder with the run's name. */
	kept: string
	/** Folder of the repository: what a recipe names is written relative to it. */
	repository: string
	/** Names for folders elsewhere, e.g. where pre-trained weights lie: [absolute folder, name]. */
	places: readonly (readonly [folder: string, name: string])[]
}

/** All kept files of a run together. */
const MOST_BYTES = 1_000_000
const manifest = modelManifestSchema.shape
/** Of model.json without what other kept files say; a field that was added or changed since the run was made is no reason to refuse it. */
const packViewSchema = z.object({
	id: manifest.id, version: manifest.version, title: manifest.title, role: manifest.role, domain: manifest.domain, architecture: manifest.architecture, labels: manifest.labels,
	input: manifest.input, outputs: manifest.outputs, calibration: manifest.calibration, abstention: manifest.abstention, training: manifest.training, trainingRun: trainingRunSchema,
	limitations: manifest.limitations, licence: manifest.licence, sha256: manifest.sha256,
})
type PackView = z.output<typeof packViewSchema>

/** Predictions and evaluation.json are of the same answers when their accuracies agree to this. */
const SAME = 1e-9

/**
 * Keeps what a finished run leaves behind but its weights: recipe.json, environment.json, state.json, metrics.jsonl and pack.json; of a classifier evaluation.json
 * and predictions.csv (made anew where the run has none: it was made by an older version), of a network that marks lungs films.json. No path of this machine goes with them.
 * @returns its id and seed.
 * @throws UserError where the run is not finished, its files do not belong together, a path cannot be told without naming the machine, or it is too large.
 */
export async function keepRun({ run, kept, repository, places }: KeepRequest): Promise<{ id: string; seed: number; kind: 'classifier' | 'lungs' }> {
	const directory = realpathSync(run)
	const id = basename(directory)
	const target = join(kept, id)
	if (existsSync(target)) throw new UserError(`${target} is there already: a kept run is never written over.`)
	const folder = openRun(dirname(directory), id)
	const { state } = readRecord(directory)
	if (state !== 'finished') throw new UserError(`The run ${id} is ${state}; only finished runs are kept.`)
	const text = (name: string) => readFileSync(join(directory, name), 'utf8')
	const kind = existsSync(join(directory, PACK, 'lungs.json')) ? 'lungs' : 'classifier'
	const { trainingRun } = kind === 'lungs' ? parseKept(join(directory, PACK), 'lungs.json', lungManifestSchema) : parseKept(join(directory, PACK), 'model.json', packViewSchema)
	if (trainingRun?.recipeSha256 !== createHash('sha256').update(readFileSync(join(directory, 'recipe.json'))).digest('hex')) throw new UserError(`${directory}: the pack was not made by this run's recipe.json.`)
	const shorten = shortener(directory, realpathSync(repository), places)
	const written = new Map([
		['recipe.json', json(withoutMachine(JSON.parse(text('recipe.json')), shorten))],
		['environment.json', json(JSON.parse(text('environment.json')))],
		['state.json', json(JSON.parse(text('state.json')))],
		[METRICS, text(METRICS)],
		...(kind === 'lungs'
			? [['pack.json', json(JSON.parse(text(join(PACK, 'lungs.json'))))], ['films.json', json(JSON.parse(text(join(PACK, 'films.json'))))]] as const
			: await classifierFiles(folder)),
	])
	for (const [name, content] of written) refusePaths(content, `${id}, ${name}`)
	const files = [...written].map(([name, content]) => keptFile(name, content))
	const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0)
	if (bytes > MOST_BYTES) throw new UserError(`What the run ${id} leaves behind has ${bytes} bytes; at most ${MOST_BYTES} are kept of a run.`)

	mkdirSync(kept, { recursive: true })
	const temporary = mkdtempSync(join(kept, `${UNFINISHED}${id}-`))
	try {
		mkdirSync(join(temporary, id))
		for (const file of files) writeFileSync(join(temporary, id, file.name), file.bytes)
		if (kind === 'lungs') readKeptLungs(temporary, id)
		else checkTogether(readKeptRun(temporary, id))
		renameSync(join(temporary, id), target)
	} finally {
		rmSync(temporary, { recursive: true, force: true })
	}
	return { id, seed: folder.recipe.seed, kind }
}

async function classifierFiles(folder: RunFolder): Promise<readonly (readonly [name: string, text: string])[]> {
	const text = (name: string) => readFileSync(join(folder.directory, name), 'utf8')
	const pack = parseKept(join(folder.directory, PACK), 'model.json', packViewSchema)
	return [
		['pack.json', json(pack)],
		['evaluation.json', json(JSON.parse(text(join(PACK, 'evaluation.json'))))],
		[PREDICTIONS, existsSync(join(folder.directory, PREDICTIONS)) ? text(PREDICTIONS) : await answerAgain(folder, pack)],
	]
}

function json(value: unknown): string {
	return `${JSON.stringify(value, null, '\t')}\n`
}

/** The way from a folder to a path inside it; null where it is not inside. */
function inside(folder: string, path: string): string | null {
	const way = relative(folder, path)
	return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? null : way.split(sep).join('/')
}

/** Writes a path relative to the repository, runs beside this one as runs/..., others under the name of their place. */
function shortener(run: string, repository: string, places: KeepRequest['places']): (path: string, field: string) => string {
	const known = [[dirname(run), 'runs'], ...places.map(([folder, name]) => [existsSync(folder) ? realpathSync(folder) : folder, name]), [repository, ''], [dirname(repository), '..']] as const
	return (path, field) => {
		const real = existsSync(path) ? realpathSync(path) : path
		for (const [folder, name] of known) {
			const way = inside(folder, real)
			if (way !== null) return [name, way].filter((part) => part !== '').join('/')
		}
		throw new UserError(`The recipe's field ${field} names ${path}, which lies neither in the repository or beside it nor with the run: say what to call its folder (--place FOLDER=NAME).`)
	}
}

/** Every text of a recipe that is an absolute path, shortened. */
function withoutMachine(value: unknown, shorten: (path: string, field: string) => string, field = ''): unknown {
	if (typeof value === 'string') return isAbsolute(value) ? shorten(value, field) : value
	if (Array.isArray(value)) return value.map((part, index) => withoutMachine(part, shorten, `${field}[${index}]`))
	if (typeof value !== 'object' || value === null) return value
	return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutMachine(part, shorten, field === '' ? key : `${field}.${key}`)]))
}

/** A path from the root of a disk within a text; not a fraction, nor a web address. */
const ABSOLUTE = /(?:^|[\s"'`(=,;[])((?:\/(?!\/)[^\s/"'`]+\/|[A-Za-z]:\\{1,2}|\\\\)[^\s"']*)/m

/** @throws UserError where a text names a path of this machine. */
function refusePaths(text: string, title: string): void {
	const [, path] = ABSOLUTE.exec(text) ?? []
	if (path !== undefined) throw new UserError(`${title} names the path ${path}, which tells of this machine; it is not kept.`)
}

/** @throws UserError where predictions and evaluation are of other answers. */
function checkTogether(run: KeptRun): void {
	for (const { split, n, accuracy } of run.evaluation.splits) {
		if (split !== 'validation' && split !== 'test') continue
		const measured = measureRuns([run], ofSplit(split), ['accuracy'])
		if (measured?.n === n && Math.abs(measured.metrics.accuracy.mean - (accuracy ?? Number.NaN)) < SAME) continue
		throw new UserError(`The predictions of the run ${run.id} are not those that its evaluation.json is of: on the ${split} images accuracy is ${measured?.metrics.accuracy.mean ?? 'unknown'} of ${measured?.n ?? 0}, and ${accuracy ?? 'unknown'} of ${n} there.`)
	}
}

/** The predictions of a run that has left none, from its pack and its data. */
async function answerAgain({ directory, id, recipe, environment }: RunFolder, pack: PackView): Promise<string> {
	if (recipe.input.region) throw new UserError(`The run ${id} has left no predictions.`)
	const signal = new AbortController().signal
	const dataSet = await readDataSet(recipe.data, { workers: cpus().length, signal })
	if (dataSet.sha256 !== environment.data.sha256) throw new UserError(`The run ${id} has left no predictions, and its data is no longer what it was.`)
	const graph = join(directory, PACK, 'model.onnx')
	if (!statSync(graph).isFile()) throw new UserError(`${graph} is no file.`)
	const session = await InferenceSession.create(graph, { executionProviders: ['cpu'], logSeverityLevel: 3 })
	try {
		const classifier = classifierOf(session, { input: pack.input, outputs: pack.outputs, labels: pack.labels.length })
		const answer = (split: 'validation' | 'test') => answerSamples(classifier, dataSet.samples.filter((sample) => sample.split === split), { signal, onProgress: () => undefined })
		return runPredictionsCsv({ validation: await answer('validation'), test: await answer('test') }, dataSet.labels)
	} finally {
		await session.release()
	}
}
