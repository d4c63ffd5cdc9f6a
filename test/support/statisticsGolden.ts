import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Cases } from '../../src/common/stats/classification.ts'
import type { LabelMetric, OverallMetric } from '../../src/common/stats/metrics.ts'

interface GoldenSet {
	name: string
	task: Cases['task']
	labels: number
	truth: number[]
	probabilities: number[]
	groups: string[]
	operatingPoints: number[]
	overall: Record<OverallMetric, number | null>
	perLabel: Record<LabelMetric, number | null>[]
	confusion: number[][]
}

export interface StatisticsGolden {
	sets: GoldenSet[]
	temperatures: { task: Cases['task']; labels: number; logits: number[]; truth: number[]; temperature: number; lossBefore: number; lossAfter: number }[]
	platt: { logits: number[]; truth: number[]; slope: number; offset: number }
	curves: {
		truth: number[]; scores: number[]; patients: number[]
		/** How often each patient is drawn; what follows is under these weights. */
		draws: number[]
		roc: { x: number[]; y: number[]; threshold: (number | null)[] }
		precisionRecall: { x: number[]; y: number[]; threshold: number[] }
		sensitivities: number[]; precisions: number[]; auroc: number; auprc: number
	}
	points: { truth: number[]; scores: number[]; youden: number; youdenValue: number; f1: number; f1Value: number; sensitivity90: number; sensitivity90Specificity: number }
}

/** Made by test/golden/make_statistics_golden.py with scikit-learn. */
export const statisticsGolden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../golden/statistics.json'), 'utf8')) as StatisticsGolden

export function casesOf(set: GoldenSet): Cases {
	return { ...set, truth: Int8Array.from(set.truth), probabilities: Float64Array.from(set.probabilities) }
}
