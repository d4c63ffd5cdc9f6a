import { existsSync } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { UserError } from '../../common/contract/procedures.ts'
import type { FolderList } from '../../common/contract/training/dataSets.ts'

/** Folders that are listed, and names that are read for it: a folder of a million films is no place to look for folders. */
const LISTED = 1000
const READ = 20_000
/** Links that are followed. */
const LINKS = 1000

/**
 * The folders in a folder by name, links to folders among them, hidden ones left out.
 * @param folder absolute; null: the home folder of whoever runs the program.
 * @throws UserError where it cannot be read.
 */
export async function listFolders(folder: string | null): Promise<FolderList> {
	const at = folder === null ? homedir() : absolute(folder)
	const names: string[] = []
	let more = false
	try {
		let read = 0
		let links = 0
		for await (const entry of await opendir(at)) {
			if (++read > READ) {
				more = true
				break
			}
			if (entry.name.startsWith('.')) continue
			if (entry.isDirectory() || (entry.isSymbolicLink() && ++links <= LINKS && (await isFolder(join(at, entry.name))))) names.push(entry.name)
		}
	} catch (error) {
		throw new UserError(`The folder ${at} cannot be read.`, String(error))
	}
	const order = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
	const listed = names.toSorted(order.compare).slice(0, LISTED)
	const parent = dirname(at)
	return { folder: at, parent: parent === at ? null : parent, folders: listed.map((name) => ({ name, path: join(at, name) })), more: more || names.length > LISTED, places: [homedir(), ...roots()] }
}

/** A folder as a person names it. @throws UserError where that is not from the root. */
export function absolute(folder: string): string {
	if (!isAbsolute(folder)) throw new UserError(`The folder "${basename(folder).slice(0, 100)}" is not named from the root.`)
	return resolve(folder)
}

export async function isFolder(path: string): Promise<boolean> {
	return (await stat(path).catch(() => null))?.isDirectory() ?? false
}

function roots(): string[] {
	if (process.platform !== 'win32') return ['/']
	return Array.from('CDEFGHIJKLMNOPQRSTUVWXYZAB', (letter) => `${letter}:\\`).filter((drive) => existsSync(drive))
}
