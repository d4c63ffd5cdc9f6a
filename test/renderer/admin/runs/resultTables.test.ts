import { describe, expect, it } from 'vitest'
import type { EvaluationReport, Results, SplitResults } from '../../../../src/common/contract/training/evaluation.ts'
import { answeredSplits, chartCurves, groupTables } from '../../../../src/renderer/admin/runs/results/resultTables.ts'

const evaluation = (...splits: string[]) => ({ splits: splits.map((split) => ({ split })) }) as EvaluationReport
const results = (n: number) => ({ n }) as Results

describe('results as tables', () => {
	it('begin with the test images', () => {
		expect(answeredSplits(evaluation('train', 'validation', 'test'))).toEqual(['test', 'validation'])
		expect(answeredSplits(evaluation('validation'))).toEqual(['validation'])
		expect(answeredSplits(null)).toEqual([])
	})

	it('leave out columns of one value, and have the largest group first', () => {
		const by: SplitResults['by'] = { source: { north: results(3), south: results(20) }, site: { one: results(23) } }
		expect(groupTables({ by }).map(({ column, rows }) => [column, rows.map(({ name }) => name)])).toEqual([['source', ['south', 'north']]])
	})

	it('have an interval where it is defined, and the operating point of their own label', () => {
		const curve = { x: [0, 1], y: [0, 1], threshold: [null, 0.2], band: { x: [0, 0.5, 1], low: [null, 0.2, 0.9], high: [null, 0.8, null] } }
		const label = { name: 'mass', positives: 3, negatives: 5, roc: curve, precisionRecall: null, auroc: { value: 0.7, interval: [0.6, 0.8] as [number, number] }, auprc: { value: null, interval: null } }
		const points = [{ label: 'other', threshold: 0.9, sensitivity: 0, specificity: 1, precision: null }, { label: 'mass', threshold: 0.4, sensitivity: 0.5, specificity: 0.9, precision: 0.5 }]
		const { roc, precisionRecall } = chartCurves('Run', label, points)
		expect(roc).toMatchObject({ title: 'Run', area: 0.7, interval: [0.6, 0.8], band: { x: [0.5], lower: [0.2], upper: [0.8] }, operatingPoint: { threshold: 0.4 } })
		expect(precisionRecall).toBeNull()
	})
})
