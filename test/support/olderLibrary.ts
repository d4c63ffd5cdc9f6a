import { openDatabase } from '../../src/main/library/database.ts'
import { libraryPaths, makeLibraryFolders } from '../../src/main/library/home.ts'
import type { Library } from '../../src/main/library/library.ts'
import { migrations } from '../../src/main/library/migrations/index.ts'

/** Writes the rows of a library as an older version of the program would have: what that version did not know is not there. */
export function writeOlderLibrary({ database }: Library, home: string, version: number): void {
	const paths = libraryPaths(home)
	makeLibraryFolders(paths)
	const older = openDatabase(paths, migrations.slice(0, version))
	older.pragma('foreign_keys = OFF')
	const tables = older.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'worklist_search%'`).all()
	for (const { name } of tables) {
		for (const row of database.prepare<[], Record<string, unknown>>(`SELECT * FROM ${name}`).all()) {
			const columns = Object.keys(row)
			older.prepare(`INSERT INTO ${name} (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`).run(...Object.values(row))
		}
	}
	older.close()
}
