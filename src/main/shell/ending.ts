import type { Program } from './shell.ts'

/** Ends the program with its last window, but not while a run goes on: that needs none. */
export interface Ending {
	/** A window was closed, or a while has passed since. */
	windowClosed(): void
}

export interface EndingOptions {
	program: Pick<Program, 'unfinished' | 'subscribe'>
	/** Windows that are open. */
	windows(): number
	/** Tells a person that the program stays, and why; once for each time that the last window is closed. */
	stays(why: string): void
	end(): void
}

/** A page that is loaded again is gone for a moment, and so is the work between two runs. */
const GRACE_MILLISECONDS = 2000

export function createEnding({ program, windows, stays, end }: EndingOptions): Ending {
	let timer: NodeJS.Timeout | null = null
	let told = false
	let ended = false
	let unsubscribe: (() => void) | null = null

	function look(): void {
		timer = null
		if (ended) return
		if (windows() > 0) {
			told = false
			return
		}
		const why = program.unfinished()
		if (why === null) {
			ended = true
			unsubscribe?.()
			end()
		} else if (!told) {
			told = true
			stays(why)
		}
	}

	function lookLater(): void {
		timer ??= setTimeout(look, GRACE_MILLISECONDS)
	}

	return {
		windowClosed() {
			unsubscribe ??= program.subscribe((event) => void (event === 'training.changed' && lookLater()))
			// Without work there is nothing to wait for.
			if (windows() === 0 && program.unfinished() === null && !timer) look()
			else lookLater()
		},
	}
}
