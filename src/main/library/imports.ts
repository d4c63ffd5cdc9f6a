import { randomUUID } from 'node:crypto'
import type { ImportSummary } from '../../common/contract/import.ts'
import type { EventHub } from '../eventHub.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { importPaths } from './import.ts'
import type { Library } from './library.ts'

/** The imports that run; several may wait, one works. */
export interface Imports {
	/** Begins, or queues, an import; its states come as events, the last of them the summary. */
	start(importId: string, files: { path: string; name: string }[], whenDone?: () => Promise<void>): ImportSummary
	startPaths(paths: string[]): ImportSummary
	/** @returns false where there is no such import. */
	cancel(importId: string): boolean
	/** Settles when every import that was started has ended. */
	settled(): Promise<void>
	/** Ends every import after the file in hand; the summaries say that they were cancelled. */
	close(): Promise<void>
}

const LIST_MILLISECONDS = 2000

export function createImports({ library, hosts, events }: { library: Library; hosts: HostCaller; events: EventHub }): Imports {
	const controllers = new Map<string, AbortController>()
	let queue: Promise<void> = Promise.resolve()

	function start(importId: string, files: { path: string; name: string }[], whenDone: () => Promise<void> = async () => {}): ImportSummary {
		const summary: ImportSummary = {
			importId, state: 'running', filesDone: 0, filesTotal: files.length, currentName: '', added: 0, duplicates: 0, refused: [], studyIds: [], failure: '',
		}
		const controller = new AbortController()
		controllers.set(importId, controller)
		const work = async () => {
			let listedAt = Date.now()
			const ended = await importPaths({
				importId, files, library, hosts, signal: controller.signal,
				onProgress(state) {
					events.emit('import.changed', state)
					// The worklist fills while a long import runs, without being read again for every film.
					if (state.studyIds.length === 0 || Date.now() - listedAt < LIST_MILLISECONDS) return
					listedAt = Date.now()
					events.emit('library.changed', { studyId: null })
				},
			})
			controllers.delete(importId)
			await whenDone().catch(() => {})
			if (ended.studyIds.length > 0) events.emit('library.changed', { studyId: null })
		}
		queue = queue.then(work)
		return summary
	}

	return {
		start,
		startPaths: (paths) => start(randomUUID(), paths.map((path) => ({ path, name: path }))),
		cancel(importId) {
			const controller = controllers.get(importId)
			controller?.abort()
			return controller !== undefined
		},
		settled: () => queue,
		close() {
			for (const controller of controllers.values()) controller.abort()
			return queue
		},
	}
}
