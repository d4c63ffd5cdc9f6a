import { useEffect, useLayoutEffect, useRef } from 'react'
import { useCommands, type Command } from './commands.ts'

/**
 * Registers commands while the component is shown. The list may be made anew on every render: `run` and `enabled` are
 * looked up when the key is pressed, so they see the latest state, and the register changes only with ids, titles or keys.
 */
export function useRoomCommands(commands: Command[]): void {
	const latest = useRef<Command[]>([])
	useLayoutEffect(() => {
		latest.current = commands
	})
	const signature = JSON.stringify(commands.map(({ id, title, group, keys, everywhere }) => ({ id, title, group, keys, everywhere })))
	useEffect(() => {
		const find = (id: string) => latest.current.find((command) => command.id === id)
		const described = JSON.parse(signature) as Omit<Command, 'run' | 'enabled'>[]
		return useCommands.getState().register(described.map((command) => ({
			...command,
			run: () => find(command.id)?.run(),
			enabled: () => find(command.id)?.enabled?.() ?? true,
		})))
	}, [signature])
}
