import { X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { learningQuerySchema, type LearningSet } from '../../../../common/contract/learning.ts'
import { client } from '../../../app/client.ts'
import { useNavigation } from '../../../app/navigation.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { count, number } from '../../../ui/words.ts'
import { keyOfSet, SHOW_TITLES } from '../learningWords.ts'
import { CaseGrid } from './CaseGrid.tsx'
import { CaseLook } from './CaseLook.tsx'
import { cases, NO_FILTERS } from './casesStore.ts'
import { canUndo, leaveOut, undoLast } from './leavingOut.ts'

const SHOWS = learningQuerySchema.shape.show.unwrap().options

/** Image by image: what the network said, what readers decided, and whether it is to be learned from. */
export function Review({ set }: { set: LearningSet }) {
	const key = keyOfSet(set)
	const { of, filters, counts, busy, fault, selected, active } = cases.use()
	const grid = useRef<HTMLDivElement>(null)
	const focusGrid = () => grid.current?.querySelector<HTMLElement>('[role="listbox"]')?.focus()
	const isFiltered = JSON.stringify(filters) !== JSON.stringify(NO_FILTERS)
	const hasTarget = selected.size > 0 || active >= 0
	const { setFilters, askAgain, selectAll } = cases

	useEffect(() => {
		cases.open(key)
		return client.on('library.changed', () => cases.askAgain())
	}, [key])
	// A button that has done its work can no longer be pressed.
	useEffect(() => focusIfNothingHasIt(grid.current?.querySelector('[role="listbox"]')))
	useRoomCommands([
		{ id: 'cases.leaveOut', title: 'Leave the images out of learning', group: 'From the desk', keys: 'x', enabled: () => hasTarget, run: () => void leaveOut(cases.targets(), true) },
		{ id: 'cases.putBack', title: 'Put the images back', group: 'From the desk', keys: 'u', enabled: () => hasTarget, run: () => void leaveOut(cases.targets(), false) },
		{ id: 'cases.undo', title: 'Undo the last leaving out or putting back', group: 'From the desk', keys: 'Ctrl+z', enabled: canUndo, run: undoLast },
		{ id: 'cases.open', title: 'Open the study of the image at the reading desk', group: 'From the desk', keys: 'Enter', enabled: () => cases.active() !== undefined, run: openActive },
		{ id: 'cases.selectAll', title: 'Select all images that fit', group: 'From the desk', keys: 'Ctrl+a', run: () => void selectAll() },
		{ id: 'cases.clear', title: 'Clear the filters', group: 'From the desk', keys: 'Alt+c', enabled: () => isFiltered, run: () => setFilters(NO_FILTERS) },
	])

	// The list may still hold the images of another set.
	if (of !== key) return null
	return (
		<div className="samples">
			<div className="samples-tools" role="search" aria-label="Images">
				<select aria-label="Show" className={filters.show === 'all' ? 'muted learning-show' : 'samples-set learning-show'} value={filters.show} onChange={(event) => setFilters({ show: SHOWS.find((show) => show === event.target.value) ?? 'all' })}>
					{SHOWS.map((show) => <option key={show} value={show}>{SHOW_TITLES[show]}</option>)}
				</select>
				<select aria-label="Present" className={filters.present === null ? 'muted' : 'samples-set'} value={set.labels.indexOf(filters.present ?? '')} onChange={(event) => setFilters({ present: set.labels[Number(event.target.value)] ?? null })}>
					<option value={-1}>Present: any</option>
					{set.counts.map(({ name, title }, index) => <option key={name} value={index}>Present: {title}</option>)}
				</select>
				{isFiltered && <button className="quiet" aria-label="Clear filters" onClick={() => setFilters(NO_FILTERS)}><X aria-hidden />Clear</button>}
			</div>
			<p className="samples-count numbers" role="status" aria-label="Images shown">
				<span>{counts ? count(counts.matching, 'image') : fault === '' ? 'Loading…' : ''}</span>
				{selected.size > 0 && <span className="samples-selected">{number(selected.size)} selected</span>}
			</p>
			{fault !== '' ? (
				<EmptyState title="The images could not be shown." text={fault}><button className="primary" onClick={askAgain}>Try again</button></EmptyState>
			) : (
				<div className="samples-body">
					<div className="samples-grid" ref={grid}>
						<CaseGrid busy={busy} />
						{counts?.matching === 0 && (
							<div className="samples-none">
								<EmptyState title="No image fits." text="Change the filters, or clear them to see everything that readers decided."><button className="primary" onClick={() => setFilters(NO_FILTERS)}>Clear filters</button></EmptyState>
							</div>
						)}
					</div>
					<CaseLook one={cases.active()} selected={selected.size} onClear={() => {
						cases.clearSelection()
						focusGrid()
					}} />
				</div>
			)}
		</div>
	)
}

function openActive(): void {
	const one = cases.active()
	if (one) useNavigation.getState().openStudy(one.studyId)
}
