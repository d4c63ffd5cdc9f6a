import { Trash2 } from 'lucide-react'
import { Dialog } from '../../ui/Dialog.tsx'
import { bytes } from '../../ui/words.ts'
import { keepRun, removeRun, useRuns } from './runsStore.ts'

/** Names what is lost with a run, and asks. There is no way back from it, so the keyboard begins at keeping it. */
export function RemovalDialog() {
	const removing = useRuns((state) => state.removing)
	if (!removing) return null
	const { run, removal } = removing
	return (
		<Dialog label={`Remove ${run.name}`} className="run-removal" onClose={keepRun}>
			<h2>Remove <bdi>{run.name}</bdi>?</h2>
			<p className="muted numbers selectable">{run.id}{removal.bytes > 0 && `, ${bytes(removal.bytes)}`}</p>
			<p>This cannot be undone. What is lost:</p>
			<ul className="selectable">{removal.lost.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
			<div className="run-removal-end">
				<button data-first onClick={keepRun}>Keep the run</button>
				<button className="danger" onClick={() => void removeRun()}><Trash2 aria-hidden />Remove for good</button>
			</div>
		</Dialog>
	)
}
