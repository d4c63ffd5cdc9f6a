import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { energyInside, maskOfBoxes } from '../../../src/common/cam/energy.ts'

const columns = (x: number, width: number) => maskOfBoxes([{ x, y: 0, width, height: 4 }], 16, 4)
const half = { height: 1, width: 2, values: [1, 0] }

describe('energy inside a mask', () => {
	it('of a map that knows nothing is the mask\'s share of the film', () => {
		const flat = { height: 3, width: 3, values: Array.from({ length: 9 }, () => 0.4) }
		fc.assert(fc.property(fc.array(fc.constantFrom(0, 1, 255), { minLength: 60, maxLength: 60 }), (values) => {
			const energy = energyInside(flat, { width: 10, height: 6, values })
			const inside = values.filter((value) => value !== 0).length
			if (inside === 0) expect(energy).toBeNull()
			else expect(energy?.energyShare).toBeCloseTo(inside / 60, 5)
		}))
	})
	it('is all of it where the map is hot only there', () => {
		const left = maskOfBoxes([{ x: 0, y: 0, width: 4, height: 4 }], 8, 4)
		expect(energyInside(half, maskOfBoxes([{ x: 0, y: 0, width: 8, height: 4 }], 8, 4))).toEqual({ energyShare: 1, areaShare: 1, hit: true })
		const { energyShare, areaShare, hit } = energyInside(half, left)!
		// Centres of the columns lie at (column + 0.5) / 4 - 0.5 of the two cells: 1, 1, 0.875, 0.625 | 0.375, 0.125, 0, 0.
		expect(energyShare).toBeCloseTo(3.5 / 4, 6)
		expect(areaShare).toBe(0.5)
		expect(hit).toBe(true)
		expect(energyInside(half, maskOfBoxes([{ x: 4, y: 0, width: 4, height: 4 }], 8, 4))).toMatchObject({ hit: false })
	})
	it('and outside of it add up to all', () => {
		fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }), fc.array(fc.boolean(), { minLength: 48, maxLength: 48 }), (cells, inside) => {
			fc.pre(cells.some((value) => value > 0.01) && inside.includes(true) && inside.includes(false))
			const map = { height: 3, width: 4, values: cells }
			const there = energyInside(map, { width: 8, height: 6, values: inside.map(Number) })!
			const elsewhere = energyInside(map, { width: 8, height: 6, values: inside.map((value) => Number(!value)) })!
			expect(there.energyShare + elsewhere.energyShare).toBeCloseTo(1, 6)
			expect(there.areaShare + elsewhere.areaShare).toBeCloseTo(1, 12)
			expect(there.hit || elsewhere.hit).toBe(true)
		}))
	})
	it('of a map of a part of the film counts that part alone', () => {
		// The right half of the film; within it the map's hot left cell.
		const map = { ...half, region: { left: 0.5, top: 0, right: 1, bottom: 1 } }
		const whole = energyInside(half, maskOfBoxes([{ x: 0, y: 0, width: 4, height: 4 }], 8, 4))
		expect(energyInside(map, columns(8, 4))).toEqual(whole)
		expect(energyInside(map, columns(0, 12))).toEqual(whole)
		// What the network did not see: nothing of the map lies there.
		expect(energyInside(map, columns(0, 8))).toEqual({ energyShare: 0, areaShare: 0, hit: false })
	})
	it('has no number for an empty map or an empty mask, and refuses what is no map', () => {
		expect(energyInside({ height: 1, width: 2, values: [0, 0] }, maskOfBoxes([{ x: 0, y: 0, width: 1, height: 1 }], 2, 2))).toBeNull()
		expect(energyInside(half, maskOfBoxes([], 2, 2))).toBeNull()
		expect(() => energyInside({ height: 1, width: 2, values: [-1, 1] }, maskOfBoxes([], 2, 2))).toThrow('below 0')
		expect(() => energyInside(half, { width: 2, height: 2, values: [1] })).toThrow('has 1 values')
	})
	it('takes the pixels whose centres a box covers, wherever it lies', () => {
		expect([...maskOfBoxes([{ x: 0.6, y: 0.5, width: 1, height: 1.4 }], 3, 3).values as Uint8Array]).toEqual([0, 1, 0, 0, 1, 0, 0, 0, 0])
		expect([...maskOfBoxes([{ x: -5, y: 2, width: 100, height: 100 }, { x: 0, y: 0, width: 1, height: 1 }, { x: 2, y: 0, width: -2, height: 1 }], 2, 3).values as Uint8Array]).toEqual([1, 0, 0, 0, 1, 1])
	})
})
