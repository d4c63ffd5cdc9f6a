import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { libraryPaths } from './home.ts'
import type { Library } from './library.ts'
import { sha256OfFile } from './objectStore.ts'

/** Decoded images on disk, at most so many bytes unless told otherwise: about two hundred films of 2,500 x 2,000 pixels. */
export const FRAME_CACHE_BYTES = 2 * 1024 ** 3

/** A frame that was used so lately is kept even beyond the bound: someone may be about to open it. */
const IN_USE_MILLISECONDS = 60_000

export interface FrameCache {
	/**
	 * The Frame file (frameFile.ts) of an image, decoded by the imaging host where it is not there yet; two who ask for the same
	 * one share the work. `decodeMilliseconds` is 0 where nothing had to be decoded.
	 * @throws UserError the host's refusal, or that it died.
	 */
	frame(instance: { sha256: string; fileName?: string }, frameIndex: number): Promise<{ path: string; decodeMilliseconds: number }>
}

/**
 * Frames by the hash of their file and their index, each with a small file beside it that holds the hash of its own bytes.
 * That is compared when this process first uses a frame: what a power cut or a fault of the disk damaged is decoded again.
 * Bounded by removing the ones that were not used for the longest time; several processes may share the folder.
 */
export async function openFrameCache(options: {
	home: string
	library: Pick<Library, 'objects'>
	hosts: HostCaller
	limitBytes?: number
}): Promise<FrameCache> {
	const { library, hosts, limitBytes = FRAME_CACHE_BYTES } = options
	const folder = libraryPaths(options.home).frames
	await mkdir(folder, { recursive: true, mode: 0o700 })
	const inFlight = new Map<string, Promise<{ path: string; decodeMilliseconds: number }>>()
	/** Frames that this process has compared or made, with the time that their use was last noted. */
	const trusted = new Map<string, number>()
	let bytesSinceTrim = 0
	await trim()

	async function find(path: string): Promise<boolean> {
		const checked = trusted.get(path)
		if (checked === undefined) {
			if (!(await isWhole(path))) return false
		} else if ((await stat(path).catch(() => null)) === null) return false
		const now = Date.now()
		if (checked === undefined || now - checked > IN_USE_MILLISECONDS / 2) {
			trusted.set(path, now)
			await utimes(path, now / 1000, now / 1000).catch(() => {})
		}
		return true
	}

	async function make(sha256: string, frameIndex: number, path: string, subject: string): Promise<number> {
		const { milliseconds } = await hosts.call('imaging', 'decode', { path: library.objects.pathOf(sha256), sha256, frameIndex, output: path }, { subject })
		await writeSum(path)
		trusted.set(path, Date.now())
		bytesSinceTrim += (await stat(path)).size
		if (bytesSinceTrim > limitBytes / 16) await trim()
		return milliseconds
	}

	async function findOrMake(sha256: string, frameIndex: number, path: string, subject: string): Promise<{ path: string; decodeMilliseconds: number }> {
		return { path, decodeMilliseconds: (await find(path)) ? 0 : await make(sha256, frameIndex, path, subject) }
	}

	/** Removes the frames that were not used for the longest time until the rest is within fifteen sixteenths of the bound. */
	async function trim(): Promise<void> {
		bytesSinceTrim = 0
		const files: { path: string; bytes: number; usedAt: number }[] = []
		for (const name of await readdir(folder)) {
			const path = join(folder, name)
			const found = await stat(path).catch(() => null)
			if (!found) continue
			const usedAt = found.mtimeMs
			if (name.endsWith('.frame')) files.push({ path, bytes: found.size, usedAt })
			// A host that died while it wrote leaves its temporary file.
			else if (!name.endsWith('.sum') && Date.now() - usedAt > 10 * IN_USE_MILLISECONDS) await rm(path, { force: true, recursive: true })
		}
		let total = files.reduce((sum, file) => sum + file.bytes, 0)
		for (const file of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
			if (total <= (limitBytes * 15) / 16 || Date.now() - file.usedAt < IN_USE_MILLISECONDS) break
			trusted.delete(file.path)
			await rm(file.path, { force: true })
			await rm(sumPath(file.path), { force: true })
			total -= file.bytes
		}
	}

	return {
		frame({ sha256, fileName = '' }, frameIndex) {
			const path = join(folder, `${sha256}-${frameIndex}.frame`)
			const running = inFlight.get(path)
			if (running) return running
			const work = findOrMake(sha256, frameIndex, path, fileName).finally(() => inFlight.delete(path))
			inFlight.set(path, work)
			return work
		},
	}
}

function sumPath(path: string): string {
	return `${path}.sum`
}

async function isWhole(path: string): Promise<boolean> {
	const expected = await readFile(sumPath(path), 'latin1').catch(() => null)
	if (expected === null) return false
	return (await sha256OfFile(path).catch(() => null)) === expected
}

async function writeSum(path: string): Promise<void> {
	const temporary = `${sumPath(path)}.${process.pid}`
	await writeFile(temporary, await sha256OfFile(path), { encoding: 'latin1', mode: 0o600 })
	await rename(temporary, sumPath(path))
}
