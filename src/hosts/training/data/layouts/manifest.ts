import { UserError } from '../../../../common/contract/procedures.ts'
import { MANIFEST_COLUMNS, TRUTH_VALUES, type DataRecipeOf } from '../../../../common/contract/training/data.ts'
import { DATA_LIMITS } from '../limits.ts'
import { insideFolder, splitNamed } from '../paths.ts'
import { openTable, type Row, type Table } from '../table.ts'
import { leaveOut, newListing, type Listing } from './listing.ts'

/**
 * A CSV file that lists the images: a column `file`, a column `label` or one per label, and where there are such columns `split`,
 * `patient_or_group`, `source`, `licence` (for the card of what is trained on the images) and the attributes of the recipe.
 */
export async function listManifest(recipe: DataRecipeOf<'manifest'>, folder: string): Promise<Listing> {
	const at = insideFolder(folder, recipe.manifest)
	if ('refused' in at) throw new UserError(`data.manifest ${recipe.manifest}: ${at.refused}`)
	const table = await openTable(at.path)
	const column = {
		file: columnOf(table, 'file', recipe.columns.file),
		label: columnOf(table, 'label', recipe.columns.label),
		split: columnOf(table, 'split', recipe.columns.split),
		group: columnOf(table, 'group', recipe.columns.group),
		source: columnOf(table, 'source', recipe.columns.source),
	}
	if (!column.file) throw new UserError(`${table.name} has no column file. Its columns are ${table.header.slice(0, 50).join(', ')}.`)
	for (const attribute of recipe.columns.attributes) {
		if (!table.header.includes(attribute)) throw new UserError(`data.columns.attributes: ${table.name} has no column ${attribute}.`)
	}
	const attributes = [...new Set([...recipe.columns.attributes, ...(table.header.includes('licence') ? ['licence'] : [])])]
	const labelColumns = recipe.task === 'multilabel' ? labelColumnsOf(recipe, table) : null
	if (!labelColumns && !column.label) {
		throw new UserError(`${table.name} has no column label${recipe.task === 'multilabel' ? ' and no column for each label of the recipe' : ''}. Its columns are ${table.header.slice(0, 50).join(', ')}.`)
	}
	const listing = newListing(recipe.task, labelColumns ?? [])
	if (labelColumns) listing.unnamed = null
	const names = new Set<string>()
	for await (const row of table.rows) {
		const name = row.get(column.file)
		const id = name.slice(0, DATA_LIMITS.path) || `line ${row.line}`
		const refuse = (reason: string): void => void listing.refused.push({ id, reason })
		if (row.fault) {
			refuse(row.fault)
			continue
		}
		const file = insideFolder(folder, name)
		if ('refused' in file) {
			refuse(`${table.name}, line ${row.line}: ${file.refused}`)
			continue
		}
		const split = column.split ? row.get(column.split) : ''
		if (split !== '' && !splitNamed(split)) {
			refuse(`${table.name}, line ${row.line}, column ${column.split}: "${split.slice(0, 40)}" is none of train, val and test.`)
			continue
		}
		const truth = labelColumns ? valuesOf(row, labelColumns, table) : labelOf(row.get(column.label ?? ''), recipe.task)
		if ('fault' in truth) {
			refuse(`${table.name}, line ${row.line}: ${truth.fault}`)
			continue
		}
		if (truth.value === '') {
			leaveOut(listing, 'no label')
			continue
		}
		const group = column.group ? row.get(column.group) : ''
		const source = column.source ? row.get(column.source) : ''
		if (group.length > DATA_LIMITS.name || source.length > DATA_LIMITS.name) {
			refuse(`${table.name}, line ${row.line}: a group or source of more than ${DATA_LIMITS.name} characters.`)
			continue
		}
		if (typeof truth.value === 'string') names.add(truth.value)
		else if (!labelColumns) for (const label of truth.value.keys()) names.add(label)
		listing.entries.push({
			...file,
			truth: truth.value,
			split: splitNamed(split),
			group: group === '' ? null : group,
			source,
			attributes: Object.fromEntries(attributes.map((attribute) => [attribute, row.get(attribute).slice(0, DATA_LIMITS.name)])),
		})
		if (listing.entries.length > DATA_LIMITS.images) throw new UserError(`${table.name} lists more than ${DATA_LIMITS.images} images, which is more than this program reads.`)
	}
	return labelColumns ? listing : { ...listing, names: [...names].toSorted() }
}

/** The column's name in this table; null where it is missing and the recipe does not ask for it. */
function columnOf(table: Table, part: keyof typeof MANIFEST_COLUMNS, wanted: string | undefined): string | null {
	const found = wanted === undefined ? MANIFEST_COLUMNS[part].find((name) => table.header.includes(name)) : table.header.find((name) => name === wanted)
	if (found === undefined && wanted !== undefined) throw new UserError(`data.columns.${part}: ${table.name} has no column ${wanted}. Its columns are ${table.header.slice(0, 50).join(', ')}.`)
	if (found !== undefined && table.header.indexOf(found) !== table.header.lastIndexOf(found)) throw new UserError(`${table.name} has two columns ${found}.`)
	return found ?? null
}

/** The columns of the labels, or null where labels stand in one column. */
function labelColumnsOf(recipe: DataRecipeOf<'manifest'>, table: Table): string[] | null {
	const wanted = [...(recipe.labels ?? []).filter((label) => !Object.hasOwn(recipe.mapping, label)), ...Object.keys(recipe.mapping)]
	const there = wanted.filter((name) => table.header.includes(name))
	if (there.length === 0) return null
	const missing = (recipe.labels ?? []).find((label) => !there.includes(label) && !there.some((name) => recipe.mapping[name] === label))
	if (missing !== undefined) throw new UserError(`data.labels: ${table.name} has no column ${missing}.`)
	return there
}

type Truth = { value: string | Map<string, number | null> } | { fault: string }

function valuesOf(row: Row, columns: readonly string[], table: Table): Truth {
	const value = new Map<string, number | null>()
	for (const column of columns) {
		const field = row.get(column).toLowerCase()
		const known = TRUTH_VALUES.get(field)
		if (known === undefined) return { fault: `column ${column}: "${field.slice(0, 40)}" is none of 1, 0, -1 and nothing.` }
		value.set(column, known)
	}
	return value.size === 0 ? { fault: `${table.name} has no label.` } : { value }
}

function labelOf(field: string, task: Listing['task']): Truth {
	if (field.length > 20 * DATA_LIMITS.name) return { fault: 'its label is too long.' }
	if (task === 'multiclass') {
		return field.length > DATA_LIMITS.name ? { fault: 'its label is too long.' } : { value: field }
	}
	return { value: new Map(field.split('|').map((part) => part.trim()).filter((part) => part !== '').map((part) => [part, 1])) }
}

