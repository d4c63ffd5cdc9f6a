import { existsSync } from 'node:fs'
import type { AnsweredSplit, WorstErrors } from '../../../common/contract/training/review.ts'
import { largestOf } from '../../../common/stats/classification.ts'
import { insideFolder } from '../data/paths.ts'
import { openRun } from '../runs/folder.ts'
import { casesOfSplit, readAnswered } from './answered.ts'

/** A probability of nothing has no logarithm; the loss ends here. */
const LEAST = 1e-12

/** The images with the highest loss, the worst first. Images whose truth is not known have none. @throws UserError where the run has left no predictions. */
export function worstErrors(runs: string, id: string, split: AnsweredSplit, count: number): WorstErrors {
	const folder = openRun(runs, id)
	const run = readAnswered(folder)
	const { task, labels } = run.evaluation.model
	const { cases, samples } = casesOfSplit(run, split)
	const rows = samples.map((sample, row) => {
		const probabilities = [...cases.probabilities.subarray(row * labels.length, (row + 1) * labels.length)]
		return { sample, probabilities, loss: lossOf(sample.truth, probabilities, task) }
	})
	const worst = rows.filter(({ loss }) => !Number.isNaN(loss)).toSorted((a, b) => b.loss - a.loss || (a.sample.id < b.sample.id ? -1 : 1)).slice(0, count)
	const called = (probabilities: readonly number[]) => (task === 'multiclass'
		? [labels[largestOf(probabilities, 0, labels.length)] ?? '']
		: labels.filter((_, label) => (probabilities[label] ?? 0) >= (cases.operatingPoints[label] ?? 0.5)))
	return {
		split, labels: [...labels],
		samples: worst.map(({ sample: { id: sampleId, group, source, truth }, probabilities, loss }) => ({
			id: sampleId, path: fileOf(folder.recipe.data.folder, sampleId), group, source, truth: [...truth], probabilities, loss, called: called(probabilities),
		})),
	}
}

function surprise(probability: number): number {
	return -Math.log(Math.max(LEAST, probability))
}

/** Cross-entropy; NaN where no truth is known. */
function lossOf(truth: readonly (number | null)[], probabilities: readonly number[], task: 'multiclass' | 'multilabel'): number {
	if (task === 'multiclass') return truth.includes(null) || !truth.includes(1) ? Number.NaN : surprise(probabilities[truth.indexOf(1)] ?? 0)
	const known = truth.flatMap((value, label) => (value === null ? [] : [surprise(value === 1 ? (probabilities[label] ?? 0) : 1 - (probabilities[label] ?? 0))]))
	return known.reduce((sum, value) => sum + value, 0) / known.length
}

function fileOf(folder: string, id: string): string | null {
	const found = insideFolder(folder, id)
	return 'path' in found && existsSync(found.path) ? found.path : null
}
