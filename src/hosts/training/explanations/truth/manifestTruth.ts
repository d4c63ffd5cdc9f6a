import { basename, join } from 'node:path'
import type { FilmBox } from '../../../../common/cam/energy.ts'
import { insideFolder, splitNamed } from '../../data/paths.ts'
import { openTable, type Row } from '../../data/table.ts'
import { newTruthListing, type TruthListing, type TruthRegion } from './truthFilm.ts'

/** Columns of a manifest.csv that say where something is. */
const COLUMNS = { lungs: 'lungs_mask', findingMask: 'finding_mask', findingBox: 'finding_box', findingLabel: 'finding_label' } as const
const GROUP_COLUMNS = ['patient_or_group', 'group', 'patient', 'patient_id']

/** More boxes on one film are a mistake. */
const MOST_BOXES = 100
const BOX_TEXT = 10_000

/**
 * Reads the columns `lungs_mask` and `finding_mask` (files inside the folder), `finding_box` (x y width height in pixels of the film, several parted by
 * semicolons) and `finding_label` (what the finding is; the row's label where it is empty) of <folder>/manifest.csv, each of which may be missing.
 * @returns the films that have one of them.
 * @throws UserError where the table cannot be read.
 */
export async function listManifestTruth(folder: string): Promise<TruthListing> {
	const table = await openTable(join(folder, 'manifest.csv'))
	const listing = newTruthListing()
	if (![COLUMNS.lungs, COLUMNS.findingMask, COLUMNS.findingBox].some((column) => table.header.includes(column))) return listing
	const groupColumn = GROUP_COLUMNS.find((column) => table.header.includes(column)) ?? ''
	for await (const row of table.rows) {
		const name = row.get('file')
		const refuse = (column: string, reason: string): void => void listing.refused.push({ id: name.slice(0, 200), reason: `${table.name}, line ${row.line}, column ${column}: ${reason}` })
		const file = insideFolder(folder, name)
		if (row.fault !== null || 'refused' in file) {
			refuse('file', row.fault ?? ('refused' in file ? file.refused : ''))
			continue
		}
		const lungs = maskOf(row, COLUMNS.lungs, folder, refuse)
		const region = findingOf(row, folder, refuse)
		const names = [row.get(COLUMNS.findingLabel) || row.get('label')].filter((own) => own !== '')
		if (region && names.length === 0) refuse(COLUMNS.findingLabel, 'It is not said which label the finding is of.')
		const findings = region && names.length > 0 ? [{ names, region }] : []
		if (!lungs && findings.length === 0) continue
		listing.films.push({ set: basename(folder), ...file, split: splitNamed(row.get('split')), group: row.get(groupColumn) || file.id, names: [row.get('label')].filter((own) => own !== ''), lungs, findings })
	}
	return listing
}

type Refuse = (column: string, reason: string) => void

function maskOf(row: Row, column: string, folder: string, refuse: Refuse): TruthRegion | null {
	const name = row.get(column)
	if (name === '') return null
	const at = insideFolder(folder, name)
	if (!('refused' in at)) return { kind: 'mask', ...at }
	refuse(column, at.refused)
	return null
}

function findingOf(row: Row, folder: string, refuse: Refuse): TruthRegion | null {
	const text = row.get(COLUMNS.findingBox)
	if (text === '') return maskOf(row, COLUMNS.findingMask, folder, refuse)
	if (row.get(COLUMNS.findingMask) !== '') {
		refuse(COLUMNS.findingBox, `There is a ${COLUMNS.findingMask} too, and it is not said which of them counts.`)
		return null
	}
	const boxes = boxesOf(text)
	if (boxes) return { kind: 'boxes', boxes, frame: null }
	refuse(COLUMNS.findingBox, `"${text.slice(0, 40)}" is not one to ${MOST_BOXES} boxes of x y width height in pixels, parted by semicolons.`)
	return null
}

function boxesOf(text: string): FilmBox[] | null {
	if (text.length > BOX_TEXT) return null
	const boxes = text.split(';').map((part) => part.trim()).filter((part) => part !== '').map((part) => boxOf(part.split(/[\s,]+/)))
	const read = boxes.filter((box) => box !== null)
	return read.length === 0 || read.length > MOST_BOXES || read.length < boxes.length ? null : read
}

/** @returns null where the fields are not four numbers, or the box has no area. */
export function boxOf(fields: readonly string[]): FilmBox | null {
	if (fields.length !== 4 || !fields.every((field) => /^-?\d{1,6}(\.\d+)?$/.test(field))) return null
	const [x = 0, y = 0, width = 0, height = 0] = fields.map(Number)
	return width > 0 && height > 0 ? { x, y, width, height } : null
}
