import { CircleCheck, FolderOpen, Play } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { LearningSet } from '../../../common/contract/learning.ts'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { beginRun } from '../newRun/newRunStore.ts'
import { makeSet, openMade, registerMade, useLearning, type Made } from './learningStore.ts'
import { keyOfSet, PRIVACY, sizeOfSet } from './learningWords.ts'

const LONGEST_NAME = 100

/** The way from what readers decided to a data set: its name, and what was made last. */
export function MakeSet({ set }: { set: LearningSet }) {
	const { making, made } = useLearning()
	const [name, setName] = useState('')
	const root = useRef<HTMLElement>(null)
	const own = made?.key === keyOfSet(set) ? made : null
	const isMaking = making !== null
	// The button that was pressed can no longer be.
	useEffect(() => {
		if (own) focusIfNothingHasIt(root.current?.querySelector('[data-made] button'))
	}, [own])
	if (set.missing.length > 0) return null
	return (
		<section ref={root} aria-label="Make a data set" data-make className="learning-make">
			<h2>Make a data set</h2>
			{own && <MadeState made={own} />}
			<form
				className="adding-end-row"
				onSubmit={(event) => {
					event.preventDefault()
					if (isMaking || name.trim() === '') return
					void makeSet(set, name)
					setName('')
				}}
			>
				<label className="field adding-name">
					<span>Name of the data set</span>
					<input value={name} maxLength={LONGEST_NAME} dir="auto" autoComplete="off" onChange={(event) => setName(event.target.value)} />
				</label>
				<button className="primary" type="submit" disabled={isMaking || name.trim() === ''}>Make a data set</button>
			</form>
			<p className="muted data-set-note">{sizeOfSet(set)} are written as pictures beside a table. {PRIVACY}</p>
		</section>
	)
}

function MadeState({ made }: { made: Made }) {
	const { title, set } = made
	const { dataSet, fault } = set
	return (
		<div data-made className="learning-made" role="status">
			<p><CircleCheck size={14} aria-hidden /> <strong><bdi>{title}</bdi></strong> was made: {sizeOfSet(set)}. {fault !== '' && `It could not be put among the data sets: ${fault} Its pictures and its table are kept in ${set.folder}.`}</p>
			<p className="learning-made-ways">
				{dataSet ? (
					<>
						<button onClick={openMade}><FolderOpen aria-hidden />Open the data set</button>
						<button onClick={() => beginRun(dataSet.recipe)}><Play aria-hidden />New run with it</button>
					</>
				) : fault !== '' && <button onClick={() => void registerMade()}>Try again</button>}
			</p>
		</div>
	)
}
