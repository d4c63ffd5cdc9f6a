import type { RunLogLine } from '../../../../common/contract/training/run.ts'
import { localTime } from '../../../ui/words.ts'

export const KIND_TITLES: Record<RunLogLine['kind'], string> = { state: 'State', phase: 'Phase', check: 'Check', validation: 'Validation', note: 'Note' }

export type Weight = 'plain' | 'warning' | 'fault'

/** How a line is to be taken. A log says it in words: checks begin with what was looked at, and the end of a run with what it was. */
export function weightOf({ kind, text }: RunLogLine): Weight {
	if (kind === 'check') return /^[^:]*, failed:/.test(text) ? 'fault' : text.startsWith('warning:') ? 'warning' : 'plain'
	if (kind === 'state') return /^Failed\b/.test(text) ? 'fault' : 'plain'
	return kind === 'note' ? 'warning' : 'plain'
}

/** A line as it is copied. */
export function lineText({ at, kind, text }: RunLogLine): string {
	return `${at}\t${kind}\t${text}`
}

/** An instant in local time with its seconds: "2026-11-21 08:30:05". */
export function secondsTime(at: string): string {
	const time = localTime(at)
	return time === '' ? '' : `${time}:${String(new Date(at).getSeconds()).padStart(2, '0')}`
}
