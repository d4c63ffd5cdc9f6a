import { create } from 'zustand'

/**
 * Everything that a person can do by key or from the palette. A room registers its commands while it is shown.
 * Keys are written as in "Ctrl+Shift+z", "Shift+r", "F11", "ArrowLeft", "?", "`"; several are separated by blanks.
 */
export interface Command {
	id: string
	title: string
	/** Heading in the palette and the cheat sheet: "View", "Measure", "Findings". */
	group: string
	/** Default keys; the settings may hold others. */
	keys?: string
	run(): void
	/** Not offered while false. */
	enabled?(): boolean
}

interface CommandState {
	commands: Record<string, Command>
	register(commands: Command[]): () => void
}

export const useCommands = create<CommandState>((set) => ({
	commands: {},
	register(commands) {
		set((state) => ({ commands: { ...state.commands, ...Object.fromEntries(commands.map((command) => [command.id, command])) } }))
		return () =>
			set((state) => {
				const left = { ...state.commands }
				for (const command of commands) if (left[command.id] === command) delete left[command.id]
				return { commands: left }
			})
	},
}))
