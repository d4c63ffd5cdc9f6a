import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import type { Finding } from '../../../../common/contract/report.ts'
import { showError, useNotices } from '../../../app/notices.ts'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { fractionText } from '../analysis/labelRows.ts'
import { findings } from '../live.ts'
import { actOfKey, actsOn, type FindingAct } from './findingKeys.ts'

const STATUS_TAGS: Record<Finding['status'], string> = { suggested: 'tag network', accepted: 'tag accent', rejected: 'tag' }
const STATUS_WORDS: Record<Finding['status'], string> = { suggested: 'Suggested', accepted: 'Accepted', rejected: 'Rejected' }
const ACT_WORDS: Record<FindingAct, string> = { accept: 'Accept', reject: 'Reject', undecide: 'Undo decision', edit: 'Edit', remove: 'Remove' }

/** Where the finding comes from, in one line. */
function originText(finding: Finding): string {
	if (finding.origin === 'reader') return 'Yours'
	const parts = finding.edited ? ['Your wording'] : []
	parts.push(finding.probability === null ? 'network' : `network ${fractionText(finding.probability)}`)
	if (finding.operatingPoint !== null) parts.push(`called from ${fractionText(finding.operatingPoint)}`)
	return parts.join(' · ')
}

async function remove(finding: Finding): Promise<void> {
	await findings.remove(finding)
	useNotices.getState().show({
		level: 'info',
		message: 'Finding removed.',
		detail: finding.text,
		action: { title: 'Undo', run: () => void findings.add(finding.studyId, finding.text).catch(showError) },
	})
}

function FindingEditor({ finding, close }: { finding: Finding; close(byKey: boolean): void }) {
	const [text, setText] = useState(finding.text)
	const over = useRef(false)

	function end(save: boolean, byKey: boolean): void {
		// Leaving the field saves; the field is also left when it goes because of a key.
		if (over.current) return
		over.current = true
		const wanted = text.trim()
		if (save && wanted !== '' && wanted !== finding.text) findings.update(finding, { text: wanted }).catch(showError)
		close(byKey)
	}

	function press(event: KeyboardEvent): void {
		if (event.nativeEvent.isComposing) return
		if (event.key === 'Escape' || (event.key === 'Enter' && !event.shiftKey)) {
			event.preventDefault()
			event.stopPropagation()
			end(event.key === 'Enter', true)
		}
	}

	return (
		<textarea
			className="finding-editor" aria-label="Text of the finding" dir="auto" rows={3} maxLength={4000} value={text}
			ref={(element) => {
				if (element && document.activeElement !== element && !over.current) element.focus()
			}}
			onChange={(event) => setText(event.target.value)} onKeyDown={press} onBlur={() => end(true, false)}
		/>
	)
}

/** One finding: its status, its text, and what can be done with it. Only the current row's buttons are in the tab order. */
export function FindingItem({ finding, isCurrent, makeCurrent }: { finding: Finding; isCurrent: boolean; makeCurrent(): void }) {
	const [isEditing, setEditing] = useState(false)
	const row = useRef<HTMLLIElement>(null)
	const returnFocus = useRef(false)
	const textId = useId()

	useEffect(() => {
		if (isEditing || !returnFocus.current) return
		returnFocus.current = false
		focusIfNothingHasIt(row.current)
	}, [isEditing])

	function closeEditor(byKey: boolean): void {
		returnFocus.current = byKey
		setEditing(false)
	}

	function act(what: FindingAct): void {
		if (what === 'edit') {
			setEditing(true)
			return
		}
		if (what === 'remove') {
			// The row goes with what has the keyboard: the row beside it takes over.
			const neighbour = row.current?.nextElementSibling ?? row.current?.previousElementSibling
			remove(finding).then(() => focusIfNothingHasIt(neighbour)).catch(showError)
			return
		}
		const status = { accept: 'accepted', reject: 'rejected', undecide: 'suggested' } as const
		// The pressed button may go; the row stays and keeps the keyboard.
		row.current?.focus()
		findings.update(finding, { status: status[what] }).catch(showError)
	}

	function press(event: KeyboardEvent): void {
		if (isEditing || event.ctrlKey || event.metaKey || event.altKey) return
		const isOnButton = event.target !== event.currentTarget
		if (isOnButton && (event.key === 'Enter' || event.key === ' ')) return
		const what = actOfKey(event.key, finding)
		if (!what) return
		event.preventDefault()
		event.stopPropagation()
		act(what)
	}

	return (
		<li
			ref={row} className={`finding ${finding.status}`} data-row tabIndex={isCurrent ? 0 : -1} aria-labelledby={textId}
			onFocus={makeCurrent} onKeyDown={press}
		>
			<div className="finding-head">
				<span className={STATUS_TAGS[finding.status]}>{STATUS_WORDS[finding.status]}</span>
				<span className="finding-origin muted numbers">{originText(finding)}</span>
			</div>
			{isEditing ? (
				<FindingEditor finding={finding} close={closeEditor} />
			) : (
				<p className="finding-text selectable" id={textId} dir="auto">{finding.text}</p>
			)}
			{!isEditing && (
				<div className="finding-acts">
					{actsOn(finding).map((what) => (
						<button
							key={what} type="button" className={what === 'accept' ? 'small' : 'small quiet'} tabIndex={isCurrent ? 0 : -1}
							aria-describedby={textId} onClick={() => act(what)}
						>
							{ACT_WORDS[what]}
						</button>
					))}
				</div>
			)}
		</li>
	)
}
