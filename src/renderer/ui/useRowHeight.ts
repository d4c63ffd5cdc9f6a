import { useSyncExternalStore } from 'react'

function subscribe(listener: () => void): () => void {
	window.addEventListener('resize', listener)
	return () => window.removeEventListener('resize', listener)
}

/** Height of a list row in CSS pixels: two lines of the root size, which grows on wall displays (tokens.css, --row). */
export function useRowHeight(): number {
	return useSyncExternalStore(subscribe, () => 2 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize))
}
