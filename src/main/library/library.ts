import type Database from 'better-sqlite3'
import { openDatabase } from './database.ts'
import { libraryPaths, makeLibraryFolders, type LibraryPaths } from './home.ts'
import { failInterruptedImports } from './importRecords.ts'
import { openObjectStore, removeLeftovers, type ObjectStore } from './objectStore.ts'

/** An open study library: the database and the bytes that it speaks of. The other files of this folder are its functions. */
export interface Library {
	paths: LibraryPaths
	database: Database.Database
	objects: ObjectStore
	close(): void
}

/**
 * Opens the study library of a data folder, or makes a new one in it. Several processes may have it open at once.
 * @throws UserError where it cannot be used, with the reason; nothing is changed then.
 */
export function openLibrary(home: string): Library {
	const paths = libraryPaths(home)
	makeLibraryFolders(paths)
	const database = openDatabase(paths)
	failInterruptedImports(database)
	return { paths, database, objects: openObjectStore(paths.objects), close: () => void database.close() }
}

/** Removes what processes that are gone left behind: half-written objects and unpacked archives. Returns how many. */
export async function cleanLibrary(library: Library): Promise<number> {
	return (await library.objects.cleanLeftovers()) + (await removeLeftovers(library.paths.temporary))
}
