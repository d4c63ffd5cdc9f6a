import type { KeyboardEvent } from 'react'

/**
 * Arrows, Home and End bring the keyboard from one row of a list to another. Keys that are pressed elsewhere in a row do not.
 * @param rows selects what has the keyboard of each row.
 */
export function goThroughRows(event: KeyboardEvent, rows: string): void {
	const found = [...event.currentTarget.querySelectorAll<HTMLElement>(rows)]
	const at = found.findIndex((row) => row === event.target)
	const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key]
	if (at < 0 || target === undefined || event.ctrlKey || event.altKey || event.metaKey) return
	event.preventDefault()
	found[Math.max(0, Math.min(found.length - 1, target))]?.focus()
}
