import { ArrowLeft } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { CompareRuns } from './compare/CompareRuns.tsx'
import { goToList } from './runsStore.ts'

/** Runs side by side, with the way back. */
export function Comparison({ ids }: { ids: readonly string[] }) {
	const heading = useRef<HTMLHeadingElement>(null)
	useRoomCommands([{ id: 'runs.back', title: 'Back to the list of runs', group: 'Runs', keys: 'Escape', run: goToList }])
	useEffect(() => focusIfNothingHasIt(heading.current), [])
	return (
		<div className="runs">
			<header className="runs-head">
				<button className="quiet" onClick={goToList}><ArrowLeft aria-hidden />Runs</button>
				<h1 ref={heading} tabIndex={-1}>Runs side by side</h1>
			</header>
			<div className="runs-panel runs-comparison"><CompareRuns ids={ids} /></div>
		</div>
	)
}
