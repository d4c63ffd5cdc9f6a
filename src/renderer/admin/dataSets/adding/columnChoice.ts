import { labelledDataRecipeSchema, MANIFEST_COLUMNS, TRUTH_VALUES, type DataRecipeOf, type LabelledDataRecipe } from '../../../../common/contract/training/data.ts'
import type { Recognition } from '../../../../common/contract/training/dataSets.ts'

export type Table = Recognition['tables'][number]
export type Column = Table['columns'][number]
type Manifest = DataRecipeOf<'manifest'>
type Role = keyof typeof MANIFEST_COLUMNS

/** How a table tells labels: one for each image in a column; several, a column for each label; several in one column, with | between them. */
export type LabelKind = 'one' | 'columns' | 'list'

/** Which column of a table says what; '' is none. */
export interface ColumnChoice {
	table: string
	file: string
	labels: LabelKind
	/** Where labels stand in one column. */
	label: string
	/** Where each label has its own. */
	labelColumns: readonly string[]
	/** '': the program draws the splits. */
	split: string
	group: string
	source: string
	attributes: readonly string[]
}

/** What a recipe can hold. */
const LONGEST_NAME = 200
export const MOST_ATTRIBUTES = 20
const MOST_LABELS = 200

/** The tables as far as a recipe can name their columns. */
export function usableTables(tables: readonly Table[]): Table[] {
	return tables.map(({ file, columns }) => ({ file, columns: columns.filter(({ name }) => name !== '' && name.length <= LONGEST_NAME) })).filter(({ columns }) => columns.length > 0)
}

/** The column that is read for a role where a recipe names none; '' where the table has none of its usual names. */
export function usualColumn({ columns }: Table, role: Role): string {
	return MANIFEST_COLUMNS[role].find((name) => columns.some((column) => column.name === name)) ?? ''
}

/** Nothing but 1, 0, -1 and nothing, as far as the table was looked at. */
export function looksLikeLabel({ values, more }: Column): boolean {
	return !more && values.some((value) => value !== '') && values.every((value) => TRUTH_VALUES.has(value.toLowerCase()))
}

/** What a recipe takes from a table. */
export function choiceOf(recipe: Manifest, table: Table): ColumnChoice {
	const { columns, labels, task, splits } = recipe
	const of = (role: Role) => columns[role] ?? usualColumn(table, role)
	const named = (labels ?? []).filter((label) => table.columns.some(({ name }) => name === label))
	return {
		table: table.file,
		file: of('file'),
		labels: task === 'multiclass' ? 'one' : named.length > 0 ? 'columns' : 'list',
		label: of('label'),
		labelColumns: task === 'multilabel' ? named : [],
		split: splits.from === 'data' ? of('split') : '',
		group: of('group'),
		source: of('source'),
		attributes: columns.attributes,
	}
}

/** What a table that nothing was recognised in offers by the names of its columns. */
export function choiceOfTable(table: Table): ColumnChoice {
	const label = usualColumn(table, 'label')
	const truths = table.columns.filter(looksLikeLabel).map(({ name }) => name)
	return {
		table: table.file, file: usualColumn(table, 'file'), labels: label === '' && truths.length > 0 ? 'columns' : 'one', label,
		labelColumns: label === '' ? truths.slice(0, MOST_LABELS) : [],
		split: usualColumn(table, 'split'), group: usualColumn(table, 'group'), source: usualColumn(table, 'source'), attributes: [],
	}
}

/** Whether a role may be left without a column: one with its usual name is read in any case. Splits can be drawn whatever the table says. */
export function mayBeNone(table: Table, role: Role): boolean {
	return role === 'split' || (role !== 'file' && usualColumn(table, role) === '')
}

/** Columns that are free to tell subgroups apart, those with few values first. */
export function subgroupColumns(table: Table, { file, labels, label, labelColumns, split, group, source }: ColumnChoice): Column[] {
	const taken = new Set([file, split, group, source, ...(labels === 'columns' ? labelColumns : [label])])
	const few = ({ values, more }: Column): boolean => !more && values.length > 1
	return table.columns.filter(({ name }) => !taken.has(name)).toSorted((a, b) => Number(few(b)) - Number(few(a)))
}

/** What has to be chosen before the table can be read, as a sentence; '' where nothing has. */
export function whatIsMissing({ file, labels, label, labelColumns, attributes }: ColumnChoice): string {
	if (file === '') return 'Choose the column that names the image files.'
	if (labels !== 'columns' && label === '') return 'Choose the column that names the labels.'
	if (labels !== 'columns' && label === file) return `The column ${file} cannot name both the image files and their labels.`
	if (labels === 'columns' && labelColumns.length === 0) return 'Choose at least one column that is a label.'
	if (labels === 'columns' && labelColumns.includes(file)) return `The column ${file} cannot be both the image files and a label.`
	if (labels === 'columns' && labelColumns.length > MOST_LABELS) return `A data set has at most ${MOST_LABELS} labels.`
	if (attributes.length > MOST_ATTRIBUTES) return `Choose at most ${MOST_ATTRIBUTES} columns for subgroups.`
	return ''
}

/** A recipe that reads a table so. @param base what it takes beside the columns; a plain one unless told otherwise. */
export function recipeOf(choice: ColumnChoice, folder: string, table: Table, base?: Manifest): LabelledDataRecipe {
	const { file, labels, label, labelColumns, split, group, source, attributes } = choice
	const { labels: before, task: _task, columns: _columns, splits, ...rest } = base ?? { layout: 'manifest', folder }
	// The order of labels that were found is theirs; what was added comes after it.
	const ordered = [...(before ?? []).filter((name) => labelColumns.includes(name)), ...labelColumns.filter((name) => !before?.includes(name))]
	const free = new Set(subgroupColumns(table, choice).map(({ name }) => name))
	return labelledDataRecipeSchema.parse({
		...rest,
		manifest: choice.table,
		task: labels === 'one' ? 'multiclass' : 'multilabel',
		...(labels === 'columns' ? { labels: ordered } : {}),
		columns: {
			file,
			...(labels === 'columns' ? {} : { label }),
			...Object.fromEntries(Object.entries({ split, group, source }).filter(([, column]) => column !== '')),
			attributes: attributes.filter((name) => free.has(name)),
		},
		splits: { ...splits, from: split === '' && usualColumn(table, 'split') !== '' ? 'draw' : 'data' },
	})
}

/** Some of a column's values: "train, val and test", "covid19, normal and others". */
export function examplesOf({ values, more }: Column): string {
	const shown = values.slice(0, 4).map((value) => (value === '' ? '(empty)' : value))
	if (shown.length === 0) return 'No values.'
	if (more || values.length > shown.length) return `${shown.join(', ')} and others`
	return shown.length === 1 ? `${shown[0]} alone` : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
