import { useId, useState } from 'react'
import type { DataRecipeOf, LabelledDataRecipe } from '../../../../common/contract/training/data.ts'
import type { Recognition } from '../../../../common/contract/training/dataSets.ts'
import { folderName } from '../../../ui/words.ts'
import { layoutTitle } from '../dataSetWords.ts'
import { addDataSet, useDataSets } from '../dataSetsStore.ts'
import { Reason } from '../SurveyState.tsx'
import { choiceOf, choiceOfTable, recipeOf, usableTables, whatIsMissing, type ColumnChoice, type Table } from './columnChoice.ts'
import { ColumnsForm } from './ColumnsForm.tsx'
import { isSameFolder } from './folderPath.ts'

/** The place of a table whose columns the person names himself, after those that were recognised. */
const OWN = -1

/** The layouts that fit a folder, the columns of a table, the name; then the data set is added. */
export function RecognisedFolder({ recognition }: { recognition: Recognition }) {
	const { folder, candidates, refusal } = recognition
	const tables = usableTables(recognition.tables)
	const [chosen, setChosen] = useState(candidates.length > 0 ? 0 : OWN)
	const [title, setTitle] = useState(folderName(folder))
	const id = useId()
	const before = useDataSets((state) => state.list?.find((own) => isSameFolder(own.folder, folder)))
	const [first] = tables

	if (candidates.length === 0 && !first) return <Reason kind="warning"><p>{refusal}</p><p>Choose another folder, or put a table (manifest.csv) with a row for each image beside the images.</p></Reason>
	return (
		<div className="adding-form">
			{candidates.length === 0 && <Reason kind="warning"><p>{refusal}</p><p>Name the columns of a table yourself, or choose another folder.</p></Reason>}
			{before && <Reason kind="warning"><p>This folder is in the list already, as <bdi>{before.title}</bdi>. It can be added again, to read it another way.</p></Reason>}
			<fieldset className="adding-layouts">
				<legend className="panel-heading">Read it as</legend>
				{candidates.map(({ recipe, why }, index) => (
					<label key={index} className="adding-layout">
						<input type="radio" name={id} checked={chosen === index} onChange={() => setChosen(index)} />
						<span className="adding-layout-title">{layoutTitle(recipe)}</span>
						<span className="muted adding-why">{why}</span>
					</label>
				))}
				{first && (
					<label className="adding-layout">
						<input type="radio" name={id} checked={chosen === OWN} onChange={() => setChosen(OWN)} />
						<span className="adding-layout-title">Table, columns named by you</span>
						<span className="muted adding-why">For a table that is not recognised, or not as it is meant.</span>
					</label>
				)}
			</fieldset>
			<Reading key={chosen} folder={folder} recipe={candidates[chosen]?.recipe ?? null} tables={tables} title={title} onTitle={setTitle} />
		</div>
	)
}

/** @param recipe what was recognised; null: a table without that. */
function Reading({ folder, recipe, tables, title, onTitle }: { folder: string; recipe: LabelledDataRecipe | null; tables: Table[]; title: string; onTitle(title: string): void }) {
	const manifest = recipe?.layout === 'manifest' ? recipe : null
	const [choice, setChoice] = useState(() => firstChoice(manifest, recipe, tables))
	const [drawn, setDrawn] = useState(recipe?.splits.from === 'draw')
	const [busy, setBusy] = useState(false)
	const [fault, setFault] = useState('')
	const table = tables.find(({ file }) => file === choice?.table)
	const missing = title.trim() === '' ? 'Give the data set a name.' : choice ? whatIsMissing(choice) : ''

	async function add(): Promise<void> {
		setBusy(true)
		setFault('')
		try {
			await addDataSet(title, choice && table ? recipeOf(choice, folder, table, base(manifest, choice.table)) : withSplits(recipe, drawn))
		} catch (error) {
			setFault(error instanceof Error ? error.message : String(error))
			setBusy(false)
		}
	}

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault()
				if (missing === '' && !busy) void add()
			}}
		>
			{choice && table && <ColumnsForm choice={choice} table={table} tables={recipe ? [table] : tables} onChoice={setChoice} />}
			{!choice && (
				<label className="adding-check">
					<input type="checkbox" checked={drawn} onChange={(event) => setDrawn(event.target.checked)} />
					<span>Draw train, validation and test anew, all images of a patient in one of them</span>
				</label>
			)}
			<div className="adding-end">
				<div className="adding-end-row">
					<label className="field adding-name">
						<span>Name of the data set</span>
						<input value={title} maxLength={200} dir="auto" required onChange={(event) => onTitle(event.target.value)} />
					</label>
					<button className="primary" type="submit" disabled={missing !== '' || busy}>Add and survey</button>
				</div>
				<p className="adding-note muted" role="status">{missing === '' ? 'The survey begins at once. It reads every image, counts, and looks for leaks.' : missing}</p>
				{fault !== '' && <p role="alert" className="data-set-reason danger selectable">{fault} Nothing was added.</p>}
			</div>
		</form>
	)
}

function firstChoice(manifest: DataRecipeOf<'manifest'> | null, recipe: LabelledDataRecipe | null, tables: Table[]): ColumnChoice | null {
	const [first] = tables
	if (!manifest) return recipe === null && first ? choiceOfTable(first) : null
	const table = tables.find(({ file }) => file === manifest.manifest)
	return table ? choiceOf(manifest, table) : null
}

/** What was recognised of a table holds for that table alone. */
function base(manifest: DataRecipeOf<'manifest'> | null, table: string): DataRecipeOf<'manifest'> | undefined {
	return manifest?.manifest === table ? manifest : undefined
}

function withSplits(recipe: LabelledDataRecipe | null, drawn: boolean): LabelledDataRecipe {
	if (!recipe) throw new Error('No table was chosen.')
	return { ...recipe, splits: { ...recipe.splits, from: drawn ? 'draw' : 'data' } }
}
