import { useId } from 'react'
import { choiceOfTable, examplesOf, looksLikeLabel, mayBeNone, MOST_ATTRIBUTES, subgroupColumns, type Column, type ColumnChoice, type LabelKind, type Table } from './columnChoice.ts'

const KINDS: [LabelKind, string][] = [['one', 'One label, in a column'], ['columns', 'Several labels, a column for each'], ['list', 'Several labels, in a column with | between them']]

/** Which column says what, each with examples of its values. */
export function ColumnsForm({ choice, table, tables, onChoice }: { choice: ColumnChoice; table: Table; tables: Table[]; onChoice(choice: ColumnChoice): void }) {
	const set = (change: Partial<ColumnChoice>): void => onChoice({ ...choice, ...change })
	// A column that was recognised as a label may have values that the beginning of the table does not show.
	const labelColumns = table.columns.filter((column) => looksLikeLabel(column) || choice.labelColumns.includes(column.name))
	return (
		<fieldset className="adding-columns">
			<legend className="panel-heading">Columns of {table.file}</legend>
			<div className="adding-grid">
				{tables.length > 1 && (
					<label className="field">
						<span>Table</span>
						<select value={choice.table} onChange={(event) => onChoice(choiceOfTable(tables.find(({ file }) => file === event.target.value) ?? table))}>
							{tables.map(({ file }) => <option key={file} value={file}>{file}</option>)}
						</select>
					</label>
				)}
				<ColumnField title="Image file" table={table} value={choice.file} onChange={(file) => set({ file })} />
				<label className="field">
					<span>Labels of an image</span>
					<select value={choice.labels} onChange={(event) => set({ labels: event.target.value as LabelKind })}>
						{KINDS.map(([kind, title]) => <option key={kind} value={kind}>{title}</option>)}
					</select>
				</label>
				{choice.labels !== 'columns' && <ColumnField title="Label" table={table} value={choice.label} onChange={(label) => set({ label })} />}
				<ColumnField title="Split" table={table} value={choice.split} none="None: draw the splits" onChange={(split) => set({ split })} />
				<ColumnField title="Patient or group" table={table} value={choice.group} none={mayBeNone(table, 'group') ? 'None: each image for itself' : ''} onChange={(group) => set({ group })} />
				<ColumnField title="Source" table={table} value={choice.source} none={mayBeNone(table, 'source') ? 'None' : ''} onChange={(source) => set({ source })} />
			</div>
			{choice.labels === 'columns' && (
				<ColumnChecks
					title={`Columns that are a label each (${choice.labelColumns.length} chosen)`} none="No column has 1, 0, -1 and nothing alone." columns={labelColumns} chosen={choice.labelColumns}
					onChange={(chosen) => set({ labelColumns: chosen })}
				/>
			)}
			<ColumnChecks
				title={`Columns that results are given for, beside the source (${choice.attributes.length} chosen, at most ${MOST_ATTRIBUTES})`} none="There is no further column." columns={subgroupColumns(table, choice)} chosen={choice.attributes}
				onChange={(attributes) => set({ attributes })}
			/>
		</fieldset>
	)
}

/** @param none what no column means; '' or none: a column has to be chosen. */
function ColumnField({ title, table, value, none = '', onChange }: { title: string; table: Table; value: string; none?: string; onChange(column: string): void }) {
	const id = useId()
	const column = table.columns.find(({ name }) => name === value)
	const examples = column ? examplesOf(column) : ''
	return (
		<div className="field">
			<label htmlFor={id}>{title}</label>
			<select id={id} value={value} aria-describedby={`${id}-values`} onChange={(event) => onChange(event.target.value)}>
				{(none !== '' || value === '') && <option value="">{none || 'Choose a column'}</option>}
				{table.columns.map(({ name }) => <option key={name} value={name}>{name}</option>)}
			</select>
			<span id={`${id}-values`} className="cut adding-values" title={examples}>{examples}</span>
		</div>
	)
}

function ColumnChecks({ title, none, columns, chosen, onChange }: { title: string; none: string; columns: Column[]; chosen: readonly string[]; onChange(chosen: string[]): void }) {
	return (
		<fieldset className="adding-checks">
			<legend className="panel-heading">{title}</legend>
			{columns.length === 0 && <p className="muted">{none}</p>}
			<ul>
				{columns.map((column) => (
					<li key={column.name}>
						<label className="adding-check" title={`${column.name}: ${examplesOf(column)}`}>
							<input type="checkbox" checked={chosen.includes(column.name)} onChange={(event) => onChange(withColumn(columns, chosen, column.name, event.target.checked))} />
							<span className="cut"><bdi>{column.name}</bdi></span>
							<span className="cut muted adding-values">{examplesOf(column)}</span>
						</label>
					</li>
				))}
			</ul>
		</fieldset>
	)
}

/** In the order of the table. */
function withColumn(columns: readonly Column[], chosen: readonly string[], column: string, isChosen: boolean): string[] {
	return columns.map(({ name }) => name).filter((name) => (name === column ? isChosen : chosen.includes(name)))
}
