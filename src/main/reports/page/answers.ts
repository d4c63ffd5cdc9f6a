import type { Analysis, LabelAnswer } from '../../../common/contract/analysis.ts'
import { callOf, type ImageContent, type KeyImageContent, type MapExplanation } from '../content.ts'
import { BODY_WIDTH, INK, PAGE, STYLES, lineHeight, type Sheet } from './sheet.ts'
import { probabilityText } from './words.ts'

const BAR = { x: PAGE.left + 128, width: 176, height: 7 } as const
const COLUMN = { probability: BAR.x + BAR.width + 12, operatingPoint: BAR.x + BAR.width + 62, call: BAR.x + BAR.width + 128 } as const
const ROW = 16

const AGREEMENT = { agree: 'The teacher agrees.', disagree: 'The teacher disagrees.', undecided: 'Student and teacher cannot be compared here.' } as const

/** What the networks said of each image: numbers, bars with their operating point, and nothing where the gate refused. */
export function drawAnswers(sheet: Sheet, images: ImageContent[]): void {
	const analysed = images.filter(({ student, teacher }) => student ?? teacher)
	if (analysed.length === 0) return
	sheet.heading('Answers of the networks', 90)
	sheet.paragraph(
		'Calibrated probabilities from 0 to 1. Upright line: operating point, from which on a label counts as positive. Grey band: if the largest probability lies in it, the network abstains.',
		{ style: STYLES.tiny, colour: INK.muted },
	)
	for (const image of analysed) {
		sheet.space(5)
		sheet.ensure(lineHeight(STYLES.smallStrong) + ROW * 3)
		sheet.paragraph(imageName(image), { style: STYLES.smallStrong, tag: 'H3' })
		if (image.student) drawAnswer(sheet, 'Student', image.student)
		if (image.teacher) drawAnswer(sheet, 'Teacher', image.teacher)
		if (image.agreement) sheet.paragraph(AGREEMENT[image.agreement], { style: STYLES.small })
	}
}

/** "chest.dcm, frame 2, CR PA, 2500 x 2048". */
export function imageName(image: ImageContent): string {
	const view = [image.modality, image.viewPosition].filter(Boolean).join(' ')
	return [image.fileName, image.frames > 1 ? `frame ${image.frameIndex + 1}` : '', view, `${image.columns} x ${image.rows}`].filter(Boolean).join(', ')
}

function drawAnswer(sheet: Sheet, role: string, { modelTitle, prediction }: Analysis): void {
	const title = `${role}: ${modelTitle} ${prediction.model.version}`
	if (!prediction.gate.ok) {
		sheet.paragraph(`${title}. Refused: ${prediction.gate.reasons.join(' ')}`, { style: STYLES.small })
		return
	}
	sheet.ensure(lineHeight(STYLES.small) + ROW * 2)
	drawTableHead(sheet, title)
	for (const label of prediction.labels) {
		if (sheet.y + ROW > PAGE.bottom) {
			sheet.ensure(ROW)
			drawTableHead(sheet, `${title}, continued`)
		}
		const call = callText(callOf(prediction, label), label)
		drawBar(sheet, label, prediction.abstentionThreshold)
		sheet.tagged('P', () => {
			const top = sheet.y
			sheet.label(label.title, PAGE.left, top, BAR.x - PAGE.left - 8, { style: label.positive ? STYLES.bodyStrong : STYLES.body })
			sheet.label(probabilityText(label.probability), COLUMN.probability, top, 44, { style: label.positive ? STYLES.bodyStrong : STYLES.body })
			sheet.label(probabilityText(label.operatingPoint), COLUMN.operatingPoint, top, 44)
			sheet.label(call, COLUMN.call, top, PAGE.right - COLUMN.call, { style: label.positive ? STYLES.bodyStrong : STYLES.body })
		})
		sheet.y += ROW
	}
	if (prediction.abstained) {
		sheet.paragraph(`Abstained: the largest probability is below ${probabilityText(prediction.abstentionThreshold)}, so no label is called.`, { style: STYLES.small })
	}
	sheet.space(2)
}

