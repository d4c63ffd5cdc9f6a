import type { Answers } from '../evaluation/answerSamples.ts'
import type { Side } from './compareLabelled.ts'

/** The films that both models answered on, in the same order. */
export function onBoth({ current, candidate }: Record<'current' | 'candidate', Side>): Record<'current' | 'candidate', Side> {
	const ids = new Set(candidate.answers.samples.map(({ id }) => id))
	const shared = current.answers.samples.map(({ id }) => id).filter((id) => ids.has(id))
	return { current: { ...current, answers: chosen(current.answers, shared) }, candidate: { ...candidate, answers: chosen(candidate.answers, shared) } }
}

function chosen(answers: Answers, ids: readonly string[]): Answers {
	const places = new Map(answers.samples.map(({ id }, place) => [id, place]))
	const rows = ids.map((id) => places.get(id) as number)
	const labels = answers.samples.length === 0 ? 0 : answers.logits.length / answers.samples.length
	const logits = new Float32Array(rows.length * labels)
	for (const [target, row] of rows.entries()) logits.set(answers.logits.subarray(row * labels, (row + 1) * labels), target * labels)
	const { distances } = answers
	return {
		...answers, logits, samples: rows.map((row) => answers.samples[row] as Answers['samples'][number]), hashes: rows.map((row) => answers.hashes[row] as string),
		...(distances ? { distances: rows.map((row) => distances[row] as number) } : {}),
	}
}
