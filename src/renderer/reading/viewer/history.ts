/** Undo and redo over whole values; each present is kept as it was. */
export interface History<Value> {
	past: readonly Value[]
	present: Value
	future: readonly Value[]
}

const LONGEST = 100

export function beginHistory<Value>(present: Value): History<Value> {
	return { past: [], present, future: [] }
}

export function recorded<Value>({ past, present }: History<Value>, next: Value): History<Value> {
	return { past: [...past, present].slice(-LONGEST), present: next, future: [] }
}

/** @returns the same history where there is nothing to undo. */
export function undone<Value>(history: History<Value>): History<Value> {
	const before = history.past.at(-1)
	if (before === undefined) return history
	return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future] }
}

/** @returns the same history where there is nothing to redo. */
export function redone<Value>(history: History<Value>): History<Value> {
	const [next, ...future] = history.future
	if (next === undefined) return history
	return { past: [...history.past, history.present], present: next, future }
}
