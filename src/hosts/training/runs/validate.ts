import type { Monitor } from '../../../common/contract/training/recipe.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { UNCALIBRATED } from '../../../common/stats/calibration.ts'
import { overallMetricsOf } from '../../../common/stats/metrics.ts'
import type { Network, Weights } from '../../../onnx/network.ts'
import type { LabelledDataSet } from '../data/dataSet.ts'
import { casesOf } from '../evaluation/results.ts'
import { openForward } from '../graph/forward.ts'
import type { MaterialSource } from './material.ts'

const SHOWN = ['accuracy', 'balancedAccuracy', 'macroF1', 'auroc', 'auprc', 'ece'] as const

/** Numbers of a validation; of labels: the shown metrics without calibration, and the mean loss of the truth alone. */
export type ValidationMetrics = Record<string, number | null>

/** The network with these weights on a source of plain images or features. */
export async function validate(network: Network, weights: Weights, source: MaterialSource, dataSet: LabelledDataSet, batch: number, threads: number): Promise<ValidationMetrics> {
	const session = await openForward(network, weights, batch, source.inputDims, threads)
	const classes = dataSet.labels.length
	const answered: number[] = []
	const logits: Float32Array[] = []
	try {
		for (let index = 0; index < source.batches; index++) {
			const { inputs, indices } = await source.batch(0, index)
			const result = await session.run(inputs)
			logits.push(result.logits.subarray(0, indices.length * classes))
			answered.push(...indices)
		}
	} finally {
		await session.release()
	}
	const all = new Float32Array(answered.length * classes)
	for (const [index, part] of logits.entries()) all.set(part, index * batch * classes)
	const samples = answered.map((position) => dataSet.samples[position]).filter((sample) => sample !== undefined)
	const cases = casesOf({ samples, logits: all }, { task: dataSet.task, labels: dataSet.labels, calibration: UNCALIBRATED, operatingPoints: dataSet.labels.map(() => 0.5) })
	const overall = overallMetricsOf(cases)
	return { ...Object.fromEntries(SHOWN.map((name) => [name, overall[name]])), loss: meanLoss(all, samples.map(({ truth }) => truth), dataSet.task) }
}

/** Cross-entropy of the known truth: of the softmax for one label per image, of each known answer's sigmoid otherwise. */
function meanLoss(logits: Float32Array, truths: readonly (readonly (number | null)[])[], task: LabelledDataSet['task']): number | null {
	let sum = 0
	let count = 0
	for (const [row, truth] of truths.entries()) {
		const own = Array.from(logits.subarray(row * truth.length, (row + 1) * truth.length))
		const largest = Math.max(...own)
		const logSum = largest + Math.log(own.reduce((total, value) => total + Math.exp(value - largest), 0))
		for (const [label, wanted] of truth.entries()) {
			const logit = own[label] ?? 0
			if (wanted === null) continue
			if (task === 'multiclass') {
				sum += wanted * (logSum - logit)
				count += wanted
			} else {
				sum += Math.max(logit, 0) - logit * wanted + Math.log1p(Math.exp(-Math.abs(logit)))
				count++
			}
		}
	}
	return count === 0 ? null : sum / count
}

const LESS_IS_BETTER: ReadonlySet<Monitor> = new Set(['loss', 'ece'])

/** @throws UserError where the number that decides is not defined on these images. */
export function monitored(metrics: ValidationMetrics, monitor: Monitor): { metric: string; value: number; lessIsBetter: boolean } {
	const value = metrics[monitor] ?? null
	if (value === null) throw new UserError(`The validation images do not define the metric "${monitor}" (field validation.monitor): a label stands on all of them or on none.`)
	return { metric: monitor, value, lessIsBetter: LESS_IS_BETTER.has(monitor) }
}
