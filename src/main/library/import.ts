import { lstat, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileFacts, Inspection } from '../../common/contract/hosts.ts'
import type { ImportSummary } from '../../common/contract/import.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { HostDiedError } from '../supervisor/hostDiedError.ts'
import { addInstance, MissingObjectError, type AddedInstance } from './addInstance.ts'
import { prepared } from './database.ts'
import { temporaryName } from './home.ts'
import { saveImportSummary } from './importRecords.ts'
import type { Library } from './library.ts'
import { isOutOfSpace } from './outOfSpace.ts'

/** An archive in an archive is unpacked, one in that one is not. */
const ARCHIVE_DEPTH = 2
const FOLDER_DEPTH = 64
/** Files that are looked at while the one before them is being stored. */
const AHEAD = 2
const TELL_MILLISECONDS = 50

export interface ImportOptions {
	importId: string
	/** Files, folders and archives; names are what a person is shown, and the last part of a file's is kept with it. */
	files: readonly { path: string; name: string }[]
	library: Library
	hosts: HostCaller
	/** Ends the import after the file in hand. */
	signal?: AbortSignal
	/** The state so far: at the start, at the end, and up to twenty times a second between. */
	onProgress?: (summary: ImportSummary) => void
}

interface Task {
	path: string
	name: string
	/** Archives around it, and folders within the innermost of them. */
	archives: number
	folders: number
	/** Named by the person: a link among these is followed, one found in a folder is not. */
	given: boolean
}

type Looked = { task: Task } & ({ inspection: Inspection } | { children: Task[] } | { failure: unknown })

/** The library's own folder cannot be written to, which is no fault of the file in hand. */
class LibraryWriteError extends Error {}

/**
 * Imports files, folders with everything in them, and ZIP archives. Each file is looked at by the imaging host, its bytes are
 * put into the object store, and its rows are entered in one transaction; so whatever ends the import, and whenever, a file is
 * in the library as a whole or not at all. The summary names every refused file with the reason, and is kept in the library.
 * Never rejects: a library that cannot be written to ends it with the state 'failed', a signal with 'cancelled'.
 */
export async function importPaths(options: ImportOptions): Promise<ImportSummary> {
	const { library, hosts, signal } = options
	const summary: ImportSummary = {
		importId: options.importId, state: 'running', filesDone: 0, filesTotal: options.files.length, currentName: '', added: 0, duplicates: 0,
		refused: [], studyIds: [], failure: '',
	}
	const studyIds = new Set<number>()
	/** Still to be looked at; the next is the last. */
	const stack = options.files.map(({ path, name }): Task => ({ path, name, archives: 0, folders: 0, given: true })).toReversed()
	const ahead: Promise<Looked>[] = []
	const unpacked: string[] = []
	let toldAt = 0

	function tell(always = false): void {
		const now = Date.now()
		if (!options.onProgress || (!always && now - toldAt < TELL_MILLISECONDS)) return
		toldAt = now
		options.onProgress({ ...summary, refused: [...summary.refused], studyIds: [...studyIds] })
	}

	async function unpack(task: Task): Promise<void> {
		if (task.archives >= ARCHIVE_DEPTH) throw new UserError('An archive this deep in other archives is not unpacked.')
		const found = await withSecondTry(async () => {
			const into = await writing(() => mkdtemp(join(library.paths.temporary, `${temporaryName()}-`)))
			unpacked.push(into)
			return hosts.call('imaging', 'unzip', { path: task.path, into }, {
				subject: lastPart(task.name),
				...(signal && { signal }),
				onProgress({ name }) {
					summary.currentName = `${task.name}/${name}`
					tell()
				},
			})
		})
		for (const { name, reason } of found.refused) summary.refused.push({ name: `${task.name}/${name}`, reason })
		summary.filesTotal += found.files.length + found.refused.length
		summary.filesDone += found.refused.length
		stack.push(...found.files.map(({ path, name }) => ({ path, name: `${task.name}/${name}`, archives: task.archives + 1, folders: 0, given: false })).toReversed())
	}

	async function finish(looked: Looked): Promise<void> {
		const { task } = looked
		summary.currentName = task.name
		try {
			if ('failure' in looked) throw looked.failure
			if ('children' in looked) {
				// A folder is not counted, what is in it is.
				summary.filesTotal += looked.children.length - 1
				stack.push(...looked.children.toReversed())
				return tell()
			}
			if ('refused' in looked.inspection) throw new UserError(looked.inspection.refused)
			if ('archive' in looked.inspection) await unpack(task)
			else {
				const { studyId, outcome } = await enter(library, task, looked.inspection.facts)
				if (outcome === 'added') summary.added++
				else summary.duplicates++
				studyIds.add(studyId)
			}
		} catch (error) {
			if (error instanceof LibraryWriteError || isOutOfSpace(error) || signal?.aborted) throw error
			summary.refused.push({ name: task.name, reason: error instanceof Error ? error.message : String(error) })
		}
		summary.filesDone++
		tell()
	}

	try {
		await writing(() => saveImportSummary(library.database, summary))
		tell(true)
		while (stack.length > 0 || ahead.length > 0) {
			signal?.throwIfAborted()
			while (ahead.length < AHEAD && stack.length > 0) {
				const task = stack.pop()
				if (task) ahead.push(look(task, hosts, signal))
			}
			const next = ahead.shift()
			if (next) await finish(await next)
		}
		summary.state = 'finished'
	} catch (error) {
		summary.state = signal?.aborted ? 'cancelled' : 'failed'
		if (summary.state === 'failed') summary.failure = failureOf(error)
	}
	await Promise.all(ahead)
	for (const folder of unpacked) await rm(folder, { recursive: true, force: true }).catch(() => {})
	summary.currentName = ''
	summary.studyIds = [...studyIds]
	try {
		saveImportSummary(library.database, summary)
	} catch (error) {
		// What was imported is there; only the record of it is not.
		if (summary.state !== 'failed') Object.assign(summary, { state: 'failed', failure: failureOf(error) })
	}
	tell(true)
	return summary
}

