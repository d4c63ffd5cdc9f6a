import type { ImportSummary, RefusedFile } from '../../../common/contract/import.ts'
import { count } from '../../ui/words.ts'

/** One import as the window follows it: gathered and handed over here, then worked on by the main program. */
export interface ImportJob {
	importId: string
	phase: 'sending' | 'running' | 'finished' | 'cancelled' | 'failed'
	found: number
	sent: number
	/** Files that never reached the main program. */
	refusedHere: RefusedFile[]
	summary: ImportSummary | null
	/** Milliseconds since 1970; of the present phase. */
	since: number
	failure: string
}

export function newJob(importId: string, now: number): ImportJob {
	return { importId, phase: 'sending', found: 0, sent: 0, refusedHere: [], summary: null, since: now, failure: '' }
}

/** Takes a state of the main program; one that is older than what is known changes nothing. */
export function withSummary(job: ImportJob, summary: ImportSummary, now: number): ImportJob {
	if (isOver(job) || (job.summary !== null && summary.state === 'running' && summary.filesDone < job.summary.filesDone)) return job
	return { ...job, summary, phase: summary.state, failure: summary.failure, since: job.phase === summary.state ? job.since : now }
}

export function isOver(job: ImportJob): boolean {
	return job.phase === 'finished' || job.phase === 'cancelled' || job.phase === 'failed'
}

export function refusedOf(job: ImportJob): RefusedFile[] {
	return job.summary ? [...job.refusedHere, ...job.summary.refused] : job.refusedHere
}

/** Done and total of the present phase; total 0 while nothing is known. */
export function progressOf(job: ImportJob): { done: number; total: number } {
	return job.phase === 'sending'
		? { done: job.sent + job.refusedHere.length, total: job.found }
		: { done: job.summary?.filesDone ?? 0, total: job.summary?.filesTotal ?? 0 }
}

/** "about 3 min left"; '' while too little is done to say. */
export function timeLeft(job: ImportJob, now: number): string {
	const { done, total } = progressOf(job)
	const elapsed = now - job.since
	// While files are still being found, their number says nothing about the rest.
	if (job.phase !== 'running' || done < 3 || elapsed < 2000 || total <= done) return ''
	const seconds = (elapsed / done) * (total - done) / 1000
	if (seconds < 10) return 'a few seconds left'
	return seconds < 90 ? `about ${Math.ceil(seconds / 10) * 10} s left` : `about ${Math.round(seconds / 60)} min left`
}

/** What came of it, in one line. */
export function resultLine(job: ImportJob): string {
	const added = job.summary?.added ?? 0
	const duplicates = job.summary?.duplicates ?? 0
	const refused = refusedOf(job).length
	const head = {
		sending: 'Files are handed over', running: 'Import is running', finished: 'Import finished', cancelled: 'Import cancelled, what was added stays', failed: 'Import ended early, what was added stays',
	}[job.phase]
	return `${head}: ${count(added, 'file')} added, ${duplicates === 0 ? 'no duplicates' : `${count(duplicates, 'duplicate')} left out`}, ${refused === 0 ? 'none refused' : `${count(refused, 'file')} refused`}.`
}

/** The whole summary as text, for the clipboard: a line per refused file, name and reason divided by a tab. */
export function summaryText(job: ImportJob): string {
	const lines = [resultLine(job)]
	if (job.failure) lines.push(job.failure)
	// A line break in a hostile file name must not forge a line of its own.
	for (const { name, reason } of refusedOf(job)) lines.push(`${oneLine(name)}\t${oneLine(reason)}`)
	return lines.join('\n')
}

function oneLine(text: string): string {
	return text.replace(/[\t\r\n\u2028\u2029]+/g, ' ')
}
