/** Holds a run back between two steps while somebody at the reading desk waits for the processor. */
export interface Gate {
	/** Closes it for so long, from now on; 0 opens it. It opens by itself, so that a caller that is gone holds nobody back. */
	hold(milliseconds: number): void
	/** Resolves when the gate is open, or at once where the signal says that the run ends. */
	pass(signal: AbortSignal): Promise<void>
}

export function createGate(): Gate {
	let closed = Promise.withResolvers<void>()
	let timer: NodeJS.Timeout | null = null
	closed.resolve()

	function open(): void {
		timer = null
		closed.resolve()
	}

	return {
		hold(milliseconds) {
			if (timer) clearTimeout(timer)
			if (milliseconds === 0) return open()
			if (!timer) closed = Promise.withResolvers<void>()
			timer = setTimeout(open, milliseconds)
		},
		async pass(signal) {
			if (!timer || signal.aborted) return
			const ended = Promise.withResolvers<void>()
			const end = () => ended.resolve()
			signal.addEventListener('abort', end, { once: true })
			await Promise.race([closed.promise, ended.promise])
			signal.removeEventListener('abort', end)
		},
	}
}
