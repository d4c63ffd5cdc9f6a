/** What was typed of a path, as a folder that is listed and the beginning of a name in it. */
export interface TypedPath {
	/** With its last separator: "/films/". */
	folder: string
	beginning: string
}

const DRIVE = /^[A-Za-z]:[\\/]/

/** Null where it is not named from the root, so that nothing can be listed for it. */
export function typedPath(text: string): TypedPath | null {
	const isWindows = DRIVE.test(text) || text.startsWith('\\\\')
	if (!isWindows && !text.startsWith('/')) return null
	const end = Math.max(text.lastIndexOf('/'), isWindows ? text.lastIndexOf('\\') : -1) + 1
	return { folder: text.slice(0, end), beginning: text.slice(end) }
}

/** A folder's path as one types on from it: with a separator at its end. */
export function openPath(folder: string): string {
	const separator = DRIVE.test(folder) || folder.startsWith('\\\\') ? '\\' : '/'
	return /[\\/]$/.test(folder) ? folder : `${folder}${separator}`
}

/** Whether a path that was typed names this folder. */
export function isSameFolder(typed: string, folder: string): boolean {
	return bare(typed) === bare(folder)
}

function bare(path: string): string {
	return path.replace(/(?<=.)[\\/]+$/, '')
}

/** The folders whose names begin with what was typed, in capital or small letters; in their order. */
export function foldersBeginning<Folder extends { name: string }>(folders: readonly Folder[], beginning: string): readonly Folder[] {
	const wanted = beginning.toLowerCase()
	return wanted === '' ? folders : folders.filter(({ name }) => name.toLowerCase().startsWith(wanted))
}

/** The next folder after the active one, or that one itself where it fits, whose name begins with what was typed quickly; -1 where none does. */
export function folderTyped(folders: readonly { name: string }[], active: number, typed: string): number {
	// One letter again and again goes through the names that begin with it.
	const first = typed.slice(0, 1)
	const again = typed !== '' && typed === first.repeat(typed.length)
	const wanted = (again ? first : typed).toLowerCase()
	const start = Math.max(0, active) + (again ? (active < 0 ? 0 : 1) : 0)
	for (let step = 0; step < folders.length; step++) {
		const index = (start + step) % folders.length
		if (folders[index]?.name.toLowerCase().startsWith(wanted)) return index
	}
	return -1
}
