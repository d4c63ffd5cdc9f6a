import type { LabelledComparison, PairedNumberOf } from '../../../common/contract/promotion.ts'
import { differenceInWords } from './verdict.ts'

/** On how many films both models answered, of how many patients or other groups, and on how many one alone. */
export interface ComparedCounts {
	n: number
	groups: number
	onlyCurrent: number
	onlyCandidate: number
}

/** What a reader of a comparison on labelled films should mind, in sentences: how the films were chosen, and what a verdict on the whole does not say. */
export function cautionsOf({ split, labels, overall }: LabelledComparison, { n, groups, onlyCurrent, onlyCandidate }: ComparedCounts): string[] {
	return [
		...(split === 'test' ? [] : [`The films are not a test split (${split}): a model may have learned from them, and looks better than it is then.`]),
		...(groups < n ? [`There are ${n} films of ${groups} patients or groups. McNemar's test counts films as if each were of another patient, so its p is too small; the intervals draw patients.`] : []),
		...(onlyCurrent + onlyCandidate > 0 ? [`Films that one model alone could answer on are left out: ${onlyCurrent} of the current one, ${onlyCandidate} of the candidate.`] : []),
		...labels.flatMap(({ title, sensitivity, specificity }) => [...lost(`Sensitivity for ${title} at the operating point`, sensitivity), ...lost(`Specificity for ${title} at the operating point`, specificity)]),
		...lost('The share of films that are answered', overall.answered),
		...(overall.ece.interval && overall.ece.interval[0] > 0 ? [`The candidate is calibrated worse: the calibration error is larger by ${differenceInWords(overall.ece)}.`] : []),
	]
}

function lost(what: string, number: PairedNumberOf): string[] {
	return number.interval && number.interval[1] < 0 ? [`${what} is lower with the candidate: ${differenceInWords(number)}.`] : []
}