function drawTableHead(sheet: Sheet, title: string): void {
	sheet.tagged('P', () => {
		sheet.label(title, PAGE.left, sheet.y, COLUMN.probability - PAGE.left - 8, { style: STYLES.small, colour: INK.muted })
		for (const [text, x] of [['Probability', COLUMN.probability], ['Operating point', COLUMN.operatingPoint], ['Call', COLUMN.call]] as const) {
			sheet.label(text, x, sheet.y + 1, 70, { style: STYLES.tiny, colour: INK.muted })
		}
	})
	sheet.y += lineHeight(STYLES.small) + 1
}

function callText(state: ReturnType<typeof callOf>, label: LabelAnswer): string {
	if (state === 'abstained') return 'Abstained'
	// "Normal: positive" would be misread.
	if (!label.finding) return state === 'positive' ? 'Called' : 'Not called'
	return state === 'positive' ? 'Positive' : 'Negative'
}

function drawBar(sheet: Sheet, label: LabelAnswer, abstentionThreshold: number): void {
	const { document } = sheet
	const top = sheet.y + 4
	const operatingPoint = BAR.x + label.operatingPoint * BAR.width
	sheet.decoration(() => {
		document.rect(BAR.x, top, BAR.width, BAR.height).fill(INK.faint)
		if (abstentionThreshold > 0) document.rect(BAR.x, top, abstentionThreshold * BAR.width, BAR.height).fill('#dde0e3')
		document.rect(BAR.x, top + 1.5, label.probability * BAR.width, BAR.height - 3).fill(label.positive ? INK.strong : INK.fill)
		document.lineWidth(1.1).strokeColor(INK.text).moveTo(operatingPoint, top - 2.5).lineTo(operatingPoint, top + BAR.height + 2.5).stroke()
	})
}

/** Which files, models and programs made the numbers: enough to make them again. */
export function drawProvenance(sheet: Sheet, images: ImageContent[], keyImages: KeyImageContent[], software: { name: string; version: string }): void {
	sheet.heading('How the numbers were made', 60)
	sheet.paragraph(`${software.name} ${software.version}.`, { style: STYLES.small })
	const models = new Map<string, Analysis>()
	for (const { student, teacher } of images) {
		for (const analysis of [student, teacher]) if (analysis) models.set(analysis.prediction.model.sha256, analysis)
	}
	for (const { role, modelTitle, softwareVersion, prediction: { model } } of models.values()) {
		drawPair(sheet, `Model, ${role}: ${modelTitle} (${model.id}), version ${model.version}, run by version ${softwareVersion} of the program`, `SHA-256 ${model.sha256}`)
	}
	for (const { role, modelTitle, model } of mapMakers(keyImages)) {
		if (!models.has(model.sha256)) drawPair(sheet, `Model of a map, ${role}: ${modelTitle} (${model.id}), version ${model.version}; its answer is not among those above`, `SHA-256 ${model.sha256}`)
	}
	for (const image of images) {
		const tensor = image.student?.prediction.tensorSha256
		drawPair(sheet, `Image: ${imageName(image)}`, `SHA-256 ${image.sha256}${tensor ? `\nSHA-256 of the student's input tensor ${tensor}` : ''}`)
	}
}

/** The networks whose maps are drawn or compared with, once each. */
function mapMakers(keyImages: KeyImageContent[]): MapExplanation['maker'][] {
	const makers = keyImages.flatMap(({ map }) => (map?.explanation ? [map.explanation.maker, ...(map.explanation.beside ? [map.explanation.beside.maker] : [])] : []))
	return [...new Map(makers.map((maker) => [maker.model.sha256, maker])).values()]
}

function drawPair(sheet: Sheet, title: string, detail: string): void {
	sheet.space(3)
	sheet.ensure(lineHeight(STYLES.small) + lineHeight(STYLES.tiny) * 2)
	sheet.paragraph(title, { style: STYLES.small, width: BODY_WIDTH })
	sheet.paragraph(detail, { style: STYLES.tiny, colour: INK.muted })
}
