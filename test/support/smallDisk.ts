import { execFileSync } from 'node:child_process'
import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Puts a file system of its own at `path`. @returns how to take it away, or null where this account may not make one. */
export function mountSmall(path: string, megabytes: number): (() => void) | null {
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' })
		return () => void execFileSync('umount', ['-l', path])
	} catch {
		return null
	}
}

/** Takes every block that is left on the file system of a folder. @returns path of the file that has them. */
export function fillDisk(folder: string): string {
	const path = join(folder, 'filler')
	const { bavail, bsize } = statfsSync(folder)
	for (let piece = bavail * bsize; piece >= 1; piece = Math.floor(piece / 2)) {
		try {
			writeFileSync(path, new Uint8Array(piece), { flag: 'a' })
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
			// A smaller piece may still fit.
		}
	}
	return path
}
