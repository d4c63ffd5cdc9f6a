import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrate, confidenceOf, fitPlatt, fitTemperature, reliabilityBins, UNCALIBRATED } from '../../../src/common/stats/calibration.ts'
import { statisticsGolden } from '../../support/statisticsGolden.ts'

describe('calibrate', () => {
	it('divides by the temperature before the softmax', () => {
		const [first, second] = calibrate([2, 0], 'multiclass', { method: 'temperature', temperature: 2 })
		expect(first).toBeCloseTo(1 / (1 + Math.exp(-1)), 12)
		expect((first ?? 0) + (second ?? 0)).toBeCloseTo(1, 12)
	})
	it('takes each label for itself where labels do not exclude each other', () => {
		expect(calibrate([3, -3], 'multilabel', { method: 'temperature', temperature: 1.5 })).toEqual([1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(2))])
		const platt = { method: 'platt' as const, labels: [{ slope: 2, offset: -1 }, { slope: 0.5, offset: 0 }] }
		expect(calibrate([3, -3], 'multilabel', platt)).toEqual([1 / (1 + Math.exp(-5)), 1 / (1 + Math.exp(1.5))])
	})
	it('stays a distribution for any finite logits', () => {
		fc.assert(fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }), { minLength: 1, maxLength: 20 }), (logits) => {
			const probabilities = calibrate(logits, 'multiclass', { method: 'temperature', temperature: 1.03 })
			expect(probabilities.every((value) => value >= 0 && value <= 1)).toBe(true)
			expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9)
		}))
	})
	it('says how sure an answer is', () => {
		expect(confidenceOf([0.2, 0.7, 0.1], 'multiclass')).toBe(0.7)
		expect(confidenceOf([0.2, 0.7, 0.1], 'multilabel')).toBeCloseTo(0.8, 12)
	})
})

describe('fitTemperature', () => {
	it.each(statisticsGolden.temperatures)('finds the minimum that SciPy finds: $task', ({ task, labels, logits, truth, temperature, lossBefore, lossAfter }) => {
		const fit = fitTemperature(logits, { task, labels, truth: Int8Array.from(truth) })
		expect(fit?.converged).toBe(true)
		// The golden search knows the place of the minimum to half of its digits.
		expect(fit?.temperature).toBeCloseTo(temperature, 5)
		expect(fit?.lossBefore).toBeCloseTo(lossBefore, 12)
		expect(fit?.lossAfter).toBeCloseTo(lossAfter, 12)
	})
	it('does not converge where there is no mistake to learn from, or nothing known', () => {
		expect(fitTemperature([3, 0, 0, 3], { task: 'multiclass', labels: 2, truth: Int8Array.of(1, 0, 0, 1) })).toMatchObject({ converged: false, temperature: 0.05 })
		expect(fitTemperature([3, 0, 0, 3], { task: 'multiclass', labels: 2, truth: Int8Array.of(0, 1, 1, 0) })).toMatchObject({ converged: false, temperature: 20 })
		expect(fitTemperature([3, 0], { task: 'multilabel', labels: 2, truth: Int8Array.of(-1, -1) })).toBeNull()
	})
	it('never makes the truth less likely, and undoes a scaling', () => {
		fc.assert(fc.property(fc.array(fc.record({ logits: fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 })), first: fc.boolean() }), { minLength: 4, maxLength: 30 }), fc.integer({ min: 2, max: 4 }), (cases, scale) => {
			const logits = cases.flatMap((one) => one.logits.map((value) => value / 10))
			const facts = { task: 'multiclass' as const, labels: 2, truth: Int8Array.from(cases.flatMap(({ first }) => (first ? [1, 0] : [0, 1]))) }
			const fit = fitTemperature(logits, facts)
			fc.pre(fit !== null && fit.converged && fit.temperature * scale < 19)
			expect(fit?.lossAfter).toBeLessThanOrEqual((fit?.lossBefore ?? 0) + 1e-12)
			const scaled = fitTemperature(logits.map((value) => value * scale), facts)
			expect((scaled?.temperature ?? 0) / scale).toBeCloseTo(fit?.temperature ?? 0, 5)
		}))
	})
})

describe('fitPlatt', () => {
	it('finds the slope and offset of scikit-learn', () => {
		const { logits, truth, slope, offset } = statisticsGolden.platt
		const fit = fitPlatt(logits, truth.map((value) => value === 1))
		expect(fit).toMatchObject({ fitted: true, n: logits.length })
		expect(fit.slope).toBeCloseTo(slope, 4)
		expect(fit.offset).toBeCloseTo(offset, 4)
	})
	it('leaves a label alone that it cannot fit: one class, nothing, or a backward ranking', () => {
		for (const [logits, positives] of [[[1, 2], [true, true]], [[], []], [[-2, -1, 1, 2], [true, true, false, false]]] as const) {
			expect(fitPlatt([...logits], [...positives])).toEqual({ slope: 1, offset: 0, n: logits.length, fitted: false })
		}
	})
	it('comes to rest on any logits, however well separated', () => {
		fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.boolean()), { minLength: 2, maxLength: 40 }), (cases) => {
			const logits = cases.map(([logit]) => logit / 10)
			const fit = fitPlatt(logits, cases.map(([, positive]) => positive))
			expect(Number.isFinite(fit.slope) && Number.isFinite(fit.offset)).toBe(true)
			expect(fit.slope).toBeGreaterThan(0)
		}))
		expect(fitPlatt([1, 1, 1, 1], [true, false, true, true])).toMatchObject({ fitted: true })
		expect(fitPlatt([-9, -8, -7, 7, 8, 9], [false, false, false, true, true, true]).fitted).toBe(true)
	})
})

describe('reliabilityBins', () => {
	it('counts each case once, with the calibration error as their weighted gap', () => {
		const bins = reliabilityBins([0.95, 0.95, 0.55, 0.55, 1], [true, true, true, false, true])
		expect(bins).toHaveLength(15)
		expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(5)
		expect(bins[8]).toMatchObject({ n: 2, confidence: 0.55, share: 0.5 })
		expect(bins[0]).toMatchObject({ n: 0, confidence: null, share: null })
		expect(calibrate([0, 0], 'multiclass', UNCALIBRATED)).toEqual([0.5, 0.5])
	})
})
