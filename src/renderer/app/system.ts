import { create } from 'zustand'
import type { SystemStatus } from '../../common/contract/system.ts'
import { client, type ConnectionState } from './client.ts'
import { showError } from './notices.ts'

interface SystemState {
	/** Null until the main program has answered once. */
	status: SystemStatus | null
	connection: ConnectionState
}

export const useSystem = create<SystemState>(() => ({ status: null, connection: 'connecting' }))

async function refresh(): Promise<void> {
	try {
		useSystem.setState({ status: await client.call('system.status', {}) })
	} catch (error) {
		showError(error)
	}
}

/** Keeps the status fresh for as long as the window lives; returns what ends it. */
export function watchSystem(): () => void {
	const ends = [
		client.on('system.changed', (status) => useSystem.setState({ status })),
		client.onConnection((connection) => {
			useSystem.setState({ connection })
			if (connection === 'open') void refresh()
		}),
	]
	return () => {
		for (const end of ends) end()
	}
}