/** What is at a path: a folder's entries in the order of their names, or what the imaging host says of a file. Never rejects. */
async function look(task: Task, hosts: HostCaller, signal: AbortSignal | undefined): Promise<Looked> {
	try {
		const found = await (task.given ? stat(task.path) : lstat(task.path)).catch(() => {
			throw new UserError('The file cannot be read.')
		})
		if (found.isSymbolicLink()) throw new UserError('This is a link to another file, which is not followed.')
		if (found.isDirectory()) return { task, children: await entriesOf(task) }
		if (!found.isFile()) throw new UserError('This is a device or a pipe, not a file.')
		const inspection = await withSecondTry(() => hosts.call('imaging', 'inspect', { path: task.path }, { subject: lastPart(task.name), ...(signal && { signal }) }))
		return { task, inspection }
	} catch (failure) {
		return { task, failure }
	}
}

async function entriesOf(task: Task): Promise<Task[]> {
	if (task.folders >= FOLDER_DEPTH) throw new UserError(`Folders more than ${FOLDER_DEPTH} deep are not opened.`)
	const names = await readdir(task.path).catch(() => {
		throw new UserError('The folder cannot be read.')
	})
	const name = task.name.replace(/[\\/]+$/, '')
	return names.toSorted((a, b) => (a < b ? -1 : 1)).map((entry) => ({
		path: join(task.path, entry), name: `${name}/${entry}`, archives: task.archives, folders: task.folders + 1, given: false,
	}))
}

/** Stores the bytes where the library has not got them, and enters the rows. */
async function enter(library: Library, task: Task, facts: FileFacts): Promise<AddedInstance> {
	const known = prepared<[string]>(library.database, 'SELECT 1 FROM instances WHERE sha256 = ?')
	for (let attempt = 1; ; attempt++) {
		await writing(async () => {
			if (!known.get(facts.sha256) || !library.objects.has(facts.sha256)) await library.objects.put(task.path, facts.sha256)
		})
		try {
			return await writing(() => addInstance(library, { facts, fileName: lastPart(task.name) }))
		} catch (error) {
			// A sweep of another process took the object between the two steps.
			if (!(error instanceof LibraryWriteError && error.cause instanceof MissingObjectError) || attempt === 3) throw error
		}
	}
}

/** Once more where the host died: another file may have been its end. */
async function withSecondTry<Result>(work: () => Promise<Result>): Promise<Result> {
	try {
		return await work()
	} catch (error) {
		if (!(error instanceof HostDiedError)) throw error
		return work()
	}
}

async function writing<Result>(work: () => Result | Promise<Result>): Promise<Result> {
	try {
		return await work()
	} catch (error) {
		if (error instanceof UserError) throw error
		throw new LibraryWriteError(error instanceof Error ? error.message : String(error), { cause: error })
	}
}

function failureOf(error: unknown): string {
	if (isOutOfSpace(error)) return 'There is no space left on the disk of the study library. What was added before is kept; make space and import the rest again.'
	return `The study library cannot be written to. What was added before is kept. (${error instanceof Error ? error.message : String(error)})`
}

/** The name without the folders and archives around it, at most 255 characters. */
function lastPart(name: string): string {
	return (name.split(/[\\/]/).findLast((part) => part !== '') ?? name).slice(-255)
}
