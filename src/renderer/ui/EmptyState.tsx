import './emptyState.css'
import type { ReactNode } from 'react'

/** What stands where a list would be: what is so, and what to do next. */
export function EmptyState({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
	return (
		<div className="empty-state">
			<h2>{title}</h2>
			<p>{text}</p>
			{children && <div className="empty-state-actions">{children}</div>}
		</div>
	)
}
