import { ArrowLeft, ArrowLeftRight, Scale } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { TrainingRun } from '../../../common/contract/training/desk.ts'
import type { AnsweredSplit, RunDetail } from '../../../common/contract/training/review.ts'
import { client } from '../../app/client.ts'
import { useQuestion } from '../../app/useQuestion.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { Tabs } from '../../ui/Tabs.tsx'
import { openCandidate } from '../promotion/promotionStore.ts'
import { WorstErrors } from './errors/WorstErrors.tsx'
import { Live } from './live/Live.tsx'
import { createRunMetrics } from './live/runMetrics.ts'
import { Log } from './log/Log.tsx'
import { Recipe } from './recipe/Recipe.tsx'
import { answeredSplits, Results, SplitSwitch } from './results/Results.tsx'
import { RunActions, runCommands } from './RunActions.tsx'
import { RunProgress, RunTag } from './RunState.tsx'
import { compareWithOthers, goToList, openTab, reloadRuns, useRuns, type RunTab } from './runsStore.ts'
import { stateInWords } from './runWords.ts'

const TABS: readonly { id: RunTab; title: string }[] = [
	{ id: 'live', title: 'Live' },
	{ id: 'log', title: 'Log' },
	{ id: 'results', title: 'Results' },
	{ id: 'errors', title: 'Worst errors' },
	{ id: 'recipe', title: 'Recipe and hashes' },
]

/** One run: how it goes on, its log, what came of it and what it was made from. */
export function RunView({ id, tab }: { id: string; tab: RunTab }) {
	const { list, listFault } = useRuns()
	const run = list?.runs.find((own) => own.id === id)
	useRoomCommands([{ id: 'runs.back', title: 'Back to the list of runs', group: 'Runs', keys: 'Escape', run: goToList }])
	if (run) return <Shown run={run} tab={tab} />
	const heading = <h1 className="visually-hidden">Run</h1>
	if (!list && listFault === '') return <>{heading}<p className="frame-waiting muted">Looking at the run…</p></>
	return (
		<>
			{heading}
			<EmptyState title={listFault === '' ? `There is no run ${id} any more.` : 'The run could not be shown.'} text={listFault === '' ? 'It was removed, or cancelled before it had begun.' : listFault}>
				{listFault !== '' && <button className="primary" onClick={reloadRuns}>Try again</button>}
				<button onClick={goToList}>Back to the list</button>
			</EmptyState>
		</>
	)
}

function Shown({ run, tab }: { run: TrainingRun; tab: RunTab }) {
	const { id, name, state } = run
	const hasFolder = run.record !== null
	const root = useRef<HTMLDivElement>(null)
	const [metrics] = useState(() => createRunMetrics(id))
	const [wantedSplit, setWantedSplit] = useState<AnsweredSplit>('test')
	// Hashes and results come to it in some of its states alone.
	const askDetail = useCallback(() => client.call('training.detail', { id }), [id])
	const detail = useQuestion(hasFolder ? askDetail : null, state)
	const isCandidate = state === 'finished' && run.pack !== null && detail.value?.evaluation != null
	useEffect(() => (hasFolder ? metrics.watch() : undefined), [metrics, hasFolder])
	useRoomCommands([
		...runCommands(run),
		{ id: 'runs.compare', title: 'Compare runs', group: 'Runs', keys: 'v', enabled: () => hasFolder, run: () => compareWithOthers(id) },
		{ id: 'runs.candidate', title: 'Hold the run against the model that reads now', group: 'Runs', enabled: () => isCandidate, run: () => openCandidate({ origin: 'run', id }) },
		...TABS.map(({ id: target, title }) => ({ id: `runs.${target}`, title: `Run: ${title.toLowerCase()}`, group: 'Runs', run: () => openTab(target) })),
	])
	// What had the keyboard went with the list, or with a button that has done its work.
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('[role="tab"][aria-selected="true"]')))

	const why = stateInWords(run)
	const isFault = state === 'failed' || state === 'refused'
	return (
		<div className="runs" ref={root}>
			<header className="runs-head">
				<button className="quiet" onClick={goToList}><ArrowLeft aria-hidden />Runs</button>
				<h1 className="cut" title={name}><bdi>{name}</bdi></h1>
				<span className="muted numbers cut selectable">{id}</span>
				<RunTag state={state} />
				<span className="runs-space" />
				{isCandidate && <button className="primary" onClick={() => openCandidate({ origin: 'run', id })}><Scale aria-hidden />Compare with the model that reads now</button>}
				{hasFolder && <button onClick={() => compareWithOthers(id)}><ArrowLeftRight aria-hidden />Compare with runs</button>}
				<RunActions run={run} />
			</header>
			{why !== '' && <p className={isFault ? 'runs-why fault selectable' : 'runs-why muted'}>{why}</p>}
			<RunProgress run={run} />
			<Tabs label="Run" tabs={TABS} shown={tab} onShow={openTab}>
				{tab === 'live' && (hasFolder ? <Live run={run} metrics={metrics} /> : <NotBegun run={run} />)}
				{tab === 'log' && (hasFolder ? <Log id={id} /> : <NotBegun run={run} />)}
				{tab === 'recipe' && <Recipe id={id} state={state} detail={detail} hasFolder={hasFolder} />}
				{(tab === 'results' || tab === 'errors') && <OfFinished run={run} detail={detail} tab={tab} wantedSplit={wantedSplit} onSplit={setWantedSplit} />}
			</Tabs>
		</div>
	)
}

function NotBegun({ run: { state } }: { run: TrainingRun }) {
	if (state === 'refused') return <EmptyState title="It never began." text="Mend what its reason names and resume it: it is looked at once more. Its recipe is kept." />
	return <EmptyState title="No step is taken yet." text="Before the first step everything is looked at: images, networks, memory and disk. What it learns is shown here from then on." />
}

interface OfFinishedProps {
	run: TrainingRun
	detail: { value: RunDetail | null; fault: string; retry(): void }
	tab: 'results' | 'errors'
	wantedSplit: AnsweredSplit
	onSplit(split: AnsweredSplit): void
}

/** What only a finished run has. */
function OfFinished({ run, detail: { value: detail, fault, retry }, tab, wantedSplit, onSplit }: OfFinishedProps) {
	if (run.state !== 'finished') return <EmptyState title="Results come with its end." text="When the last step is taken, the weights of the best validation are evaluated on the validation and the test images. Until then, Live shows how it does on the validation images." />
	if (fault !== '') return <EmptyState title="The results could not be read." text={fault}><button className="primary" onClick={retry}>Try again</button></EmptyState>
	if (!detail) return <p className="frame-waiting muted">Looking at the results…</p>
	const splits = answeredSplits(detail.evaluation)
	const split = splits.includes(wantedSplit) ? wantedSplit : splits[0]
	if (tab === 'results') return <Results detail={detail} splits={splits} split={split} onSplit={onSplit} />
	if (!split) return <EmptyState title="There is no list of errors." text="It is made from the answers on the validation and test images, which this run has not left: a network that marks lungs calls nothing." />
	return (
		<div className="runs-errors">
			{splits.length > 1 && <div className="runs-errors-head"><SplitSwitch splits={splits} split={split} onSplit={onSplit} /></div>}
			<div className="runs-errors-body"><WorstErrors id={run.id} split={split} /></div>
		</div>
	)
}
