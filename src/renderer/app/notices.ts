import { create } from 'zustand'
import { CallError } from './client.ts'

export interface NoticeEntry {
	id: number
	level: 'info' | 'warning' | 'error'
	message: string
	detail: string
	/** Offered beside the message, e.g. undo. */
	action: { title: string; run(): void } | null
}

interface Notices {
	notices: NoticeEntry[]
	show(notice: Partial<NoticeEntry> & Pick<NoticeEntry, 'level' | 'message'>): void
	dismiss(id: number): void
}

let nextId = 1

export const useNotices = create<Notices>((set) => ({
	notices: [],
	show: (notice) => set((state) => ({ notices: [...state.notices.slice(-4), { detail: '', action: null, ...notice, id: nextId++ }] })),
	dismiss: (id) => set((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) })),
}))

/** Shows what went wrong with a call; use as `.catch(showError)`. */
export function showError(error: unknown): void {
	const message = error instanceof Error ? error.message : String(error)
	useNotices.getState().show({ level: 'error', message, detail: error instanceof CallError ? error.detail : '' })
}
