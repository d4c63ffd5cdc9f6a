import { COVID_QU_EX_LABELS, labelledDataRecipeSchema, LC25000_LABELS } from '../../../../common/contract/training/data.ts'
import type { Recognition } from '../../../../common/contract/training/dataSets.ts'
import { CHEXPERT_COLUMNS } from '../layouts/chexpert.ts'
import { CHESTXRAY14_COLUMNS, CHESTXRAY14_TABLES } from '../layouts/chestXray14.ts'
import { treeOf } from '../layouts/covidQuEx.ts'
import { DATA_LIMITS } from '../limits.ts'
import { PADCHEST_COLUMNS, PADCHEST_TABLE } from '../layouts/padchest.ts'
import { plainName, splitNamed } from '../paths.ts'
import type { Peek } from './peek.ts'
import { profileOf } from './profile.ts'

export type Candidate = Recognition['candidates'][number]

/** Folders that are looked into for the table of CheXpert. */
const ROOTS = 50
/** Folders of labels that are named in a sentence. */
const NAMED = 6

/** A candidate with every other field at its default; none where a name in it is longer than a recipe takes. */
export function candidate(recipe: object, why: string): Candidate[] {
	const { data } = labelledDataRecipeSchema.safeParse(recipe)
	return data ? [{ recipe: data, why }] : []
}

/** Which of the published data sets a folder holds: those with a table by its columns, the others by the names of their folders. */
export async function recogniseKnown(folder: string, peek: Peek): Promise<Candidate[]> {
	const found = await Promise.all([chexpert(folder, peek), padchest(folder, peek), chestXray14(folder, peek), covidQuEx(folder, peek), lc25000(folder, peek)])
	return found.flat()
}

/** Whether a table has all of these columns. */
async function hasColumns(folder: string, file: string, columns: readonly string[]): Promise<boolean> {
	const profile = await profileOf(folder, file)
	return !('fault' in profile) && columns.every((column) => profile.header.includes(column))
}

async function chexpert(folder: string, peek: Peek): Promise<Candidate[]> {
	const { folders } = await peek.contents('')
	for (const root of ['', ...folders.slice(0, ROOTS).map((name) => `${name}/`)]) {
		if (!(await peek.isFile(`${root}train.csv`)) || !(await hasColumns(folder, `${root}train.csv`, CHEXPERT_COLUMNS))) continue
		return candidate({ layout: 'chexpert', folder }, `${root}train.csv has the columns of CheXpert: fourteen findings for each film, with patients.`)
	}
	return []
}

async function padchest(folder: string, peek: Peek): Promise<Candidate[]> {
	const tables = (await peek.contents('')).files.filter((name) => PADCHEST_TABLE.test(name))
	const [table] = tables
	if (table === undefined || tables.length > 1 || !(await hasColumns(folder, table, PADCHEST_COLUMNS))) return []
	return candidate({ layout: 'padchest', folder }, `${table} has the columns of PadChest: labels for each film, with patients; splits are drawn.`)
}

async function chestXray14(folder: string, peek: Peek): Promise<Candidate[]> {
	if (!(await peek.contents('')).folders.some((name) => /^images/i.test(name))) return []
	for (const table of CHESTXRAY14_TABLES) {
		if (!(await peek.isFile(table)) || !(await hasColumns(folder, table, CHESTXRAY14_COLUMNS))) continue
		return candidate({ layout: 'chestx-ray14', folder }, `${table} is the table of ChestX-ray14, and its images lie beside it: fourteen findings for each film, with patients.`)
	}
	return []
}

async function covidQuEx(folder: string, peek: Peek): Promise<Candidate[]> {
	const candidates: Candidate[] = []
	const roots = new Set<string>()
	for (const tree of ['lung', 'infection'] as const) {
		const root = await treeOf(async (path) => (await peek.contents(path)).folders, tree)
		if (root === null || roots.has(root) || !(await hasCovidQuExImages(root, peek))) continue
		roots.add(root)
		candidates.push(...candidate({ layout: 'covid-qu-ex', folder, tree }, `${root || 'The folder'} has the folders of COVID-QU-Ex${tree === 'infection' ? ', the films with marked infections' : ''}: three labels, hardly any patients.`))
	}
	return candidates
}

/** At least two of its labels: "Normal" alone has many a set. */
async function hasCovidQuExImages(root: string, peek: Peek): Promise<boolean> {
	const inside = (...parts: string[]) => [root, ...parts].filter((part) => part !== '').join('/')
	const splits = (await peek.contents(root)).folders.filter((name) => splitNamed(name) !== null)
	const labels = new Set<string>()
	for (const split of splits.length > 0 ? splits : ['']) {
		for (const name of (await peek.contents(inside(split))).folders) {
			const label = COVID_QU_EX_LABELS.find((known) => plainName(known) === plainName(name))
			const images = label && (await peek.contents(inside(split, name))).folders.find((part) => plainName(part) === 'images')
			if (label && images !== undefined && (await peek.hasImage(inside(split, name, images), 0))) labels.add(label)
		}
	}
	return labels.size > 1
}

async function lc25000(folder: string, peek: Peek): Promise<Candidate[]> {
	const labels = new Set<string>()
	async function walk(at: string, depth: number): Promise<void> {
		for (const name of (await peek.contents(at)).folders.slice(0, ROOTS)) {
			const path = at === '' ? name : `${at}/${name}`
			const label = LC25000_LABELS.find((known) => plainName(known) === plainName(name))
			if (label === undefined) {
				if (depth > 0 && /imagesets?$/.test(plainName(name))) await walk(path, depth - 1)
			} else if (await peek.hasImage(path, 0)) labels.add(label)
		}
	}
	await walk('', 2)
	if (labels.size < 2) return []
	return candidate({ layout: 'lc25000', folder }, `It has the folders ${inWords([...labels])} of LC25000. Copies of a tile are found by their looks and kept together, which misses some of them.`)
}

/** A folder per label, where no more is known of them. */
export async function recogniseFolders(folder: string, peek: Peek): Promise<Candidate[]> {
	const { folders: top } = await peek.contents('')
	const splits = top.filter((name) => splitNamed(name) !== null)
	if (splits.length > 0 && splits.length < top.length) return []
	const labels = new Set<string>()
	let patients = false
	for (const split of splits.length > 0 ? splits : ['']) {
		const { folders } = await peek.contents(split)
		if (folders.length > DATA_LIMITS.labels) return []
		for (const name of folders) {
			const path = split === '' ? name : `${split}/${name}`
			if (!(await peek.hasImage(path, 2))) continue
			const { folders: inside } = await peek.contents(path)
			// Masks beside the images would be taken for images.
			if (inside.some((part) => /masks?$/i.test(part))) return []
			labels.add(name)
			patients ||= inside.length > 0
		}
	}
	if (labels.size < 2) return []
	const grouping = patients ? 'Folders inside these are taken for patients.' : 'Nothing names a patient, so each image counts as one of its own.'
	return candidate({ layout: 'folders', folder }, `Its folders ${splits.length > 0 ? `${inWords(splits)} are splits, and in them ` : ''}${inWords([...labels].toSorted())} are taken for labels. ${grouping}`)
}

export function inWords(names: readonly string[]): string {
	const shown = names.slice(0, NAMED).map((name) => name.slice(0, 60))
	if (names.length > NAMED) return `${shown.join(', ')} and ${names.length - NAMED} others`
	return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
