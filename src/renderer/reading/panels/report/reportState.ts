import type { Draft, SignedReport } from '../../../../common/contract/report.ts'

/** Whether there is something to write: the first report, or an addendum that was begun; signed versions are read only. */
export type Writing = 'report' | 'addendum' | 'none'

export function writingOf(draft: Draft | null, signed: SignedReport[] | null): Writing {
	if (!draft || !signed) return 'none'
	const latest = Math.max(0, ...signed.map((version) => version.version))
	if (latest === 0) return 'report'
	// A begun addendum is kept at once; a draft that was never kept was never begun.
	return draft.addendumTo === latest && draft.savedAt !== null ? 'addendum' : 'none'
}

/** What the reader is told beside the sign button; '' where there is nothing. Signing stays possible. */
export function undecidedWarning(undecided: number): string {
	if (undecided === 0) return ''
	return undecided === 1
		? '1 finding is still only suggested. It goes into the report marked as not confirmed.'
		: `${undecided} findings are still only suggested. They go into the report marked as not confirmed.`
}
