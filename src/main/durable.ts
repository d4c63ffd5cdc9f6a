import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a small file so that after a crash at any moment, power loss included, there is the whole new one or the old one. @throws where it cannot be written; nothing is left behind then. */
export function writeDurably(path: string, text: string): void {
	const temporary = `${path}.${process.pid}.tmp`
	try {
		const descriptor = openSync(temporary, 'w', 0o600)
		try {
			writeFileSync(descriptor, text)
			fsyncSync(descriptor)
		} finally {
			closeSync(descriptor)
		}
		renameSync(temporary, path)
		syncFolder(dirname(path))
	} catch (error) {
		rmSync(temporary, { force: true })
		throw error
	}
}

/** Makes what was renamed into a folder last through a power cut. Windows has no such call for folders and needs none. */
export function syncFolder(path: string): void {
	if (process.platform === 'win32') return
	const descriptor = openSync(path, 'r')
	try {
		fsyncSync(descriptor)
	} finally {
		closeSync(descriptor)
	}
}
