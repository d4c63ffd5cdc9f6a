import { create } from 'zustand'
import type { AdminSection } from '../admin/sections.ts'
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
	/** Of the Admin room, whose sections never meet either; none in the other rooms. */
	section?: AdminSection
}

interface CommandState {
	commands: Record<string, Command>
	/** Every command that was registered or described since the start. */
	known: Record<string, KnownCommand>
	register(commands: Command[]): () => void
	/** Names commands of a room that is not shown, so that their keys can be looked up and changed. */
	describe(commands: Command[], room: Room): void
}

function knownOf(commands: Command[], room: Room, section: AdminSection): Record<string, KnownCommand> {
	return Object.fromEntries(commands.map(({ id, title, group, keys, everywhere }) => [
		id, { id, title, group, ...(keys === undefined ? {} : { keys }), room: everywhere ? null : room, ...(!everywhere && room === 'admin' ? { section } : {}) },
	]))
}

export const useCommands = create<CommandState>((set) => ({
	commands: {},
	known: {},
	describe: (commands, room) => set((state) => ({ known: { ...state.known, ...knownOf(commands, room, useNavigation.getState().section) } })),
	register(commands) {
		const { room, section } = useNavigation.getState()
		set((state) => ({
			commands: { ...state.commands, ...Object.fromEntries(commands.map((command) => [command.id, command])) },
			known: { ...state.known, ...knownOf(commands, room, section) },
		}))
		return () =>
			set((state) => {
				const left = { ...state.commands }
				for (const command of commands) if (left[command.id] === command) delete left[command.id]
				return { commands: left }
			})
	},
}))
