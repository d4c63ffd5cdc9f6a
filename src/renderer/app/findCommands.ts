import type { Command } from './commands.ts'

/**
 * Commands whose title or group has every typed word, best first: those whose title begins with the text, then those with
 * each word at the beginning of one of theirs, then the rest; within each, in the given order.
 */
export function findCommands<Found extends Pick<Command, 'title' | 'group'>>(commands: Found[], text: string): Found[] {
	const words = fold(text).split(/\s+/).filter((word) => word !== '')
	const whole = words.join(' ')
	return commands
		.map((command) => ({ command, rank: rank(fold(command.title), fold(`${command.group} ${command.title}`), words, whole) }))
		.filter((entry) => entry.rank < 3)
		.toSorted((a, b) => a.rank - b.rank)
		.map((entry) => entry.command)
}

function rank(title: string, all: string, words: string[], whole: string): number {
	if (!words.every((word) => all.includes(word))) return 3
	if (title.startsWith(whole)) return 0
	return words.every((word) => all.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) ? 1 : 2
}

function fold(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}
