import { FEWEST_GROUPS, type ComparisonReport, type LabelledComparison, type Outcome, type PairedNumberOf } from '../../../common/contract/promotion.ts'

/**
 * What a paired difference shows where more is better: a side only where the whole interval lies on it. Fail closed: without enough patients, or without a number on
 * both sides, nothing.
 */
export function outcomeOf({ difference, interval }: PairedNumberOf, enough: boolean): Outcome {
	if (!enough || difference === null) return 'insufficient'
	// Both answer alike on every film: there is no interval, and no difference either.
	if (interval === null) return difference === 0 ? 'undecided' : 'insufficient'
	return interval[0] > 0 ? 'better' : interval[1] < 0 ? 'worse' : 'undecided'
}

/** Whether so many patients with and without a label stand behind its numbers that a side may be taken. */
export function isEnough({ positiveGroups, negativeGroups }: { positiveGroups: number; negativeGroups: number }): boolean {
	return positiveGroups >= FEWEST_GROUPS && negativeGroups >= FEWEST_GROUPS
}

/**
 * One verdict on labelled films: by balanced accuracy of classes that exclude each other, else by the mean AUROC, and only where every label has enough patients,
 * because a mean over labels that were not tested says nothing of them.
 */
export function verdictOf({ task, overall, labels }: Pick<LabelledComparison, 'task' | 'overall' | 'labels'>): ComparisonReport['verdict'] {
	const metric = task === 'multiclass' ? 'balancedAccuracy' : 'auroc'
	const few = labels.filter((label) => !isEnough(label))
	const number = overall[metric]
	const outcome = outcomeOf(number, few.length === 0)
	const title = metric === 'balancedAccuracy' ? 'Balanced accuracy' : 'The mean AUROC'
	return { outcome, metric, reason: few.length > 0 ? tooFew(few) : reasonOf(outcome, title, number) }
}

function tooFew(few: LabelledComparison['labels']): string {
	const counts = few.map(({ title, positiveGroups, negativeGroups }) => `${title} (${positiveGroups} with it, ${negativeGroups} without)`)
	return `There are too few patients to say which model is better: at least ${FEWEST_GROUPS} with and ${FEWEST_GROUPS} without each label are needed. Missing for ${counts.join(', ')}.`
}

function reasonOf(outcome: Outcome, title: string, number: PairedNumberOf): string {
	const { current, candidate } = number
	if (outcome === 'insufficient') return `${title} is not defined for both models, or has no interval, on these films.`
	const numbers = `${title} is ${share(candidate)} after ${share(current)}, difference ${differenceInWords(number)}`
	if (outcome === 'undecided') return `No difference was shown. ${numbers}.`
	return `${numbers}: the whole interval lies ${outcome === 'better' ? 'above' : 'below'} 0.`
}

/** -0.031 (95 % interval -0.050 to -0.012). */
export function differenceInWords({ difference, interval }: PairedNumberOf): string {
	return `${share(difference)}${interval ? ` (95 % interval ${share(interval[0])} to ${share(interval[1])})` : ''}`
}

function share(value: number | null): string {
	return value === null ? 'not defined' : value.toFixed(3)
}
