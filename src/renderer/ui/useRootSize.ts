import { useSyncExternalStore } from 'react'

function subscribe(listener: () => void): () => void {
	window.addEventListener('resize', listener)
	return () => window.removeEventListener('resize', listener)
}

/** The root's font size in CSS pixels, which grows on wall displays (tokens.css). */
export function useRootSize(): number {
	return useSyncExternalStore(subscribe, () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize))
}
