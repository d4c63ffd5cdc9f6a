import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../common/contract/procedures.ts'
import type { LabelledDataRecipe } from '../../common/contract/training/data.ts'
import type { CorrectSamples, DataSetSample, DataSetSummary, Recognition, RegisteredDataSet, SamplePage, SampleQuery, SurveyJob } from '../../common/contract/training/dataSets.ts'
import { keepNewest } from '../../common/newest.ts'
import type { EventHub } from '../eventHub.ts'
import { addDataSet, changeRecipe, getDataSet, listDataSets, removeDataSet, renameDataSet, restoreDataSet, sweepDataSets, type KeptDataSet } from '../library/dataSets.ts'
import type { Library } from '../library/library.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { trainingCache } from './cache.ts'
import { correctionsByImage, refuseUnfitting, withCorrections } from './corrections.ts'
import { absolute, isFolder } from './folders.ts'
import { asksForAll, fitting } from './sampleQuery.ts'
import { openSampleFile, type SampleFile } from './samples.ts'
import { createSurveys } from './surveys.ts'

/** Data sets that networks are trained on: what is in them, and what a person corrected. Nothing is ever written where their images are. */
export interface DataSets {
	/** @throws UserError where the folder cannot be read. */
	recognise(folder: string): Promise<Recognition>
	list(): DataSetSummary[]
	/** @throws UserError where there is none; so do all that name one. */
	get(id: number): RegisteredDataSet
	/** @throws UserError where its folder is not there. */
	add(title: string, recipe: LabelledDataRecipe): Promise<RegisteredDataSet>
	rename(id: number, title: string): RegisteredDataSet
	remove(id: number): void
	restore(id: number): void
	/** Begins a survey, or joins the one that waits or runs. */
	survey(id: number): SurveyJob
	cancelSurvey(id: number): void
	/** @throws UserError before the first survey. */
	samples(query: SampleQuery): Promise<SamplePage>
	/** A sample of the last survey and its file. @throws UserError where the survey does not list it. */
	sample(id: number, image: string): Promise<{ sample: DataSetSample; path: string }>
	/** @throws UserError where the survey does not list an image or has no such label; nothing is changed then. */
	correct(change: CorrectSamples): Promise<RegisteredDataSet>
	/** Ends the surveys. */
	close(): Promise<void>
}

/** A file that no data set names is left alone for so long: another process may have made it just now. */
const LEFTOVER_MILLISECONDS = 24 * 3600 * 1000
/** Files of samples, and answers to queries, that are remembered. */
const OPEN_FILES = 4
const OPEN_QUERIES = 8

type Surveyed = KeptDataSet & { surveyed: NonNullable<KeptDataSet['surveyed']> }

