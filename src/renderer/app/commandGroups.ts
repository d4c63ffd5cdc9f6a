import type { KnownCommand } from './commands.ts'

/** Commands by their group, in the order in which the groups first appear. */
export function groupsOf(commands: KnownCommand[]): [string, KnownCommand[]][] {
	const groups = new Map<string, KnownCommand[]>()
	for (const command of commands) groups.set(command.group, [...(groups.get(command.group) ?? []), command])
	return [...groups]
}
