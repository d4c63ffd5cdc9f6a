import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import type { LookAnswer } from './images/jobs.ts'
import { startImageWorkers, WorkerEndedError } from './images/workers.ts'

/** What was seen of a file, or why it cannot be read. */
export type Seen = LookAnswer | { refused: string }

export interface SurveyOptions {
	/** Threads, 1 unless told otherwise; 0: this one. */
	workers?: number
	/** Patches of tissue are described too. */
	tissue?: boolean
	/** A file that remembers what was seen: a file whose size and time are as they were is not read again. */
	memory?: string
	signal?: AbortSignal
	onProgress?: (done: number, total: number) => void
}

/** The file that remembers what was seen of a folder of images, for runs and surveys alike. @param folder absolute. */
export function memoryOf(cache: string, folder: string): string {
	return join(cache, `images-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.jsonl`)
}

/** Images that are under way at once, per thread: one is read while another is looked at. */
const AT_ONCE = 3

/**
 * Reads, hashes and decodes every file once, in threads. Never rejects for a file: what cannot be read is said in words.
 * @throws UserError where a thread ends; the signal's reason where it is aborted.
 */
export async function surveyImages(paths: readonly string[], options: SurveyOptions): Promise<Seen[]> {
	const { signal, onProgress, tissue = false, memory } = options
	const remembered = memory === undefined ? new Map<string, Seen>() : await recall(memory)
	const stamps = new Map<string, string>()
	const seen: Seen[] = []
	const count = options.workers ?? 1
	const workers = startImageWorkers(count)
	let next = 0
	let done = 0

	async function takeTurns(): Promise<void> {
		for (;;) {
			signal?.throwIfAborted()
			const index = next++
			const path = paths[index]
			if (path === undefined) return
			const stamp = memory === undefined ? null : await stampOf(path, tissue)
			const known = stamp === null ? undefined : remembered.get(stamp)
			const answer = known ?? (await workers.look({ kind: 'look', path, tissue }).catch((error: unknown): Seen => {
				// A thread that is gone is not the file's fault, and neither is a fault of this program.
				if (!(error instanceof UserError) || error instanceof WorkerEndedError) throw error
				return { refused: error.message }
			}))
			seen[index] = answer
			if (stamp !== null && !('refused' in answer)) stamps.set(stamp, path)
			if (stamp !== null) remembered.set(stamp, answer)
			onProgress?.(++done, paths.length)
		}
	}

	try {
		await Promise.all(Array.from({ length: Math.max(1, count) * AT_ONCE }, takeTurns))
		if (memory !== undefined) await remember(memory, [...stamps.keys()].map((stamp) => [stamp, remembered.get(stamp) as LookAnswer]))
		return seen
	} finally {
		await workers.close()
	}
}

async function stampOf(path: string, tissue: boolean): Promise<string | null> {
	const status = await stat(path, { bigint: true }).catch(() => null)
	return status && `${path}\n${status.size} ${status.mtimeNs} ${status.ctimeNs} ${tissue ? 'tissue' : ''}`
}

type Line = [stamp: string, sha256: string, width: number, height: number, thumbnail: string, colours: string | null, rings: string | null]

async function recall(memory: string): Promise<Map<string, Seen>> {
	const known = new Map<string, Seen>()
	const text = await readFile(memory, 'utf8').catch(() => '')
	for (const line of text.split('\n')) {
		// A line that cannot be read is a picture that is looked at again.
		try {
			const [stamp, sha256, width, height, thumbnail, colours, rings] = JSON.parse(line) as Line
			known.set(stamp, {
				sha256, width, height,
				thumbnail: new Uint8Array(Buffer.from(thumbnail, 'base64')),
				tissue: colours === null || rings === null ? null : { colours: new Float32Array(new Uint8Array(Buffer.from(colours, 'base64')).buffer), rings: new Uint8Array(Buffer.from(rings, 'base64')) },
			})
		} catch {
			continue
		}
	}
	return known
}

async function remember(memory: string, answers: readonly [string, LookAnswer][]): Promise<void> {
	const temporary = `${memory}.${randomUUID()}.part`
	const lines = answers.map(([stamp, { sha256, width, height, thumbnail, tissue }]) => JSON.stringify([
		stamp, sha256, width, height, Buffer.from(thumbnail).toString('base64'),
		tissue && Buffer.from(tissue.colours.buffer, tissue.colours.byteOffset, tissue.colours.byteLength).toString('base64'), tissue && Buffer.from(tissue.rings).toString('base64'),
	] satisfies Line))
	try {
		await mkdir(dirname(memory), { recursive: true })
		await writeFile(temporary, `${lines.join('\n')}\n`, { mode: 0o600 })
		await rename(temporary, memory)
	} catch {
		// What is not remembered is looked at again.
		await rm(temporary, { force: true })
	}
}