export async function openDataSets({ home, library, hosts, events }: { home: string; library: Library; hosts: HostCaller; events: EventHub }): Promise<DataSets> {
	const folder = join(home, 'data-sets')
	const surveys = createSurveys({ library, hosts, events, places: { samples: folder, cache: trainingCache(home) } })
	const files = new Map<string, Promise<SampleFile>>()
	const queries = new Map<string, Promise<Uint32Array>>()
	await mkdir(folder, { recursive: true, mode: 0o700 })
	await removeLeftovers(folder, sweepDataSets(library))

	function changed(id: number | null): void {
		events.emit('dataSets.changed', { dataSetId: id })
	}

	function summaryOf({ id, title, recipe, createdAt, surveyed }: KeptDataSet): DataSetSummary {
		const leftOut = recipe.corrections.filter(({ labels }) => labels === null).length
		return {
			id, title, createdAt, layout: recipe.layout, folder: recipe.folder,
			corrections: { leftOut, relabelled: recipe.corrections.length - leftOut },
			found: surveyed && picked(surveyed.survey),
			surveyedAt: surveyed && surveyed.at,
			surveyIsOlder: surveyed?.older ?? false,
			job: surveys.of(id),
		}
	}

	function whole(kept: KeptDataSet): RegisteredDataSet {
		return { ...summaryOf(kept), recipe: kept.recipe, survey: kept.surveyed && kept.surveyed.survey }
	}

	/** What was found in a data set, with its list of samples. */
	async function surveyedOf(id: number): Promise<{ kept: Surveyed; file: SampleFile }> {
		const kept = getDataSet(library, id)
		const { surveyed } = kept
		if (!surveyed) throw new UserError(`The data set ${kept.title} has not been surveyed yet.`)
		return { kept: { ...kept, surveyed }, file: await remembered(files, OPEN_FILES, surveyed.samples, () => openSampleFile(join(folder, surveyed.samples))) }
	}

	/** Lines of the samples that a query wants, in order; null: all. */
	async function linesOf(query: SampleQuery, { surveyed, recipe }: Surveyed, file: SampleFile): Promise<Uint32Array | null> {
		if (asksForAll(query)) return null
		const { offset: _offset, limit: _limit, ...wanted } = query
		const key = JSON.stringify([surveyed.samples, wanted, ...(query.corrected || query.label !== null ? recipe.corrections : [])])
		return remembered(queries, OPEN_QUERIES, key, () => file.find(fitting(query, surveyed.survey.labels, correctionsByImage(recipe))))
	}

	return {
		recognise: (wanted) => hosts.call('review', 'recogniseDataSet', { folder: absolute(wanted) }, { subject: wanted }),
		list: () => listDataSets(library).map(summaryOf),
		get: (id) => whole(getDataSet(library, id)),
		async add(title, recipe) {
			const at = absolute(recipe.folder)
			if (!(await isFolder(at))) throw new UserError(`There is no folder ${at}.`)
			const kept = addDataSet(library, title, { ...recipe, folder: at })
			changed(null)
			return whole(kept)
		},
		rename(id, title) {
			const kept = renameDataSet(library, id, title)
			changed(id)
			return whole(kept)
		},
		remove(id) {
			removeDataSet(library, id)
			surveys.cancel(id)
			changed(null)
		},
		restore(id) {
			restoreDataSet(library, id)
			changed(null)
		},
		survey(id) {
			getDataSet(library, id)
			return surveys.start(id)
		},
		cancelSurvey: (id) => surveys.cancel(id),
		async samples(query) {
			const { kept, file } = await surveyedOf(query.dataSetId)
			const corrections = correctionsByImage(kept.recipe)
			const lines = await linesOf(query, kept, file)
			const matching = lines?.length ?? file.total
			const page = Array.from({ length: Math.max(0, Math.min(query.limit, matching - query.offset)) }, (_, place) => lines?.[query.offset + place] ?? query.offset + place)
			const rows = (await file.read(page)).map((sample) => {
				const correction = corrections.get(sample.id)
				return { ...sample, correction: correction ? { labels: correction.labels } : null }
			})
			return { rows, matching, total: file.total }
		},
		async sample(id, image) {
			const { kept, file } = await surveyedOf(id)
			const sample = await file.withId(image)
			if (!sample) throw new UserError(`The last survey of ${kept.title} lists no image ${image.slice(0, 200)}.`)
			return { sample, path: join(kept.recipe.folder, ...sample.id.split('/')) }
		},
		async correct({ dataSetId, images, change }) {
			// What is taken back need not be there any more.
			const known = change.kind === 'undo' ? { labels: [], truths: new Map() } : await truthsOf(dataSetId, images, change)
			const kept = changeRecipe(library, dataSetId, (recipe) => withCorrections(recipe, { images, change }, known))
			changed(dataSetId)
			return whole(kept)
		},
		close: () => surveys.close(),
	}

	/** What the data says of images that are to be corrected. @throws UserError where it has none of them, or the change does not fit. */
	async function truthsOf(id: number, images: readonly string[], change: CorrectSamples['change']): Promise<{ labels: string[]; truths: Map<string, DataSetSample['truth']> }> {
		const { kept: { surveyed: { survey } }, file } = await surveyedOf(id)
		refuseUnfitting(change, survey)
		const wanted = new Set(images)
		const truths = new Map((await file.read(await file.find((sample) => wanted.has(sample.id)))).map(({ id: image, truth }) => [image, truth]))
		const missing = images.find((image) => !truths.has(image))
		if (missing !== undefined) throw new UserError(`The last survey lists no image ${missing.slice(0, 200)}. Nothing was corrected.`)
		return { labels: survey.labels, truths }
	}
}

async function removeLeftovers(folder: string, needed: ReadonlySet<string>): Promise<void> {
	for (const name of await readdir(folder)) {
		const found = await stat(join(folder, name)).catch(() => null)
		if (found && !needed.has(name) && Date.now() - found.mtimeMs > LEFTOVER_MILLISECONDS) await rm(join(folder, name), { force: true })
	}
}

function picked({ sha256, task, labels, images, groups, refusal }: Surveyed['surveyed']['survey']): NonNullable<DataSetSummary['found']> {
	return { sha256, task, labels, images, groups, refusal }
}

/** The value of a key, made once and kept while it is one of the last so many that were asked for; one that could not be made is made anew. */
function remembered<Value>(known: Map<string, Promise<Value>>, most: number, key: string, make: () => Promise<Value>): Promise<Value> {
	const value = known.get(key) ?? make()
	keepNewest(known, most, key, value)
	value.catch(() => {
		if (known.get(key) === value) known.delete(key)
	})
	return value
}
