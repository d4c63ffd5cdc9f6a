import { ArrowLeft, GraduationCap, Pencil, RefreshCw, Trash2, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { DataSetSurvey, RegisteredDataSet } from '../../../../common/contract/training/dataSets.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { Tabs } from '../../../ui/Tabs.tsx'
import { number } from '../../../ui/words.ts'
import { stateOf } from '../dataSetWords.ts'
import { beginRun } from '../../newRun/newRunStore.ts'
import { cancelSurvey, goToAdding, goToList, openTab, reloadDataSets, removeDataSet, renameDataSet, survey, useDataSets, type DataSetTab } from '../dataSetsStore.ts'
import { Samples } from '../samples/Samples.tsx'
import { Reason, StateTag, SurveyProgress } from '../SurveyState.tsx'
import { Leaks } from './Leaks.tsx'
import { Overview } from './Overview.tsx'
import { Unused } from './Unused.tsx'

const TABS: readonly { id: DataSetTab; title: string }[] = [
	{ id: 'overview', title: 'Overview' },
	{ id: 'samples', title: 'Samples' },
	{ id: 'leaks', title: 'Leaks' },
	{ id: 'unused', title: 'Not used' },
]

/** One data set: what is in it, its samples, its leaks, and what cannot be used of it. */
export function DataSetView({ id, tab }: { id: number; tab: DataSetTab }) {
	const { shown, shownFault } = useDataSets()
	useRoomCommands([{ id: 'dataSets.back', title: 'Back to the list of data sets', group: 'Data sets', keys: 'Escape', run: goToList }])
	if (shownFault !== '') {
		return (
			<>
				<h1 className="visually-hidden">Data set</h1>
				<EmptyState title="The data set could not be shown." text={shownFault}>
					<button className="primary" onClick={reloadDataSets}>Try again</button>
					<button onClick={goToList}>Back to the list</button>
				</EmptyState>
			</>
		)
	}
	if (shown?.id !== id) return <><h1 className="visually-hidden">Data set</h1><p className="frame-waiting muted">Looking at the data set…</p></>
	return <Shown dataSet={shown} tab={tab} />
}

function Shown({ dataSet, tab }: { dataSet: RegisteredDataSet; tab: DataSetTab }) {
	const { id, survey: found } = dataSet
	const [renaming, setRenaming] = useState(false)
	const root = useRef<HTMLDivElement>(null)
	const { state } = stateOf(dataSet)
	const isSurveying = state === 'waiting' || state === 'surveying'
	useRoomCommands([
		{ id: 'dataSets.survey', title: 'Survey the data set', group: 'Data sets', keys: 's', enabled: () => !isSurveying, run: () => void survey(id) },
		{ id: 'dataSets.cancelSurvey', title: 'Cancel the survey', group: 'Data sets', enabled: () => isSurveying, run: () => void cancelSurvey(id) },
		{ id: 'dataSets.rename', title: 'Rename the data set', group: 'Data sets', keys: 'F2', run: () => setRenaming(true) },
		{ id: 'dataSets.newRun', title: 'Train on the data set', group: 'Data sets', keys: 't', run: () => beginRun(dataSet.recipe) },
		{ id: 'dataSets.removeShown', title: 'Remove this data set from the list', group: 'Data sets', run: () => void removeDataSet(dataSet) },
		...TABS.map(({ id: target, title }) => ({ id: `dataSets.${target}`, title: `Data set: ${title.toLowerCase()}`, group: 'Data sets', enabled: () => found !== null, run: () => openTab(target) })),
	])
	// What had the keyboard went with the list, or with a button that has done its work.
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('[role="tab"][aria-selected="true"]') ?? root.current?.querySelector('h1')))

	return (
		<div className="data-set" ref={root}>
			<header className="data-sets-head">
				<button className="quiet" onClick={goToList}><ArrowLeft aria-hidden />Data sets</button>
				{renaming ? <Rename dataSet={dataSet} onDone={() => setRenaming(false)} /> : (
					<>
						<h1 className="cut" title={dataSet.title} tabIndex={-1}><bdi>{dataSet.title}</bdi></h1>
						<button className="quiet icon" aria-label="Rename" title="Rename (F2)" onClick={() => setRenaming(true)}><Pencil aria-hidden /></button>
					</>
				)}
				<StateTag dataSet={dataSet} />
				<span className="data-sets-space" />
				<button className={state === 'older' ? 'primary' : undefined} disabled={isSurveying} onClick={() => void survey(id)}><RefreshCw aria-hidden />{found === null ? 'Survey' : 'Survey anew'}</button>
				<button onClick={() => beginRun(dataSet.recipe)}><GraduationCap aria-hidden />Train on it</button>
				<button onClick={() => void removeDataSet(dataSet)}><Trash2 aria-hidden />Remove</button>
			</header>
			<SurveyProgress dataSet={dataSet} />
			<StateReason dataSet={dataSet} isShort={found !== null && tab !== 'overview'} />
			{found === null ? <NotSurveyed dataSet={dataSet} /> : (
				<Tabs label="Data set" tabs={TABS.map((own) => ({ ...own, title: <>{own.title} <TabCount tab={own.id} survey={found} /></> }))} shown={tab} onShow={openTab}>
					{tab === 'overview' && <Overview dataSet={dataSet} survey={found} />}
					{tab === 'samples' && <Samples key={dataSet.id} dataSet={dataSet} survey={found} />}
					{tab === 'leaks' && <Leaks dataSet={dataSet} survey={found} />}
					{tab === 'unused' && <Unused survey={found} />}
				</Tabs>
			)}
		</div>
	)
}

