import { useState, type FormEvent } from 'react'
import { showError } from '../../../app/notices.ts'
import { findings } from '../live.ts'

/** A finding in the reader's own words. */
export function AddFinding() {
	const studyId = findings.store((state) => state.studyId)
	const [text, setText] = useState('')
	const [isAdding, setAdding] = useState(false)

	function add(event: FormEvent): void {
		event.preventDefault()
		const wanted = text.trim()
		if (wanted === '' || studyId === null || isAdding) return
		setAdding(true)
		// The text stays in the field until it is kept.
		findings.add(studyId, wanted).then(() => setText(''), showError).finally(() => setAdding(false))
	}

	return (
		<form className="add-finding" onSubmit={add}>
			<input
				type="text" aria-label="New finding" placeholder="Add a finding of your own" dir="auto" maxLength={4000} value={text}
				onChange={(event) => setText(event.target.value)}
			/>
			<button type="submit" disabled={text.trim() === '' || isAdding}>Add</button>
		</form>
	)
}
