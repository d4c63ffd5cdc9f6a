import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { confusionMatrix, selectCases, type Cases } from '../../../src/common/stats/classification.ts'
import { LABEL_METRICS, OVERALL_METRICS, prepareMetrics, type LabelMetric, type OverallMetric } from '../../../src/common/stats/metrics.ts'
import { casesOf, statisticsGolden } from '../../support/statisticsGolden.ts'

function metricsOf(cases: Cases, weights?: number[]): { overall: Record<OverallMetric, number>; perLabel: Record<LabelMetric, number>[] } {
	const prepared = prepareMetrics(cases)
	const values = prepared.compute(weights ?? prepared.groups.map(() => 1))
	const named = <Name extends string>(names: readonly Name[], start: number) => Object.fromEntries(names.map((name, index) => [name, values[start + index]])) as Record<Name, number>
	return {
		overall: named(OVERALL_METRICS, 0),
		perLabel: Array.from({ length: cases.labels }, (_, label) => named(LABEL_METRICS, OVERALL_METRICS.length + label * LABEL_METRICS.length)),
	}
}

function expectEqual(found: Record<string, number>, wanted: Record<string, number | null>, about: string): void {
	for (const [metric, value] of Object.entries(wanted)) {
		if (value === null) expect(found[metric], `${about}: ${metric}`).toBeNaN()
		else expect(found[metric], `${about}: ${metric}`).toBeCloseTo(value, 12)
	}
}

/** Answers with few distinct probabilities, so that ties are the rule. */
const someCases: fc.Arbitrary<Cases> = fc.record({ task: fc.constantFrom('multiclass' as const, 'multilabel' as const), labels: fc.integer({ min: 2, max: 4 }), count: fc.integer({ min: 1, max: 25 }), numbers: fc.array(fc.nat(1000), { minLength: 300, maxLength: 300 }) }).map(({ task, labels, count, numbers }) => {
	const truth = Array.from({ length: count }, (_, row) => {
		const own = numbers[row] as number
		if (task === 'multiclass') return Array.from({ length: labels }, (__, label) => (own % (labels + 1) === labels ? -1 : own % (labels + 1) === label ? 1 : 0))
		return Array.from({ length: labels }, (__, label) => ((numbers[row * labels + label] as number) % 3) - 1)
	})
	const probabilities = Array.from({ length: count * labels }, (_, index) => ((numbers[150 + index] as number) % 6) / 5)
	const groups = truth.map((_, row) => `patient ${(numbers[299 - row] as number) % 8}`)
	return { task, labels, truth: Int8Array.from(truth.flat()), probabilities: Float64Array.from(probabilities), groups, operatingPoints: Array.from({ length: labels }, () => 0.5) }
})

describe('metrics of a classifier', () => {
	it.each(statisticsGolden.sets.map((set) => [set.name, set] as const))('are those of scikit-learn: %s', (name, set) => {
		const { overall, perLabel } = metricsOf(casesOf(set))
		expectEqual(overall, set.overall, name)
		for (const [label, wanted] of set.perLabel.entries()) expectEqual(perLabel[label] as Record<LabelMetric, number>, wanted, `${name}, label ${label}`)
		expect(confusionMatrix(casesOf(set))).toEqual(set.confusion)
	})

	it('are not defined, rather than 0, for a label that does not occur', () => {
		const oneClass = metricsOf(casesOf(statisticsGolden.sets[2] as never))
		expect(oneClass.perLabel[0]).toMatchObject({ recall: Number.NaN, f1: Number.NaN, auroc: Number.NaN, auprc: Number.NaN })
		expect(oneClass.perLabel[1]).toMatchObject({ specificity: Number.NaN, auroc: Number.NaN })
		expect(oneClass.overall.auroc).toBeNaN()
		expect(oneClass.overall.balancedAccuracy).toBe(oneClass.perLabel[1]?.recall)
		expect(oneClass.overall.macroF1).toBe(oneClass.perLabel[1]?.f1)
	})

	it('under weights are those of the cases repeated as often', () => {
		fc.assert(fc.property(someCases, fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }), (cases, counts) => {
			const { groups } = prepareMetrics(cases)
			const rows = cases.groups.flatMap((group, row) => Array.from({ length: counts[groups.indexOf(group)] as number }, () => row))
			const weighted = metricsOf(cases, counts)
			const repeated = metricsOf(selectCases(cases, rows))
			expectEqual(weighted.overall, asNull(repeated.overall), 'overall')
			for (const [label, wanted] of repeated.perLabel.entries()) expectEqual(weighted.perLabel[label] as Record<LabelMetric, number>, asNull(wanted), `label ${label}`)
		}))
	})

	it('stay between 0 and 1, the Brier sum over classes below the number of classes', () => {
		fc.assert(fc.property(someCases, (cases) => {
			const { overall, perLabel } = metricsOf(cases)
			for (const values of [overall, ...perLabel]) {
				for (const [metric, value] of Object.entries(values)) {
					if (Number.isNaN(value)) continue
					expect(value, metric).toBeGreaterThanOrEqual(0)
					expect(value, metric).toBeLessThanOrEqual(metric === 'brier' ? cases.labels : 1 + 1e-12)
				}
			}
		}))
	})

	it('of the ranking do not change when every probability is squeezed', () => {
		fc.assert(fc.property(someCases, (cases) => {
			const squeezed = metricsOf({ ...cases, probabilities: cases.probabilities.map((value) => value ** 3 / 2) })
			for (const [label, { auroc, auprc }] of metricsOf(cases).perLabel.entries()) expectEqual(squeezed.perLabel[label] as Record<LabelMetric, number>, asNull({ auroc, auprc }), `label ${label}`)
		}))
	})

	it('leave unknown truth out', () => {
		fc.assert(fc.property(someCases, (cases) => {
			const known = cases.groups.flatMap((_, row) => (cases.truth.subarray(row * cases.labels, (row + 1) * cases.labels).every((value) => value === -1) ? [] : [row]))
			fc.pre(known.length > 0)
			expectEqual(metricsOf(selectCases(cases, known)).overall, asNull(metricsOf(cases).overall), 'without the unknown')
		}))
	})

	it('are means over the labels that are left under weights that take one away', () => {
		const cases: Cases = { task: 'multiclass', labels: 2, truth: Int8Array.of(1, 0, 0, 1), probabilities: Float64Array.of(0.9, 0.1, 0.2, 0.8), groups: ['a', 'b'], operatingPoints: [0.5, 0.5] }
		expect(metricsOf(cases).overall).toMatchObject({ accuracy: 1, balancedAccuracy: 1, macroF1: 1 })
		expect(metricsOf(cases, [2, 0]).overall).toMatchObject({ accuracy: 1, balancedAccuracy: 1, macroF1: 1, auroc: Number.NaN })
	})
})

function asNull(values: Record<string, number>): Record<string, number | null> {
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number.isNaN(value) ? null : value]))
}
