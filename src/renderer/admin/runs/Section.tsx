import './runs.css'
import { useEffect } from 'react'
import { CompareRuns } from './compare/CompareRuns.tsx'
import { RemovalDialog } from './RemovalDialog.tsx'
import { RunList } from './RunList.tsx'
import { useRuns, watchRuns } from './runsStore.ts'
import { RunView } from './RunView.tsx'

/** Runs: how they go on, what came of them, and runs side by side. */
export function Section() {
	const place = useRuns((state) => state.place)
	useEffect(watchRuns, [])
	return (
		<>
			{place.at === 'list' && <RunList />}
			{place.at === 'one' && <RunView key={place.id} id={place.id} tab={place.tab} />}
			{place.at === 'compare' && <CompareRuns ids={place.ids} />}
			<RemovalDialog />
		</>
	)
}
