import type { Draft, ReportText } from '../../../../common/contract/report.ts'

/**
 * The draft of one study between the reader's keyboard and the disk. `text` is what the reader sees; `sending` is on its
 * way; the draft is safe when nothing is dirty and nothing on its way.
 */
export interface DraftState {
	draft: Draft | null
	text: ReportText
	sending: ReportText | null
	dirty: boolean
	/** Why the last attempt to read or save failed; '' otherwise. */
	fault: string
}

export const NO_TEXT: ReportText = { clinicalInformation: '', comparison: '', narrative: '', impression: '', keyImages: [] }
export const NO_DRAFT: DraftState = { draft: null, text: NO_TEXT, sending: null, dirty: false, fault: '' }

export type SavePhase = 'loading' | 'unread' | 'empty' | 'saved' | 'changed' | 'saving' | 'failed'

export function phaseOf(state: DraftState): SavePhase {
	if (!state.draft) return state.fault ? 'unread' : 'loading'
	if (state.sending) return 'saving'
	if (state.fault) return 'failed'
	if (state.dirty) return 'changed'
	return state.draft.savedAt ? 'saved' : 'empty'
}

export function isSafe(state: DraftState): boolean {
	return !state.dirty && state.sending === null
}

/** The draft as the library has it; it never overwrites what the reader has written since. */
export function draftArrived(state: DraftState, draft: Draft): DraftState {
	if (state.draft && !isSafe(state)) return state
	return { draft, text: draft.text, sending: null, dirty: false, fault: '' }
}

export function loadFailed(state: DraftState, fault: string): DraftState {
	return state.draft ? state : { ...state, fault }
}

/** Nothing can be written before the draft has been read: it would overwrite what is there. */
export function edited(state: DraftState, change: Partial<ReportText>): DraftState {
	if (!state.draft) return state
	return { ...state, text: { ...state.text, ...change }, dirty: true }
}

/** One save at a time: null where there is nothing to send or something is on its way. */
export function saveBegun(state: DraftState): DraftState | null {
	if (!state.draft || !state.dirty || state.sending) return null
	return { ...state, sending: state.text, dirty: false }
}

export function saveAnswered(state: DraftState, draft: Draft): DraftState {
	// What was typed meanwhile stays, and stays dirty.
	return { ...state, draft, text: state.dirty ? state.text : draft.text, sending: null, fault: '' }
}

export function saveFailed(state: DraftState, fault: string): DraftState {
	return { ...state, sending: null, dirty: true, fault }
}

/** The state of the draft in words; times in the reader's own time zone. */
export function saveText(state: DraftState): string {
	const time = state.draft?.savedAt ? new Date(state.draft.savedAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }) : ''
	switch (phaseOf(state)) {
		case 'loading': return 'Opening the draft'
		case 'unread': return `The draft could not be opened. ${state.fault}`
		case 'empty': return 'Nothing written yet'
		case 'saved': return `Draft saved ${time}`
		case 'changed': return 'Changes not saved yet'
		case 'saving': return 'Saving the draft'
		case 'failed': return `The draft is not saved. ${state.fault}`
	}
}
