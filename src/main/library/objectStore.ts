import { createHash, type Hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../common/contract/procedures.ts'
import { isLeftBehind, temporaryName } from './home.ts'

const CHUNK = 1 << 20
const INCOMING = 'incoming'

export interface StoredObject {
	sha256: string
	bytes: number
	/** False where the store had these bytes. */
	added: boolean
}

/** Files by the SHA-256 of their bytes: <folder>/ab/<sha256>. What is there under its name is whole and on the disk. */
export interface ObjectStore {
	folder: string
	/**
	 * Keeps the bytes of a file or a buffer: written to a temporary file, flushed, renamed.
	 * @throws UserError where the file cannot be read or is no longer what `expectedSha256` says; a failure to write is thrown as it is.
	 */
	put(source: string | Uint8Array, expectedSha256?: string): Promise<StoredObject>
	pathOf(sha256: string): string
	has(sha256: string): boolean
	/** Reads the whole object and compares. */
	verify(sha256: string): Promise<'whole' | 'missing' | 'damaged'>
	/** Every object with the time of its last put, in no order. */
	list(): AsyncGenerator<{ sha256: string; path: string; modifiedMilliseconds: number }>
	/** Removes temporary files of processes that are gone; returns how many. */
	cleanLeftovers(): Promise<number>
}

export function openObjectStore(folder: string): ObjectStore {
	const incoming = join(folder, INCOMING)

	function pathOf(sha256: string): string {
		if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('An object is named by 64 hexadecimal digits.')
		return join(folder, sha256.slice(0, 2), sha256)
	}

	async function put(source: string | Uint8Array, expectedSha256?: string): Promise<StoredObject> {
		await mkdir(incoming, { recursive: true, mode: 0o700 })
		const temporary = join(incoming, temporaryName())
		const input = typeof source === 'string' ? await openSource(source) : source
		try {
			const output = await open(temporary, 'wx', 0o600)
			const hash = createHash('sha256')
			let bytes = 0
			try {
				bytes = input instanceof Uint8Array ? await writeBytes(input, output, hash) : await copy(input, output, hash)
				await output.sync()
			} finally {
				await output.close()
			}
			const sha256 = hash.digest('hex')
			if (expectedSha256 !== undefined && sha256 !== expectedSha256) throw new UserError('The file changed while it was read.')
			const target = pathOf(sha256)
			const present = await stat(target).catch(() => null)
			const added = present?.size !== bytes
			// Renamed over a file that is there too: it is the same, and gets the time of this put, which keeps a sweep off it.
			await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 })
			await rename(temporary, target)
			await syncFolder(join(folder, sha256.slice(0, 2)))
			await syncFolder(folder)
			return { sha256, bytes, added }
		} finally {
			if (!(input instanceof Uint8Array)) await input.close()
			await rm(temporary, { force: true })
		}
	}

	async function verify(sha256: string): Promise<'whole' | 'missing' | 'damaged'> {
		const path = pathOf(sha256)
		if (!existsSync(path)) return 'missing'
		return (await sha256OfFile(path)) === sha256 ? 'whole' : 'damaged'
	}

	async function* list(): AsyncGenerator<{ sha256: string; path: string; modifiedMilliseconds: number }> {
		for (const group of await readdir(folder)) {
			if (!/^[0-9a-f]{2}$/.test(group)) continue
			for (const sha256 of await readdir(join(folder, group))) {
				const path = join(folder, group, sha256)
				const found = await stat(path).catch(() => null)
				if (found && /^[0-9a-f]{64}$/.test(sha256)) yield { sha256, path, modifiedMilliseconds: found.mtimeMs }
			}
		}
	}

	async function cleanLeftovers(): Promise<number> {
		return removeLeftovers(incoming)
	}

	return { folder, put, pathOf, has: (sha256) => existsSync(pathOf(sha256)), verify, list, cleanLeftovers }
}

/** Removes what processes that are gone left in a folder of temporary files or folders; returns how many. */
export async function removeLeftovers(folder: string): Promise<number> {
	let removed = 0
	for (const name of await readdir(folder).catch(() => [])) {
		const path = join(folder, name)
		const found = await stat(path).catch(() => null)
		if (!found || !isLeftBehind(name, found.mtimeMs)) continue
		await rm(path, { recursive: true, force: true })
		removed++
	}
	return removed
}

/** SHA-256 of a file's bytes, read in pieces. */
export async function sha256OfFile(path: string): Promise<string> {
	const hash = createHash('sha256')
	const file = await open(path, 'r')
	try {
		const buffer = Buffer.allocUnsafe(CHUNK)
		for (;;) {
			const { bytesRead } = await file.read(buffer, 0, CHUNK)
			if (bytesRead === 0) return hash.digest('hex')
			hash.update(buffer.subarray(0, bytesRead))
		}
	} finally {
		await file.close()
	}
}

async function openSource(path: string): Promise<FileHandle> {
	try {
		return await open(path, 'r')
	} catch (error) {
		throw unreadable(error)
	}
}

async function copy(input: FileHandle, output: FileHandle, hash: Hash): Promise<number> {
	const buffer = Buffer.allocUnsafe(CHUNK)
	let bytes = 0
	for (;;) {
		const { bytesRead } = await input.read(buffer, 0, CHUNK).catch((error: unknown) => {
			throw unreadable(error)
		})
		if (bytesRead === 0) return bytes
		bytes += await writeBytes(buffer.subarray(0, bytesRead), output, hash)
	}
}

async function writeBytes(source: Uint8Array, output: FileHandle, hash: Hash): Promise<number> {
	for (let offset = 0; offset < source.length; offset += CHUNK) {
		const piece = source.subarray(offset, offset + CHUNK)
		hash.update(piece)
		// write() may take less than it was given when the disk fills up; the next call then says why.
		for (let written = 0; written < piece.length; ) {
			written += (await output.write(piece, written, piece.length - written)).bytesWritten
		}
	}
	return source.length
}

function unreadable(error: unknown): UserError {
	return new UserError('The file cannot be read.', error instanceof Error ? error.message : String(error))
}

/** Makes a rename last through a power cut. Windows has no such call for folders and needs none. */
async function syncFolder(path: string): Promise<void> {
	if (process.platform === 'win32') return
	const folder = await open(path, 'r')
	try {
		await folder.sync()
	} finally {
		await folder.close()
	}
}
