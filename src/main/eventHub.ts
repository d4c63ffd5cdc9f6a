import type { EventName, EventPayload } from '../common/contract/procedures.ts'

/** Tells every window what changed. */
export interface EventHub {
	emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void
	subscribe(listener: (event: string, payload: unknown) => void): () => void
}

export function createEventHub(): EventHub {
	const listeners = new Set<(event: string, payload: unknown) => void>()
	return {
		emit(name, payload) {
			for (const listener of listeners) listener(name, payload)
		},
		subscribe(listener) {
			listeners.add(listener)
			return () => void listeners.delete(listener)
		},
	}
}
