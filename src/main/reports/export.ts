import { callOf, encodeReportContent, type ReportContent } from './content.ts'

/** The whole content as JSON, with pictures and rejected findings. */
export function reportJson(content: ReportContent): string {
	return `${JSON.stringify(encodeReportContent(content), null, '\t')}\n`
}

type Cell = string | number | boolean | null

const COLUMNS = [
	'patient_id', 'patient_name', 'study_instance_uid', 'study_date', 'report_kind', 'report_version', 'file', 'frame', 'input_sha256', 'role', 'model_id',
	'model_version', 'model_sha256', 'software_version', 'label', 'logit', 'probability', 'operating_point', 'call', 'reason', 'agreement', 'research_use',
] as const

/**
 * The answers as CSV (RFC 4180, UTF-8): a row per image, network and label; an image that the gate refused has one row without a
 * label. `frame` counts from 1. Text that a spreadsheet would take for a formula has an apostrophe before it.
 */
export function reportCsv(content: ReportContent): string {
	const rows = content.images.flatMap((image) => [image.student, image.teacher].flatMap((analysis) => {
		if (!analysis) return []
		const { prediction } = analysis
		const labels = prediction.labels.length > 0 ? prediction.labels : [null]
		return labels.map((label): Record<(typeof COLUMNS)[number], Cell> => ({
			patient_id: content.patient.patientId,
			patient_name: content.patient.name,
			study_instance_uid: content.study.studyInstanceUid,
			study_date: content.study.date,
			report_kind: content.kind,
			report_version: content.version,
			file: image.fileName,
			frame: image.frameIndex + 1,
			input_sha256: prediction.inputSha256,
			role: analysis.role,
			model_id: prediction.model.id,
			model_version: prediction.model.version,
			model_sha256: prediction.model.sha256,
			software_version: analysis.softwareVersion,
			label: label?.name ?? null,
			logit: label?.logit ?? null,
			probability: label?.probability ?? null,
			operating_point: label?.operatingPoint ?? null,
			call: label ? callOf(prediction, label) : 'refused',
			reason: prediction.gate.reasons.join(' '),
			agreement: image.agreement,
			research_use: content.researchUse,
		}))
	}))
	return formatCsv([[...COLUMNS], ...rows.map((row) => COLUMNS.map((column) => row[column]))])
}

/** Rows as RFC 4180: CRLF after each, quotes where a cell needs them. Null is an empty cell. */
export function formatCsv(rows: Cell[][]): string {
	return rows.map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')
}

function formatCell(cell: Cell): string {
	if (cell === null) return ''
	if (typeof cell !== 'string') return String(cell)
	const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell
	return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}
