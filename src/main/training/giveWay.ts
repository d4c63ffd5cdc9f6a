import type { HostCaller } from '../supervisor/hostCaller.ts'

/** Lets a run take no step while somebody at the reading desk waits for the processor. */
export interface GiveWay {
	/** Looks whether anybody waits: after each change of a host, and when a run begins to take steps. */
	look(): void
	end(): void
}

/** So long a run waits unless it is told again: a program that is gone holds nobody back. */
const HOLD_MILLISECONDS = 10_000
const AGAIN_MILLISECONDS = 5000

export interface GiveWayOptions {
	hosts: HostCaller
	/** Whether a run takes steps in the training host. */
	works(): boolean
	/** Called after each change. */
	onChange(gives: boolean): void
}

export function createGiveWay({ hosts, works, onChange }: GiveWayOptions): GiveWay {
	let gives = false
	let timer: NodeJS.Timeout | null = null

	function hold(milliseconds: number): void {
		// A host that ends meanwhile has nothing to hold.
		hosts.call('training', 'hold', { milliseconds }).catch(() => {})
	}

	function end(): void {
		if (timer) clearInterval(timer)
		timer = null
		gives = false
	}

	return {
		look() {
			const status = hosts.status()
			// Only a host that is there: a call would start it.
			const trains = status.some(({ name, state }) => name === 'training' && state === 'ready')
			const wanted = trains && works() && status.some(({ name, jobs }) => name === 'inference' && jobs > 0)
			if (wanted === gives) return
			if (wanted) {
				gives = true
				hold(HOLD_MILLISECONDS)
				timer = setInterval(() => hold(HOLD_MILLISECONDS), AGAIN_MILLISECONDS)
				timer.unref()
			} else {
				end()
				if (trains) hold(0)
			}
			onChange(gives)
		},
		end,
	}
}
