import type { ParseArgsOptionsConfig } from 'node:util'
import type { Workstation } from '../main/workstation.ts'

/** How a command was called. */
export interface Call {
	workstation: Workstation
	json: boolean
	words: string[]
	/** An option's value; null where it was not given. */
	text(name: string): string | null
	/** The values of an option that may be given more than once. */
	texts(name: string): string[]
	/** True where an option without a value was given. */
	flag(name: string): boolean
}

export interface Command {
	options: ParseArgsOptionsConfig
	/** How many words it takes at least and at most. */
	words: [number, number]
	/** @returns the exit code. */
	run(call: Call): Promise<number>
}

/** Text from files must not break the table or the terminal. */
export function oneLine(value: unknown): string {
	return String(value).replace(/\p{Cc}/gu, ' ')
}
