import { ArrowLeftRight, Plus } from 'lucide-react'
import { memo, useEffect, useRef, type KeyboardEvent } from 'react'
import type { TrainingList, TrainingRun } from '../../../common/contract/training/desk.ts'
import { useNavigation } from '../../app/navigation.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { goThroughRows } from '../../ui/listKeys.ts'
import { count, localTime } from '../../ui/words.ts'
import { RunActions, runCommands } from './RunActions.tsx'
import { RunProgress, RunTag } from './RunState.tsx'
import { activateRun, clearSelection, compareRuns, openRun, reloadRuns, toggleRun, useRuns } from './runsStore.ts'
import { bestInWords, runsInWords, stateInWords, timeSpent } from './runWords.ts'

const beginNewRun = () => useNavigation.getState().openSection('newRun')

/** Every run with how it stands, the youngest first; Enter opens one. */
export function RunList() {
	const { list, listFault, active, selected } = useRuns()
	const root = useRef<HTMLDivElement>(null)
	const chosen = list?.runs.find(({ id }) => id === active)
	useRoomCommands([
		{ id: 'runs.new', title: 'New run', group: 'Runs', keys: 'Insert', run: beginNewRun },
		...runCommands(chosen),
		{ id: 'runs.compare', title: 'Compare runs', group: 'Runs', keys: 'v', enabled: () => selected.length > 1, run: () => compareRuns([...selected]) },
		{ id: 'runs.clear', title: 'Clear the selection of runs', group: 'Runs', enabled: () => selected.length > 0, run: clearSelection },
	])
	// What had the keyboard went with the place before this, or with a run that was removed.
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector(`[data-id="${active}"]`) ?? root.current?.querySelector('[data-id], .empty-state button')))
	return <div className="runs" ref={root}><Content list={list} fault={listFault} selected={selected} /></div>
}

function Content({ list, fault, selected }: { list: TrainingList | null; fault: string; selected: readonly string[] }) {
	const heading = <h1 className="visually-hidden">Runs</h1>
	if (fault !== '') return <>{heading}<EmptyState title="The runs could not be listed." text={fault}><button className="primary" onClick={reloadRuns}>Try again</button></EmptyState></>
	if (!list) return <>{heading}<p className="frame-waiting muted">Looking at the runs…</p></>
	if (list.runs.length === 0 && list.refused.length === 0) {
		return (
			<>
				{heading}
				<EmptyState title="No runs yet." text="A run trains a network on images of your own. It goes on while the window is closed, and gives way to the reading desk.">
					<button className="primary" onClick={beginNewRun}><Plus aria-hidden />New run</button>
				</EmptyState>
			</>
		)
	}
	return (
		<>
			<header className="runs-head">
				<h1>Runs</h1>
				<p className="muted numbers runs-count" role="status">
					{runsInWords(list.runs)}{selected.length > 0 && <span className="runs-selected">{count(selected.length, 'run')} selected{selected.length === 1 && '; select another to compare it with'}</span>}
				</p>
				{selected.length > 0 && <button className="quiet" onClick={clearSelection}>Clear</button>}
				<button disabled={selected.length < 2} onClick={() => compareRuns([...selected])}><ArrowLeftRight aria-hidden />Compare</button>
				<button className="primary" onClick={beginNewRun}><Plus aria-hidden />New run</button>
			</header>
			<div className="runs-scroll">
				<ul className="runs-list" aria-label="Runs" onKeyDown={press} onKeyUp={release}>
					{list.runs.map((run) => <Row key={run.id} run={run} isSelected={selected.includes(run.id)} />)}
				</ul>
				<RefusedFolders refused={list.refused} />
			</div>
		</>
	)
}

/** The run whose row has the keyboard. */
function runOf({ target }: KeyboardEvent): string | undefined {
	return target instanceof HTMLElement ? target.dataset['id'] : undefined
}

/** Arrows go through the runs, Space selects, Escape clears the selection. */
function press(event: KeyboardEvent): void {
	goThroughRows(event, '[data-id]')
	const id = runOf(event)
	if (id === undefined || event.ctrlKey || event.altKey || event.metaKey) return
	if (event.key === ' ') toggleRun(id)
	else if (event.key === 'Escape') clearSelection()
	else return
	event.preventDefault()
}

/** A button is pressed when Space is let go. */
function release(event: KeyboardEvent): void {
	if (event.key === ' ' && runOf(event) !== undefined) event.preventDefault()
}

/** Drawn again when its own run changes: another one may tell of itself four times a second. */
const Row = memo(function Row({ run, isSelected }: { run: TrainingRun; isSelected: boolean }) {
	const { id, name, state, createdAt, record } = run
	const why = stateInWords(run)
	const isFault = state === 'failed' || state === 'refused'
	const spent = record && record.seconds >= 1 ? `${timeSpent(record.seconds)} of work` : ''
	return (
		<li className="runs-row" data-selected={isSelected ? '' : undefined}>
			<div className="runs-row-head">
				<input type="checkbox" aria-label={`Select ${name} (${id}) to compare`} checked={isSelected} onChange={() => toggleRun(id)} />
				<button className="quiet runs-open" data-id={id} onClick={() => openRun(id)} onFocus={() => activateRun(id)}>
					<span>
						<span className="cut runs-title" title={name}><bdi>{name}</bdi></span>
						<span className="cut muted numbers" title={id}>{localTime(createdAt)}, {id}</span>
					</span>
					<span className="numbers">
						<span className="cut">{bestInWords(record?.best ?? null) || <span className="muted">Not validated yet</span>}</span>
						<span className="cut muted">{spent}</span>
					</span>
					<span className="runs-state"><RunTag state={state} /></span>
				</button>
				<RunActions run={run} />
			</div>
			{why !== '' && <p className={isFault ? 'runs-why fault selectable' : 'runs-why muted'}>{why}</p>}
			<RunProgress run={run} />
		</li>
	)
})

function RefusedFolders({ refused }: Pick<TrainingList, 'refused'>) {
	if (refused.length === 0) return null
	return (
		<section className="runs-refused" aria-label="Folders that are no runs">
			<h2>Folders that are no runs</h2>
			<p className="muted">They lie among the runs and cannot be read as one. Nothing in them is touched.</p>
			<ul className="selectable">{refused.map(({ id, reason }) => <li key={id}><strong><bdi>{id}</bdi></strong> {reason}</li>)}</ul>
		</section>
	)
}
