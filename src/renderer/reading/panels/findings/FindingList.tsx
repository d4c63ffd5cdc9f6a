import { useState, type KeyboardEvent } from 'react'
import { findings } from '../live.ts'
import { FindingItem } from './FindingItem.tsx'
import { FINDING_KEYS, rowAfterKey } from './findingKeys.ts'
import { countText } from './findingsKeeper.ts'

/** The findings of the open study; the same rows in the findings and the report tab. */
export function FindingList() {
	const { findings: list, fault } = findings.store()
	const [currentId, setCurrentId] = useState<number | null>(null)

	if (fault !== '') {
		return (
			<div className="fault" role="alert">
				<p>The findings could not be read. {fault}</p>
				<button type="button" onClick={() => void findings.load()}>Try again</button>
			</div>
		)
	}
	if (!list) return <p className="muted" role="status">Opening the findings</p>
	if (list.length === 0) return <p className="muted">No findings. A network suggests what it calls; you can add your own.</p>

	const current = Math.max(0, list.findIndex((finding) => finding.id === currentId))

	function press(event: KeyboardEvent<HTMLUListElement>): void {
		if (event.target instanceof HTMLTextAreaElement) return
		const target = rowAfterKey(event.key, current, list?.length ?? 0)
		if (target === null) return
		event.preventDefault()
		event.stopPropagation()
		const row = event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')[target]
		row?.focus()
		row?.scrollIntoView({ block: 'nearest' })
	}

	return (
		<>
			<p className="muted numbers" role="status">{countText(list)}</p>
			<p className="key-line muted">
				{FINDING_KEYS.map(({ key, what }) => <span key={key}><span className="key">{key}</span> {what}</span>)}
			</p>
			<ul className="finding-list" aria-label="Findings" onKeyDown={press}>
				{list.map((finding, index) => (
					<FindingItem key={finding.id} finding={finding} isCurrent={index === current} makeCurrent={() => setCurrentId(finding.id)} />
				))}
			</ul>
		</>
	)
}
