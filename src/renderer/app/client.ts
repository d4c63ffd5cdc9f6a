import type { EventName, EventPayload, ProcedureInput, ProcedureName, ProcedureOutput } from '../../common/contract/procedures.ts'

/** A refusal of the main program, in words for the person; detail is for "copy details". */
export class CallError extends Error {
	readonly detail: string
	constructor(message: string, detail: string) {
		super(message)
		this.name = 'CallError'
		this.detail = detail
	}
}

export type ConnectionState = 'connecting' | 'open' | 'lost'

/** The contract as the renderer sees it; the preload bridge (Electron) or a WebSocket (browser shell) stands behind it. */
export interface Client {
	call<Name extends ProcedureName>(name: Name, input: ProcedureInput<Name>): Promise<ProcedureOutput<Name>>
	on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void
	onConnection(listener: (state: ConnectionState) => void): () => void
}

type CallReply = { output: unknown } | { error: { message: string; detail: string } }

/** What src/preload exposes; nothing else of Electron reaches the page. */
export interface Bridge {
	call(name: string, input: unknown): Promise<CallReply>
	on(listener: (name: string, payload: unknown) => void): void
}

class EventHub {
	private readonly listeners = new Map<string, Set<(payload: never) => void>>()

	on(name: string, listener: (payload: never) => void): () => void {
		const set = this.listeners.get(name) ?? new Set()
		this.listeners.set(name, set)
		set.add(listener)
		return () => void set.delete(listener)
	}

	emit(name: string, payload: unknown): void {
		for (const listener of this.listeners.get(name) ?? []) listener(payload as never)
	}
}

function unwrap(reply: CallReply): never {
	if ('error' in reply) throw new CallError(reply.error.message, reply.error.detail)
	return reply.output as never
}

function bridgeClient(bridge: Bridge): Client {
	const hub = new EventHub()
	bridge.on((name, payload) => hub.emit(name, payload))
	return {
		call: async (name, input) => unwrap(await bridge.call(name, input)),
		on: (name, listener) => hub.on(name, listener),
		onConnection(listener) {
			listener('open')
			return () => {}
		},
	}
}

const RECONNECT_MILLISECONDS = 1000

function socketClient(): Client {
	const hub = new EventHub()
	const waiting = new Map<number, (reply: CallReply) => void>()
	let nextId = 1
	let socket: WebSocket
	let state: ConnectionState = 'connecting'
	const unsent: string[] = []

	function setState(next: ConnectionState): void {
		state = next
		hub.emit('connection', next)
	}

	function connect(): void {
		socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/socket`)
		socket.onopen = () => {
			setState('open')
			for (const message of unsent.splice(0)) socket.send(message)
		}
		socket.onmessage = (message) => {
			const data = JSON.parse(String(message.data)) as { id: number; reply: CallReply } | { event: string; payload: unknown }
			if ('event' in data) hub.emit(data.event, data.payload)
			else {
				waiting.get(data.id)?.(data.reply)
				waiting.delete(data.id)
			}
		}
		socket.onclose = () => {
			for (const answer of waiting.values()) {
				answer({ error: { message: 'The connection to the workstation was lost. Start it again if it does not come back.', detail: '' } })
			}
			waiting.clear()
			setState('lost')
			setTimeout(connect, RECONNECT_MILLISECONDS)
		}
	}
	connect()

	return {
		async call(name, input) {
			const id = nextId++
			const reply = await new Promise<CallReply>((resolve) => {
				waiting.set(id, resolve)
				const message = JSON.stringify({ id, name, input })
				if (socket.readyState === WebSocket.OPEN) socket.send(message)
				else unsent.push(message)
			})
			return unwrap(reply)
		},
		on: (name, listener) => hub.on(name, listener),
		onConnection(listener) {
			listener(state)
			return hub.on('connection', listener)
		},
	}
}

declare global {
	interface Window {
		negatoscope?: Bridge
	}
}

export const client: Client = window.negatoscope ? bridgeClient(window.negatoscope) : socketClient()
