import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'
import { CHESTXRAY14_LABELS, type DataRecipeOf } from '../../../../common/contract/training/data.ts'
import type { Split } from '../dataSet.ts'
import { DATA_LIMITS } from '../limits.ts'
import { foldersOf, imagesBelow, insideFolder } from '../paths.ts'
import { openTable } from '../table.ts'
import { ageGroup, leaveOut, newListing, type Listing } from './listing.ts'

export const CHESTXRAY14_TABLES = ['Data_Entry_2017_v2020.csv', 'Data_Entry_2017.csv']
/** What they must have. */
export const CHESTXRAY14_COLUMNS = ['Image Index', 'Finding Labels', 'Patient ID']
/** Lists of file names; CheXNet's own have fourteen flags after each. The official one has training and validation together. */
const LISTS: Record<string, Split> = { 'train_val_list.txt': 'train', 'train_list.txt': 'train', 'val_list.txt': 'validation', 'test_list.txt': 'test' }

/**
 * ChestX-ray14: Data_Entry_2017_v2020.csv (or the older one), images anywhere below folders called images*, splits by the lists that are
 * there: train_val_list.txt and test_list.txt, or train_list.txt, val_list.txt and test_list.txt. Groups are patients.
 */
export async function listChestXray14(recipe: DataRecipeOf<'chestx-ray14'>, folder: string): Promise<Listing> {
	const name = await firstThere(folder, CHESTXRAY14_TABLES)
	if (!name) throw new UserError(`${folder} has no ${CHESTXRAY14_TABLES.join(' and no ')}.`)
	const table = await openTable(join(folder, name))
	for (const column of CHESTXRAY14_COLUMNS) {
		if (!table.header.includes(column)) throw new UserError(`${name} has no column "${column}".`)
	}
	const files = await filesByName(folder)
	const splits = await listedSplits(folder)
	const names = [...CHESTXRAY14_LABELS, 'No Finding']
	const listing = newListing('multilabel', names)
	for await (const row of table.rows) {
		const image = row.get('Image Index')
		const refuse = (reason: string): void => void listing.refused.push({ id: image.slice(0, DATA_LIMITS.path) || `line ${row.line}`, reason })
		if (row.fault) {
			refuse(row.fault)
			continue
		}
		const view = row.get('View Position')
		if (view !== '' && !recipe.views.some((wanted) => wanted === view)) {
			leaveOut(listing, `view ${view.slice(0, 20)}`)
			continue
		}
		const id = files.get(image)
		if (id === undefined) {
			refuse(`${name}, line ${row.line}: there is no image ${image.slice(0, 100)} below the folders images*.`)
			continue
		}
		const findings = row.get('Finding Labels').split('|').map((finding) => (finding.trim() === 'Infiltrate' ? 'Infiltration' : finding.trim()))
		const unknown = findings.find((finding) => !names.includes(finding))
		const patient = row.get('Patient ID')
		if (unknown !== undefined || !/^\d{1,8}$/.test(patient)) {
			refuse(`${name}, line ${row.line}: ${unknown === undefined ? 'the patient is no number.' : `"${unknown.slice(0, 40)}" is no label of ChestX-ray14.`}`)
			continue
		}
		const path = insideFolder(folder, id)
		if ('refused' in path) throw new Error(`A file that was found is outside: ${id}`)
		listing.entries.push({
			...path,
			truth: new Map(findings.map((finding) => [finding, 1])),
			split: splits?.get(image) ?? null,
			group: patient.padStart(8, '0'),
			source: 'nih',
			attributes: { view, sex: row.get('Patient Gender').slice(0, 10), age_group: ageGroup(row.get('Patient Age')) },
		})
	}
	return listing
}

/** Image files by their name: the archives unpack to images/, a mirror has images_001/images/ and so on. */
async function filesByName(folder: string): Promise<Map<string, string>> {
	const files = new Map<string, string>()
	for (const part of (await foldersOf(folder)).filter((name) => /^images/i.test(name))) {
		for (const file of await imagesBelow(join(folder, part), 2)) if (!files.has(basename(file))) files.set(basename(file), `${part}/${file}`)
	}
	return files
}

/** Null where there is no list. */
async function listedSplits(folder: string): Promise<Map<string, Split> | null> {
	const own = (await firstThere(folder, ['train_list.txt'])) && (await firstThere(folder, ['val_list.txt']))
	const lists = own ? ['train_list.txt', 'val_list.txt', 'test_list.txt'] : ['train_val_list.txt', 'test_list.txt']
	const splits = new Map<string, Split>()
	for (const list of lists) {
		const there = await firstThere(folder, [list])
		if (!there) continue
		if ((await stat(join(folder, list))).size > 64 * 2 ** 20) throw new UserError(`${list} is larger than a list of this data set can be.`)
		for (const line of (await readFile(join(folder, list), 'utf8')).split(/\r?\n/)) {
			const image = line.trim().split(/\s/, 1)[0] ?? ''
			const split = LISTS[list]
			if (image === '' || !split) continue
			const other = splits.get(basename(image))
			if (other !== undefined && other !== split) throw new UserError(`${list}: ${image.slice(0, 100)} stands in another list too.`)
			splits.set(basename(image), split)
		}
	}
	return splits.size > 0 ? splits : null
}

async function firstThere(folder: string, names: readonly string[]): Promise<string | null> {
	for (const name of names) if ((await stat(join(folder, name)).catch(() => null))?.isFile()) return name
	return null
}
