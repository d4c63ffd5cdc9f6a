import { RESEARCH_USE } from '../../../common/contract/primitives.ts'
import type { ReportContent } from '../content.ts'
import { BODY_WIDTH, INK, PAGE, STYLES, type Sheet } from './sheet.ts'
import { patientName, reportName } from './words.ts'

/** Header, footer and, on drafts, the mark across the page; drawn last, when the number of pages is known. */
export function drawRunningMatter(sheet: Sheet, content: ReportContent): void {
	const { document } = sheet
	const { start, count } = document.bufferedPageRange()
	for (let index = 0; index < count; index++) {
		document.switchToPage(start + index)
		document.markContent('Artifact', { type: 'Pagination' })
		if (content.kind === 'draft') drawDraftMark(sheet)
		const half = BODY_WIDTH * 0.64
		const patient = [content.patient.patientId ? `ID ${content.patient.patientId}` : '', content.patient.birthDate ? `born ${content.patient.birthDate}` : ''].filter(Boolean).join(', ')
		sheet.label(patientName(content), PAGE.left, 36, half, { style: STYLES.smallStrong })
		sheet.label(patient, PAGE.left, 47.5, half, { style: STYLES.small, colour: INK.muted })
		sheet.label(reportName(content), PAGE.left + half, 36, BODY_WIDTH - half, { style: STYLES.small, colour: INK.muted, align: 'right' })
		sheet.label(content.study.date ? `Study of ${content.study.date}` : '', PAGE.left + half, 47.5, BODY_WIDTH - half, { style: STYLES.small, colour: INK.muted, align: 'right' })
		document.lineWidth(0.5).strokeColor(INK.line).moveTo(PAGE.left, 64).lineTo(PAGE.right, 64).moveTo(PAGE.left, 796).lineTo(PAGE.right, 796).stroke()
		sheet.label(RESEARCH_USE, PAGE.left, 801, BODY_WIDTH * 0.7, { style: STYLES.smallStrong })
		sheet.label(`Page ${index + 1} of ${count}`, PAGE.left + BODY_WIDTH * 0.7, 801, BODY_WIDTH * 0.3, { style: STYLES.small, colour: INK.muted, align: 'right' })
		document.endMarkedContent()
	}
}

function drawDraftMark(sheet: Sheet): void {
	const { document } = sheet
	document.save()
	document.rotate(-52, { origin: [PAGE.width / 2, PAGE.height / 2] }).fillOpacity(0.09)
	sheet.label('DRAFT', 0, PAGE.height / 2 - 95, PAGE.width, { style: { size: 150, weight: 600 }, align: 'centre' })
	document.restore()
}
