import type { RefusedFile } from '../../../common/contract/import.ts'
import type { GatheredFile } from './gather.ts'

/** Thrown where going on makes no sense, e.g. a full disk. */
export class SendingEnded extends Error {}

export interface SendOptions {
	files: AsyncIterable<GatheredFile> | Iterable<GatheredFile>
	/** Puts one file; rejects with a sentence for the person, or with SendingEnded. */
	put(index: number, name: string, body: Blob): Promise<void>
	signal: AbortSignal
	onProgress(progress: { found: number; sent: number; refused: RefusedFile | null }): void
	/** Uploads at a time. */
	concurrency?: number
}

/**
 * Hands the files over one by one, never more than `concurrency` at a time, and reads no further ahead than that: the
 * window stays free however many there are. One file that cannot be read or taken is noted and the rest goes on.
 * @throws SendingEnded; AbortError where the signal ended it.
 */
export async function sendFiles({ files, put, signal, onProgress, concurrency = 2 }: SendOptions): Promise<{ found: number; sent: number }> {
	const source = Symbol.asyncIterator in files ? files[Symbol.asyncIterator]() : iterateSync(files)
	let found = 0
	let sent = 0

	async function work(): Promise<void> {
		for (;;) {
			signal.throwIfAborted()
			const next = await source.next()
			if (next.done) return
			const file = next.value
			const index = found++
			if ('refused' in file) {
				onProgress({ found, sent, refused: { name: file.name, reason: file.refused } })
				continue
			}
			try {
				await put(index, file.name, await file.open())
				sent += 1
				onProgress({ found, sent, refused: null })
			} catch (error) {
				if (error instanceof SendingEnded) throw error
				signal.throwIfAborted()
				onProgress({ found, sent, refused: { name: file.name, reason: reasonOf(error) } })
			}
		}
	}

	await Promise.all(Array.from({ length: concurrency }, work))
	return { found, sent }
}

async function* iterateSync(files: Iterable<GatheredFile>): AsyncGenerator<GatheredFile> {
	yield* files
}

function reasonOf(error: unknown): string {
	// What the browser throws when a file went away or may not be opened.
	if (error instanceof DOMException) return 'The file could not be read. Check that it is still there and that you may open it.'
	return error instanceof Error ? error.message : String(error)
}
