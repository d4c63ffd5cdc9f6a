import { Ban, CircleCheck, Play, ScanSearch, TriangleAlert } from 'lucide-react'
import { useContext } from 'react'
import { useHint } from '../../app/useHint.ts'
import { count, isolated } from '../../ui/words.ts'
import { openRun } from '../runs/runsStore.ts'
import { Problems, sentence } from './form/problems.ts'
import { goToField } from './goToField.ts'
import { GROUPS, type GroupName } from './groups.ts'
import { cancelLook, lookBefore, mayStart, ofDraft, start, useLooks } from './jobs.ts'
import { isUnreadable, openGroup, showView, stillMissing, useNewRun } from './newRunStore.ts'
import { checklist, progressInWords, verdict, type CheckRow } from './preflightWords.ts'

const ICONS = { good: CircleCheck, warning: TriangleAlert, stops: Ban } as const
const STATES = { good: 'Good', warning: 'To know', stops: 'Stops the run' } as const

/** What is wrong, what the pre-flight found, and the start. */
export function BeforeItStarts() {
	const { draft, text, missing } = useNewRun()
	const { preflight, started } = useLooks()
	const problems = useContext(Problems)
	const lookHint = useHint('Look before it starts', 'newRun.preflight')
	const startHint = useHint('Start the run', 'newRun.start')
	if (!draft) return null
	const { jobId, progress, result, fault, of } = preflight
	const isFresh = of === ofDraft(draft)
	const absent = stillMissing(draft, missing)
	const unreadable = isUnreadable(text)
	const isReady = !unreadable && problems.length === 0
	const rows = result ? checklist(result) : []
	const canStart = isReady && mayStart(draft, preflight)
	const why = unreadable ? 'The JSON cannot be read as it is.'
		: problems.length > 0 ? `${count(problems.length, 'problem')} of the recipe ${problems.length === 1 ? 'has' : 'have'} to be mended first.`
		: jobId !== null ? 'It can be started when this look is through.'
		: started?.of === ofDraft(draft) && !isFresh ? 'This recipe was started. To start it once more, look again.'
		: !isFresh && (result || fault !== '') ? 'The recipe has changed since the last look.'
		: !isFresh ? 'Nothing has been looked at yet.'
		: result?.ok ? '' : 'This run cannot begin as it is.'
	return (
		<aside className="new-run-before" aria-label="Before it starts">
			<h2>Before it starts</h2>
			<div className="new-run-act">
				<button className={canStart ? undefined : 'primary'} disabled={!isReady || jobId !== null} title={lookHint} onClick={() => void lookBefore()}><ScanSearch aria-hidden />{result || fault !== '' ? 'Look again' : 'Look before it starts'}</button>
				<button className={canStart ? 'primary' : undefined} disabled={!canStart} title={startHint} aria-describedby="new-run-why" onClick={() => void start()}><Play aria-hidden />Start</button>
			</div>
			<p id="new-run-why" className="muted" role="status">{why}</p>
			{started && <p>Started last: <bdi>{started.id}</bdi>. <button className="quiet new-run-link" onClick={() => openRun(started.id)}>Show the run</button></p>}
			{jobId !== null && (
				<div className="new-run-progress">
					<progress aria-label="Pre-flight" max={1} value={progress && progress.of > 0 ? progress.done / progress.of : undefined} />
					<span className="numbers">{progress ? progressInWords(progress) : 'The look begins'}</span>
					<button onClick={() => cancelLook('preflight')}>Cancel</button>
				</div>
			)}
			{absent.length > 0 && (
				<section aria-label="Missing files">
					<h3>Not here yet</h3>
					<ul className="new-run-checks">
						{absent.map(({ field, value }) => <li key={field}><button className="quiet new-run-problem" onClick={() => goToField(field)}><TriangleAlert aria-hidden className="new-run-warning" /><span>{isolated(value)} <span className="muted">({field})</span></span></button></li>)}
					</ul>
				</section>
			)}
			{problems.length > 0 && (
				<section aria-label="Problems of the recipe">
					<h3>Problems of the recipe</h3>
					<ul className="new-run-checks">
						{problems.map((problem, index) => <li key={index}><button className="quiet new-run-problem" onClick={() => goToField(problem.field)}><Ban aria-hidden className="new-run-stops" /><span>{sentence(problem)}</span></button></li>)}
					</ul>
				</section>
			)}
			{jobId === null && fault !== '' && (
				<section aria-label="What was found" className={isFresh ? undefined : 'old'}>
					<p className="new-run-verdict" role="alert">The run cannot begin.</p>
					<p className="selectable new-run-detail">{fault}</p>
				</section>
			)}
			{jobId === null && result && (
				<section aria-label="What was found" className={isFresh ? undefined : 'old'}>
					{!isFresh && started?.of !== ofDraft(draft) && <p className="new-run-missing"><TriangleAlert aria-hidden />Found before the recipe was changed.</p>}
					<p className="new-run-verdict">{verdict(rows)}</p>
					<ul className="new-run-checks" aria-label="Checklist">{rows.map((row, index) => <Check key={index} row={row} />)}</ul>
				</section>
			)}
		</aside>
	)
}

function Check({ row: { state, title, detail, advice, group } }: { row: CheckRow }) {
	const Icon = ICONS[state]
	return (
		<li className={`new-run-check-row ${state}`}>
			<Icon aria-hidden className={`new-run-${state}`} />
			<div>
				<p className="new-run-check-title">{title}<span className="visually-hidden"> ({STATES[state]})</span></p>
				<p className="selectable new-run-detail">{detail}</p>
				{advice !== '' && <p>{advice}</p>}
				{group && <button onClick={() => goToGroup(group)}>Go to {GROUPS.find((own) => own.group === group)?.title.toLowerCase()}</button>}
			</div>
		</li>
	)
}

function goToGroup(group: GroupName): void {
	showView('form')
	openGroup(group)
	requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-group="${group}"]`)?.focus())
}
