import type { Sample } from '../data/dataSet.ts'
import { inSlice } from './groupsTable.ts'
import { grouped, table, told } from './markdown.ts'
import { measureRuns, type AnsweredRun } from './measureRuns.ts'
import { longTitle, type Row } from './resultRows.ts'
import type { ResultsTask } from './resultsIndex.ts'

/**
 * What a run's answers say of two classes that exclude each other, as if there were no others: images of these two, and the two logits of each. The AUROC of that is the
 * probability that an image of the one class has a larger difference of the two logits than an image of the other (Hand and Till 2001, before they take the mean over pairs).
 */
function ofTwoClasses({ id, evaluation, predictions: { samples, logits } }: AnsweredRun, pair: readonly [number, number]): AnsweredRun {
	const { labels } = evaluation.model
	const rows = [...samples.keys()].filter((row) => pair.some((label) => samples[row]?.truth[label] === 1))
	return {
		id,
		evaluation: {
			model: { ...evaluation.model, labels: pair.map((label) => labels[label] as string) },
			// Neither changes the order of differences.
			calibration: { method: 'temperature', temperature: 1, n: 0, eceBefore: null, eceAfter: null },
			splits: [],
		},
		predictions: {
			samples: rows.map((row): Sample => ({ ...(samples[row] as Sample), truth: pair.map((label) => samples[row]?.truth[label] as number) })),
			logits: Float32Array.from(rows.flatMap((row) => pair.map((label) => logits[row * labels.length + label] as number))),
		},
	}
}

/** For each slice that holds several classes: how well two of them are told apart within it, where the source gives no class away. Empty for labels that do not exclude each other. */
export function pairsTable(task: ResultsTask, rows: readonly Row[]): string {
	const model = rows[0]?.runs[0]?.evaluation.model
	if (model?.task !== 'multiclass') return ''
	const pairs = model.labels.flatMap((_, first) => model.labels.slice(first + 1).map((__, further): [number, number] => [first, first + 1 + further]))
	const parts = task.slices.flatMap((slice) => pairs.flatMap((pair) => (['validation', 'test'] as const).flatMap((split) => {
		const of = inSlice(slice)
		const measured = rows.map(({ runs }) => measureRuns(runs.map((run) => ofTwoClasses(run, pair)), (sample) => sample.split === split && of(sample), ['auroc']))
		const [one, other] = measured[0]?.labels ?? []
		// One class alone cannot be told apart from anything.
		if (!one || !other || one.positives === 0 || other.positives === 0) return []
		return [[slice.title, `${one.name} and ${other.name}`, split, `${grouped(one.positives)} and ${grouped(other.positives)}`, grouped(measured[0]?.groups ?? 0), ...measured.map((own) => (own ? told(own.metrics.auroc) : ''))]]
	})))
	if (parts.length === 0) return ''
	return `### Two classes at a time

AUROC of the difference of the two logits on images of these two classes alone, 0.50 being chance: whether they are told apart at all, whatever threshold one would choose. Validation images are given too,
because some groups are too small for either split alone to say it; epochs were chosen by all validation images together.

${table(['', 'classes', 'split', 'images', 'patients or groups', ...rows.map(longTitle)], parts)}`
}
