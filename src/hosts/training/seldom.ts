import type { RunProgress } from '../../common/contract/training/run.ts'

/** Images are counted faster than anybody reads. */
const PHASE_MILLISECONDS = 250

/** Leaves out what is said of a phase shortly after something was said of it, but not its end. */
export function seldom(tell: (value: RunProgress) => void): (value: RunProgress) => void {
	let phase = ''
	let since = 0
	return (value) => {
		if (value.kind === 'phase') {
			const now = performance.now()
			if (value.phase === phase && value.done < value.of && now - since < PHASE_MILLISECONDS) return
			phase = value.phase
			since = now
		}
		tell(value)
	}
}
