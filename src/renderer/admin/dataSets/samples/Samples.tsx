import { useEffect, useRef } from 'react'
import type { DataSetSurvey, RegisteredDataSet } from '../../../../common/contract/training/dataSets.ts'
import { client } from '../../../app/client.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { count, number } from '../../../ui/words.ts'
import { canUndo, correct, targets, undoLast } from './correcting.ts'
import { SampleFilterBar } from './SampleFilterBar.tsx'
import { SampleGrid } from './SampleGrid.tsx'
import { SampleLook } from './SampleLook.tsx'
import { activeSample, askAgain, clearSelection, NO_FILTERS, openSamples, selectAll, setFilters, useSamples } from './samplesStore.ts'

/** Labels that have a key of their own. */
const KEYED_LABELS = 9

/** The samples of the last survey as pictures: filtered, looked at, selected and corrected. */
export function Samples({ dataSet, survey }: { dataSet: RegisteredDataSet; survey: DataSetSurvey }) {
	const { id } = dataSet
	const { of, filters, counts, busy, fault, selected, active } = useSamples()
	const search = useRef<HTMLInputElement>(null)
	const grid = useRef<HTMLDivElement>(null)
	const focusGrid = () => grid.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus()
	const isFiltered = JSON.stringify(filters) !== JSON.stringify(NO_FILTERS)
	const hasTarget = selected.size > 0 || active >= 0

	useEffect(() => {
		openSamples(id)
		return client.on('dataSets.changed', ({ dataSetId: changed }) => {
			if (changed === id) askAgain()
		})
	}, [id])
	// A button that has done its work can no longer be pressed.
	useEffect(() => focusIfNothingHasIt(grid.current?.querySelector('[role="listbox"]')))
	useRoomCommands([
		{ id: 'samples.search', title: 'Search the samples', group: 'Samples', keys: '/ Ctrl+f', run: () => search.current?.select() },
		{ id: 'samples.clear', title: 'Clear search and filters', group: 'Samples', keys: 'Alt+c', enabled: () => isFiltered, run: () => setFilters(NO_FILTERS) },
		{ id: 'samples.leaveOut', title: 'Leave the images out', group: 'Samples', keys: 'x', enabled: () => hasTarget, run: () => void correct(targets(), { kind: 'leave-out' }) },
		{ id: 'samples.takeBack', title: 'Take back what was corrected of the images', group: 'Samples', keys: 'u', enabled: () => hasTarget, run: () => void correct(targets(), { kind: 'undo' }) },
		{ id: 'samples.undo', title: 'Undo the last correction', group: 'Samples', keys: 'Ctrl+z', enabled: () => canUndo(id), run: () => undoLast(id) },
		{ id: 'samples.selectAll', title: 'Select all images that fit', group: 'Samples', keys: 'Ctrl+a', run: () => void selectAll() },
		...(survey.task === 'multiclass' ? survey.labels.slice(0, KEYED_LABELS) : []).map((label, index) => ({
			id: `samples.label${index + 1}`, title: `Give the images label ${index + 1}`, group: 'Samples', keys: `${index + 1}`, enabled: () => hasTarget, run: () => void correct(targets(), { kind: 'relabel', labels: [label] }),
		})),
	])

	// The store may still hold the samples of another data set.
	if (of !== id) return null
	const sample = activeSample()
	return (
		<div className="samples">
			<SampleFilterBar field={search} survey={survey} onDown={focusGrid} />
			<p className="samples-count numbers" role="status" aria-label="Samples shown">
				<span>{counts ? (isFiltered ? `${number(counts.matching)} of ${count(counts.total, 'image')}` : count(counts.total, 'image')) : fault === '' ? 'Loading…' : ''}</span>
				{selected.size > 0 && <span className="samples-selected">{number(selected.size)} selected</span>}
			</p>
			{fault !== '' ? (
				<EmptyState title="The samples could not be shown." text={fault}><button className="primary" onClick={askAgain}>Try again</button></EmptyState>
			) : (
				<div className="samples-body">
					<div className="samples-grid" ref={grid}>
						<SampleGrid dataSet={dataSet} survey={survey} busy={busy} />
						{counts?.matching === 0 && (
							<div className="samples-none">
								<EmptyState title="No image fits." text="Change the search or the filters, or clear them to see all images."><button className="primary" onClick={() => setFilters(NO_FILTERS)}>Clear filters</button></EmptyState>
							</div>
						)}
					</div>
					<SampleLook dataSet={dataSet} survey={survey} sample={sample} selected={selected.size} onClear={() => {
						clearSelection()
						focusGrid()
					}} />
				</div>
			)}
		</div>
	)
}
