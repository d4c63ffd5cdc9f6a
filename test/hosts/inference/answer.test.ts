import { describe, expect, it } from 'vitest'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { readAnswer } from '../../../src/hosts/inference/answer.ts'
import { rampInput, selfTestDifference } from '../../../src/hosts/inference/selfTest.ts'
import { packManifest } from '../../support/inferenceFixtures.ts'

const manifest: ModelManifest = { ...packManifest, calibration: { method: 'temperature', temperature: 2, n: 0, eceBefore: null, eceAfter: null }, abstention: { threshold: 0.5, rule: '' } }

function logistic(value: number): number {
	return 1 / (1 + Math.exp(-value))
}

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
	it('calibrates label by label where the pack says so', () => {
		const labels = [{ slope: 2, offset: -1, n: 10, fitted: true }, { slope: 1, offset: 0, n: 10, fitted: false }, { slope: 0.5, offset: 1, n: 10, fitted: true }]
		const platt: ModelManifest = { ...manifest, task: 'multilabel', calibration: { method: 'platt', labels, n: 10, eceBefore: null, eceAfter: null }, abstention: { threshold: 0.9, rule: '' } }
		const sure = readAnswer([4, -6, -12], platt)
		expect(sure.labels.map((label) => label.probability)).toEqual([logistic(7), logistic(-6), logistic(-5)])
		expect(sure.labels.map((label) => label.logit)).toEqual([4, -6, -12])
		expect(sure.abstained).toBe(false)
		// Labels that are surely absent are no reason to abstain; labels that nobody can tell are.
		expect(readAnswer([-4, -6, -12], platt).abstained).toBe(false)
		expect(readAnswer([0.5, 0, -2], platt).abstained).toBe(true)
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
