import { create } from 'zustand'
import type { RefusedFile } from '../../../common/contract/import.ts'
import { routes } from '../../../common/contract/procedures.ts'
import { client } from '../client.ts'
import { useNavigation } from '../navigation.ts'
import { showError, useNotices } from '../notices.ts'
import { gatherEntries, gatherFiles, type Entry, type GatheredFile } from './gather.ts'
import { isOver, newJob, refusedOf, resultLine, withSummary, type ImportJob } from './importJob.ts'
import { sendFiles, SendingEnded } from './send.ts'

interface ImportState {
	/** Oldest first. */
	jobs: ImportJob[]
	/** The import whose summary is shown. */
	shown: string | null
	showSummary(importId: string): void
	hideSummary(): void
}

export const useImports = create<ImportState>((set) => ({
	jobs: [],
	shown: null,
	showSummary: (shown) => set({ shown }),
	hideSummary: () => set({ shown: null }),
}))

/** So many repaints a second are enough for a progress bar, whatever the number of files. */
const TELL_MILLISECONDS = 100
/** Summaries that can be looked at again. */
const KEPT = 20
const controllers = new Map<string, AbortController>()
/** Imports hand their files over one after another. */
let sending: Promise<void> = Promise.resolve()

export function importDropped(items: DataTransferItemList): void {
	// The list is empty after this turn of the event loop: the entries are taken now, their files later.
	const given = Array.from(items).filter((item) => item.kind === 'file').map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
	begin(gatherDropped(given.filter((one) => one !== null)))
}

/** Not everything that is dropped is a file on a disk: a picture out of a page has no entry. */
async function* gatherDropped(given: (FileSystemEntry | File)[]): AsyncGenerator<GatheredFile> {
	yield* gatherFiles(given.filter((one) => one instanceof File))
	yield* gatherEntries(given.filter((one) => !(one instanceof File)) as Entry[])
}

export function importChosen(files: FileList): void {
	begin(gatherFiles(files))
}

function begin(files: AsyncIterable<GatheredFile> | Iterable<GatheredFile>): void {
	const importId = crypto.randomUUID()
	const controller = new AbortController()
	controllers.set(importId, controller)
	useImports.setState((state) => ({ jobs: [...state.jobs.slice(1 - KEPT), newJob(importId, Date.now())], shown: null }))
	sending = sending.then(() => sendAndStart(importId, files, controller.signal))
}

async function sendAndStart(importId: string, files: AsyncIterable<GatheredFile> | Iterable<GatheredFile>, signal: AbortSignal): Promise<void> {
	let told = 0
	let latest = { found: 0, sent: 0 }
	const refusedSince: RefusedFile[] = []
	const tell = () => {
		told = Date.now()
		const refused = refusedSince.splice(0)
		change(importId, (job) => ({ ...job, ...latest, refusedHere: [...job.refusedHere, ...refused] }))
	}
	try {
		const { found, sent } = await sendFiles({
			files,
			signal,
			put: (index, name, body) => putFile(importId, index, name, body, signal),
			onProgress: ({ refused, ...counts }) => {
				latest = counts
				if (refused) refusedSince.push(refused)
				if (Date.now() - told > TELL_MILLISECONDS) tell()
			},
		})
		tell()
		if (sent === 0) {
			change(importId, (job) => ({ ...job, phase: 'finished', failure: found === 0 ? 'There was no file in what was given.' : '' }))
			tellEnd(importId)
			return
		}
		take(await client.call('import.start', { importId }))
	} catch (error) {
		tell()
		const cancelled = signal.aborted
		change(importId, (job) => ({ ...job, phase: cancelled ? 'cancelled' : 'failed', failure: cancelled ? '' : error instanceof Error ? error.message : String(error) }))
		// The main program drops what it was given so far.
		client.call('import.cancel', { importId }).catch(() => {})
		tellEnd(importId)
	}
}

const DISK_FULL = 507

/** Puts one file of an import to come. @throws Error in words; SendingEnded where going on makes no sense. */
export async function putFile(importId: string, index: number, name: string, body: Blob, signal: AbortSignal): Promise<void> {
	let response: Response
	try {
		response = await fetch(routes.upload(importId, index, name), { method: 'PUT', body, signal })
	} catch (error) {
		if (error instanceof TypeError && (await isReadable(body))) throw new SendingEnded('The workstation did not answer while files were handed over. Start it again and import the rest.')
		throw error instanceof TypeError ? new Error('The file could not be read. Check that it is still there and that you may open it.') : error
	}
	if (response.ok) return
	const reason = (await response.text()).trim().slice(0, 500)
	if (response.status === DISK_FULL) throw new SendingEnded(reason)
	throw new Error(reason || `The file was not taken (${response.status}).`)
}

/** fetch says "failed" both for a server that is gone and for a file that cannot be opened; this tells which. */
async function isReadable(body: Blob): Promise<boolean> {
	try {
		await body.slice(0, 1).arrayBuffer()
		return true
	} catch {
		return false
	}
}

export function cancelImport(importId: string): void {
	controllers.get(importId)?.abort()
	client.call('import.cancel', { importId }).catch(showError)
}

function change(importId: string, update: (job: ImportJob) => ImportJob): void {
	useImports.setState((state) => ({ jobs: state.jobs.map((job) => (job.importId === importId ? update(job) : job)) }))
}

function take(summary: Parameters<typeof withSummary>[1]): void {
	const known = useImports.getState().jobs.find((job) => job.importId === summary.importId)
	if (known && isOver(known)) return
	if (known) change(summary.importId, (job) => withSummary(job, summary, Date.now()))
	// Begun outside this window: files on the command line, or another window.
	else useImports.setState((state) => ({ jobs: [...state.jobs.slice(1 - KEPT), withSummary(newJob(summary.importId, Date.now()), summary, Date.now())] }))
	if (summary.state !== 'running') tellEnd(summary.importId)
}

function tellEnd(importId: string): void {
	const own = controllers.delete(importId)
	const job = useImports.getState().jobs.find((candidate) => candidate.importId === importId)
	if (!job) return
	const studyIds = job.summary?.studyIds ?? []
	const [only] = studyIds
	const { studyId, openStudy } = useNavigation.getState()
	if (!own && studyIds.length === 1 && only !== undefined && studyId === null) openStudy(only)
	// One message: the summary where something did not go in, else a notice.
	if (refusedOf(job).length > 0 || job.failure) {
		useImports.getState().showSummary(importId)
		return
	}
	useNotices.getState().show({
		level: 'info',
		message: resultLine(job),
		action: studyIds.length === 1 && only !== undefined ? { title: 'Open the study', run: () => useNavigation.getState().openStudy(only) } : null,
	})
}

/** Follows imports, whoever began them; returns what ends it. */
export function watchImports(): () => void {
	return client.on('import.changed', take)
}
