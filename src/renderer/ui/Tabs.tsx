import './tabs.css'
import { useId, type KeyboardEvent, type ReactNode } from 'react'
import { tabAfterKey } from './tabAfterKey.ts'

interface TabsProps<Tab extends string> {
	label: string
	tabs: readonly { id: Tab; title: ReactNode }[]
	/** The tab that is shown. */
	shown: Tab
	onShow(tab: Tab): void
	/** What the shown tab holds. */
	children: ReactNode
}

/** Tabs over what the shown one holds, one below the other in a column; arrows, Home and End go from tab to tab. */
export function Tabs<Tab extends string>({ label, tabs, shown, onShow, children }: TabsProps<Tab>) {
	const panel = useId()

	function press(event: KeyboardEvent<HTMLElement>): void {
		const target = tabAfterKey(tabs.map(({ id }) => id), shown, event.key)
		if (!target) return
		event.preventDefault()
		onShow(target)
		event.currentTarget.querySelector<HTMLElement>(`[data-tab="${target}"]`)?.focus()
	}

	return (
		<>
			<div className="tabs numbers" role="tablist" aria-label={label} onKeyDown={press}>
				{tabs.map(({ id, title }) => (
					<button
						key={id} type="button" role="tab" className="tab" data-tab={id} id={`${panel}-${id}`}
						aria-selected={id === shown} aria-controls={id === shown ? panel : undefined} tabIndex={id === shown ? 0 : -1} onClick={() => onShow(id)}
					>
						{title}
					</button>
				))}
			</div>
			<div className="tab-panel" role="tabpanel" id={panel} aria-labelledby={`${panel}-${shown}`}>{children}</div>
		</>
	)
}
