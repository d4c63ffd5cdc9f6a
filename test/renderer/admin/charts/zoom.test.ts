import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowedRange, rangeAround, rowAfterKey, zoomedAround } from '../../../../src/renderer/admin/charts/zoom.ts'

const X = Array.from({ length: 101 }, (_, index) => index * 10)

describe('zoom', () => {
	it('keeps its centre in place', () => {
		expect(zoomedAround([0, 100], 25, 0.5)).toEqual([12.5, 62.5])
		expect(zoomedAround(zoomedAround([0, 100], 25, 0.5), 25, 2)).toEqual([0, 100])
	})

	it('stays within the data, and is none where that is everything', () => {
		expect(allowedRange(X, [-50, 300], null)).toEqual([0, 300])
		expect(allowedRange(X, [300, 100], null)).toEqual([100, 300])
		expect(allowedRange(X, [-50, 2000], [1, 2])).toBeNull()
		expect(allowedRange([], [0, 1], null)).toBeNull()
	})

	it('goes no nearer than two points', () => {
		expect(allowedRange(X, [10, 20], null)).toEqual([10, 20])
		expect(allowedRange(X, [11, 20], null)).toBeNull()
		expect(allowedRange(X, [11, 12], [0, 100])).toEqual([0, 100])
	})

	it('holds two points in every range that it allows', () => {
		fc.assert(fc.property(fc.integer({ min: -100, max: 1100 }), fc.integer({ min: -100, max: 1100 }), (one, other) => {
			const range = allowedRange(X, [one, other], null)
			if (range) expect(X.filter((x) => x >= range[0] && x <= range[1]).length).toBeGreaterThanOrEqual(2)
		}))
	})

	it('follows the cursor out of what is shown', () => {
		expect(rangeAround([100, 200], 150)).toEqual([100, 200])
		expect(rangeAround([100, 200], 230)).toEqual([130, 230])
		expect(rangeAround([100, 200], 90)).toEqual([90, 190])
	})
})

describe('keys', () => {
	it('move the cursor by a hundredth or a tenth of what is shown, within the data', () => {
		expect(rowAfterKey('ArrowRight', false, 500, 2000, [0, 1999])).toBe(520)
		expect(rowAfterKey('ArrowLeft', true, 500, 2000, [0, 1999])).toBe(300)
		expect(rowAfterKey('ArrowLeft', true, 100, 2000, [0, 1999])).toBe(0)
		expect(rowAfterKey('ArrowRight', false, 1999, 2000, [0, 1999])).toBe(1999)
		expect([rowAfterKey('Home', false, 500, 2000, [0, 1999]), rowAfterKey('End', false, 500, 2000, [0, 1999])]).toEqual([0, 1999])
	})

	it('move it by a point where few are shown', () => expect(rowAfterKey('ArrowRight', false, 50, 2000, [40, 60])).toBe(51))
	it('leave others alone', () => expect(rowAfterKey('a', false, 1, 10, [0, 9])).toBeNull())
})
