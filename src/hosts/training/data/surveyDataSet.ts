import { availableParallelism } from 'node:os'
import { UserError } from '../../../common/contract/procedures.ts'
import type { LabelledDataRecipe } from '../../../common/contract/training/data.ts'
import { SHOWN, type ColumnCount, type DataSetSample, type DataSetSurvey, type LeakKind, type SurveyProgress } from '../../../common/contract/training/dataSets.ts'
import { writeDurably } from '../runs/durable.ts'
import { checkForTraining, countSplits } from './checkForTraining.ts'
import { isLabelled, type LabelledDataSet } from './dataSet.ts'
import type { Leaks } from './leaks.ts'
import { readDataSet, tooManyUnusable, type SeenDataSet, type SeenSample } from './readDataSet.ts'
import { memoryOf } from './survey.ts'

export interface SurveyRequest {
	/** Its folder is absolute. */
	recipe: LabelledDataRecipe
	/** A folder for what is worth remembering of images that were looked at. */
	cache: string
	/** The file of samples that is written. */
	samples: string
}

/** A person waits for it, but so does everybody at the desk. */
const THREADS = Math.max(1, availableParallelism() - 1)

/** Values of a column that are counted one by one; images of a group that are named. */
const VALUES = 100
const IDS = 20
/** Samples that are written in one piece. */
const PIECE = 1000
/** Images are counted faster than anybody reads. */
const PROGRESS_MILLISECONDS = 250

/**
 * Reads a data set as a run would and says what is in it, also where no run can begin on it.
 * @throws UserError where it cannot be read at all, or there is no space for the file of samples; AbortError. The file is written whole or not.
 */
export async function surveyDataSet({ recipe, cache, samples }: SurveyRequest, { signal, progress }: { signal: AbortSignal; progress(value: SurveyProgress): void }): Promise<DataSetSurvey> {
	// How many images may be unreadable is said afterwards: whoever asks wants to see which ones.
	const dataSet = await readDataSet({ ...recipe, unreadableShare: 1 }, { memory: memoryOf(cache, recipe.folder), workers: THREADS, signal, onProgress: seldom(progress) })
	signal.throwIfAborted()
	if (!isLabelled(dataSet)) throw new Error('A data set with labels was read as one with masks.')
	writeDurably(samples, pieces(dataSet))
	const { leaks, refused, filtered } = dataSet
	return {
		sha256: dataSet.sha256, task: dataSet.task, labels: [...dataSet.labels],
		images: dataSet.samples.length, groups: new Set(dataSet.samples.map(({ group }) => group)).size,
		splits: countSplits(dataSet),
		columns: countColumns(dataSet),
		leaks: {
			groups: first(leaks.groups, ({ group, splits, ids }) => ({ group, splits, images: ids.length, ids: ids.slice(0, IDS) })),
			identical: first(leaks.identical, ({ kept, leftOut }) => ({ kept, leftOut: leftOut.slice(0, IDS) })),
			similar: first(leaks.similar, (pair) => pair),
		},
		refused: first(refused, (own) => own),
		filtered: first(Object.entries(filtered).toSorted(([, a], [, b]) => b - a), ([what, images]) => ({ what, images })),
		...verdict(recipe, dataSet),
	}
}

function first<Item, Shown>(items: readonly Item[], show: (item: Item) => Shown): { total: number; first: Shown[] } {
	return { total: items.length, first: items.slice(0, SHOWN).map(show) }
}

/** What a run would say of it. */
function verdict(recipe: LabelledDataRecipe, dataSet: SeenDataSet): Pick<DataSetSurvey, 'warnings' | 'refusal'> {
	const fault = tooManyUnusable(recipe, recipe.folder, dataSet.unusable)
	if (fault) return { warnings: [], refusal: fault.message }
	try {
		return { warnings: checkForTraining(dataSet), refusal: '' }
	} catch (error) {
		if (!(error instanceof UserError)) throw error
		return { warnings: [], refusal: error.message }
	}
}

/** Images by source and by each attribute that any image has. */
function countColumns({ samples, labels }: LabelledDataSet): ColumnCount[] {
	const attributes = new Set(samples.flatMap((sample) => Object.keys(sample.attributes)))
	const columns = new Map<string, (sample: LabelledDataSet['samples'][number]) => string>([['source', ({ source }) => source]])
	for (const name of attributes) columns.set(name, (sample) => (Object.hasOwn(sample.attributes, name) ? (sample.attributes[name] ?? '') : ''))
	return [...columns].map(([column, valueOf]) => {
		const values = [...Map.groupBy(samples, valueOf)].toSorted(([a, own], [b, other]) => other.length - own.length || (a < b ? -1 : 1))
		return {
			column,
			values: values.slice(0, VALUES).map(([value, own]) => ({
				value, images: own.length, groups: new Set(own.map(({ group }) => group)).size,
				splits: { train: inSplit(own, 'train'), validation: inSplit(own, 'validation'), test: inSplit(own, 'test') },
				positive: labels.map((_, index) => own.filter(({ truth }) => (truth[index] ?? 0) > 0.5).length),
			})),
			others: { values: Math.max(0, values.length - VALUES), images: values.slice(VALUES).reduce((sum, [, own]) => sum + own.length, 0) },
		}
	})
}

function inSplit(samples: LabelledDataSet['samples'], wanted: LabelledDataSet['samples'][number]['split']): number {
	return samples.filter(({ split }) => split === wanted).length
}

/** The lines of the file of samples, so many at a time. */
function* pieces({ samples, leftOut, leaks }: SeenDataSet): Generator<Uint8Array> {
	const encoder = new TextEncoder()
	const told = leaksByImage(leaks)
	const all = [...samples, ...leftOut].toSorted((a, b) => (a.id < b.id ? -1 : 1))
	for (let start = 0; start < all.length; start += PIECE) {
		yield encoder.encode(all.slice(start, start + PIECE).map((sample) => `${JSON.stringify(lineOf(sample, [...(told.get(sample.id) ?? [])]))}\n`).join(''))
	}
}

function lineOf({ id, split, group, source, attributes, truth, given, sha256, width, height }: SeenSample, leaks: LeakKind[]): DataSetSample {
	return { id, split, group, source, attributes, truth: [...(given ?? truth)], sha256, width, height, leaks }
}

function leaksByImage({ groups, identical, similar }: Leaks): Map<string, Set<LeakKind>> {
	const found = new Map<string, Set<LeakKind>>()
	const add = (id: string, kind: LeakKind): void => {
		const own = found.get(id)
		if (own) own.add(kind)
		else found.set(id, new Set([kind]))
	}
	for (const { ids } of groups) for (const id of ids) add(id, 'group')
	for (const { kept } of identical) add(kept, 'identical')
	for (const { ids } of similar) for (const id of ids) add(id, 'similar')
	return found
}

/** Tells how far it is at most some times a second, and the end. */
function seldom(tell: (value: SurveyProgress) => void): (done: number, of: number) => void {
	const started = performance.now()
	let told = -Infinity
	return (done, of) => {
		const now = performance.now()
		if (done < of && now - told < PROGRESS_MILLISECONDS) return
		told = now
		tell({ done, of, secondsLeft: done === 0 ? null : ((now - started) / 1000 / done) * (of - done) })
	}
}
