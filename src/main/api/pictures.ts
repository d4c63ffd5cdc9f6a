import { createHash } from 'node:crypto'
import { access, mkdir, readdir, realpath, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'

/** Pictures that are made at once: the desk's own films want the image reader too. */
const AT_ONCE = 2

/** Pictures on disk, about so many bytes, and how many are made before they are counted again. */
const LIMIT_BYTES = 512 * 1024 ** 2
const COUNTED_EVERY = 1000

/** A picture that is wanted. Who asks has made sure that the file may be seen. */
export interface WantedPicture {
	path: string
	/** As messages name it. */
	image: string
	/** Of its bytes; null: nobody knows, and they are taken as they are. */
	sha256: string | null
	/** Pixels of the longer side, at most. */
	maxSide: number
	/** What to do where it is gone or has changed, in a sentence; '' where nothing helps. */
	advice: string
}

/** Pictures of images that lie outside of the library, made when they are first asked for and kept in the cache folder. */
export interface Pictures {
	/**
	 * @param signal nobody wants it any more; what has not begun is not begun.
	 * @returns path of a PNG in the default window.
	 * @throws UserError where the file is gone, cannot be read or its bytes are others; AbortError.
	 */
	path(wanted: WantedPicture, signal: AbortSignal): Promise<string>
}

export async function openPictures({ home, hosts, limitBytes = LIMIT_BYTES }: { home: string; hosts: HostCaller; limitBytes?: number }): Promise<Pictures> {
	const folder = join(home, 'cache', 'pictures')
	const inFlight = new Map<string, Promise<string>>()
	const waiting: (() => void)[] = []
	let free = AT_ONCE
	let made = 0
	await mkdir(folder, { recursive: true, mode: 0o700 })
	await trim()

	async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
		if (free > 0) free--
		else await new Promise<void>((resolve) => waiting.push(resolve))
		try {
			return await work()
		} finally {
			const next = waiting.shift()
			if (next) next()
			else free++
		}
	}

	async function make(source: string, { sha256, image, maxSide, advice }: WantedPicture, output: string, signal: AbortSignal): Promise<string> {
		return inTurn(async () => {
			signal.throwIfAborted()
			await hosts.call('imaging', 'picture', { path: source, sha256, output, maxSide }, { subject: image }).catch((error: unknown) => {
				throw error instanceof UserError ? new UserError(`${image}: ${error.message} ${advice}`.trim(), error.detail) : error
			})
			if (++made % COUNTED_EVERY === 0) await trim()
			return output
		})
	}

	/** Removes the oldest pictures until three quarters of the bound are left. */
	async function trim(): Promise<void> {
		const files: { path: string; bytes: number; at: number }[] = []
		for (const name of await readdir(folder)) {
			const path = join(folder, name)
			const found = await stat(path).catch(() => null)
			if (found) files.push({ path, bytes: found.size, at: found.mtimeMs })
		}
		let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
		if (total <= limitBytes) return
		for (const { path, bytes } of files.toSorted((a, b) => a.at - b.at)) {
			if (total <= (limitBytes * 3) / 4) break
			await rm(path, { force: true })
			total -= bytes
		}
	}

	async function pictureOf(wanted: WantedPicture, signal: AbortSignal): Promise<string> {
		const { path, image, sha256, maxSide, advice } = wanted
		const source = await realpath(path).catch(() => null)
		const status = source === null ? null : await stat(source, { bigint: true }).catch(() => null)
		if (source === null || !status?.isFile()) throw new UserError(`${image} is no longer there. ${advice}`.trim())
		// A picture is of a file as it stood when its bytes were compared: a file that was touched since is compared again.
		const stamp = [sha256 ?? '', source, status.size, status.mtimeNs, status.ctimeNs, maxSide].join('\n')
		const output = join(folder, `${createHash('sha256').update(stamp).digest('hex')}.png`)
		const running = inFlight.get(output)
		if (running) {
			// Who asked first may have gone away.
			return running.catch((error: unknown) => (error instanceof Error && error.name === 'AbortError' && !signal.aborted ? pictureOf(wanted, signal) : Promise.reject(error)))
		}
		// In flight from here on, with the look whether it is there: between a look and a making somebody else may have made it.
		const work = access(output).then(() => output, () => make(source, wanted, output, signal)).finally(() => inFlight.delete(output))
		inFlight.set(output, work)
		return work
	}

	return { path: pictureOf }
}
