import type { Finding } from '../../../common/contract/report.ts'
import type { EarlierVersion, ReportContent } from '../content.ts'
import type { Style } from '../text/typeset.ts'
import { INK, PAGE, STYLES, lineHeight, type Sheet } from './sheet.ts'
import { instantText, probabilityText } from './words.ts'

/** What the reader says and signs: nothing of a network is in it that the reader has not accepted. */
export function drawReading(sheet: Sheet, content: ReportContent): void {
	const { text, findings, earlier } = content
	const [latest] = earlier
	if (latest) {
		sheet.heading(`Addendum to version ${latest.version}`)
		sheet.paragraph(`It adds to the ${latest.kind} signed by ${latest.signedBy}, ${instantText(latest.signedAt)}, whose text is repeated below.`)
		sheet.paragraph(`SHA-256 of that PDF: ${latest.pdfSha256}`, { style: STYLES.tiny, colour: INK.muted })
	}
	if (text.clinicalInformation) drawText(sheet, 'Clinical information', text.clinicalInformation)
	if (text.comparison) drawText(sheet, 'Comparison', text.comparison)

	const accepted = findings.filter(({ status }) => status === 'accepted')
	sheet.heading('Findings')
	if (text.narrative) sheet.paragraph(text.narrative)
	for (const finding of accepted) drawFinding(sheet, finding)
	if (!text.narrative && accepted.length === 0) sheet.paragraph('None stated.', { colour: INK.muted })

	sheet.heading('Impression')
	sheet.paragraph(text.impression || 'None stated.', { style: text.impression ? STYLES.bodyStrong : STYLES.body, colour: text.impression ? INK.text : INK.muted })
	drawSignature(sheet, content)

	const suggested = findings.filter(({ status }) => status === 'suggested')
	if (suggested.length > 0) drawSuggested(sheet, suggested)
	for (const version of earlier) drawEarlier(sheet, version)
}

function drawText(sheet: Sheet, title: string, text: string): void {
	sheet.heading(title)
	sheet.paragraph(text)
}

function drawFinding(sheet: Sheet, finding: Finding): void {
	sheet.ensure(lineHeight(STYLES.body))
	sheet.decoration(() => sheet.document.circle(PAGE.left + 3, sheet.y + 7.2, 1.4).fill(INK.text))
	sheet.paragraph(finding.text, { x: PAGE.left + 12 })
	const source = findingSource(finding)
	if (source) sheet.paragraph(source, { x: PAGE.left + 12, style: STYLES.tiny, colour: INK.muted })
	sheet.space(2)
}

/** Where an accepted finding comes from; '' for one that the reader wrote. */
function findingSource(finding: Finding): string {
	return finding.origin === 'network' ? `Suggested by ${networkOf(finding)}; accepted${finding.edited ? ' and edited' : ''} by the reader.` : ''
}

/** "cxr3 1.2.0, probability 0.83, operating point 0.42" */
function networkOf({ model, probability, operatingPoint }: Finding): string {
	return [
		model ? `${model.id} ${model.version}` : 'the network',
		probability === null ? '' : `probability ${probabilityText(probability)}`,
		operatingPoint === null ? '' : `operating point ${probabilityText(operatingPoint)}`,
	].filter(Boolean).join(', ')
}

function drawSignature(sheet: Sheet, { signedBy, signedAt }: ReportContent): void {
	sheet.space(8)
	sheet.ensure(lineHeight(STYLES.body) * 2)
	sheet.paragraph(signedBy && signedAt ? `Signed by ${signedBy}, ${instantText(signedAt)}` : 'Not signed. This draft may still change.', { style: STYLES.smallStrong })
}

/** Apart from the reader's findings, in a dashed frame's margin, so that the two cannot be taken for each other. */
function drawSuggested(sheet: Sheet, suggested: Finding[]): void {
	sheet.heading('Suggested by the network, not confirmed', 40)
	for (const finding of suggested) {
		drawUnconfirmed(sheet, finding.text, STYLES.body)
		drawUnconfirmed(sheet, `By ${networkOf(finding)}.`, STYLES.tiny)
		sheet.space(2)
	}
	sheet.paragraph('No reader has decided on these. They are no part of the findings above.', { style: STYLES.tiny, colour: INK.muted })
}

function drawUnconfirmed(sheet: Sheet, text: string, style: Style): void {
	const { document } = sheet
	const x = PAGE.left + 12
	const height = lineHeight(style)
	sheet.tagged('P', () => {
		for (const line of sheet.set(text, style, PAGE.right - x)) {
			sheet.ensure(height)
			sheet.lines([line], x, sheet.y, PAGE.right - x, style, INK.muted)
			document.save().lineWidth(0.9).dash(2.5, { space: 2 }).strokeColor(INK.fill).moveTo(PAGE.left + 3, sheet.y).lineTo(PAGE.left + 3, sheet.y + height).stroke().restore()
			sheet.y += height
		}
	})
}

function drawEarlier(sheet: Sheet, version: EarlierVersion): void {
	sheet.heading(`Text of version ${version.version}, signed by ${version.signedBy}, ${instantText(version.signedAt)}`)
	const parts: [string, string][] = [
		['Clinical information', version.text.clinicalInformation],
		['Comparison', version.text.comparison],
		['Findings', [version.text.narrative, ...version.findings].filter(Boolean).join('\n')],
		['Impression', version.text.impression],
	]
	for (const [title, text] of parts) {
		if (!text) continue
		sheet.ensure(lineHeight(STYLES.small) * 2)
		sheet.paragraph(title, { style: STYLES.smallStrong, colour: INK.muted, tag: 'H3' })
		sheet.paragraph(text, { style: STYLES.small })
		sheet.space(3)
	}
}
