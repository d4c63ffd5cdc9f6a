import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import type { EvaluatedSplit } from '../../../common/contract/training/evaluation.ts'
import type { Cases } from '../../../common/stats/classification.ts'
import { randomStream } from '../../../common/random.ts'
import { listCases } from '../evaluation/listCases.ts'
import { listTruth } from './truth/listTruth.ts'
import { labelNamed } from './truth/regionMask.ts'
import type { TruthFilm, TruthListing } from './truth/truthFilm.ts'

/** A film whose maps are measured. */
export interface Film {
	id: string
	/** Absolute. */
	path: string
	group: string
	/** True labels among the model's. */
	truth: readonly string[]
	/** Columns that results are given for. */
	columns: Readonly<Record<string, string>>
}

export interface ListedFilms {
	split: EvaluatedSplit
	/** Those that are measured, by id. */
	films: Film[]
	/** How many the split has; more than `films` where they were drawn. */
	of: number
	/** Where something is on these films, as far as the folder says it. */
	located: TruthFilm[]
	refused: TruthListing['refused']
	leftOut: TruthListing['leftOut']
}

interface ListOptions {
	split: EvaluatedSplit | null
	by: readonly string[]
	/** Films that are drawn; null: all. */
	films: number | null
	seed: number
}

/** Values of a column beyond this many are no groups. */
const MOST_VALUES = 100
/** What rows are told apart by in any case. */
const OWN_COLUMNS = ['all', 'truth', 'called']

/**
 * The films of a folder: of a data set with a manifest.csv, or of sets that are known by their truth.
 * @throws UserError where there are none, or a column is missing.
 */
export async function listFilms(folder: string, { task, labels }: { task: Cases['task']; labels: readonly string[] }, { split, by, films: wanted, seed }: ListOptions): Promise<ListedFilms> {
	const taken = by.find((column) => OWN_COLUMNS.includes(column))
	if (taken !== undefined) throw new UserError(`Rows cannot be given by the column ${taken}: there are rows of this name already.`)
	if (!existsSync(join(folder, 'manifest.csv'))) return listKnownFilms(folder, labels, { split, by, films: wanted, seed })
	const [cases, truth] = [await listCases(folder, { task, labels }, split, by), await listTruth(folder)]
	const all = cases.samples.map(({ id, path, group, truth: values, source, attributes }): Film => ({
		id, path, group, truth: labels.filter((_, label) => values[label] === 1), columns: Object.fromEntries(by.map((column) => [column, (column === 'source' ? source : attributes[column]) || 'not stated'])),
	}))
	for (const column of by) {
		const { size } = new Set(all.map(({ columns }) => columns[column]))
		if (size > MOST_VALUES) throw new UserError(`The column ${column} has ${size} different values; results are given for up to ${MOST_VALUES}.`)
	}
	const films = drawn(all, wanted, seed)
	const ids = new Set(films.map(({ id }) => id))
	return { split: cases.split, films, of: all.length, located: truth.films.filter(({ id }) => ids.has(id)), refused: [...cases.refused, ...truth.refused], leftOut: truth.leftOut }
}

async function listKnownFilms(folder: string, labels: readonly string[], { split, by, films: wanted, seed }: ListOptions): Promise<ListedFilms> {
	const other = by.find((column) => column !== 'source')
	if (other !== undefined) throw new UserError(`The sets in ${folder} have no column ${other}; source is the one that they have.`)
	const { films: every, refused, leftOut } = await listTruth(folder)
	const known = split ?? (every.some((film) => film.split === 'test') ? 'test' : 'all')
	const inSplit = every.filter((film) => isOf(film, known))
	if (inSplit.length === 0) throw new UserError(`The sets in ${folder} have no films of the split ${known}.`)
	const byPath = new Map(inSplit.toReversed().map((film) => [film.path, film]))
	const all = [...byPath.values()].map(({ id, path, group, names, set }): Film => {
		const label = labelNamed(names, labels)
		return { id, path, group, truth: label === null ? [] : [label], columns: by.length === 0 ? {} : { source: set } }
	}).toSorted((a, b) => (a.id < b.id ? -1 : 1))
	const films = drawn(all, wanted, seed)
	const paths = new Set(films.map(({ path }) => path))
	return { split: known, films, of: all.length, located: inSplit.filter(({ path }) => paths.has(path)), refused, leftOut }
}

/**
 * Films of a folder that is asked only for where something is.
 * @param split null: test. Films of which the data gives no split count as test here and are told apart in the table.
 * @param wanted films that are drawn of each set, balanced by what they show; null: all.
 */
export async function listLocated(folder: string, { split, films: wanted, seed }: Omit<ListOptions, 'by'>): Promise<TruthListing> {
	const listing = await listTruth(folder)
	const inSplit = listing.films.filter((film) => isOf(film, split ?? 'test'))
	const films = [...Map.groupBy(inSplit, ({ set }) => set).values()].flatMap((own) => drawn(own.map((film) => ({ ...film, truth: film.names.slice(0, 1) })), wanted, seed))
	return { ...listing, films }
}

function isOf(film: TruthFilm, split: EvaluatedSplit): boolean {
	return split === 'all' || film.split === split || (split === 'test' && film.split === null)
}

/** So many of the items, the labels (several of one item count as one of their own) in turn, within each at random; in their order. */
export function drawn<Item extends { truth: readonly string[] }>(items: readonly Item[], wanted: number | null, seed: number): Item[] {
	if (wanted === null || wanted >= items.length) return [...items]
	const byLabel = [...Map.groupBy(items.keys(), (index) => JSON.stringify(items[index]?.truth))].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, own], label) => {
		const order = randomStream(seed, 'drawn films', label).permutation(own.length)
		return Array.from(order, (place) => own[place] as number)
	})
	const chosen = new Set<number>()
	for (let turn = 0; chosen.size < wanted; turn++) {
		for (const own of byLabel) if (turn < own.length && chosen.size < wanted) chosen.add(own[turn] as number)
	}
	return items.filter((_, index) => chosen.has(index))
}
