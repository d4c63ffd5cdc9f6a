import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import yauzl from 'yauzl'
import { UserError } from '../../common/contract/procedures.ts'
import type { RefusedFile } from '../../common/contract/import.ts'
import { tidyText } from './dicom/values.ts'
import { LIMITS } from './limits.ts'

export interface Unpacked {
	files: { name: string; path: string }[]
	refused: RefusedFile[]
}

export interface UnzipBounds {
	entries: number
	totalBytes: number
	entryBytes: number
	ratio: number
	/** Unpacked bytes of an entry from which on its ratio counts; a black film packs a thousand times, and is small. */
	ratioFrom: number
}

const BOUNDS: UnzipBounds = {
	entries: LIMITS.archiveEntries, totalBytes: LIMITS.archiveBytes, entryBytes: LIMITS.archiveEntryBytes, ratio: LIMITS.archiveRatio, ratioFrom: 2 ** 28,
}

/** Files that operating systems leave in archives and that no person put there. */
const LEFTOVERS = /(^|\/)(__MACOSX\/.*|\.DS_Store|Thumbs\.db|desktop\.ini)$/

/**
 * Unpacks a ZIP archive into a folder. File names on disk are numbers, so no entry can write elsewhere; an entry's own name is for
 * display only. An entry that cannot be read is refused with its reason and the others still come. Archives inside stay packed.
 * @throws UserError where the archive as a whole cannot be read.
 */
export async function unzip(path: string, into: string, onEntry: (name: string) => void, signal: AbortSignal, bounds: UnzipBounds = BOUNDS): Promise<Unpacked> {
	const archive = await openArchive(path)
	const unpacked: Unpacked = { files: [], refused: [] }
	let totalBytes = 0
	let entries = 0
	try {
		for await (const entry of entriesOf(archive)) {
			signal.throwIfAborted()
			if (++entries > bounds.entries) {
				unpacked.refused.push({ name: '(further files)', reason: `The archive holds more than ${bounds.entries} files; the rest was left out.` })
				break
			}
			const rawName = nameOf(entry)
			if (rawName.endsWith('/') || LEFTOVERS.test(rawName)) continue
			const name = displayName(rawName)
			onEntry(name)
			const reason = whyUnreadable(entry, bounds)
			if (reason) {
				unpacked.refused.push({ name, reason })
				continue
			}
			const target = join(into, String(entries).padStart(6, '0'))
			try {
				const written = await writeEntry(archive, entry, target, bounds, bounds.totalBytes - totalBytes, signal)
				totalBytes += written
				unpacked.files.push({ name, path: target })
			} catch (error) {
				await rm(target, { force: true })
				signal.throwIfAborted()
				if (isStorageFault(error)) throw error
				unpacked.refused.push({ name, reason: error instanceof UserError ? error.message : 'The file is damaged inside the archive.' })
			}
		}
	} catch (error) {
		// What was unpacked before the damage is kept.
		if (!(error instanceof DamagedArchiveError)) throw error
		unpacked.refused.push({ name: '(rest of the archive)', reason: 'The list of files in the archive is damaged; what comes after was left out.' })
	} finally {
		archive.close()
	}
	return unpacked
}

/** No space left and the like: the archive is not at fault, and the import as a whole has to stop. */
function isStorageFault(error: unknown): boolean {
	const code = error instanceof Error && 'code' in error ? error.code : ''
	return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EACCES' || code === 'EROFS' || code === 'EMFILE'
}

/** The list of files in the archive cannot be read on. */
export class DamagedArchiveError extends Error {}

/** @throws UserError where it is no archive. */
export function openArchive(path: string): Promise<yauzl.ZipFile> {
	return new Promise((resolve, reject) => {
		// Names and sizes are checked here: yauzl would give up the whole archive at the first one that it does not like.
		yauzl.open(path, { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false }, (error, archive) => {
			if (error) reject(new UserError('The archive is damaged or cut off.', error.message))
			else resolve(archive)
		})
	})
}

/** The entries in the order of the archive's list. @throws DamagedArchiveError where it ends too soon. */
export async function* entriesOf(archive: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
	for (;;) {
		const entry = await new Promise<yauzl.Entry | null>((resolve, reject) => {
			const settle = (): void => {
				archive.removeListener('entry', onEntry)
				archive.removeListener('end', onEnd)
				archive.removeListener('error', onError)
			}
			const onEntry = (found: yauzl.Entry): void => {
				settle()
				resolve(found)
			}
			const onEnd = (): void => {
				settle()
				resolve(null)
			}
			const onError = (error: Error): void => {
				settle()
				reject(new DamagedArchiveError(error.message))
			}
			archive.on('entry', onEntry)
			archive.on('end', onEnd)
			archive.on('error', onError)
			archive.readEntry()
		})
		if (!entry) return
		yield entry
	}
}

/** The name that an entry has in the archive, whatever that is. */
export function nameOf(entry: yauzl.Entry): string {
	const raw: unknown = entry.fileName
	if (!(raw instanceof Uint8Array)) return String(raw)
	const utf8 = (entry.generalPurposeBitFlag & 0x800) !== 0
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(raw)
	} catch {
		return new TextDecoder(utf8 ? 'utf-8' : 'latin1').decode(raw)
	}
}

/** A name that is safe to show: no parent folders, no control characters, bounded. */
export function displayName(name: string): string {
	const parts = name.replaceAll('\\', '/').split('/').filter((part) => part !== '' && part !== '.' && part !== '..')
	return tidyText(parts.join('/')).slice(-240) || '(no name)'
}

function whyUnreadable(entry: yauzl.Entry, bounds: UnzipBounds): string | null {
	if ((entry.generalPurposeBitFlag & 1) !== 0) return 'The file is protected by a password inside the archive.'
	if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) return `The file is packed by a method (${entry.compressionMethod}) that is not read; stored and deflated files are.`
	if (entry.uncompressedSize > bounds.entryBytes) return 'The file inside the archive is larger than this program reads.'
	if (isBomb(entry.uncompressedSize, entry.compressedSize, bounds)) return 'The file unfolds to far more than any image does.'
	return null
}

function isBomb(unpacked: number, packed: number, bounds: UnzipBounds): boolean {
	return unpacked > bounds.ratioFrom && unpacked > packed * bounds.ratio
}

async function writeEntry(archive: yauzl.ZipFile, entry: yauzl.Entry, target: string, bounds: UnzipBounds, bytesLeft: number, signal: AbortSignal): Promise<number> {
	const stream = await new Promise<Readable>((resolve, reject) => {
		archive.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)))
	})
	let written = 0
	const counter = new Transform({
		transform(chunk: Uint8Array, _encoding, done) {
			written += chunk.length
			if (written > bytesLeft) done(new UserError('The archive unfolds to more than this program takes in one import; this file was left out.'))
			else if (written > bounds.entryBytes || isBomb(written, entry.compressedSize, bounds)) done(new UserError('The file unfolds to far more than any image does.'))
			else done(null, chunk)
		},
	})
	await pipeline(stream, counter, createWriteStream(target, { flags: 'wx' }), { signal })
	if (written !== entry.uncompressedSize) throw new UserError('The file is damaged inside the archive.')
	return written
}
