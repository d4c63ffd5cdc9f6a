import { ArrowLeft, FolderPlus } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { LearningSet } from '../../../common/contract/learning.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { Tabs } from '../../ui/Tabs.tsx'
import { number } from '../../ui/words.ts'
import { goToSets, loadSets, openSet, useLearning, type SetTab } from './learningStore.ts'
import { keyOfSet, setTitle } from './learningWords.ts'
import { Review } from './review/Review.tsx'
import { SetOverview } from './SetOverview.tsx'
import { MakingProgress, SetTag } from './SetState.tsx'

const TABS: readonly { id: SetTab; title: string }[] = [
	{ id: 'overview', title: 'Overview' },
	{ id: 'review', title: 'Review' },
]

/** What was decided of one set of labels: counted, and image by image. */
export function SetView({ setKey, tab }: { setKey: string; tab: SetTab }) {
	const { sets, fault } = useLearning()
	const set = sets?.find((own) => keyOfSet(own) === setKey)
	useRoomCommands([{ id: 'learning.back', title: 'Back to what readers decided', group: 'From the desk', keys: 'Escape', run: goToSets }])
	const heading = <h1 className="visually-hidden">From the desk</h1>
	if (fault !== '') return <>{heading}<EmptyState title="What readers decided could not be listed." text={fault}><button className="primary" onClick={() => void loadSets()}>Try again</button><button onClick={goToSets}>Back to the list</button></EmptyState></>
	if (!sets) return <>{heading}<p className="frame-waiting muted">Looking at what readers decided…</p></>
	if (!set) return <>{heading}<EmptyState title="Nothing is decided of these labels any more." text="Decisions were taken back at the desk, or their studies were removed."><button className="primary" onClick={goToSets}>Back to the list</button></EmptyState></>
	return <Shown set={set} tab={tab} />
}

function Shown({ set, tab }: { set: LearningSet; tab: SetTab }) {
	const making = useLearning((state) => state.making)
	const root = useRef<HTMLDivElement>(null)
	const key = keyOfSet(set)
	const title = setTitle(set)
	const tabs = TABS.map(({ id, title: name }) => ({ id, title: id === 'review' && set.leftOut > 0 ? `${name} (${number(set.leftOut)} left out)` : name }))
	const canMake = set.missing.length === 0 && making === null
	useRoomCommands([
		{ id: 'learning.make', title: 'Make a data set of what readers decided', group: 'From the desk', keys: 'Insert', enabled: () => canMake, run: goToMaking },
		...TABS.map(({ id, title: name }) => ({ id: `learning.${id}`, title: `From the desk: ${name.toLowerCase()}`, group: 'From the desk', run: () => openSet(key, id) })),
	])
	// What had the keyboard went with the list, or with a button that has done its work.
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('[role="tab"][aria-selected="true"]')))

	function goToMaking(): void {
		openSet(key, 'overview')
		// The form may only come with the next drawing.
		requestAnimationFrame(() => root.current?.querySelector<HTMLInputElement>('[data-make] input')?.focus())
	}

	return (
		<div className="data-set" ref={root}>
			<header className="data-sets-head">
				<button className="quiet" onClick={goToSets}><ArrowLeft aria-hidden />From the desk</button>
				<h1 className="cut" title={title}><bdi>{title}</bdi></h1>
				<SetTag set={set} />
				<span className="data-sets-space" />
				<button disabled={!canMake} onClick={goToMaking}><FolderPlus aria-hidden />Make a data set</button>
			</header>
			<MakingProgress />
			<Tabs label="What readers decided" tabs={tabs} shown={tab} onShow={(target) => openSet(key, target)}>
				{tab === 'overview' ? <SetOverview set={set} /> : <Review set={set} />}
			</Tabs>
		</div>
	)
}
