import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { compareMaps } from '../../../common/cam/compareMaps.ts'
import { energyInside } from '../../../common/cam/energy.ts'
import type { CamMode } from '../../../common/contract/analysis.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import {
	explanationMethodSchema, type ExplainedModel, type ExplanationMethod, type ExplanationSetProgress, type ExplanationSetReport, type ExplanationSetRequest, type RowGroup,
} from '../../../common/contract/training/explanationSet.ts'
import { openNetwork, runChecked, type Network } from '../../inference/network.ts'
import { rampInput, selfTestDifference } from '../../inference/selfTest.ts'
import { openImage, type ShownImage } from '../data/images/openImage.ts'
import { INTERVAL_METHOD } from '../evaluation/results.ts'
import { addExplanations, checkPack } from '../pack/explanations.ts'
import { writeJsonDurably } from '../runs/durable.ts'
import { listFilms, listLocated, type Film, type ListedFilms } from './listFilms.ts'
import { openLungRegions, type LungRegions } from './lungRegions.ts'
import { randomisationOf } from './randomisationOf.ts'
import { calledLabel, faithfulnessOf, mapBy, mapsOf, regionFor, type Explained } from './measureFilm.ts'
import { writePages } from './pages/writePages.ts'
import type { ExplainedBy, Measurements, Task } from './measurements.ts'
import { openRecords, type FaithfulnessRecord, type Records } from './records.ts'
import { comparisonRows, differenceOf, faithfulnessRows, localisationRows, type MeasuredFaithfulness, type MeasuredLocation } from './rows.ts'
import { labelNamed, maskOfRegion, regionsByLabel } from './truth/regionMask.ts'
import type { TruthFilm, TruthListing, TruthRegion } from './truth/truthFilm.ts'

/** The baseline is the model's; a teacher is often large, and its own baseline would say nothing of the model. */
const METHODS: Record<ExplainedModel, readonly ExplanationMethod[]> = { model: explanationMethodSchema.options, teacher: ['score-cam', 'random'] }
/** Films that the time left is told by. */
const LATEST = 10

/**
 * Measures the maps of a model, and of a second one, over a set of films: how faithful they are and how much of them lies where it should.
 * What is measured is kept film by film, so that a run that was stopped goes on where it was.
 * @throws UserError where a model is not what its manifest says, or the data does not fit; AbortError.
 */
export async function explainSet(request: ExplanationSetRequest, context: { signal: AbortSignal; progress(value: ExplanationSetProgress): void }): Promise<ExplanationSetReport> {
	const { signal, progress } = context
	const { labels, task } = request.model.manifest
	const pack = dirname(request.model.graph)
	if (request.card) checkPack(pack)
	if (request.teacher && request.teacher.manifest.input.colour !== request.model.manifest.input.colour) throw new UserError('One of the two models reads grey images and the other one colours: they do not explain the same films.')
	const names = labels.map(({ name }) => name)
	const listed = await listFilms(request.folder, { task, labels: names }, request)
	const locatedApart = await listElsewhere(request)
	const networks: ExplainedBy[] = []
	const lungs = await openLungRegions([request.model, ...(request.teacher ? [request.teacher] : [])].map(({ manifest }) => manifest), request.lungs)
	try {
		networks.push({ role: 'model', explained: await openExplained(request.model, request.mode, request.layer, lungs) })
		if (request.teacher) networks.push({ role: 'teacher', explained: await openExplained(request.teacher, request.mode, null, lungs) })
		const records = await openRecords(request.output === null ? null : join(request.output, 'films.jsonl'))
		const tasks = tasksOf(listed, locatedApart.films)
		const results: Measurements = { faithfulness: [], located: [], comparison: [], seconds: [], refused: [...listed.refused, ...locatedApart.refused], leftOut: new Map([...listed.leftOut, ...locatedApart.leftOut]) }
		const hash = createHash('sha256')
		let measured = 0
		const left = timeLeft(tasks.length)
		for (const [index, one] of tasks.entries()) {
			signal.throwIfAborted()
			const image = await openSeen(one.path, networks).catch((error: unknown) => {
				if (!(error instanceof UserError)) throw error
				results.refused.push({ id: one.film?.id ?? one.located[0]?.id ?? one.path, reason: error.message })
				return null
			})
			if (!image) continue
			const hashes = await measure(one, image, networks, records, results, signal)
			hash.update(`${JSON.stringify([one.film?.id ?? null, one.film?.truth ?? null, one.film?.group ?? null, image.sha256, hashes])}\n`)
			if (one.film) measured++
			progress({ phase: 'films', done: index + 1, of: tasks.length, secondsLeft: left(index + 1) })
		}
		if (measured === 0) throw new UserError(`None of the ${listed.films.length} films can be read. ${results.refused[0]?.id ?? ''}: ${results.refused[0]?.reason ?? ''}`)
		const randomisation = await randomisationOf(request, listed.films, networks, records, context)
		const report: ExplanationSetReport = { ...reportOf(request, listed, networks, results, hash.digest('hex'), tasks), randomisation }
		if (request.output !== null) writeJsonDurably(join(request.output, 'explanations.json'), report)
		if (request.card) addExplanations(pack, report)
		if (request.html !== null) {
			await mkdir(request.html, { recursive: true })
			await writePages(request.html, { report, results, tasks, networks, records }, signal)
		}
		return report
	} finally {
		for (const { explained } of networks) await explained.network.session.release()
		await lungs?.release()
	}
}

