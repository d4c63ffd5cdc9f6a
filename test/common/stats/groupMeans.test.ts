import { describe, expect, it } from 'vitest'
import { groupMeans } from '../../../src/common/stats/groupMeans.ts'

describe('means over patients', () => {
	it('are means of the rows that have the number, each column by itself', () => {
		const [first, second, third] = groupMeans([[1, 10, null], [2, null, null], [6, 30, null]], ['a', 'a', 'b'], 3)
		expect(first).toMatchObject({ value: 3, n: 3 })
		expect(second).toMatchObject({ value: 20, n: 2 })
		expect(third).toEqual({ value: null, interval: null, n: 0 })
	})
	it('have intervals that draw patients, not rows', () => {
		// Two patients: a draw has one of them twice or both, so the mean is 0, 1/2 or 1 in a quarter, a half and a quarter of the draws.
		const rows = Array.from({ length: 40 }, (_, index) => [index < 20 ? 0 : 1])
		const [mean] = groupMeans(rows, rows.map((_, index) => (index < 20 ? 'a' : 'b')), 1)
		expect(mean).toEqual({ value: 0.5, interval: [0, 1], n: 40 })
		// Forty patients: the mean's deviation is 0.5 / sqrt(40) = 0.079.
		const [narrow] = groupMeans(rows, rows.map((_, index) => String(index)), 1)
		expect(narrow?.interval?.[0]).toBeCloseTo(0.5 - 1.96 * 0.079, 1)
		expect(narrow?.interval?.[1]).toBeCloseTo(0.5 + 1.96 * 0.079, 1)
	})
	it('of one patient have no interval', () => {
		expect(groupMeans([[1], [3]], ['a', 'a'], 1)).toEqual([{ value: 2, interval: null, n: 2 }])
	})
})
