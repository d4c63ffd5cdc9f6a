import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layTiles, scrollForRow, tileAfterKey } from '../../../../src/renderer/admin/tiles/layout.ts'

const KEYS = ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'] as const

describe('tiles', () => {
	it('fill the width, all are laid, and none is narrower than it may be', () => {
		fc.assert(fc.property(fc.nat(1_000_000), fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 50, max: 400 }), (count, viewWidth, width) => {
			const layout = layTiles(count, viewWidth, { width, height: 10 })
			expect(layout.columns * layout.rows).toBeGreaterThanOrEqual(count)
			expect(layout.columns * (layout.rows - 1)).toBeLessThan(Math.max(1, count))
			expect(layout.width).toBeGreaterThanOrEqual(width)
			if (viewWidth >= width) {
				expect(layout.columns * layout.width).toBeLessThanOrEqual(viewWidth)
				expect(viewWidth - layout.columns * layout.width).toBeLessThan(layout.columns)
			}
		}))
	})

	it.each<[string, number, number]>([
		['ArrowRight', 2, 3], ['ArrowRight', 9, 9], ['ArrowLeft', 4, 3], ['ArrowLeft', 0, 0],
		['ArrowDown', 1, 5], ['ArrowDown', 7, 9], ['ArrowDown', 9, 9], ['ArrowDown', 8, 8], ['ArrowDown', 4, 8], ['ArrowUp', 9, 5], ['ArrowUp', 3, 3],
		['PageDown', 0, 8], ['PageDown', 3, 9], ['PageUp', 9, 1], ['PageUp', 6, 2], ['Home', 7, 0], ['End', 2, 9],
	])('%s leads from %i to %i of ten in rows of four', (key, active, expected) => expect(tileAfterKey(key, active, 10, 4, 2)).toBe(expected))

	it('are never left by a key, and each is reached by arrows alone', () => {
		fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20 }), fc.array(fc.constantFrom(...KEYS), { maxLength: 40 }), fc.nat(), (count, columns, keys, wanted) => {
			let at = -1
			for (const key of keys) {
				at = tileAfterKey(key, at, count, columns, 3) ?? at
				expect(at).toBeGreaterThanOrEqual(0)
				expect(at).toBeLessThan(count)
			}
			const target = wanted % count
			at = tileAfterKey('Home', at, count, columns, 3) ?? 0
			for (let row = 0; row < Math.floor(target / columns); row++) at = tileAfterKey('ArrowDown', at, count, columns, 3) ?? at
			for (let column = 0; column < target % columns; column++) at = tileAfterKey('ArrowRight', at, count, columns, 3) ?? at
			expect(at).toBe(target)
		}))
	})

	it('leave other keys alone, and every key where there are none', () => {
		expect([tileAfterKey('a', 0, 10, 4, 2), tileAfterKey('Enter', -1, 10, 4, 2), tileAfterKey('ArrowDown', -1, 0, 4, 2), tileAfterKey('End', -1, 10, 4, 2), tileAfterKey('ArrowUp', -1, 10, 4, 2)]).toEqual([null, null, null, 9, 0])
	})

	it('come into sight with the least movement', () => {
		const view = { top: 100, height: 250 }
		expect([0, 1, 2, 3, 4].map((row) => scrollForRow(row, view, 100))).toEqual([0, 100, 100, 150, 250])
		// A row that is higher than the window shows its top.
		expect(scrollForRow(2, { top: 0, height: 50 }, 100)).toBe(200)
	})
})
