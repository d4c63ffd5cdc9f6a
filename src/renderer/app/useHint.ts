import { useCommands } from './commands.ts'
import { keysOf, shownKey } from './keys.ts'
import { useSettings } from './settings.ts'

/** "Worklist (Alt+1)": a name with the key that its command has at present. */
export function useHint(title: string, commandId: string): string {
	const command = useCommands((state) => state.known[commandId])
	const bindings = useSettings((state) => state.settings.keyBindings)
	const [key] = command ? keysOf(command, bindings) : []
	return key ? `${title} (${shownKey(key)})` : title
}
