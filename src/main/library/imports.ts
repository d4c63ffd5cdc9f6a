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
}

/** So many states a second are enough for a progress bar, whatever the number of files. */
const TELL_MILLISECONDS = 100

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
			let told = 0
			let latest = summary
			try {
				latest = await importPaths({
					importId, files, library, hosts, signal: controller.signal,
					onProgress(state: ImportSummary) {
						latest = state
						const now = Date.now()
						if (now - told < TELL_MILLISECONDS) return
						told = now
						events.emit('import.changed', state)
					},
				})
			} catch (error) {
				latest = { ...latest, state: 'failed', failure: `The import ended. What was added before is kept. ${error instanceof Error ? error.message : ''}`.trim() }
			} finally {
				controllers.delete(importId)
				await whenDone().catch(() => {})
			}
			events.emit('import.changed', latest)
			events.emit('library.changed', { studyId: null })
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
	}
}
