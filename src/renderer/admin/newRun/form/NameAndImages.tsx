import { TriangleAlert } from 'lucide-react'
import { useNavigation } from '../../../app/navigation.ts'
import { folderName, isolated } from '../../../ui/words.ts'
import { columnsInWords, layoutTitle, sizeInWords, stateOf } from '../../dataSets/dataSetWords.ts'
import { chooseDataSet, dataOf, stillMissing, useNewRun } from '../newRunStore.ts'
import { textAt, type Draft } from '../recipe/fields.ts'
import { dataSetOf, taskOf } from '../recipe/images.ts'
import { USUAL } from '../recipe/usual.ts'
import type { Known } from '../recipe/words.ts'
import { NumberField, SelectField, TextField } from './fields.tsx'

export function NameFields() {
	return (
		<div className="new-run-fields">
			<TextField field="name" label="Name of the run" required wide hint="Its folder and its model pack are named after it." />
			<NumberField field="seed" label="Seed" usual={USUAL.seed} hint="The same seed gives the same weights." />
			<NumberField field="checkpointEverySteps" label="Steps between checkpoints" usual={USUAL.checkpointEverySteps} />
			<NumberField field="threads" label="Threads" usual="One core stays free" />
		</div>
	)
}

/** A registered data set in place of the one that is read. */
export function DataSetChoice({ draft, known: { dataSets }, label }: { draft: Draft; known: Known; label: string }) {
	const own = dataSetOf(draft, dataSets)
	if (dataSets.length === 0) {
		return (
			<div className="new-run-note">
				<p className="muted">No data set is registered yet.</p>
				<button onClick={() => useNavigation.getState().openSection('dataSets')}>Go to data sets</button>
			</div>
		)
	}
	return (
		<div className="field wide">
			<label htmlFor="new-run-data-set">{label}</label>
			<select
				id="new-run-data-set" data-field="data.folder" value={own?.id ?? ''}
				onChange={(event) => {
					const chosen = dataSets.find(({ id }) => `${id}` === event.target.value)
					if (chosen) void chooseDataSet(chosen)
				}}
			>
				{!own && <option value="">{textAt(draft, 'data.folder') === '' ? 'Choose a data set' : `${folderName(textAt(draft, 'data.folder'))} (no registered data set)`}</option>}
				{dataSets.map((dataSet) => <option key={dataSet.id} value={dataSet.id}>{[dataSet.title, sizeInWords(dataSet.found)].filter((part) => part !== '').join(': ')}</option>)}
			</select>
		</div>
	)
}

export function ImagesFields({ draft, known }: { draft: Draft; known: Known }) {
	const missing = useNewRun((state) => state.missing)
	const own = dataSetOf(draft, known.dataSets)
	const data = dataOf(draft)
	const isMissing = stillMissing(draft, missing).some(({ field }) => field === 'data.folder')
	const state = own ? stateOf(own) : null
	return (
		<>
			{isMissing && <p className="new-run-missing"><TriangleAlert aria-hidden />The template reads {isolated(textAt(draft, 'data.folder'))}, which is not there. Take a data set of yours in its place.</p>}
			<div className="new-run-fields">
				<DataSetChoice draft={draft} known={known} label={isMissing ? 'Take in its place' : 'Data set'} />
				{!own && <TextField field="data.folder" label="Folder" required wide hint="Of a data set that is not registered. Relative paths begin at the data folder." />}
			</div>
			{data && (
				<p className="muted new-run-what selectable">
					{[data.layout === 'lung-masks' ? 'Films with masks of the lungs' : layoutTitle(data), data.layout === 'lung-masks' ? '' : columnsInWords(data), own ? own.folder : ''].filter((part) => part !== '').map((part, index) => <span key={index}><bdi>{part}</bdi></span>)}
				</p>
			)}
			{own?.found && <p className="muted">Labels: <bdi>{own.found.labels.join(', ')}</bdi></p>}
			{state && state.reason !== '' && <p className="new-run-missing"><TriangleAlert aria-hidden /><span>{state.reason}</span></p>}
			{state?.state === 'never' && <p className="muted">It has not been surveyed, so its labels are known when the run is looked at.</p>}
			<div className="new-run-fields">
				<SelectField
					field="data.sampling.by" label="What an epoch shows" usual="shuffle"
					options={[['shuffle', 'Each image once'], ...(taskOf(draft) === 'segmentation' ? [] : [['class', 'Classes equally often'] as const]), ['source', 'Sources equally often']]}
				/>
				<NumberField field="data.sampling.balance" label="How evenly (0 to 1)" usual={1} />
			</div>
		</>
	)
}
