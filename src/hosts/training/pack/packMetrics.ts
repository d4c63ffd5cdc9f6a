import type { ModelManifest } from '../../../common/contract/model.ts'
import type { Results, SplitResults } from '../../../common/contract/training/evaluation.ts'
import { SHARE_ANSWERED, SHARE_LIKE_TRAINING } from '../../../common/text/metricNames.ts'
import { rounded } from './calibratePack.ts'

type Metric = ModelManifest['metrics'][number]

const OVERALL = { balancedAccuracy: 'balanced accuracy', accuracy: 'accuracy', macroF1: 'macro F1', auroc: 'AUROC, mean of the labels', auprc: 'AUPRC, mean of the labels', ece: 'expected calibration error', brier: 'Brier score' } as const
const OF_LABEL = { auroc: 'AUROC', auprc: 'AUPRC', recall: 'recall', specificity: 'specificity', precision: 'precision' } as const
const OF_GROUP = { balancedAccuracy: 'balanced accuracy', auroc: 'AUROC, mean of the labels' } as const

/** Groups of fewer images stand in evaluation.json alone. */
export const FEWEST_OF_GROUP = 20

/** The results that stand in model.json: pooled and by label for each split, then by group for the test split (or the last one that there is). */
export function packMetrics(splits: readonly SplitResults[]): Metric[] {
	const pooled = splits.flatMap((results) => [...overallRows(results, results.split, OVERALL, ''), ...labelRows(results, results.split, OF_LABEL), ...answerRows(results)])
	const last = splits.at(-1)
	const grouped = Object.entries(last?.by ?? {}).flatMap(([column, values]) =>
		Object.entries(values).filter(([, { n }]) => n >= FEWEST_OF_GROUP).flatMap(([value, results]) => {
			const where = `${last?.split ?? ''}, ${column} ${value}`
			return [...overallRows(results, where, OF_GROUP, aloneNote(results)), ...labelRows(results, where, { recall: 'recall' })]
		}),
	)
	return [...pooled, ...grouped]
}

/** What calibration, abstention and the check of likeness are worth. */
function answerRows({ split, n, reliability: { before }, abstention: { threshold, coverage, accuracy, intervals }, likeness }: SplitResults): Metric[] {
	const where = `Confidence of at least ${threshold}.`
	return [
		...row('expected calibration error before calibration', split, n, before.ece, before.interval ?? null, ''),
		...row(SHARE_ANSWERED, split, n, coverage, intervals?.coverage ?? null, where),
		...row('accuracy of the answered', split, Math.round(n * (coverage ?? 0)), accuracy, intervals?.accuracy ?? null, where),
		...(likeness ? row(SHARE_LIKE_TRAINING, split, n, likeness.share, likeness.intervals.share, `Distance of at most ${likeness.limit}; the others are refused.`) : []),
	]
}

/** Whose numbers are those of one class only cannot be compared with the others. */
export function aloneNote({ labels, n }: Results): string {
	const [alone] = labels.filter(({ positives }) => positives > 0)
	return alone?.positives === n && labels.length > 1 ? `Holds ${alone.name} only.` : ''
}

function overallRows(results: Results, split: string, names: Partial<Record<keyof typeof OVERALL, string>>, note: string): Metric[] {
	return Object.entries(names).flatMap(([key, name]) => {
		const metric = key as keyof typeof OVERALL
		return row(name, split, results.n, results[metric], results.intervals[metric], note)
	})
}

function labelRows(results: Results, split: string, names: Partial<Record<keyof typeof OF_LABEL, string>>): Metric[] {
	return results.labels.flatMap((label) => Object.entries(names).flatMap(([key, name]) => {
		const metric = key as keyof typeof OF_LABEL
		return row(`${name} ${label.name}`, split, label.positives + label.negatives, label[metric], label.intervals[metric], `${label.positives} with the label.`)
	}))
}

function row(name: string, split: string, n: number, value: number | null, interval: [number, number] | null, note: string): Metric[] {
	return value === null ? [] : [{ name, split, n, value: rounded(value, 4), interval: interval && [rounded(interval[0], 4), rounded(interval[1], 4)], note }]
}
