import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { PACK_CONTENTS, PACK_FILE_ENDING, PACK_FILES, PACK_FORMAT, PACK_FORMAT_VERSION, packFileNameSchema, type PackContents, type PackFileName } from '../../common/contract/packFile.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'

/** A pack in one file, ready to be sent. */
export interface PackFile {
	/** ID-VERSION.negatoscope-pack.zip */
	name: string
	bytes: number
	/** The archive from its first byte; may be asked for once. @throws UserError where a file of the pack changed since. */
	stream(): AsyncGenerator<Uint8Array>
}

/** An entry of the archive. */
interface Entry {
	name: string
	bytes: number
	crc: number
	/** Null: the bytes of the file in the pack's folder. */
	content: Uint8Array | null
}

const LOCAL_HEADER = 30
const CENTRAL_HEADER = 46
const END_RECORD = 22
/** 1 January 1980, 0:00, where the time of DOS begins: an archive says nothing of when it was written. */
const DOS_DATE = 0x0021
/** Unix, version 2.0 of the format; a plain file that its owner writes and everybody reads. */
const MADE_BY = (3 << 8) | 20
const MODE = 0o100644

/**
 * A pack as one ZIP archive: pack.json, then the pack's files in a fixed order, stored as they are. Deflate would save a tenth and give other bytes with every version of
 * its library; so the same pack is the same file on every machine.
 * @throws UserError where the pack has no card or no licence: it would be handed on without what a reader must know.
 */
export async function openPackFile({ directory, manifest, card }: Pick<ReadyModel, 'directory' | 'manifest' | 'card'>): Promise<PackFile> {
	requirePapers({ manifest, card })
	const files: PackContents['files'] = []
	const entries: Entry[] = []
	for (const name of packFileNameSchema.options) {
		const found = await describe(join(directory, name), name)
		if (!found) continue
		files.push({ name, bytes: found.bytes, sha256: found.sha256 })
		entries.push({ name, bytes: found.bytes, crc: found.crc, content: null })
	}
	const contents = Buffer.from(`${JSON.stringify({ format: PACK_FORMAT, formatVersion: PACK_FORMAT_VERSION, files } satisfies PackContents, null, '\t')}\n`)
	entries.unshift({ name: PACK_CONTENTS, bytes: contents.length, crc: crc32(contents), content: contents })
	const headers = entries.reduce((sum, { name }) => sum + LOCAL_HEADER + CENTRAL_HEADER + 2 * name.length, END_RECORD)
	return {
		name: `${manifest.id}-${manifest.version}${PACK_FILE_ENDING}`,
		bytes: headers + entries.reduce((sum, { bytes }) => sum + bytes, 0),
		stream: () => archive(directory, entries),
	}
}

/** @throws UserError where a pack lacks its card or its licence. */
export function requirePapers({ manifest, card }: Pick<ReadyModel, 'manifest' | 'card'>): void {
	if (card.trim() === '') throw new UserError(`The model pack ${manifest.id} has no card (CARD.md), so nobody could read what it is for and where it fails.`)
	if (manifest.licence.trim() === '') throw new UserError(`The model pack ${manifest.id} states no licence.`)
}

/** Null where there is no such file. @throws UserError for a link, a folder, or a file that is too large. */
async function describe(path: string, name: PackFileName): Promise<{ bytes: number; sha256: string; crc: number } | null> {
	const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return null
		throw error
	})
	if (!found) return null
	if (!found.isFile()) throw new UserError(`${name} is not a plain file.`)
	if (found.size > PACK_FILES[name]) throw new UserError(`${name} is larger than ${PACK_FILES[name] / 1024} KiB.`)
	const hash = createHash('sha256')
	let crc = 0
	let bytes = 0
	for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
		hash.update(chunk)
		crc = crc32(chunk, crc)
		bytes += chunk.length
	}
	return { bytes, sha256: hash.digest('hex'), crc }
}

async function* archive(directory: string, entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
	const central: Uint8Array[] = []
	let offset = 0
	for (const entry of entries) {
		central.push(centralHeader(entry, offset))
		const header = localHeader(entry)
		yield header
		if (entry.content) yield entry.content
		else yield* unchanged(join(directory, entry.name), entry)
		offset += header.length + entry.bytes
	}
	yield* central
	yield endRecord(entries.length, central.reduce((sum, { length }) => sum + length, 0), offset)
}

/** The bytes of a file that were described before. */
async function* unchanged(path: string, { name, bytes, crc }: Entry): AsyncGenerator<Uint8Array> {
	let read = 0
	let sum = 0
	for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
		read += chunk.length
		sum = crc32(chunk, sum)
		if (read > bytes) break
		yield chunk
	}
	// Whoever gets it sees that it broke off, instead of a whole archive of something else.
	if (read !== bytes || sum !== crc) throw new UserError(`${name} changed while the pack was written.`)
}

/** Fields that both headers of an entry share, from the version that is needed on. */
function writeShared(view: DataView, start: number, { name, bytes, crc }: Entry): void {
	view.setUint16(start, 20, true)
	view.setUint16(start + 2, 0, true)
	view.setUint16(start + 4, 0, true)
	view.setUint16(start + 6, 0, true)
	view.setUint16(start + 8, DOS_DATE, true)
	view.setUint32(start + 10, crc, true)
	view.setUint32(start + 14, bytes, true)
	view.setUint32(start + 18, bytes, true)
	view.setUint16(start + 22, name.length, true)
}

function localHeader(entry: Entry): Uint8Array {
	const header = Buffer.alloc(LOCAL_HEADER + entry.name.length)
	const view = new DataView(header.buffer, header.byteOffset)
	view.setUint32(0, 0x04034b50, true)
	writeShared(view, 4, entry)
	header.write(entry.name, LOCAL_HEADER, 'ascii')
	return header
}

function centralHeader(entry: Entry, offset: number): Uint8Array {
	const header = Buffer.alloc(CENTRAL_HEADER + entry.name.length)
	const view = new DataView(header.buffer, header.byteOffset)
	view.setUint32(0, 0x02014b50, true)
	view.setUint16(4, MADE_BY, true)
	writeShared(view, 6, entry)
	view.setUint32(38, MODE * 0x10000, true)
	view.setUint32(42, offset, true)
	header.write(entry.name, CENTRAL_HEADER, 'ascii')
	return header
}

function endRecord(entries: number, centralBytes: number, offset: number): Uint8Array {
	const record = Buffer.alloc(END_RECORD)
	const view = new DataView(record.buffer, record.byteOffset)
	view.setUint32(0, 0x06054b50, true)
	view.setUint16(8, entries, true)
	view.setUint16(10, entries, true)
	view.setUint32(12, centralBytes, true)
	view.setUint32(16, offset, true)
	return record
}
