import type { AnsweredSplit, RunCurves } from '../../../common/contract/training/review.ts'
import { labelCurves } from '../../../common/stats/curves.ts'
import { openRun } from '../runs/folder.ts'
import { casesOfSplit, readAnswered } from './answered.ts'

/** The curves of a finished run. @throws UserError where it has left no predictions. */
export function runCurves(runs: string, id: string, split: AnsweredSplit): RunCurves {
	const run = readAnswered(openRun(runs, id))
	const curves = labelCurves(casesOfSplit(run, split).cases)
	return { split, labels: run.evaluation.model.labels.map((name, label) => ({ name, ...curves[label]! })) }
}
