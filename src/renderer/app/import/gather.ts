/** A file that the person gave, before it is read; the name is its path inside the folder that was given. */
export type GatheredFile = { name: string; open(): Promise<Blob> } | { name: string; refused: string }

/** The part of FileSystemEntry that is used. */
export interface Entry {
	readonly isFile: boolean
	readonly fullPath: string
	file?(done: (file: File) => void, failed: (error: Error) => void): void
	createReader?(): { readEntries(done: (entries: Entry[]) => void, failed: (error: Error) => void): void }
}

const DEEPEST = 64

/** Files of dropped entries, folders unfolded one after another, so that a large tree is never held in memory whole. */
export async function* gatherEntries(entries: Iterable<Entry>, depth = 0): AsyncGenerator<GatheredFile> {
	for (const entry of entries) {
		const name = entry.fullPath.replace(/^\/+/, '')
		if (entry.isFile) {
			yield { name, open: () => new Promise<Blob>((resolve, reject) => entry.file?.(resolve, reject)) }
			continue
		}
		if (depth >= DEEPEST) {
			yield { name, refused: `The folder lies more than ${DEEPEST} folders deep and was not opened.` }
			continue
		}
		try {
			const reader = entry.createReader?.()
			if (!reader) continue
			// A reader gives its entries in parts (100 in Chromium) and ends with an empty one.
			for (;;) {
				const part = await new Promise<Entry[]>((resolve, reject) => reader.readEntries(resolve, reject))
				if (part.length === 0) break
				yield* gatherEntries(part, depth + 1)
			}
		} catch {
			yield { name, refused: 'The folder could not be read. Check that you may open it.' }
		}
	}
}

/** Files of a file dialog, a folder's with their paths. */
export function gatherFiles(files: Iterable<File>): GatheredFile[] {
	return Array.from(files, (file) => ({ name: file.webkitRelativePath || file.name, open: () => Promise.resolve(file) }))
}
