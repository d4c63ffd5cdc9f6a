import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areaUnder, changedPixels, removalOrder } from '../../../src/common/cam/perturbation.ts'
import { randomMap, seedOf } from '../../../src/common/cam/randomMaps.ts'
import { upsampleBilinear } from '../../../src/common/imaging/overlay.ts'

const maps = fc.record({ height: fc.integer({ min: 1, max: 6 }), width: fc.integer({ min: 1, max: 6 }) }).chain(({ height, width }) => fc.record({
	height: fc.constant(height), width: fc.constant(width),
	// Many zeros and ones, as ReLU and the division by the peak leave them.
	values: fc.array(fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: height * width, maxLength: height * width }),
}))

describe('order of the pixels', () => {
	it('has every pixel once, the hottest first', () => {
		fc.assert(fc.property(maps, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (map, height, width) => {
			const order = removalOrder(map, height, width)
			expect(order.toSorted()).toEqual(Uint32Array.from({ length: height * width }, (_, index) => index))
			const heat = upsampleBilinear(map.values, map.width, map.height, width, height)
			for (let place = 1; place < order.length; place++) expect(heat[order[place]!]).toBeLessThanOrEqual(heat[order[place - 1]!]!)
		}))
	})
	it('follows the map where no two pixels are equal', () => {
		expect([...removalOrder({ height: 2, width: 3, values: [0.1, 0.9, 0.3, 0.5, 0, 0.2] }, 2, 3)]).toEqual([1, 3, 2, 5, 0, 4])
	})
	it('ranks minus zero as zero', () => {
		expect(removalOrder({ height: 1, width: 2, values: [-0, 1] }, 1, 2)[0]).toBe(1)
		const [mixed, zeros] = [[-0, 0, -0, 0], [0, 0, 0, 0]].map((values) => removalOrder({ height: 2, width: 2, values }, 4, 4))
		expect(mixed).toEqual(zeros)
	})
	it('spreads equal pixels over the image', () => {
		const side = 64
		const order = removalOrder({ height: 1, width: 1, values: [0] }, side, side)
		const quarters = [0, 0, 0, 0]
		for (const pixel of order.subarray(0, order.length / 4)) quarters[(pixel % side < side / 2 ? 0 : 1) + (pixel < (side * side) / 2 ? 0 : 2)]!++
		// A quarter of a quarter each, 256, with a deviation of about 12.
		for (const count of quarters) expect(Math.abs(count - 256)).toBeLessThan(60)
		expect(removalOrder({ height: 1, width: 1, values: [1] }, side, side)).toEqual(order)
	})
	it('refuses what cannot be ranked', () => {
		expect(() => removalOrder({ height: 1, width: 2, values: [0, Number.NaN] }, 4, 4)).toThrow('not a number')
		expect(() => removalOrder({ height: 1, width: 2, values: [0, -1] }, 4, 4)).toThrow('below 0')
		expect(() => removalOrder({ height: 2, width: 2, values: [0, 1] }, 4, 4)).toThrow('2 x 2 has 2 values')
		expect(() => removalOrder({ height: 1, width: 1, values: [0] }, 4096, 4096)).toThrow('cannot be ranked')
	})
	it('ranks the largest input that a pack may have', () => {
		const order = removalOrder({ height: 1, width: 2, values: [0, 1] }, 2048, 2048)
		expect(order[0]! % 2048).toBeGreaterThan(1024)
		expect(order.at(-1)! % 2048).toBeLessThan(1024)
	})
})

describe('shares and areas', () => {
	it('changes none at 0, all at 1 and never fewer at a larger share', () => {
		fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (pixels, a, b) => {
			expect([changedPixels(pixels, 0), changedPixels(pixels, 1)]).toEqual([0, pixels])
			expect(changedPixels(pixels, Math.min(a, b))).toBeLessThanOrEqual(changedPixels(pixels, Math.max(a, b)))
		}))
	})
	it('adds up trapezoids', () => {
		expect(areaUnder([1, 0])).toBe(0.5)
		expect(areaUnder([1, 0.5, 0, 0, 0])).toBe(0.25)
		expect(() => areaUnder([1])).toThrow('two values')
	})
	it('stays within the values', () => {
		fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 101 }), (values) => {
			const area = areaUnder(values)
			expect(area).toBeGreaterThanOrEqual(Math.min(...values))
			expect(area).toBeLessThanOrEqual(Math.max(...values))
		}))
		expect(areaUnder(Array.from({ length: 101 }, () => 1))).toBe(1)
	})
})

describe('random maps', () => {
	it('have the same values in other places', () => {
		fc.assert(fc.property(maps, fc.nat(20), (map, index) => {
			const random = randomMap(map, seedOf(map), index)
			expect([random.height, random.width]).toEqual([map.height, map.width])
			expect(Array.from(random.values).toSorted()).toEqual(map.values.toSorted())
			expect(randomMap(map, seedOf(map), index)).toEqual(random)
		}))
	})
	it('put each value everywhere about equally often', () => {
		const map = { height: 4, width: 4, values: Array.from({ length: 16 }, (_, index) => (index === 5 ? 1 : 0)) }
		const seen = Array.from({ length: 16 }, () => 0)
		for (let index = 0; index < 3200; index++) seen[Array.from(randomMap(map, 1, index).values).indexOf(1)]!++
		for (const count of seen) expect(Math.abs(count - 200)).toBeLessThan(70)
	})
	it('are others for another map', () => {
		expect(seedOf({ height: 1, width: 2, values: [0, 1] })).not.toBe(seedOf({ height: 1, width: 2, values: [1, 0] }))
	})
})
