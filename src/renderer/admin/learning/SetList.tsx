import { useEffect, useRef } from 'react'
import type { LearningSet } from '../../../common/contract/learning.ts'
import { useNavigation } from '../../app/navigation.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { goThroughRows } from '../../ui/listKeys.ts'
import { count } from '../../ui/words.ts'
import { activateSet, loadSets, openSet, useLearning } from './learningStore.ts'
import { keyOfSet, reviewOfSet, setTitle, sizeOfSet } from './learningWords.ts'
import { MakingProgress, SetTag } from './SetState.tsx'

/** What was decided, by the labels that models answer with; Enter opens one. */
export function SetList() {
	const { sets, fault, active } = useLearning()
	const root = useRef<HTMLDivElement>(null)
	// What had the keyboard went with the place before this.
	useEffect(() => {
		const rows = [...(root.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])]
		focusIfNothingHasIt(rows.find(({ dataset }) => dataset['key'] === active) ?? rows[0] ?? root.current?.querySelector('.empty-state button'))
	})
	return <div className="data-sets" ref={root}><Content sets={sets} fault={fault} /></div>
}

function Content({ sets, fault }: { sets: LearningSet[] | null; fault: string }) {
	const heading = <h1 className="visually-hidden">From the desk</h1>
	if (fault !== '') return <>{heading}<EmptyState title="What readers decided could not be listed." text={fault}><button className="primary" onClick={() => void loadSets()}>Try again</button></EmptyState></>
	if (!sets) return <>{heading}<p className="frame-waiting muted">Looking at what readers decided…</p></>
	if (sets.length === 0) {
		return (
			<>
				{heading}
				<EmptyState title="No reader has decided anything yet." text="Accept and reject the network's findings at the reading desk, and sign reports. Every image that was decided on is shown here; enough of them become a data set that a network can learn from.">
					<button className="primary" onClick={() => useNavigation.getState().go('worklist')}>Go to the worklist</button>
				</EmptyState>
			</>
		)
	}
	return (
		<>
			<header className="data-sets-head">
				<h1>From the desk</h1>
				<p className="muted numbers" role="status">{count(sets.length, 'set of labels', 'sets of labels')}</p>
			</header>
			<MakingProgress />
			<ul className="data-sets-list" aria-label="What readers decided" onKeyDown={(event) => goThroughRows(event, '[data-key]')}>
				{sets.map((set) => <Row key={keyOfSet(set)} set={set} />)}
			</ul>
		</>
	)
}

function Row({ set }: { set: LearningSet }) {
	const key = keyOfSet(set)
	const title = setTitle(set)
	return (
		<li className="data-sets-row">
			<button className="quiet data-sets-open" data-key={key} onClick={() => openSet(key)} onFocus={() => activateSet(key)}>
				<span className="data-sets-name">
					<span className="cut data-sets-title" title={title}><bdi>{title}</bdi></span>
					<span className="cut muted">{set.task === 'multiclass' ? 'One label for each image' : 'Several labels for each image'}</span>
				</span>
				<span className="data-sets-found numbers">
					<span className="cut">{sizeOfSet(set)}</span>
					<span className="cut muted">{reviewOfSet(set)}</span>
				</span>
				<span className="data-sets-state"><SetTag set={set} /></span>
				{set.missing.length > 0 && <span className="learning-why">{set.missing.join(' ')}</span>}
			</button>
		</li>
	)
}
