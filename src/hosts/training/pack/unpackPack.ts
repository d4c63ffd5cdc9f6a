import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Transform, Writable, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type yauzl from 'yauzl'
import { PACK_CONTENTS, PACK_FILES, PACK_FORMAT, PACK_FORMAT_VERSION, packContentsSchema, packFileNameSchema, REQUIRED_PACK_FILES, type PackContents, type PackFileName } from '../../../common/contract/packFile.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { DamagedArchiveError, displayName, entriesOf, nameOf, openArchive } from '../../imaging/unzip.ts'

/** pack.json, bytes at most. */
const LARGEST_CONTENTS = 64 * 1024
/** Unpacked over packed size, of files of a megabyte and more: weights hardly pack at all. */
const MOST_RATIO = 100
const RATIO_FROM = 2 ** 20

/** File type of a Unix mode. */
const FILE_TYPE = 0o170000
const LINK = 0o120000
const UNIX = 3

const NO_PACK = 'It is no model pack of Negatoscope'

type Written = Map<PackFileName, { bytes: number; sha256: string }>

/**
 * Unpacks a pack file (docs/adr/0020-promotion-and-pack-files.md) into an empty folder. The archive has pack.json and the files that it names, and nothing else: no other
 * name, no folder, no link, nothing twice, nothing encrypted; each within its size, unfolding to what it says, with the SHA-256 that stands in pack.json.
 * What was written before a refusal is left for the caller, who made the folder.
 * @throws UserError with the reason; AbortError; faults of the disk as they are.
 */
export async function unpackPack(path: string, into: string, signal: AbortSignal): Promise<void> {
	const archive = await openArchive(path)
	const written: Written = new Map()
	let contents: PackContents | null = null
	try {
		for await (const entry of entriesOf(archive)) {
			signal.throwIfAborted()
			const name = nameOf(entry)
			const file = packFileNameSchema.safeParse(name).data
			const refusal = whyRefused(entry, name, file ? PACK_FILES[file] : LARGEST_CONTENTS)
			if (refusal) throw new UserError(refusal)
			if (file ? written.has(file) : contents) throw new UserError(`It holds ${name} twice.`)
			if (file) written.set(file, await writeEntry(archive, entry, join(into, file), PACK_FILES[file], signal))
			else contents = await readContents(archive, entry, signal)
		}
	} catch (error) {
		if (error instanceof DamagedArchiveError) throw new UserError('The list of files in the archive is damaged or cut off.', error.message)
		throw error
	} finally {
		archive.close()
	}
	check(contents, written)
}

/** What is wrong with an entry before it is unpacked; null where nothing is. */
function whyRefused(entry: yauzl.Entry, name: string, limit: number): string | null {
	if (name !== PACK_CONTENTS && !packFileNameSchema.safeParse(name).success) return `${NO_PACK}: it holds "${displayName(name).slice(0, 80)}", which is no file of a pack.`
	if (entry.versionMadeBy >>> 8 === UNIX && ((entry.externalFileAttributes >>> 16) & FILE_TYPE) === LINK) return `${name} is a link; a model pack holds its files itself.`
	if ((entry.generalPurposeBitFlag & 1) !== 0) return `${name} is protected by a password.`
	if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) return `${name} is packed by a method (${entry.compressionMethod}) that is not read; stored and deflated files are.`
	if (entry.uncompressedSize > limit) return `${name} is larger than ${limit / 1024} KiB.`
	return unfoldsTooFar(entry.uncompressedSize, entry.compressedSize) ? `${name} unfolds to far more than a pack's file does.` : null
}

function unfoldsTooFar(unpacked: number, packed: number): boolean {
	return unpacked > RATIO_FROM && unpacked > packed * MOST_RATIO
}

/**
 * An entry's bytes, bounded whatever its header says.
 * @param openTarget called when the entry can be read: a file that is begun for one that cannot would be left open, and appear after the refusal.
 */
async function unpack(archive: yauzl.ZipFile, entry: yauzl.Entry, limit: number, openTarget: () => Writable, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
	const name = nameOf(entry)
	const hash = createHash('sha256')
	let bytes = 0
	const counter = new Transform({
		transform(chunk: Uint8Array, _encoding, done) {
			bytes += chunk.length
			hash.update(chunk)
			if (bytes > limit || bytes > entry.uncompressedSize || unfoldsTooFar(bytes, entry.compressedSize)) done(new UserError(`${name} unfolds to more than it states.`))
			else done(null, chunk)
		},
	})
	try {
		const stream = await new Promise<Readable>((resolve, reject) => {
			archive.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)))
		})
		await pipeline(stream, counter, openTarget(), { signal })
	} catch (error) {
		signal.throwIfAborted()
		// A disk that is full or broken is no fault of the file.
		if (error instanceof UserError || (error instanceof Error && 'syscall' in error)) throw error
		throw new UserError(`${name} is damaged inside the archive.`, String(error))
	}
	if (bytes !== entry.uncompressedSize) throw new UserError(`${name} is damaged inside the archive.`)
	return { bytes, sha256: hash.digest('hex') }
}

function writeEntry(archive: yauzl.ZipFile, entry: yauzl.Entry, path: string, limit: number, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
	return unpack(archive, entry, limit, () => createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }), signal)
}

async function readContents(archive: yauzl.ZipFile, entry: yauzl.Entry, signal: AbortSignal): Promise<PackContents> {
	const chunks: Uint8Array[] = []
	const collect = new Writable({
		write(chunk: Uint8Array, _encoding, done) {
			chunks.push(chunk)
			done()
		},
	})
	await unpack(archive, entry, LARGEST_CONTENTS, () => collect, signal)
	return contentsOf(Buffer.concat(chunks).toString('utf8'))
}

/** @throws UserError where it is another format, a newer one, or damaged. */
function contentsOf(text: string): PackContents {
	let json: unknown
	try {
		json = JSON.parse(text)
	} catch {
		throw new UserError(`${NO_PACK}: ${PACK_CONTENTS} is not JSON.`)
	}
	const { format, formatVersion } = (typeof json === 'object' && json !== null ? json : {}) as { format?: unknown; formatVersion?: unknown }
	if (format !== PACK_FORMAT) throw new UserError(`${NO_PACK}: ${PACK_CONTENTS} states another format.`)
	if (typeof formatVersion === 'number' && formatVersion > PACK_FORMAT_VERSION) throw new UserError('The model pack was written by a newer version of Negatoscope, in a form that this one does not know.')
	const parsed = packContentsSchema.safeParse(json)
	if (parsed.success) return parsed.data
	throw new UserError(`${NO_PACK}: ${PACK_CONTENTS} is not valid at "${parsed.error.issues[0]?.path.join('.') ?? ''}".`)
}

/** @throws UserError where the files are not those of pack.json, to the byte. */
function check(contents: PackContents | null, written: Written): void {
	if (!contents) throw new UserError(`${NO_PACK}: ${PACK_CONTENTS} is missing.`)
	const missing = [...contents.files.map(({ name }) => name), ...REQUIRED_PACK_FILES].find((name) => !written.has(name))
	if (missing !== undefined) throw new UserError(`${missing} is missing.`)
	const named = new Set(contents.files.map(({ name }) => name)).size
	if (named !== written.size || named !== contents.files.length) throw new UserError(`${PACK_CONTENTS} does not name every file of the pack once.`)
	const other = contents.files.find(({ name, bytes, sha256 }) => written.get(name)?.sha256 !== sha256 || written.get(name)?.bytes !== bytes)
	if (other) throw new UserError(`${other.name} is not the file that ${PACK_CONTENTS} describes: it is damaged or was exchanged.`)
}
