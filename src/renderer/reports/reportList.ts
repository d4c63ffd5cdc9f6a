import type { ProcedureOutput } from '../../common/contract/procedures.ts'

export type ReportRow = ProcedureOutput<'reports.all'>[number]

export interface ReportSort {
	key: 'patientName' | 'patientId' | 'studyDate' | 'signedBy' | 'signedAt'
	descending: boolean
}

/** Reports in which every word begins a word of name, id, description or reader, whatever the case and accents. */
export function matchReports(reports: ReportRow[], text: string): ReportRow[] {
	const words = partsOf(text)
	if (words.length === 0) return reports
	return reports.filter((report) => {
		const parts = partsOf(`${report.patientName} ${report.patientId} ${report.description} ${report.signedBy}`)
		return words.every((word) => parts.some((part) => part.startsWith(word)))
	})
}

const ORDER = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

export function sortReports(reports: ReportRow[], { key, descending }: ReportSort): ReportRow[] {
	const sign = descending ? -1 : 1
	return reports.toSorted((a, b) => sign * (ORDER.compare(a[key], b[key]) || a.id - b.id))
}

function partsOf(text: string): string[] {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '')
}
