import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mcnemarExact } from '../../../src/common/stats/mcnemar.ts'
import { pairedNumbers } from '../../../src/common/stats/paired.ts'
import { wilsonInterval } from '../../../src/common/stats/wilson.ts'

/** Made by test/golden/make_comparison_golden.py with statsmodels. */
const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../golden/comparison.json'), 'utf8')) as {
	mcnemar: { onlyFirst: number; onlySecond: number; p: number }[]
	wilson: { found: number; of: number; level: 0.95 | 0.99; interval: [number, number] }[]
}

const counts = fc.nat(400)

/** The weighted mean of one value per patient. */
const meanOf = (values: readonly number[]) => (weights: ArrayLike<number>) => {
	const sums = values.reduce(([sum, count], value, index) => [sum + value * weights[index]!, count + weights[index]!] as [number, number], [0, 0] as [number, number])
	return Float64Array.of(sums[0] / sums[1])
}

describe('McNemar\'s exact test', () => {
	it('is that of statsmodels, from no case to a hundred thousand', () => {
		for (const { onlyFirst, onlySecond, p } of golden.mcnemar) expect(Math.abs(mcnemarExact(onlyFirst, onlySecond) / p - 1), `${onlyFirst}, ${onlySecond}`).toBeLessThan(1e-9)
	})
	it('takes no side, and is surer the further the two lie apart', () => {
		fc.assert(fc.property(counts, counts, (one, other) => {
			const p = mcnemarExact(one, other)
			expect(p).toBeCloseTo(mcnemarExact(other, one), 12)
			expect(p).toBeGreaterThan(0)
			expect(p).toBeLessThanOrEqual(1)
			expect(mcnemarExact(Math.min(one, other), Math.max(one, other) + 1)).toBeLessThanOrEqual(p + 1e-12)
		}))
	})
})

describe('Wilson\'s interval', () => {
	it('is that of statsmodels', () => {
		for (const { found, of, level, interval } of golden.wilson) {
			for (const [index, end] of (wilsonInterval(found, of, level) ?? []).entries()) expect(end, `${found} of ${of} at ${level}`).toBeCloseTo(interval[index] ?? Number.NaN, 12)
		}
	})
	it('is not there without a case, holds the share, and lies between 0 and 1', () => {
		expect(wilsonInterval(0, 0)).toBeNull()
		fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }).chain((of) => fc.tuple(fc.nat(of), fc.constant(of))), ([found, of]) => {
			const [low, high] = wilsonInterval(found, of) ?? [2, -1]
			const [lower, higher] = wilsonInterval(found, of, 0.99) ?? [2, -1]
			expect([0 <= lower, lower <= low, low <= found / of, found / of <= high, high <= higher, higher <= 1]).toEqual(Array.from({ length: 6 }, () => true))
			expect(wilsonInterval(of - found, of)?.[1]).toBeCloseTo(1 - low, 12)
		}))
	})
})

describe('paired numbers', () => {
	// What is hard about a patient is the same for both; the second is a little better on every one.
	const first = Array.from({ length: 60 }, (_, patient) => Math.sin(patient * 12.9898) * 5)
	const second = first.map((value, patient) => value + 0.1 + 0.05 * Math.cos(patient * 78.233))

	it('have the interval of the difference, not of two models by themselves', () => {
		const [paired] = pairedNumbers(60, [meanOf(first), meanOf(second)])
		expect(paired?.difference).toBeCloseTo(0.1, 2)
		expect(paired?.interval?.[0]).toBeGreaterThan(0.08)
		expect(paired?.interval?.[1]).toBeLessThan(0.12)
	})
	it('turn their sign with the order of the models', () => {
		const [one] = pairedNumbers(60, [meanOf(first), meanOf(second)])
		const [other] = pairedNumbers(60, [meanOf(second), meanOf(first)])
		expect(other?.difference).toBe(-(one?.difference ?? Number.NaN))
		expect(other?.interval?.[0]).toBeCloseTo(-(one?.interval?.[1] ?? Number.NaN), 12)
		expect([other?.first, other?.second]).toEqual([one?.second, one?.first])
	})
	it('have no interval where nothing varies, there is one patient, or a number is not defined', () => {
		expect(pairedNumbers(60, [meanOf(first), meanOf(first)])).toEqual([{ first: expect.any(Number), second: expect.any(Number), difference: 0, interval: null }])
		expect(pairedNumbers(1, [meanOf([1]), meanOf([2])])).toEqual([{ first: 1, second: 2, difference: 1, interval: null }])
		expect(pairedNumbers(60, [() => Float64Array.of(Number.NaN), meanOf(first)])).toEqual([{ first: null, second: expect.any(Number), difference: null, interval: null }])
	})
})
