import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prepareMetrics, OVERALL_METRICS } from '../../../src/common/stats/metrics.ts'
import { bootstrapIntervals, seededRandom } from '../../../src/common/stats/interval.ts'
import { coverageThreshold, operatingPoint } from '../../../src/common/stats/thresholds.ts'
import { casesOf, statisticsGolden } from '../../support/statisticsGolden.ts'

/** The weighted mean, as a statistic of one number. */
function meanOf(values: number[]): (weights: ArrayLike<number>) => Float64Array {
	return (weights) => {
		const total = values.reduce((sum, _, index) => sum + (weights[index] as number), 0)
		return Float64Array.of(values.reduce((sum, value, index) => sum + value * (weights[index] as number), 0) / total)
	}
}

/** The interval of a number that is defined where one of these groups is drawn. */
function intervalOf(positives: number[]) {
	return bootstrapIntervals(40, (weights) => Float64Array.of(positives.some((group) => weights[group] !== 0) ? weights[0]! : Number.NaN))[0]
}

describe('operating points', () => {
	const { truth, scores, ...wanted } = statisticsGolden.points
	const positives = truth.map((value) => value === 1)
	/** The lowest probability that is called. */
	const lowestCalled = (threshold: number) => Math.min(...scores.filter((score) => score >= threshold))

	it('are those of the curves of scikit-learn', () => {
		expect(lowestCalled(operatingPoint(scores, positives, { kind: 'f1' })?.threshold ?? 0)).toBe(wanted.f1)
		const youden = operatingPoint(scores, positives, { kind: 'youden' })
		expect(lowestCalled(youden?.threshold ?? 0)).toBe(wanted.youden)
		expect((youden?.sensitivity ?? 0) + (youden?.specificity ?? 0) - 1).toBeCloseTo(wanted.youdenValue, 12)
		const sensitive = operatingPoint(scores, positives, { kind: 'sensitivity', value: 0.9 })
		expect(lowestCalled(sensitive?.threshold ?? 0)).toBe(wanted.sensitivity90)
		expect(sensitive?.specificity).toBeCloseTo(wanted.sensitivity90Specificity, 12)
	})
	it('lie halfway to the next probability', () => {
		expect(operatingPoint([0.9, 0.8, 0.6, 0.3, 0.1], [true, true, false, true, false], { kind: 'f1' })).toEqual({ threshold: 0.2, sensitivity: 1, precision: 0.75, specificity: 0.5 })
	})
	it('need both positives and negatives', () => {
		expect(operatingPoint([1, 0.5], [true, true], { kind: 'f1' })).toBeNull()
		expect(operatingPoint([], [], { kind: 'youden' })).toBeNull()
	})
	it('keep what they promise', () => {
		fc.assert(fc.property(fc.array(fc.tuple(fc.nat(10), fc.boolean()), { minLength: 2, maxLength: 40 }), fc.double({ min: 0.05, max: 1, noNaN: true }), (cases, value) => {
			const probabilities = cases.map(([score]) => score / 10)
			const known = cases.map(([, positive]) => positive)
			fc.pre(known.includes(true) && known.includes(false))
			for (const rule of [{ kind: 'f1' as const }, { kind: 'youden' as const }, { kind: 'sensitivity' as const, value }]) {
				const point = operatingPoint(probabilities, known, rule)
				const called = known.filter((_, index) => (probabilities[index] as number) >= (point?.threshold ?? 2))
				expect(called.filter(Boolean).length / known.filter(Boolean).length).toBeCloseTo(point?.sensitivity ?? -1, 12)
				expect(called.filter(Boolean).length / called.length).toBeCloseTo(point?.precision ?? -1, 12)
				if (rule.kind === 'sensitivity') expect(point?.sensitivity).toBeGreaterThanOrEqual(value - 1e-9)
			}
		}))
	})
})

describe('abstention', () => {
	it('finds the threshold of a coverage', () => {
		const scores = [0.9, 0.1, 0.5, 0.7, 0.3, 0.8, 0.6, 0.2, 0.4, 1]
		const threshold = coverageThreshold(scores, 0.9)
		expect(scores.filter((score) => score >= threshold)).toHaveLength(9)
		expect(coverageThreshold(scores, 1)).toBe(0)
	})
})

describe('bootstrap intervals', () => {
	it('draw as many groups as there are, repeatably', () => {
		const drawn: number[] = []
		const compute = (weights: Uint16Array) => {
			drawn.push(weights.reduce((sum, weight) => sum + weight, 0))
			return Float64Array.of(weights[0] as number)
		}
		const first = bootstrapIntervals(7, compute, { resamples: 200 })
		expect(new Set(drawn)).toEqual(new Set([7]))
		expect(bootstrapIntervals(7, compute, { resamples: 200 })).toEqual(first)
		expect(bootstrapIntervals(7, meanOf([1, 2, 3, 4, 5, 6, 7]), { seed: 2 })).not.toEqual(bootstrapIntervals(7, meanOf([1, 2, 3, 4, 5, 6, 7])))
	})
	it('have the width of the theory for a mean', () => {
		const values = Array.from({ length: 400 }, (_, index) => index % 2)
		const [low, high] = bootstrapIntervals(400, meanOf(values))[0] ?? [0, 0]
		// 1.96 standard errors of 0.025.
		expect(low).toBeGreaterThan(0.44)
		expect(low).toBeLessThan(0.46)
		expect(high).toBeGreaterThan(0.54)
		expect(high).toBeLessThan(0.56)
	})
	it('are wider where patients have many images than where images are independent', () => {
		const set = casesOf(statisticsGolden.sets[0] as never)
		const width = (groups: readonly string[]) => {
			const prepared = prepareMetrics({ ...set, groups })
			const [low, high] = bootstrapIntervals(prepared.groups.length, prepared.compute, { resamples: 400 })[OVERALL_METRICS.indexOf('accuracy')] ?? [0, 0]
			return high - low
		}
		expect(width(set.groups.map((_, row) => `patient ${Math.floor(row / 20)}`))).not.toBe(width(set.groups.map((_, row) => `image ${row}`)))
		expect(width(set.groups.map((_, row) => `image ${row}`))).toBeLessThan(0.2)
	})
	it('need a label in two patients at least', () => {
		expect(intervalOf([3])).toBeNull()
		expect(intervalOf([3, 4])).not.toBeNull()
	})
	it('are null with one patient, where most draws do not define the number, and where it never varies', () => {
		expect(bootstrapIntervals(1, meanOf([1]))).toEqual([null])
		expect(bootstrapIntervals(3, (weights) => Float64Array.of(Number.NaN, 1, weights[0] as number), { resamples: 100 })).toEqual([null, null, [0, 3]])
	})
	it('come with a sequence of numbers that stays in range', () => {
		const random = seededRandom(7)
		expect(Array.from({ length: 1000 }, random).every((value) => value >= 0 && value < 1)).toBe(true)
	})
})
