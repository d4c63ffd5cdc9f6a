import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'
import { CHEXPERT_LABELS, type DataRecipeOf } from '../../../../common/contract/training/data.ts'
import { DATA_LIMITS } from '../limits.ts'
import { foldersOf, insideFolder } from '../paths.ts'
import { openTable } from '../table.ts'
import { ageGroup, leaveOut, newListing, type Listing } from './listing.ts'

const VALUES = new Map<string, number>([['1.0', 1], ['1', 1], ['0.0', 0], ['0', 0], ['-1.0', -1], ['-1', -1]])

/** What its tables must have. */
export const CHEXPERT_COLUMNS = ['Path', ...CHEXPERT_LABELS]

/**
 * CheXpert: train.csv (training) and valid.csv (labelled by radiologists: validation; test.csv where it is there). Path may begin with the name of the data set's
 * folder. Empty: the report does not mention it. Groups are patients.
 */
export async function listChexpert(recipe: DataRecipeOf<'chexpert'>, folder: string): Promise<Listing> {
	const root = await rootIn(folder)
	const listing = newListing('multilabel', CHEXPERT_LABELS)
	listing.unnamed = recipe.unmentioned === 'negative' ? 0 : null
	for (const [name, split] of [['train.csv', 'train'], ['valid.csv', 'validation'], ['test.csv', 'test']] as const) {
		if (!(await isFile(join(folder, root, name)))) continue
		const table = await openTable(join(folder, root, name))
		for (const column of CHEXPERT_COLUMNS) {
			if (!table.header.includes(column)) throw new UserError(`${name} has no column "${column}".`)
		}
		for await (const row of table.rows) {
			const stated = row.get('Path')
			const refuse = (reason: string): void => void listing.refused.push({ id: stated.slice(0, DATA_LIMITS.path) || `${name}, line ${row.line}`, reason })
			if (row.fault) {
				refuse(row.fault)
				continue
			}
			const view = row.get('Frontal/Lateral')
			if (view !== '' && !recipe.views.some((wanted) => wanted === view)) {
				leaveOut(listing, `view ${view.slice(0, 20)}`)
				continue
			}
			const inside = insideFolder(folder, stated)
			// What stands before train/ or valid/ is a folder that may have another name here, or none.
			const place = 'refused' in inside ? null : /(?:^|\/)((?:train|valid|test)\/(patient\d{1,8})\/.+)$/.exec(inside.id)
			const patient = place?.[2]
			const truth = truthOf((label) => row.get(label))
			if (!place?.[1] || !patient || typeof truth === 'string') {
				refuse(`${name}, line ${row.line}: ${typeof truth === 'string' ? truth : 'refused' in inside ? inside.refused : 'its path is not train or valid/patient/study/view.'}`)
				continue
			}
			const id = root === '' ? place[1] : `${root}/${place[1]}`
			listing.entries.push({
				id,
				path: join(folder, ...id.split('/')),
				truth,
				split,
				group: patient,
				source: 'chexpert',
				attributes: { view: row.get('AP/PA').slice(0, 20) || view.slice(0, 20), sex: row.get('Sex').slice(0, 10), age_group: ageGroup(row.get('Age')) },
			})
		}
	}
	return listing
}

function truthOf(field: (label: string) => string): Map<string, number> | string {
	const truth = new Map<string, number>()
	for (const label of CHEXPERT_LABELS) {
		const text = field(label)
		if (text === '') continue
		const value = VALUES.get(text)
		if (value === undefined) return `column "${label}": "${text.slice(0, 40)}" is none of 1.0, 0.0, -1.0 and nothing.`
		truth.set(label, value)
	}
	return truth
}

async function rootIn(folder: string): Promise<string> {
	if (await isFile(join(folder, 'train.csv'))) return ''
	for (const name of await foldersOf(folder)) if (await isFile(join(folder, name, 'train.csv'))) return name
	throw new UserError(`${folder} has no train.csv of CheXpert.`)
}

async function isFile(path: string): Promise<boolean> {
	return (await stat(path).catch(() => null))?.isFile() ?? false
}
