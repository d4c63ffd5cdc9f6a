import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import type { AnsweredSplit } from '../../../common/contract/training/review.ts'
import type { Cases } from '../../../common/stats/classification.ts'
import type { Sample } from '../data/dataSet.ts'
import { casesOf } from '../evaluation/results.ts'
import { parseKept, readKept } from '../results/keptFiles.ts'
import { evaluationViewSchema } from '../results/keptRun.ts'
import type { AnsweredRun } from '../results/measureRuns.ts'
import { readPredictions } from '../results/predictionsTable.ts'
import { PACK, PREDICTIONS, type RunFolder } from '../runs/folder.ts'

/** What a finished run has answered on its validation and test images. @throws UserError where it is not finished, has no such answers, or its files are damaged. */
export function readAnswered({ id, directory }: Pick<RunFolder, 'id' | 'directory'>): AnsweredRun {
	const pack = join(directory, PACK)
	if (!existsSync(join(pack, 'evaluation.json'))) throw new UserError(`The run ${id} has no results: ${existsSync(join(pack, 'lungs.json')) ? 'it marks lungs, and has no labels' : 'it is not finished'}.`)
	if (!existsSync(join(directory, PREDICTIONS))) throw new UserError(`The run ${id} has left no predictions: it was made by an older version.`)
	const evaluation = parseKept(pack, 'evaluation.json', evaluationViewSchema)
	return { id, evaluation, predictions: readPredictions(readKept(directory, PREDICTIONS), evaluation.model.labels, join(directory, PREDICTIONS)) }
}

/** The answers on one split as calibrated probabilities beside the truth, and the samples that they are of. */
export function casesOfSplit({ evaluation, predictions: { samples, logits } }: AnsweredRun, split: AnsweredSplit): { cases: Cases; samples: Sample[] } {
	const { task, labels } = evaluation.model
	const rows = [...samples.keys()].filter((row) => samples[row]?.split === split)
	const own = new Float32Array(rows.length * labels.length)
	for (const [target, row] of rows.entries()) own.set(logits.subarray(row * labels.length, (row + 1) * labels.length), target * labels.length)
	const chosen = rows.map((row) => samples[row] as Sample)
	const operatingPoints = evaluation.splits[0]?.operatingPoints.map(({ threshold }) => threshold) ?? labels.map(() => 0.5)
	return { cases: casesOf({ samples: chosen, logits: own }, { task, labels, calibration: evaluation.calibration, operatingPoints }), samples: chosen }
}
