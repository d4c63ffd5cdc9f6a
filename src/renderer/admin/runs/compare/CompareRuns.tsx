import './compare.css'
import { ArrowLeft } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { MOST_COMPARED, type AnsweredSplit, type RunComparison } from '../../../../common/contract/training/review.ts'
import { client } from '../../../app/client.ts'
import { useAnswer } from '../../../app/useAnswer.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { count } from '../../../ui/words.ts'
import { compareRuns, goToList } from '../runsStore.ts'
import { withFirst } from './comparisonWords.ts'
import { ComparisonTable } from './ComparisonTable.tsx'
import { ValidationCurves } from './ValidationCurves.tsx'

const SPLITS: Record<AnsweredSplit, string> = { test: 'Test images', validation: 'Validation images' }

/** Runs side by side; the first is what the others are held against. */
export function CompareRuns({ ids }: { ids: readonly string[] }) {
	const [split, setSplit] = useState<AnsweredSplit>('test')
	const root = useRef<HTMLDivElement>(null)
	useRoomCommands([{ id: 'runs.compare.back', title: 'Back to the list of runs', group: 'Runs', keys: 'Escape', run: goToList }])
	// What had the keyboard went with the list.
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('h1')))
	const isPossible = ids.length >= 2 && ids.length <= MOST_COMPARED
	return (
		<div className="compare" ref={root}>
			<header className="compare-head">
				<button className="quiet" onClick={goToList}><ArrowLeft aria-hidden />Runs</button>
				<h1 tabIndex={-1}>{count(ids.length, 'run')} side by side</h1>
				{isPossible && (
					<label className="compare-split">
						<span className="muted">Results on</span>
						<select value={split} onChange={(event) => setSplit(event.target.value as AnsweredSplit)}>
							{Object.entries(SPLITS).map(([value, title]) => <option key={value} value={value}>{title}</option>)}
						</select>
					</label>
				)}
			</header>
			{isPossible ? <Compared ids={ids} split={split} /> : (
				<EmptyState title={ids.length < 2 ? 'There is nothing to hold this run against.' : `At most ${MOST_COMPARED} runs stand side by side.`} text={`Choose 2 to ${MOST_COMPARED} runs in the list, then Compare.`}>
					<button className="primary" onClick={goToList}>Choose runs</button>
				</EmptyState>
			)}
		</div>
	)
}

function Compared({ ids, split }: { ids: readonly string[]; split: AnsweredSplit }) {
	const key = ids.join('\n')
	const question = useCallback(() => client.call('training.compare', { ids: key.split('\n'), split }), [key, split])
	const { value, fault, reload } = useAnswer(question, 'training.changed')
	if (fault !== '') {
		return (
			<EmptyState title="The runs could not be compared." text={fault}>
				<button className="primary" onClick={reload}>Try again</button>
				<button onClick={goToList}>Back to the list</button>
			</EmptyState>
		)
	}
	if (!value) return <p className="frame-waiting muted">Comparing the runs…</p>
	return <Comparison comparison={value} isOlder={value.split !== split || value.runs.map(({ id }) => id).join('\n') !== key} />
}

/** @param isOlder what is shown answers the question before; the next answer is on its way. */
function Comparison({ comparison, isOlder }: { comparison: RunComparison; isOlder: boolean }) {
	const ids = comparison.runs.map(({ id }) => id)
	return (
		<div className="compare-body" aria-busy={isOlder}>
			<ComparisonTable
				comparison={comparison}
				onFirst={(id) => compareRuns(withFirst(ids, id))}
				onLeaveOut={ids.length > 2 ? (id) => compareRuns(ids.filter((other) => other !== id)) : null}
			/>
			<ValidationCurves runs={comparison.runs} />
		</div>
	)
}
