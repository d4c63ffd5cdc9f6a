import { join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'
import { openTable } from '../table.ts'

/** Rows that are read of a table, columns that are looked at, and different values that are remembered of a column. */
const ROWS = 500
const COLUMNS = 200
const VALUES = 60
/** Characters of a value that are remembered. */
const VALUE_LENGTH = 200

export interface Column {
	name: string
	/** Different values in the order in which they came, '' among them. */
	values: string[]
	/** There are more of them. */
	more: boolean
}

/** The beginning of a table. */
export interface Profile {
	file: string
	/** All names of the header. */
	header: readonly string[]
	columns: Column[]
	/** Rows that were read, at most ROWS. */
	rows: number
	/** The fields of those rows under a name. */
	of(column: string): readonly string[]
}

/** Reads the header and the first rows of a table in a folder. @returns in words why it cannot be read. */
export async function profileOf(folder: string, file: string): Promise<Profile | { fault: string }> {
	try {
		const table = await openTable(join(folder, file))
		try {
			const names = [...new Set(table.header)].filter((name) => name !== '').slice(0, COLUMNS)
			const rows: Map<string, string>[] = []
			for await (const row of table.rows) {
				if (row.fault === null) rows.push(new Map(names.map((name) => [name, row.get(name).slice(0, VALUE_LENGTH)])))
				if (rows.length === ROWS) break
			}
			const of = (column: string): string[] => rows.map((row) => row.get(column) ?? '')
			const columns = names.map((name) => {
				const values = [...new Set(of(name))]
				return { name, values: values.slice(0, VALUES), more: values.length > VALUES }
			})
			return { file, header: table.header, columns, rows: rows.length, of }
		} finally {
			table.close()
		}
	} catch (error) {
		if (error instanceof UserError) return { fault: error.message }
		throw error
	}
}
