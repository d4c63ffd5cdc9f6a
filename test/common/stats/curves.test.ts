import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cases } from '../../../src/common/stats/classification.ts'
import { alongCurves, labelCurves, precisionRecallCurve, rocCurve, thinned } from '../../../src/common/stats/curves.ts'
import { rankLabel } from '../../../src/common/stats/ranking.ts'
import { statisticsGolden } from '../../support/statisticsGolden.ts'

/** One label; each case a patient of its own unless told otherwise. */
function oneLabel(truth: readonly number[], scores: readonly number[], groups = truth.map((_, index) => String(index).padStart(6, '0'))): Cases {
	return { task: 'multilabel', labels: 1, truth: Int8Array.from(truth), probabilities: Float64Array.from(scores), groups, operatingPoints: [0.5] }
}

function ranked(cases: Cases) {
	const names = [...new Set(cases.groups)].toSorted()
	const numbers = new Map(names.map((name, index) => [name, index]))
	const groupOf = Int32Array.from(cases.groups, (group) => numbers.get(group) ?? 0)
	return { ranking: rankLabel(cases, Int32Array.from(cases.groups.keys()), 0, groupOf), once: new Uint8Array(names.length).fill(1) }
}

function expectClose(values: Iterable<number | null>, wanted: readonly (number | null)[]): void {
	const all = [...values]
	expect(all).toHaveLength(wanted.length)
	for (const [index, value] of wanted.entries()) {
		if (value === null) expect(all[index]).toBeNull()
		else expect(all[index]).toBeCloseTo(value, 12)
	}
}

/** How wide the band is at 30 % false alarms with so many patients. */
function bandOf(count: number) {
	const [own] = labelCurves(oneLabel(Array.from({ length: count }, (_, index) => index % 2), Array.from({ length: count }, (_, index) => ((index * 37) % 101) / 202 + (index % 2) * 0.3)))
	const { low = [], high = [] } = own?.roc?.band ?? {}
	return { own, width: (high[30] ?? 0) - (low[30] ?? 0) }
}

describe('curves', () => {
	const { truth, scores, patients, draws, ...golden } = statisticsGolden.curves
	const cases = oneLabel(truth, scores, patients.map((patient) => String(patient).padStart(3, '0')))

	it('are those of scikit-learn', () => {
		const { ranking, once } = ranked(cases)
		const [roc, recall] = [rocCurve(ranking, once), precisionRecallCurve(ranking, once)]
		for (const part of ['x', 'y', 'threshold'] as const) expectClose(roc[part], golden.roc[part])
		// scikit-learn ends at the threshold that reaches all positives; below it only precision falls.
		const end = golden.precisionRecall.x.length
		for (const part of ['x', 'y', 'threshold'] as const) expectClose(recall[part].slice(0, end), golden.precisionRecall[part])
		expect(recall.x.slice(end).every((value) => value === 1)).toBe(true)
	})

	it('have the values of scikit-learn at each hundredth when patients are drawn', () => {
		const present = draws.flatMap((count, patient) => (patients.includes(patient) ? [count] : []))
		const values = alongCurves(ranked(cases).ranking, present)
		expectClose(values.subarray(0, 101), golden.sensitivities)
		expectClose(values.subarray(101, 201), golden.precisions)
		expectClose(values.subarray(201), [golden.auroc, golden.auprc])
	})

	it('of a case made by hand', () => {
		const { ranking, once } = ranked(oneLabel([1, 0, 1, 1, 0, 0], [0.9, 0.8, 0.8, 0.4, 0.3, 0.1]))
		expect(rocCurve(ranking, once)).toEqual({ x: [0, 0, 1 / 3, 1 / 3, 2 / 3, 1], y: [0, 1 / 3, 2 / 3, 1, 1, 1], threshold: [null, 0.9, 0.8, 0.4, 0.3, 0.1] })
		expect(precisionRecallCurve(ranking, once)).toEqual({ x: [1 / 3, 2 / 3, 1, 1, 1], y: [1, 2 / 3, 3 / 4, 3 / 5, 1 / 2], threshold: [0.9, 0.8, 0.4, 0.3, 0.1] })
		const values = alongCurves(ranking, once)
		// Of two points at one share of false alarms the higher; between points a straight line.
		expect([values[0], values[33], values[34], values[100]]).toEqual([1 / 3, expect.closeTo(1 / 3 + 0.33, 12), 1, 1])
		expect([values[101], values[101 + 33], values[101 + 99]]).toEqual([1, 2 / 3, 3 / 4])
	})

	it('are not there without cases of both kinds, and have no band where there is one patient', () => {
		expect(labelCurves(oneLabel([1, 1], [0.3, 0.4]))).toEqual([{ positives: 2, negatives: 0, roc: null, precisionRecall: null, auroc: { value: null, interval: null }, auprc: { value: null, interval: null } }])
		const [alone] = labelCurves(oneLabel([1, 0], [0.6, 0.4], ['a', 'a']))
		expect(alone?.auroc).toEqual({ value: 1, interval: null })
		expect(alone?.roc?.band.low.every((value) => value === null)).toBe(true)
	})

	it('lie in their bands, which are narrower where there are more patients', () => {
		const [few, many] = [bandOf(40), bandOf(400)]
		expect(many.width).toBeLessThan(few.width / 2)
		const { low, high } = many.own?.roc?.band ?? { low: [], high: [] }
		const { own } = many
		const at30 = Math.max(...(own?.roc?.x ?? []).map((x, index) => (x <= 0.3 ? own?.roc?.y[index] ?? 0 : 0)))
		expect(at30).toBeGreaterThanOrEqual((low[30] ?? 1) - 1e-12)
		expect(at30).toBeLessThanOrEqual((high[30] ?? 0) + 1e-12)
	})

	it('of many cases keep their ends and few points, near to those that were left out', () => {
		const count = 20_000
		const { ranking, once } = ranked(oneLabel(Array.from({ length: count }, (_, index) => Number(index % 3 === 0)), Array.from({ length: count }, (_, index) => ((index * 7919) % count) / count / 2 + (index % 3 === 0 ? 0.2 : 0))))
		const whole = rocCurve(ranking, once)
		const thin = thinned(whole, (dx, dy) => dx + dy >= 1 / 200)
		expect(whole.x.length).toBeGreaterThan(10_000)
		expect(thin.x.length).toBeLessThan(420)
		expect([thin.x[0], thin.y[0], thin.x.at(-1), thin.y.at(-1)]).toEqual([0, 0, 1, 1])
	})

	it('rise from 0 to 1 whatever the cases are, and their area is the rank statistic', () => {
		fc.assert(fc.property(fc.array(fc.tuple(fc.nat(6), fc.boolean()), { minLength: 2, maxLength: 40 }), (drawn) => {
			const known = drawn.map(([, positive]) => Number(positive))
			fc.pre(known.includes(1) && known.includes(0))
			const { ranking, once } = ranked(oneLabel(known, drawn.map(([score]) => score / 6)))
			const { x, y } = rocCurve(ranking, once)
			const area = x.slice(1).reduce((sum, value, index) => sum + ((value - x[index]!) * (y[index]! + y[index + 1]!)) / 2, 0)
			expect(x.every((value, index) => index === 0 || value >= x[index - 1]!) && y.every((value, index) => index === 0 || value >= y[index - 1]!)).toBe(true)
			const values = alongCurves(ranking, once)
			expect(area).toBeCloseTo(values[201]!, 12)
		}))
	})
})
