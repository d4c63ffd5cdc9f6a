import type { LabelAnswer, Prediction } from '../../../../common/contract/analysis.ts'

/** One label as the panel shows it. Fractions are 0 to 1. */
export interface LabelRow {
	name: string
	title: string
	probability: number
	operatingPoint: number
	/** Called positive: at or above the operating point, and the network did not abstain. */
	positive: boolean
	/** The teacher's calibrated probability; null where it has not answered, refused, or does not know the label. */
	teacher: number | null
	/** The bar in words. */
	description: string
}

/** Two decimals, the same width for every value. */
export function fractionText(value: number): string {
	return value.toFixed(2)
}

/** Rows in the order of the model, which stays the same from film to film. */
export function labelRows(student: Prediction, teacher: Prediction | null): LabelRow[] {
	const ofTeacher = new Map(teacher?.gate.ok ? teacher.labels.map((label) => [label.name, label.probability]) : [])
	return student.labels.map((label) => {
		const second = ofTeacher.get(label.name) ?? null
		const parts = [
			`${label.title}: calibrated probability ${fractionText(label.probability)}`,
			`operating point ${fractionText(label.operatingPoint)}`,
			label.positive ? 'called positive' : 'not called',
		]
		if (student.abstentionThreshold > 0) parts.push(`no call below ${fractionText(student.abstentionThreshold)}`)
		if (second !== null) parts.push(`teacher ${fractionText(second)}`)
		return {
			name: label.name, title: label.title, probability: label.probability, operatingPoint: label.operatingPoint,
			positive: label.positive, teacher: second, description: `${parts.join(', ')}.`,
		}
	})
}

/** What a network says of an image in one plain sentence. */
export interface Statement {
	kind: 'refused' | 'abstained' | 'called' | 'nothing'
	text: string
}

export function statementOf(prediction: Prediction): Statement {
	if (!prediction.gate.ok) return { kind: 'refused', text: `Not analysed. ${prediction.gate.reasons.join(' ')}`.trim() }
	if (prediction.abstained) {
		const largest = Math.max(0, ...prediction.labels.map((label) => label.probability))
		return {
			kind: 'abstained',
			text: `No call: the largest probability, ${fractionText(largest)}, is below ${fractionText(prediction.abstentionThreshold)}, where this network abstains.`,
		}
	}
	const called = prediction.labels.filter((label) => label.positive)
	if (called.length === 0) return { kind: 'nothing', text: 'Nothing is above its operating point.' }
	const findings = called.filter((label) => label.finding)
	const others = called.filter((label) => !label.finding)
	// Each label has an operating point of its own, so a finding and "normal" can both be above theirs.
	if (findings.length > 0 && others.length > 0) {
		return { kind: 'called', text: `Called: ${titles(findings)}. ${titles(others)} is above its operating point as well: the answer contradicts itself.` }
	}
	return { kind: 'called', text: `Called: ${titles(called)}.` }
}

function titles(labels: LabelAnswer[]): string {
	return labels.map((label) => label.title).join(', ')
}

/** The label whose map is shown first: the strongest of those that are called; null where none is. */
export function firstMapLabel(prediction: Prediction): string | null {
	const called = prediction.labels.filter((label) => label.positive)
	const candidates = called.some((label) => label.finding) ? called.filter((label) => label.finding) : called
	return candidates.toSorted((a, b) => b.probability - a.probability)[0]?.name ?? null
}

/** The label after the shown one among those that are called, round and round; null where none is. */
export function nextMapLabel(prediction: Prediction, shown: string | null): string | null {
	const called = prediction.labels.filter((label) => label.positive).map((label) => label.name)
	if (shown === null) return firstMapLabel(prediction)
	return called[(called.indexOf(shown) + 1) % called.length] ?? null
}