/** What is to be looked at before a run: so many leaks, so many images that cannot be used. */
function TabCount({ tab, survey: { leaks, refused } }: { tab: DataSetTab; survey: DataSetSurvey }) {
	const total = tab === 'leaks' ? leaks.groups.total + leaks.identical.total + leaks.similar.total : tab === 'unused' ? refused.total : null
	if (total === null) return null
	return <>{total > 0 && <TriangleAlert aria-hidden className="data-set-tab-mark" />}{number(total)}</>
}

/** Why a network cannot be trained on it, or what is shown is not the present state, and what to do. @param isShort in one line, whole on hover. */
function StateReason({ dataSet, isShort }: { dataSet: RegisteredDataSet; isShort: boolean }) {
	const { state, reason } = stateOf(dataSet)
	const text = {
		failed: `The survey failed. ${reason} ${dataSet.found ? 'What the one before found is shown.' : 'Nothing is known of its images yet.'} Survey it anew when that is mended.`,
		older: `Images were corrected since the survey, so its counts are older than the data set.${reason === '' ? '' : ` It said: ${reason}`}`,
		refused: `No network can be trained on it as it is. ${reason}`,
		never: '', waiting: '', surveying: '', surveyed: '',
	}[state]
	if (text === '') return null
	if (isShort) return <div className={`data-set-reason short ${state === 'failed' ? 'danger' : 'warning'}`}><TriangleAlert aria-hidden /><p className="cut selectable" title={text}>{text}</p></div>
	return (
		<Reason kind={state === 'failed' ? 'danger' : 'warning'}>
			<p>{text}</p>
			{reason !== '' && state !== 'failed' && <p>To read other columns or to draw the splits anew, <button className="quiet" onClick={() => goToAdding(dataSet.folder)}>add the folder again</button></p>}
		</Reason>
	)
}

function NotSurveyed({ dataSet }: { dataSet: RegisteredDataSet }) {
	const { state, reason } = stateOf(dataSet)
	if (state === 'waiting' || state === 'surveying') return <EmptyState title="The survey reads every image once." text="Counts, leaks and samples are shown when it is through. It goes on while you work elsewhere in the workstation." />
	return (
		<EmptyState title={state === 'never' && reason !== '' ? reason : 'Not surveyed yet.'} text="A survey reads every image once: it counts classes, sources and patients, looks for leaks between the splits, and lists images that cannot be read.">
			<button className="primary" onClick={() => void survey(dataSet.id)}><RefreshCw aria-hidden />Survey</button>
		</EmptyState>
	)
}

function Rename({ dataSet, onDone }: { dataSet: RegisteredDataSet; onDone(): void }) {
	const [title, setTitle] = useState(dataSet.title)
	const field = useRef<HTMLInputElement>(null)
	useEffect(() => field.current?.select(), [])
	function end(isWanted: boolean): void {
		if (isWanted) void renameDataSet(dataSet, title)
		onDone()
	}
	return (
		<input
			ref={field} className="data-set-rename" aria-label="Name of the data set" dir="auto" maxLength={200} value={title}
			onChange={(event) => setTitle(event.target.value)}
			onBlur={() => end(true)}
			onKeyDown={(event) => {
				if (event.key !== 'Enter' && event.key !== 'Escape') return
				event.preventDefault()
				end(event.key === 'Enter')
			}}
		/>
	)
}
