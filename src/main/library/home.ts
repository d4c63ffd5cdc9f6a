import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where the library keeps what, under the data folder of the program. */
export interface LibraryPaths {
	home: string
	database: string
	/** Copies of the database made before a migration. */
	backups: string
	objects: string
	frames: string
	/** Unpacked archives, one folder each, removed after use. */
	temporary: string
}

export function libraryPaths(home: string): LibraryPaths {
	return {
		home,
		database: join(home, 'library.sqlite'),
		backups: join(home, 'backups'),
		objects: join(home, 'objects'),
		frames: join(home, 'cache', 'frames'),
		temporary: join(home, 'temporary'),
	}
}

/** Makes the folders that are missing; only their owner may look into them, for they hold patients' data. */
export function makeLibraryFolders(paths: LibraryPaths): void {
	for (const folder of [paths.home, paths.backups, paths.objects, paths.frames, paths.temporary]) {
		mkdirSync(folder, { recursive: true, mode: 0o700 })
	}
}

const DAY = 24 * 60 * 60 * 1000

/** Name for something temporary that tells which process it belongs to. */
export function temporaryName(): string {
	return `${process.pid}-${crypto.randomUUID()}`
}

/**
 * Whether something that temporaryName named was left behind: its process is gone, or it is older than a day
 * (process numbers are used again).
 */
export function isLeftBehind(name: string, modifiedMilliseconds: number): boolean {
	if (Date.now() - modifiedMilliseconds > DAY) return true
	const pid = Number(/^(\d+)-/.exec(name)?.[1])
	return Number.isInteger(pid) && pid > 0 && !isProcessAlive(pid)
}

export function isProcessAlive(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		// EPERM: it is there, and belongs to someone else.
		return (error as NodeJS.ErrnoException).code === 'EPERM'
	}
}
