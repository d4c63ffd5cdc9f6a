import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'
import { PADCHEST_LABELS, type DataRecipeOf } from '../../../../common/contract/training/data.ts'
import { DATA_LIMITS } from '../limits.ts'
import { entriesOf, insideFolder } from '../paths.ts'
import { openTable } from '../table.ts'
import { ageGroup, leaveOut, newListing, type Listing } from './listing.ts'

/** The name of its table, and what it must have. */
export const PADCHEST_TABLE = /^padchest.*\.csv$/i
export const PADCHEST_COLUMNS = ['ImageID', 'ImageDir', 'PatientID', 'Projection', 'MethodLabel', 'Labels']

/** Labels that say that the study says nothing by itself. */
const UNUSABLE = new Set(['exclude', 'unchanged', 'suboptimal study'])

/**
 * PadChest: PADCHEST_chest_x_ray_images_labels_160K_*.csv and the images in the folders 0 to 54, or all in one. Labels are a Python
 * list as text. Groups are patients; there are no splits.
 */
export async function listPadchest(recipe: DataRecipeOf<'padchest'>, folder: string): Promise<Listing> {
	const tables = (await entriesOf(folder)).filter(({ name }) => PADCHEST_TABLE.test(name))
	const [found] = tables
	if (!found) throw new UserError(`${folder} has no PADCHEST_chest_x_ray_images_labels_160K_....csv.`)
	if (tables.length > 1) throw new UserError(`${folder} has more than one table of PadChest: ${tables.map(({ name }) => name).join(', ')}.`)
	const table = await openTable(join(folder, found.name))
	for (const column of PADCHEST_COLUMNS) {
		if (!table.header.includes(column)) throw new UserError(`${found.name} has no column ${column}.`)
	}
	const wanted = new Set([...(recipe.labels ?? PADCHEST_LABELS), ...Object.keys(recipe.mapping)])
	const listing = newListing('multilabel', recipe.labels || Object.keys(recipe.mapping).length > 0 ? [...wanted] : PADCHEST_LABELS)
	const folders = new Map<string, boolean>()
	const isFolder = async (name: string): Promise<boolean> => {
		let known = folders.get(name)
		if (known === undefined) folders.set(name, (known = (await stat(join(folder, name)).catch(() => null))?.isDirectory() ?? false))
		return known
	}
	for await (const row of table.rows) {
		const image = row.get('ImageID')
		const refuse = (reason: string): void => void listing.refused.push({ id: image.slice(0, DATA_LIMITS.path) || `line ${row.line}`, reason: `${found.name}, line ${row.line}: ${reason}` })
		if (row.fault) {
			refuse(row.fault)
			continue
		}
		const projection = row.get('Projection')
		const method = row.get('MethodLabel')
		if (!recipe.projections.includes(projection)) {
			leaveOut(listing, `projection ${projection.slice(0, 20)}`)
			continue
		}
		if (!recipe.methods.some((known) => known === method)) {
			leaveOut(listing, `labelled by ${method.slice(0, 20)}`)
			continue
		}
		const text = row.get('Labels')
		if (text === '' || text.toLowerCase() === 'nan') {
			leaveOut(listing, 'no labels')
			continue
		}
		const labels = pythonStrings(text)?.map((label) => label.trim()).filter((label) => label !== '')
		const directory = row.get('ImageDir').replace(/\.0$/, '')
		const patient = row.get('PatientID')
		if (!labels || !/^\d{1,3}$/.test(directory) || !/^[\w.-]{1,80}$/.test(patient)) {
			refuse(!labels ? 'Labels is not a list of texts.' : /^[\w.-]{1,80}$/.test(patient) ? 'ImageDir is not a number.' : 'PatientID is missing or is none.')
			continue
		}
		const unusable = labels.find((label) => UNUSABLE.has(label))
		if (unusable !== undefined || labels.length === 0) {
			leaveOut(listing, unusable ?? 'no labels')
			continue
		}
		const place = insideFolder(folder, (await isFolder(directory)) ? `${directory}/${image}` : image)
		if ('refused' in place) {
			refuse(place.refused)
			continue
		}
		const birth = Number(row.get('PatientBirth'))
		const year = Number(row.get('StudyDate_DICOM').slice(0, 4))
		listing.entries.push({
			...place,
			truth: new Map(labels.filter((label) => wanted.has(label)).map((label) => [label, 1])),
			split: null,
			group: patient,
			source: 'padchest',
			attributes: { view: projection, sex: row.get('PatientSex_DICOM').slice(0, 10), age_group: birth > 1850 && year > 1850 ? ageGroup(String(year - birth)) : '', method },
		})
	}
	return listing
}

/** The texts of a Python list of texts, e.g. `['a', "b's"]`; null where it is anything else. Nothing is evaluated. */
export function pythonStrings(text: string): string[] | null {
	const strings: string[] = []
	let at = 0
	const skip = (): void => {
		while (/\s/.test(text[at] ?? '')) at++
	}
	skip()
	if (text[at++] !== '[') return null
	for (;;) {
		skip()
		if (text[at] === ']') break
		const quote = text[at++]
		if (quote !== '\'' && quote !== '"') return null
		let value = ''
		while (at < text.length && text[at] !== quote) {
			if (text[at] === '\\') at++
			value += text[at++] ?? ''
		}
		if (text[at++] !== quote) return null
		strings.push(value)
		skip()
		if (text[at] === ',') at++
		else if (text[at] !== ']') return null
	}
	return text.slice(at + 1).trim() === '' ? strings : null
}
