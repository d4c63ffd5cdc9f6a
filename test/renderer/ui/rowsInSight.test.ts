import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { rowsInSight, scrollFor } from '../../../src/renderer/ui/rowsInSight.ts'

const view = fc.record({ top: fc.nat(3_200_000), height: fc.integer({ min: 64, max: 2000 }) })
const rowHeight = fc.constantFrom(32, 40)

it('draws every row in sight and a bounded number of others', () => {
	fc.assert(fc.property(view, rowHeight, fc.integer({ min: 1, max: 100_000 }), ({ top, height }, size, count) => {
		const { first, last } = rowsInSight({ top, height }, size, count)
		expect(first).toBeGreaterThanOrEqual(0)
		expect(last).toBeLessThan(count)
		expect(last - first).toBeLessThanOrEqual(Math.ceil(height / size) + 18)
		const seen = Math.floor(top / size)
		if (seen < count) {
			expect(first).toBeLessThanOrEqual(seen)
			expect(last).toBeGreaterThanOrEqual(Math.min(count - 1, Math.floor((top + height - size - 1) / size)))
		}
	}))
})

it('brings a row wholly into sight and moves nothing where it is', () => {
	fc.assert(fc.property(view, rowHeight, fc.nat(99_999), ({ top, height }, size, index) => {
		const scrolled = scrollFor(index, { top, height }, size)
		// Rows begin below the heading, which covers one row height of what is seen.
		expect(index * size).toBeGreaterThanOrEqual(scrolled)
		expect((index + 2) * size).toBeLessThanOrEqual(scrolled + Math.max(height, 2 * size))
		expect(scrollFor(index, { top: scrolled, height }, size)).toBe(scrolled)
	}))
})
