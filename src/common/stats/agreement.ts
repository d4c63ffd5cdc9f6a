import type { Agreement, Prediction } from '../contract/analysis.ts'

/** What of a prediction decides whether two networks agree. */
export type Calls = { gate: Pick<Prediction['gate'], 'ok'>; abstained: boolean; labels: Pick<Prediction['labels'][number], 'name' | 'positive'>[] }

/**
 * Whether two networks say the same of one image: by the sets of labels that each calls positive, among the labels that
 * both know. Two empty sets agree: neither calls anything. Undecided where either refused the image or abstained, or
 * where they have no label in common; then there is nothing to compare.
 */
export function agreementOf(student: Calls, teacher: Calls): Agreement {
	if (!student.gate.ok || !teacher.gate.ok || student.abstained || teacher.abstained) return 'undecided'
	const calledByTeacher = new Map(teacher.labels.map((label) => [label.name, label.positive]))
	const common = student.labels.filter((label) => calledByTeacher.has(label.name))
	if (common.length === 0) return 'undecided'
	return common.every((label) => label.positive === calledByTeacher.get(label.name)) ? 'agree' : 'disagree'
}
