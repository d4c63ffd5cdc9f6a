import { UserError } from '../../common/contract/procedures.ts'

/** Full disk or quota, from the file system, from SQLite, or as a host reports it. */
export function isOutOfSpace(error: unknown): boolean {
	if (!(error instanceof Error)) return false
	const { code } = error as NodeJS.ErrnoException
	if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') return true
	if (error.cause !== undefined) return isOutOfSpace(error.cause)
	return error instanceof UserError && /\b(ENOSPC|EDQUOT)\b/.test(`${error.message} ${error.detail}`)
}

/** What a person is told then. */
export const OUT_OF_SPACE = 'There is no space left on the disk of the study library. Nothing that was stored is lost; make space and try again.'
