import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'

/** Files that are being written begin like this; what a killed process left of them is removed when the folder is opened. */
export const UNFINISHED = '.unfinished-'

/**
 * Writes a file so that after a crash at any moment, power loss included, there is the whole new file or the old one: a temporary file
 * beside it, flushed to the disk, renamed, and the folder flushed too.
 * @throws UserError where the disk is full; nothing is left behind then.
 */
export function writeDurably(path: string, parts: Iterable<Uint8Array>): void {
	const temporary = join(dirname(path), `${UNFINISHED}${basename(path)}`)
	try {
		const descriptor = openSync(temporary, 'w', 0o600)
		try {
			for (const part of parts) writeFileSync(descriptor, part)
			fsyncSync(descriptor)
		} finally {
			closeSync(descriptor)
		}
		renameSync(temporary, path)
		flushFolder(dirname(path))
	} catch (error) {
		rmSync(temporary, { force: true })
		throw diskFault(error, path)
	}
}

export function writeJsonDurably(path: string, value: unknown): void {
	writeDurably(path, [new TextEncoder().encode(`${JSON.stringify(value, null, '\t')}\n`)])
}

/** A renamed file is only certain to be found again when its folder is on the disk too. */
export function flushFolder(folder: string): void {
	// Windows has no handle for it and keeps its own journal.
	if (process.platform === 'win32') return
	const descriptor = openSync(folder, 'r')
	try {
		fsyncSync(descriptor)
	} finally {
		closeSync(descriptor)
	}
}

/** A full disk in words; any other error as it is. */
export function diskFault(error: unknown, path: string): unknown {
	const { code } = error as NodeJS.ErrnoException
	if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
	return new UserError(`There is no space left on the disk for ${path}. What the run has saved so far is whole; make space and resume it.`, `${code} ${path}`)
}
