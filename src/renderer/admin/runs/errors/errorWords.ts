import type { CamState } from '../../../../common/contract/analysis.ts'
import type { WorstErrors } from '../../../../common/contract/training/review.ts'
import { count, number } from '../../../ui/words.ts'

export type ErrorSample = WorstErrors['samples'][number]

/** Most images that are listed. */
export const MOST_ERRORS = 200

/** What a model said of an image, held against the truth. */
export interface Call {
	/** Labels that it called and that are not so, the surest first. */
	wrongly: string[]
	/** Labels that are so and that it did not call, the least likely first. */
	missed: string[]
	/** Labels that are so, as far as it is known. */
	truth: string[]
}

export function callOf({ truth, called, probabilities }: Pick<ErrorSample, 'truth' | 'called' | 'probabilities'>, labels: readonly string[]): Call {
	const rows = labels.map((name, index) => ({ name, truth: truth[index] ?? null, probability: probabilities[index] ?? 0, isCalled: called.includes(name) })).toSorted((a, b) => b.probability - a.probability)
	return {
		wrongly: rows.filter((row) => row.isCalled && row.truth === 0).map(({ name }) => name),
		missed: rows.filter((row) => !row.isCalled && row.truth === 1).map(({ name }) => name).toReversed(),
		truth: labels.filter((_, index) => truth[index] === 1),
	}
}

export function isWrong({ wrongly, missed }: Call): boolean {
	return wrongly.length + missed.length > 0
}

/** The label whose map says most of the error: what was called and is not so, else what was missed, else what was called, else the likeliest. */
export function labelOfError(sample: Pick<ErrorSample, 'truth' | 'called' | 'probabilities'>, labels: readonly string[]): string {
	const { wrongly, missed } = callOf(sample, labels)
	const likeliest = sample.probabilities.reduce((best, value, index) => (value > (sample.probabilities[best] ?? 0) ? index : best), 0)
	return wrongly[0] ?? missed[0] ?? sample.called[0] ?? labels[likeliest] ?? ''
}

/** "Called covid19", "Missed effusion", "Called right"; names are the data's own. */
export function callInWords({ wrongly, missed }: Call): string {
	if (wrongly.length > 0) return `Called ${wrongly.join(', ')}`
	if (missed.length > 0) return `Missed ${missed.join(', ')}`
	return 'Called right'
}

/** "Is normal"; several labels may be so, or none. */
export function truthInWords({ truth }: Call): string {
	return truth.length === 0 ? 'Has none of the labels' : `Is ${truth.join(', ')}`
}

/** What the list is of, in sentences. @param asked so many were asked for. */
export function listInWords(samples: readonly Call[], asked: number): string {
	const wrong = samples.filter(isWrong).length
	const right = samples.length - wrong
	const which = samples.length < asked ? `All ${count(samples.length, 'image')} of the split` : `The ${count(samples.length, 'image')} with the highest loss`
	return `${which}, the worst first. ${right === 0 ? 'All were called wrongly.' : `${number(wrong)} ${wrong === 1 ? 'was' : 'were'} called wrongly, ${number(right)} rightly.`}`
}

/** A probability of 0 to 1 in three digits; never 0 or 1 for what is neither. */
export function probabilityText(probability: number): string {
	if (probability > 0 && probability < 0.0005) return '<0.001'
	if (probability < 1 && probability >= 0.9995) return '>0.999'
	return probability.toFixed(3)
}

/** How far the map of an image is. */
export type RunMapState =
	| { phase: 'waiting' }
	| { phase: 'working'; done: number; of: number }
	| { phase: 'finished'; map: CamState }
	| { phase: 'stopped' }
	| { phase: 'failed'; reason: string }

/** "exact", "37 % of the channels"; why there is none stands where there is more room. */
export function runMapInWords(state: RunMapState): string {
	switch (state.phase) {
		case 'waiting': return 'starting'
		case 'working': return state.of === 0 ? 'starting' : `${Math.min(99, Math.floor((100 * state.done) / state.of))} % of the channels`
		case 'finished': return 'exact'
		case 'stopped': return 'stopped'
		case 'failed': return 'no map'
	}
}
