import { open, opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'

/** Names that are read of one folder, and of all together: enough for every known layout, and seconds on a slow drive. */
const NAMES_OF_FOLDER = 20_000
const NAMES = 200_000
/** Links that are followed: each is asked for on its own. */
const LINKS = 2000

/** Endings of images. */
export const IMAGE = /\.(png|jpe?g|tiff?|dcm|dicom)$/i

/** What a folder holds, in order, without hidden names and what macOS leaves in archives. */
export interface Contents {
	files: string[]
	folders: string[]
}

/** Looks into folders, up to a bound on all that it reads; beyond it a folder seems to hold less than it does. */
export interface Peek {
	/** @param path by / from the data set's folder, '' for itself. One that cannot be read seems empty. */
	contents(path: string): Promise<Contents>
	/** Whether there is an image in a folder or below it: by its ending, or a DICOM file without one. */
	hasImage(path: string, depth: number): Promise<boolean>
	isFile(path: string): Promise<boolean>
}

/** @throws UserError where the folder itself cannot be read. */
export async function peekInto(folder: string): Promise<Peek> {
	const known = new Map<string, Contents>()
	let names = NAMES
	let links = LINKS

	async function read(path: string): Promise<Contents> {
		const found: Contents = { files: [], folders: [] }
		let left = NAMES_OF_FOLDER
		for await (const entry of await opendir(join(folder, path))) {
			if (--left < 0 || --names < 0) break
			if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue
			const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && links-- > 0 && await isFolderAt(join(folder, path, entry.name)))
			;(isFolder ? found.folders : found.files).push(entry.name)
		}
		return { files: found.files.toSorted(), folders: found.folders.toSorted() }
	}

	async function contents(path: string): Promise<Contents> {
		const before = known.get(path)
		if (before) return before
		const found = await read(path).catch((): Contents => ({ files: [], folders: [] }))
		known.set(path, found)
		return found
	}

	async function hasImage(path: string, depth: number): Promise<boolean> {
		const { files, folders } = await contents(path)
		if (files.some((name) => IMAGE.test(name))) return true
		const bare = files.find((name) => !name.includes('.'))
		if (bare !== undefined && (await isDicom(join(folder, path, bare)))) return true
		if (depth === 0) return false
		for (const name of folders) if (await hasImage(`${path}/${name}`, depth - 1)) return true
		return false
	}

	try {
		known.set('', await read(''))
	} catch (error) {
		throw new UserError(`The folder ${folder} cannot be read.`, String(error))
	}
	return { contents, hasImage, isFile: async (path) => (await stat(join(folder, path)).catch(() => null))?.isFile() ?? false }
}

async function isFolderAt(path: string): Promise<boolean> {
	return (await stat(path).catch(() => null))?.isDirectory() ?? false
}

async function isDicom(path: string): Promise<boolean> {
	const file = await open(path, 'r').catch(() => null)
	try {
		return file !== null && (await file.stat()).isFile() && (await file.read(Buffer.alloc(4), 0, 4, 128)).buffer.toString('latin1') === 'DICM'
	} catch {
		return false
	} finally {
		await file?.close()
	}
}
