import type { ReportContent } from '../content.ts'
import { personName } from '../../../common/text/personName.ts'
import type { Line } from '../text/typeset.ts'
import { BODY_WIDTH, INK, PAGE, STYLES, lineHeight, type Sheet } from './sheet.ts'
import { instantText, patientName, reportName } from './words.ts'

const COLUMNS = 4
const GAP = 14
/** Of one field; the JSON file has the whole of it. */
const MOST_LINES = 8

/** The head of the first page: what this is, whose it is, and which study. */
export function drawIdentity(sheet: Sheet, content: ReportContent): void {
	const { patient, study } = content
	if (content.institution) sheet.paragraph(content.institution, { style: STYLES.small, colour: INK.muted })
	sheet.paragraph(study.description || 'Imaging report', { style: STYLES.title, tag: 'H1' })
	sheet.paragraph(
		content.signedBy && content.signedAt ? `${reportName(content)}. Signed by ${content.signedBy}, ${instantText(content.signedAt)}.` : `${reportName(content)}. As of ${instantText(content.createdAt)}.`,
		{ style: STYLES.small, colour: INK.muted },
	)
	sheet.space(6)
	sheet.rule()
	sheet.space(7)
	drawFields(sheet, [
		['Patient', patientName(content), 2],
		['Patient ID', patient.patientId],
		['Sex', sexText(patient.sex)],
		['Birth date', patient.birthDate],
		['Age at study', study.age],
		['Accession number', study.accessionNumber],
		['Modality', study.modalities.join(', ')],
		['Study date', [study.date, study.time].filter(Boolean).join(' ')],
		['Images', String(study.images)],
		['Referring physician', personName(study.referringPhysician), 2],
		['Study instance UID', study.studyInstanceUid, 4],
	])
	sheet.rule()
	sheet.space(2)
}

/** Names above their values, in four columns; a field may span several. Values wrap, and a row is as high as its highest. */
export function drawFields(sheet: Sheet, fields: [name: string, value: string, span?: number][]): void {
	const column = (BODY_WIDTH - GAP * (COLUMNS - 1)) / COLUMNS
	let row: { name: string; lines: Line[]; x: number; width: number }[] = []
	let used = 0
	const flush = () => {
		const height = Math.max(...row.map(({ lines }) => lines.length)) * lineHeight(STYLES.body) + lineHeight(STYLES.tiny) + 5
		sheet.ensure(height)
		for (const { name, lines, x, width } of row) {
			sheet.tagged('P', () => {
				sheet.label(name, x, sheet.y, width, { style: STYLES.tiny, colour: INK.muted })
				sheet.lines(lines, x, sheet.y + lineHeight(STYLES.tiny), width, STYLES.body)
			})
		}
		sheet.y += height
		row = []
		used = 0
	}
	for (const [name, value, span = 1] of fields) {
		if (used + span > COLUMNS) flush()
		const width = column * span + GAP * (span - 1)
		row.push({ name, lines: valueLines(sheet, value, width), x: PAGE.left + used * (column + GAP), width })
		used += span
	}
	flush()
}

function valueLines(sheet: Sheet, value: string, width: number): Line[] {
	const lines = sheet.set(value.trim() || '–', STYLES.body, width)
	return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES - 1), ...sheet.set('… (shortened)', STYLES.body, width).slice(0, 1)]
}

function sexText(sex: string): string {
	return { F: 'Female', M: 'Male', O: 'Other' }[sex.toUpperCase()] ?? sex
}
