import { create } from 'zustand'
import { useNavigation, type Room } from './navigation.ts'

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
	/** Belongs to the frame and not to the room that is shown. */
	everywhere?: boolean
}

/** What is kept of a command after its room was left, for the cheat sheet and the settings. */
export interface KnownCommand extends Pick<Command, 'id' | 'title' | 'group' | 'keys'> {
	/** Commands of different rooms never meet; null: it works in every room. */
	room: Room | null
}

interface CommandState {
	commands: Record<string, Command>
	/** Every command that was registered or described since the start. */
	known: Record<string, KnownCommand>
	register(commands: Command[]): () => void
	/** Names commands of a room that is not shown, so that their keys can be looked up and changed. */
	describe(commands: Command[], room: Room): void
}

function knownOf(commands: Command[], room: Room): Record<string, KnownCommand> {
	return Object.fromEntries(commands.map(({ id, title, group, keys, everywhere }) => [
		id, { id, title, group, ...(keys === undefined ? {} : { keys }), room: everywhere ? null : room },
	]))
}

export const useCommands = create<CommandState>((set) => ({
	commands: {},
	known: {},
	describe: (commands, room) => set((state) => ({ known: { ...state.known, ...knownOf(commands, room) } })),
	register(commands) {
		set((state) => ({
			commands: { ...state.commands, ...Object.fromEntries(commands.map((command) => [command.id, command])) },
			known: { ...state.known, ...knownOf(commands, useNavigation.getState().room) },
		}))
		return () =>
			set((state) => {
				const left = { ...state.commands }
				for (const command of commands) if (left[command.id] === command) delete left[command.id]
				return { commands: left }
			})
	},
}))
