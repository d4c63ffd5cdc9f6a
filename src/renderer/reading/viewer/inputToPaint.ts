/**
 * How long the film takes to follow the hand: from the time stamp of the pointer or wheel event to the frame after the film
 * was drawn (so it errs on the long side, by up to a frame). Kept for the end-to-end tests as window.__inputToPaint, in milliseconds.
 */
const KEPT = 2000
let waitingSince: number | null = null

declare global {
	interface Window {
		__inputToPaint?: number[]
	}
}

/** An event that moves or windows the film has come; the first one not yet answered counts. */
export function noteInput(timeStamp: number): void {
	waitingSince ??= timeStamp
}

/** The film has been drawn. */
export function notePaint(): void {
	if (waitingSince === null) return
	const since = waitingSince
	waitingSince = null
	requestAnimationFrame(() => {
		const times = (window.__inputToPaint ??= [])
		times.push(performance.now() - since)
		if (times.length > KEPT) times.shift()
	})
}
