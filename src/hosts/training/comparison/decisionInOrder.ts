import type { Answers } from '../evaluation/answerSamples.ts'
import type { Decision } from '../evaluation/results.ts'

/** How a model reads its logits, with its labels in another order. @throws Error where a label is missing. */
export function decisionInOrder(decision: Decision, labels: readonly string[]): Decision {
	const { calibration } = decision
	const places = placesOf(decision, labels)
	return {
		...decision,
		labels,
		operatingPoints: places.map((place) => decision.operatingPoints[place] as number),
		calibration: calibration.method === 'platt' ? { ...calibration, labels: places.map((place) => calibration.labels[place] as (typeof calibration.labels)[number]) } : calibration,
	}
}

/** The logits of a model with its labels in another order. */
export function answersInOrder<Some extends Pick<Answers, 'logits'>>(answers: Some, decision: Decision, labels: readonly string[]): Some {
	const places = placesOf(decision, labels)
	const count = labels.length
	return { ...answers, logits: answers.logits.map((_, index) => answers.logits[Math.floor(index / count) * count + (places[index % count] as number)] as number) }
}

function placesOf(decision: Decision, labels: readonly string[]): number[] {
	const places = labels.map((label) => decision.labels.indexOf(label))
	if (places.includes(-1) || labels.length !== decision.labels.length) throw new Error('The two models do not answer with the same labels.')
	return places
}
