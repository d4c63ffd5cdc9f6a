import './errors.css'
import { useCallback, useState } from 'react'
import type { AnsweredSplit } from '../../../../common/contract/training/review.ts'
import { client } from '../../../app/client.ts'
import { useAnswer } from '../../../app/useAnswer.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { ErrorGrid } from './ErrorGrid.tsx'
import { ErrorLook } from './ErrorLook.tsx'
import { callOf, listInWords, MOST_ERRORS } from './errorWords.ts'

/** Images that are asked for at first. */
const SHOWN = 48

/** The images of a split that a run's model is most wrong about; one of them large, beside its map. */
export function WorstErrors({ id, split }: { id: string; split: AnsweredSplit }) {
	// Another run or split begins at its first image.
	return <Errors key={`${id} ${split}`} id={id} split={split} />
}

function Errors({ id, split }: { id: string; split: AnsweredSplit }) {
	const [asked, setAsked] = useState(SHOWN)
	const [active, setActive] = useState(0)
	const [isOpen, setIsOpen] = useState(false)
	const question = useCallback(() => client.call('training.worst', { id, split, count: asked }), [id, split, asked])
	const { value, fault, reload } = useAnswer(question, 'training.changed')
	if (fault !== '') return <EmptyState title="The errors of the run could not be listed." text={fault}><button className="primary" onClick={reload}>Try again</button></EmptyState>
	if (!value) return <p className="frame-waiting muted">Looking at what the run has answered…</p>
	const { labels, samples } = value
	if (samples.length === 0) return <EmptyState title={`There are no ${split} images whose truth is known.`} text="Choose the other split, or look at the results." />
	const sample = samples[Math.min(active, samples.length - 1)]
	if (isOpen && sample) {
		return (
			<ErrorLook
				key={sample.id} id={id} sample={sample} labels={labels} place={active} of={samples.length}
				onPlace={(place) => setActive(Math.max(0, Math.min(samples.length - 1, place)))} onClose={() => setIsOpen(false)}
			/>
		)
	}
	return (
		<div className="errors">
			<div className="errors-head">
				<p className="muted numbers" role="status">{listInWords(samples.map((own) => callOf(own, labels)), asked)}</p>
				{samples.length >= asked && asked < MOST_ERRORS && <button onClick={() => setAsked(MOST_ERRORS)}>Show up to {MOST_ERRORS}</button>}
			</div>
			<ErrorGrid
				id={id} samples={samples} labels={labels} active={Math.min(active, samples.length - 1)} onActive={setActive}
				onOpen={(place) => {
					setActive(place)
					setIsOpen(true)
				}}
			/>
		</div>
	)
}
