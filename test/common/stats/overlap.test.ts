import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskOverlap } from '../../../src/common/stats/overlap.ts'

const masks = fc.integer({ min: 1, max: 60 }).chain((length) => fc.tuple(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: length, maxLength: length }), fc.array(fc.integer({ min: 0, max: 2 }), { minLength: length, maxLength: length })))

describe('maskOverlap', () => {
	it('counts what it says', () => {
		expect(maskOverlap([1, 1, 1, 0, 0], [0, 1, 1, 1, 0])).toEqual({ dice: 4 / 6, iou: 2 / 4 })
		expect(maskOverlap([0, 0], [0, 0])).toEqual({ dice: 1, iou: 1 })
		expect(maskOverlap([1, 0], [0, 2])).toEqual({ dice: 0, iou: 0 })
		expect(() => maskOverlap([1], [1, 0])).toThrow('1 and 2 pixels')
	})

	it('is symmetric, between 0 and 1, 1 for a mask with itself, and dice = 2 iou / (1 + iou)', () => {
		fc.assert(fc.property(masks, ([one, other]) => {
			const { dice, iou } = maskOverlap(one, other)
			expect(maskOverlap(other, one)).toEqual({ dice, iou })
			expect(maskOverlap(one, one)).toEqual({ dice: 1, iou: 1 })
			expect(dice).toBeGreaterThanOrEqual(iou)
			expect(dice).toBeLessThanOrEqual(1)
			expect(dice).toBeCloseTo((2 * iou) / (1 + iou), 12)
		}))
	})
})
