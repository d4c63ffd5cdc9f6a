import { randomUUID } from 'node:crypto'
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Writes the parts one after the other beside the target and renames, so that a target is whole or not there. In one go, without
 * turns between: the decoding before it held this thread for longer.
 * @throws Error of the file system, a full disk for example; nothing is left behind then.
 */
export function writeWhole(target: string, parts: readonly Uint8Array[]): void {
	const temporary = `${target}.${randomUUID()}.part`
	try {
		const descriptor = openSync(temporary, 'wx', 0o600)
		try {
			// By descriptor it goes on where the last part ended, and takes as many calls as the system needs.
			for (const part of parts) writeFileSync(descriptor, part)
		} finally {
			closeSync(descriptor)
		}
		renameSync(temporary, target)
	} catch (error) {
		rmSync(temporary, { force: true })
		throw error
	}
}
