import { initial } from './001_initial.ts'
import { faithfulness } from './002_faithfulness.ts'
import { dataSets } from './003_data_sets.ts'
import { promotion } from './004_promotion.ts'

export interface Migration {
	/** What PRAGMA user_version is afterwards; versions count from 1 without gaps. */
	version: number
	sql: string
}

export const migrations: readonly Migration[] = [
	{ version: 1, sql: initial },
	{ version: 2, sql: faithfulness },
	{ version: 3, sql: dataSets },
	{ version: 4, sql: promotion },
]
