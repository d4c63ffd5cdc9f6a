import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { UserError } from '../../common/contract/procedures.ts'

/** No further file can be taken; the window stops handing over. */
export class DiskFullError extends UserError {}

/** Files that the window has handed over for an import that has not begun, in the order of their index. */
export interface Uploads {
	/** @throws UserError for a bad address, a file above the limit, a full disk, or an import that was taken or cleared meanwhile. */
	receive(importId: string, index: number, name: string, body: ReadableStream | null): Promise<void>
	/** Ends the receiving: the files, with the names that the person knows them by. */
	take(importId: string): { path: string; name: string }[]
	/** Removes an import's files once the object store has what it wants of them. */
	clear(importId: string): Promise<void>
}

const FILE_LIMIT_BYTES = 2 * 1024 ** 3
const FILES_LIMIT = 200_000
const NAME_LIMIT = 1000
/** No more than a folder's name: an import cannot point out of the uploads. */
const IMPORT_ID = /^[a-z0-9-]{1,64}$/
/** Leftovers of a window that went away are swept when they are older than this. */
const LEFTOVER_MILLISECONDS = 24 * 3600 * 1000

export async function openUploads(home: string): Promise<Uploads> {
	const root = join(home, 'uploads')
	const waiting = new Map<string, Map<number, { path: string; name: string }>>()
	await mkdir(root, { recursive: true })
	for (const name of await readdir(root)) {
		const { mtimeMs } = await stat(join(root, name))
		if (Date.now() - mtimeMs > LEFTOVER_MILLISECONDS) await rm(join(root, name), { recursive: true, force: true })
	}

	return {
		async receive(importId, index, name, body) {
			if (!IMPORT_ID.test(importId) || !Number.isInteger(index) || index < 0 || index >= FILES_LIMIT) throw new UserError('The address of the file is not valid.')
			const folder = join(root, importId)
			const files = waiting.get(importId) ?? new Map<number, { path: string; name: string }>()
			waiting.set(importId, files)
			await mkdir(folder, { recursive: true })
			const path = join(folder, String(index))
			try {
				if (body) await pipeline(Readable.fromWeb(body), atMost(FILE_LIMIT_BYTES, name), createWriteStream(path))
				else await pipeline(Readable.from([]), createWriteStream(path))
			} catch (error) {
				await rm(path, { force: true })
				if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new DiskFullError('There is no space left on the disk for this import. What the library had before is kept.')
				throw error
			}
			if (waiting.get(importId) !== files) {
				await rm(path, { force: true })
				throw new UserError(`${name.slice(0, NAME_LIMIT)} was not taken, because its import was ended or had begun.`)
			}
			files.set(index, { path, name: name.slice(0, NAME_LIMIT) || 'unnamed' })
		},
		take(importId) {
			const files = waiting.get(importId) ?? new Map<number, { path: string; name: string }>()
			waiting.delete(importId)
			return [...files].toSorted(([a], [b]) => a - b).map(([, file]) => file)
		},
		async clear(importId) {
			if (!IMPORT_ID.test(importId)) throw new UserError('The address of the import is not valid.')
			waiting.delete(importId)
			await rm(join(root, importId), { recursive: true, force: true })
		},
	}
}

function atMost(limit: number, name: string) {
	return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
		let bytes = 0
		for await (const chunk of source) {
			bytes += chunk.length
			if (bytes > limit) throw new UserError(`${name} is larger than 2 GiB and was not taken.`)
			yield chunk
		}
	}
}
