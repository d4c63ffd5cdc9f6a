import { personName } from '../../../common/text/personName.ts'
import type { ReportContent } from '../content.ts'

/** "2026-11-21 08:30 UTC" of an ISO instant; the text itself where it is none. */
export function instantText(instant: string): string {
	const time = Date.parse(instant)
	return Number.isNaN(time) ? instant : `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** "Report, version 1", "Addendum, version 2", "Draft of version 1, not signed". */
export function reportName({ kind, version }: Pick<ReportContent, 'kind' | 'version'>): string {
	if (kind === 'draft') return `Draft of version ${version}, not signed`
	return `${kind === 'report' ? 'Report' : 'Addendum'}, version ${version}`
}

export function patientName(content: ReportContent): string {
	return personName(content.patient.name) || 'No name'
}

/** Three decimals for probabilities that round to 0 or 1 at two, else two. */
export function probabilityText(probability: number): string {
	const text = probability.toFixed(2)
	return text === '0.00' || text === '1.00' ? probability.toFixed(3) : text
}

export function percentText(share: number): string {
	return `${Math.round(share * 100)} %`
}