/** Seconds that are left after so many films, from the latest ones: what an earlier run has measured takes no time. */
function timeLeft(of: number): (done: number) => number {
	const times = [performance.now()]
	return (done) => {
		times.push(performance.now())
		if (times.length > LATEST + 1) times.shift()
		return (((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000 / (times.length - 1)) * (of - done)
	}
}

/** The folders that are asked only for where something is, each once. */
async function listElsewhere({ folder, localisation, localisationSplit, films, seed }: ExplanationSetRequest): Promise<TruthListing> {
	const listing: TruthListing = { films: [], refused: [], leftOut: new Map() }
	for (const other of new Set(localisation.map((path) => resolve(path)))) {
		if (other === resolve(folder)) continue
		const found = await listLocated(other, { split: localisationSplit, films, seed })
		if (found.films.length === 0) throw new UserError(`${other} says of no film of the split ${localisationSplit ?? 'test'} where lungs or findings are.`)
		listing.films.push(...found.films)
		listing.refused.push(...found.refused)
		for (const [what, count] of found.leftOut) listing.leftOut.set(what, count)
	}
	return listing
}

/** A film that every network can answer on. @throws UserError where it cannot be read, or a network sees the lungs alone and they are not found. */
async function openSeen(path: string, networks: readonly ExplainedBy[]): Promise<ShownImage> {
	const image = await openImage(path, networks[0]?.explained.network.manifest.input.colour ?? 'grey')
	for (const { explained } of networks) await regionFor(explained, image)
	return image
}

/** A network that gives its golden logits, and how it is explained. */
export async function openExplained({ graph, manifest }: ExplanationSetRequest['model'], mode: CamMode, layer: string | null, lungs: LungRegions | null): Promise<Explained> {
	const network = await openNetwork(dirname(graph), manifest, { name: basename(graph) })
	const name = layer ?? manifest.outputs.defaultCamLayer
	if (!manifest.outputs.camLayers.some((known) => known.name === name)) {
		throw new UserError(`The network ${manifest.title} has no layer "${name}"; it has ${manifest.outputs.camLayers.map((known) => known.name).join(', ')}.`)
	}
	await testItself(network)
	return { network, graph, mode, layer: name, lungs: manifest.input.region ? lungs : null }
}

async function testItself({ session, manifest }: Network): Promise<void> {
	const { input, outputs, labels, golden, title } = manifest
	const feeds = { [input.name]: { values: rampInput(input), dims: [1, 3, input.height, input.width] } }
	const { [outputs.logits]: logits } = await runChecked(session, feeds, { [outputs.logits]: [1, labels.length] })
	try {
		selfTestDifference(Array.from(logits ?? []), golden)
	} catch (error) {
		throw new UserError(`${title}: ${error instanceof Error ? error.message : String(error)}`)
	}
}

function tasksOf({ films, located }: ListedFilms, apart: readonly TruthFilm[]): Task[] {
	const tasks = new Map<string, Task>(films.map((film) => [film.path, { path: film.path, film, located: [] }]))
	for (const film of [...located, ...apart]) {
		const known = tasks.get(film.path) ?? { path: film.path, film: null, located: [] }
		tasks.set(film.path, known)
		known.located.push(film)
	}
	return [...tasks.values()]
}

/** @returns SHA-256 of the masks that were used. */
async function measure(task: Task, image: ShownImage, networks: readonly ExplainedBy[], records: Records, results: Measurements, signal: AbortSignal): Promise<string[]> {
	const called: string[] = []
	for (const { role, explained } of networks) {
		const maps = await mapsOf(explained, image, records, signal)
		results.seconds.push({ model: role, seconds: maps.seconds })
		called.push(calledLabel(explained, maps))
	}
	if (task.film) await measureFaithfulnessOf(task.film, image, called, networks, records, results, signal)
	const hashes: string[] = []
	for (const located of task.located) hashes.push(...await measureLocation(located, image, called, networks, records, results, signal))
	return hashes
}

/** The maps of the label that each network gives most probability, as in the paper; both networks' maps of the model's label are compared. */
async function measureFaithfulnessOf(film: Film, image: ShownImage, called: readonly string[], networks: readonly ExplainedBy[], records: Records, results: Measurements, signal: AbortSignal): Promise<void> {
	for (const [index, { role, explained }] of networks.entries()) {
		const label = called[index] ?? ''
		const rowGroups = rowGroupsOf(film, label)
		const measured: { method: MeasuredFaithfulness['method']; record: FaithfulnessRecord }[] = []
		for (const method of METHODS[role]) {
			const record = await faithfulnessOf(explained, image, method, label, records, signal)
			if (record) measured.push({ method, record })
		}
		const random = measured.find(({ method, record }) => method === 'random' && record.measured.verdict !== 'empty')
		for (const { method, record } of measured) results.faithfulness.push({ id: film.id, group: film.group, model: role, method, rowGroups, record, randomDifference: random ? differenceOf(random.record) : null })
	}
	const [first, second] = networks
	const label = called[0] ?? ''
	if (!first || !second) return
	const [own, other] = [await mapsOf(first.explained, image, records, signal), await mapsOf(second.explained, image, records, signal)]
	const [a, b] = [mapBy(first.explained, 'score-cam', own, label), Object.hasOwn(other.scoreCam, label) ? mapBy(second.explained, 'score-cam', other, label) : null]
	results.comparison.push({ id: film.id, group: film.group, rowGroups: rowGroupsOf(film, label), comparison: a && b && compareMaps(a, b), sameCall: called[1] === label })
}

function rowGroupsOf({ truth, columns }: Film, called: string): RowGroup[] {
	return [
		{ column: 'all', value: 'all films' },
		...truth.map((value) => ({ column: 'truth', value })),
		{ column: 'called', value: called },
		...Object.entries(columns).map(([column, value]) => ({ column, value })),
	]
}

/** A finding's region is held against the map of its own label, the lungs against the map of the label that the network gives most probability. */
async function measureLocation(film: TruthFilm, image: ShownImage, called: readonly string[], networks: readonly ExplainedBy[], records: Records, results: Measurements, signal: AbortSignal): Promise<string[]> {
	const hashes: string[] = []
	async function inside(region: TruthRegion, truth: MeasuredLocation['truth'], named: string | null): Promise<void> {
		const { mask, sha256 } = await maskOfRegion(region, image)
		hashes.push(sha256)
		if (!Array.from(mask.values).some((value) => value !== 0)) {
			const what = `${film.set}: the mask of the ${truth === 'lungs' ? 'lungs' : 'finding'} has nothing inside`
			results.leftOut.set(what, (results.leftOut.get(what) ?? 0) + 1)
			return
		}
		for (const [index, { role, explained }] of networks.entries()) {
			const own = explained.network.manifest.labels.map(({ name }) => name)
			const label = named === null ? called[index] : labelNamed([named], own)
			if (label === null || label === undefined) continue
			const maps = await mapsOf(explained, image, records, signal)
			for (const method of METHODS[role]) {
				const map = mapBy(explained, method, maps, label)
				if (map) results.located.push({ id: film.id, group: film.group, model: role, method, set: film.set, truth, split: film.split, energy: energyInside(map, mask) })
			}
		}
	}
	const tried = async (work: () => Promise<void>) => {
		try {
			await work()
		} catch (error) {
			if (!(error instanceof UserError) || signal.aborted) throw error
			results.refused.push({ id: film.id, reason: error.message })
		}
	}
	const { lungs } = film
	if (lungs) await tried(() => inside(lungs, 'lungs', null))
	await tried(async () => {
		const model = networks[0]?.explained.network.manifest.labels.map(({ name }) => name) ?? []
		const { regions, unknown } = regionsByLabel(film.findings, model)
		for (const name of unknown) {
			const what = `${film.set}: region of ${name}, which is no label of the model`
			results.leftOut.set(what, (results.leftOut.get(what) ?? 0) + 1)
		}
		for (const [label, region] of regions) await inside(region, 'finding', label)
	})
	return hashes
}

function reportOf(request: ExplanationSetRequest, listed: ListedFilms, networks: readonly ExplainedBy[], results: Measurements, sha256: string, tasks: readonly Task[]): Omit<ExplanationSetReport, 'randomisation'> {
	const measured = results.faithfulness.filter(({ model, method }) => model === 'model' && method === 'score-cam')
	const drawnFilms = listed.films.length < listed.of
	return {
		schemaVersion: 1,
		softwareVersion: request.softwareVersion,
		mode: request.mode,
		models: networks.map(({ role, explained: { network: { manifest }, layer } }) => {
			const { id, version, title, sha256: model, labels, outputs } = manifest
			const { name, channels, height, width } = outputs.camLayers.find((known) => known.name === layer) as (typeof outputs.camLayers)[number]
			const seconds = results.seconds.filter((own) => own.model === role).map((own) => own.seconds).toSorted((a, b) => a - b)
			return { role, id, version, title, sha256: model, labels: labels.map((label) => label.name), layer: { name, channels, height, width }, secondsPerMap: seconds[seconds.length >> 1] ?? null }
		}),
		data: { split: listed.split, films: measured.length, groups: new Set(measured.map(({ group }) => group)).size, of: listed.of, seed: drawnFilms ? request.seed : null, sha256 },
		localisation: results.located.length === 0 ? null : { split: request.localisation.length === 0 ? listed.split : (request.localisationSplit ?? 'test'), films: tasks.filter(({ located }) => located.length > 0).length },
		refused: results.refused,
		leftOut: [...results.leftOut].map(([what, count]) => ({ what, count })),
		interval: INTERVAL_METHOD,
		faithfulness: faithfulnessRows(results.faithfulness),
		located: localisationRows(results.located),
		comparison: comparisonRows(results.comparison),
	}
}
