import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'

const NAME = 'lock'

/** A process by number and, where the system tells, the moment it started: numbers are given again. */
function identity(pid: number): string {
	try {
		process.kill(pid, 0)
	} catch (error) {
		// Not allowed to signal it: it lives, under another account.
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') return ''
	}
	try {
		const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
		// Field 3 is the first of these; 22 is the start in ticks since boot. A zombie has ended already.
		return words[0] === 'Z' ? '' : `${pid} ${words[19] ?? ''}`
	} catch {
		return `${pid} `
	}
}

/** True while a living process works on the run. */
export function isLocked(directory: string): boolean {
	let owner: string
	try {
		owner = readFileSync(join(directory, NAME), 'utf8')
	} catch {
		return false
	}
	return owner !== '' && identity(Number(owner.split(' ')[0])) === owner
}

/**
 * Takes a run for this process. A lock of a process that is gone is taken over.
 * @returns how to let go of it.
 * @throws UserError where another process works on it.
 */
export function lockRun(directory: string, id: string): () => void {
	if (isLocked(directory)) throw new UserError(`The run ${id} is being worked on by another process.`)
	const path = join(directory, NAME)
	rmSync(path, { force: true })
	let descriptor: number
	try {
		descriptor = openSync(path, 'wx', 0o600)
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
		throw new UserError(`The run ${id} is being worked on by another process.`)
	}
	try {
		writeFileSync(descriptor, identity(process.pid))
	} finally {
		closeSync(descriptor)
	}
	return () => rmSync(path, { force: true })
}
