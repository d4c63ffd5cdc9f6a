import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrate, readAnswer } from '../../../src/hosts/inference/answer.ts'
import { rampInput, selfTestDifference } from '../../../src/hosts/inference/selfTest.ts'
import { packManifest } from '../../support/inferenceFixtures.ts'

const manifest = { ...packManifest, calibration: { ...packManifest.calibration, temperature: 2 }, abstention: { threshold: 0.5, rule: '' } }

describe('calibration', () => {
	it('divides by the temperature before the softmax', () => {
		const [first, second] = calibrate([2, 0], 'multiclass', 2)
		expect(first).toBeCloseTo(1 / (1 + Math.exp(-1)), 12)
		expect((first ?? 0) + (second ?? 0)).toBeCloseTo(1, 12)
	})
	it('takes each label for itself where labels do not exclude each other', () => {
		expect(calibrate([3, -3], 'multilabel', 1.5)).toEqual([1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(2))])
	})
	it('stays a distribution for any finite logits', () => {
		fc.assert(fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }), { minLength: 1, maxLength: 20 }), (logits) => {
			const probabilities = calibrate(logits, 'multiclass', 1.03)
			expect(probabilities.every((value) => value >= 0 && value <= 1)).toBe(true)
			expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9)
		}))
	})
})

describe('answer', () => {
	it('calls the labels at or above their operating points', () => {
		const { labels, abstained } = readAnswer([6, 0, 0], manifest)
		expect(abstained).toBe(false)
		expect(labels.map((label) => label.positive)).toEqual(labels.map((label) => label.probability >= label.operatingPoint))
		expect(labels[0]?.positive).toBe(true)
	})
	it('abstains, and then calls nothing, when no probability reaches the threshold', () => {
		const { labels, abstained } = readAnswer([0.3, 0, 0.1], manifest)
		expect(abstained).toBe(true)
		expect(labels.some((label) => label.positive)).toBe(false)
		expect(labels.some((label) => label.probability >= label.operatingPoint)).toBe(true)
	})
	it('gives no number for logits that are none', () => {
		for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => readAnswer([0, bad, 0], manifest)).toThrow('not a number')
		expect(() => readAnswer([0, 1], manifest)).toThrow('2 logits for 3 labels')
	})
})

describe('self-test', () => {
	it('makes the ramp', () => {
		const ramp = rampInput({ height: 4, width: 4, channels: 3 })
		expect(ramp[0]).toBe(-1)
		expect(ramp[16]).toBe(Math.fround(0.1 - 1 + 0.5 * Math.sin(1)))
	})
	it('fails beyond the tolerance and for what is no number', () => {
		const golden = { input: 'ramp-v1' as const, logits: [1, 2], tolerance: 0.01 }
		expect(selfTestDifference([1.005, 2], golden)).toBeCloseTo(0.005)
		expect(() => selfTestDifference([1.02, 2], golden)).toThrow('self-test failed')
		expect(() => selfTestDifference([Number.NaN, 2], golden)).toThrow('self-test failed')
		expect(() => selfTestDifference([1], golden)).toThrow('1 logits')
	})
})
