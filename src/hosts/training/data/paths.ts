import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import { DATA_LIMITS } from './limits.ts'

/**
 * A path that a table names, inside the data set's folder; with / or \ between its parts.
 * @returns its id (parts joined by /) and the absolute path, or why it is refused: a table may name no file outside the folder.
 */
export function insideFolder(folder: string, name: string): { id: string; path: string } | { refused: string } {
	const text = name.trim().replaceAll('\\', '/')
	if (text === '') return { refused: 'It names no file.' }
	if (text.length > DATA_LIMITS.path) return { refused: 'Its path is too long.' }
	if (/\p{Cc}/u.test(text)) return { refused: 'Its path has control characters.' }
	if (text.startsWith('/') || /^[a-z]:/i.test(text)) return { refused: 'Its path is absolute; files are named from the data set\'s folder.' }
	const parts = text.split('/').filter((part) => part !== '' && part !== '.')
	if (parts.includes('..')) return { refused: 'Its path leads out of the data set\'s folder.' }
	if (parts.length === 0) return { refused: 'It names no file.' }
	return { id: parts.join('/'), path: join(folder, ...parts) }
}

/** Entries of a folder in order, without hidden ones and what macOS leaves in archives. @throws UserError where it cannot be read. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
	const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
		throw new UserError(`The folder ${folder} cannot be read.`, String(error))
	})
	return entries.filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX').toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Names of the folders in a folder; a link to a folder counts as one. */
export async function foldersOf(folder: string): Promise<string[]> {
	return (await entriesOf(folder)).filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name)
}

/** Paths of the image files below a folder, by / from it, in order; by the endings of what is read, the bytes decide later. */
export async function imagesBelow(folder: string, depth: number = DATA_LIMITS.folderDepth): Promise<string[]> {
	const found: string[] = []
	async function walk(at: string, prefix: string, left: number): Promise<void> {
		for (const entry of await entriesOf(at)) {
			if (entry.isDirectory()) {
				if (left > 0) await walk(join(at, entry.name), `${prefix}${entry.name}/`, left - 1)
			} else if (/\.(png|jpe?g|tiff?|dcm|dicom)$/i.test(entry.name) || !entry.name.includes('.')) {
				found.push(`${prefix}${entry.name}`)
				if (found.length > DATA_LIMITS.images) throw new UserError(`${folder} has more than ${DATA_LIMITS.images} images, which is more than this program reads.`)
			}
		}
	}
	await walk(folder, '', depth)
	return found
}

/** A name with only what tells names apart: "Non-COVID", "non_covid" and "Non COVID" are the same. */
export function plainName(name: string): string {
	return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Split by the names in use: Train, val, valid, validation, dev, Test. Null for '' and anything else. */
export function splitNamed(name: string): 'train' | 'validation' | 'test' | null {
	const plain = plainName(name)
	if (plain === 'train' || plain === 'training') return 'train'
	if (plain === 'val' || plain === 'valid' || plain === 'validation' || plain === 'dev') return 'validation'
	return plain === 'test' || plain === 'testing' ? 'test' : null
}
