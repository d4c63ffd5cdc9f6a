import { create } from 'zustand'
import type { ReportText } from '../../../../common/contract/report.ts'
import type { Client } from '../../../app/client.ts'
import { draftArrived, edited, isSafe, loadFailed, NO_DRAFT, saveAnswered, saveBegun, saveFailed, type DraftState } from './draftTransitions.ts'

/** Quiet time after the last keystroke before the draft is saved. */
export const SAVE_AFTER_MILLISECONDS = 800
/** Longest time that a change stays unsaved while somebody types without a pause. */
export const SAVE_AT_LATEST_MILLISECONDS = 3000
const RETRY_AFTER_MILLISECONDS = 5000

/** Reads and saves the draft of one study; what was typed survives a failed save and is sent again until it is on the disk. */
export function createDraftKeeper(client: Pick<Client, 'call'>, studyId: number) {
	const store = create<DraftState>(() => NO_DRAFT)
	let quiet: ReturnType<typeof setTimeout> | undefined
	let latest: ReturnType<typeof setTimeout> | undefined
	let saving: Promise<boolean> | null = null

	function stopTimers(): void {
		clearTimeout(quiet)
		clearTimeout(latest)
		quiet = latest = undefined
	}

	async function send(): Promise<boolean> {
		const begun = saveBegun(store.getState())
		if (!begun?.sending) return isSafe(store.getState())
		store.setState(begun, true)
		try {
			const draft = await client.call('reports.saveDraft', { studyId, text: begun.sending })
			store.setState((state) => saveAnswered(state, draft), true)
		} catch (error) {
			store.setState((state) => saveFailed(state, error instanceof Error ? error.message : String(error)), true)
			quiet = setTimeout(() => void flush(), RETRY_AFTER_MILLISECONDS)
			return false
		}
		return store.getState().dirty ? send() : true
	}

	/** Saves what is not saved. True: everything is on the disk. */
	function flush(): Promise<boolean> {
		stopTimers()
		saving ??= send().finally(() => {
			saving = null
		})
		return saving
	}

	return {
		studyId,
		store,
		flush,
		async load(): Promise<void> {
			try {
				const draft = await client.call('reports.draft', { studyId })
				store.setState((state) => draftArrived(state, draft), true)
			} catch (error) {
				store.setState((state) => loadFailed(state, error instanceof Error ? error.message : String(error)), true)
			}
		},
		edit(change: Partial<ReportText>): void {
			store.setState((state) => edited(state, change), true)
			if (!store.getState().dirty) return
			clearTimeout(quiet)
			quiet = setTimeout(() => void flush(), SAVE_AFTER_MILLISECONDS)
			latest ??= setTimeout(() => void flush(), SAVE_AT_LATEST_MILLISECONDS)
		},
		/** Nothing would be lost now. */
		isSafe: () => isSafe(store.getState()),
	}
}

export type DraftKeeper = ReturnType<typeof createDraftKeeper>
