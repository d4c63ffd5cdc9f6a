import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareMaps } from '../../../src/common/cam/compareMaps.ts'

const corner = { height: 4, width: 4, values: [1, 0.8, 0.2, 0, 0.7, 0.5, 0.1, 0, 0.2, 0.1, 0, 0, 0, 0, 0, 0] }
const turned = { ...corner, values: corner.values.toReversed() }
const zero = { height: 2, width: 2, values: [0, 0, 0, 0] }
const varied = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 16, maxLength: 16 }).map((values) => ({ height: 4, width: 4, values: [...values.slice(0, 14), 0, 1] }))
const dot = (place: number) => ({ height: 8, width: 8, values: Array.from({ length: 64 }, (_, index) => (index === place ? 1 : 0)) })

describe('two maps of one film', () => {
	it('agree with themselves', () => {
		const { correlation, rankCorrelation, topFifthOverlap, difference } = compareMaps(corner, corner)
		expect(correlation).toBeCloseTo(1, 12)
		expect(rankCorrelation).toBeCloseTo(1, 12)
		expect(topFifthOverlap).toBe(1)
		expect([difference.width, difference.height]).toEqual([64, 64])
		expect(difference.values.every((value) => value === 0)).toBe(true)
	})
	it('are as far apart as they are', () => {
		const { correlation, rankCorrelation, topFifthOverlap, difference } = compareMaps(corner, turned)
		expect(correlation).toBeLessThan(0)
		expect(rankCorrelation).toBeLessThan(0)
		expect(topFifthOverlap).toBe(0)
		expect(difference.values[0]).toBe(1)
		expect(difference.values.at(-1)).toBe(-1)
	})
	it('do not depend on a monotone change but for the correlation', () => {
		const squared = { ...corner, values: corner.values.map((value) => value ** 2) }
		const fine = { height: 64, width: 64, values: Array.from({ length: 4096 }, (_, index) => ((index * 2654435761) % 4096) / 4096) }
		const cubed = { ...fine, values: fine.values.map((value) => value ** 3) }
		expect(compareMaps(corner, squared).correlation).toBeLessThan(0.999)
		expect(compareMaps(fine, cubed).rankCorrelation).toBeCloseTo(1, 12)
		expect(compareMaps(fine, cubed).topFifthOverlap).toBe(1)
		expect(compareMaps(fine, cubed).correlation).toBeLessThan(0.95)
	})
	it('count only what is hot where the ReLU left less than a fifth', () => {
		expect(compareMaps(dot(9), dot(54)).topFifthOverlap).toBe(0)
		expect(compareMaps(dot(9), dot(9)).topFifthOverlap).toBe(1)
	})
	it('of different resolutions are compared where both lie on the film', () => {
		const left = { height: 1, width: 2, values: [1, 0] }
		const fineLeft = { height: 100, width: 80, values: Array.from({ length: 8000 }, (_, index) => (index % 80 < 40 ? 1 : 0)) }
		const { correlation, difference } = compareMaps(left, fineLeft)
		expect(correlation).toBeGreaterThan(0.85)
		expect([difference.width, difference.height, difference.values.length]).toEqual([80, 100, 8000])
	})
	it('have no number where a map ranks nothing', () => {
		const nothing = { correlation: null, rankCorrelation: null, topFifthOverlap: null }
		expect(compareMaps(corner, zero)).toMatchObject(nothing)
		expect(compareMaps({ ...zero, values: [0.3, 0.3, 0.3, 0.3] }, corner)).toMatchObject(nothing)
		expect(() => compareMaps({ ...zero, values: [0, 0, 0, Number.NaN] }, corner)).toThrow('not a number')
	})
	it('give the same either way round', () => {
		fc.assert(fc.property(varied, varied, (a, b) => {
			const there = compareMaps(a, b)
			const back = compareMaps(b, a)
			expect(there.correlation).toBeCloseTo(back.correlation ?? Number.NaN, 10)
			expect(there.rankCorrelation).toBeCloseTo(back.rankCorrelation ?? Number.NaN, 10)
			expect(there.topFifthOverlap).toBe(back.topFifthOverlap)
			expect(there.difference.values).toEqual(back.difference.values.map((value) => 0 - value))
		}), { numRuns: 20 })
	})
	it('lays maps of different parts of the film on the film first, and compares maps of one part within it', () => {
		const left = { left: 0, top: 0, right: 0.5, bottom: 1 }
		const map = { width: 2, height: 2, values: [1, 0.2, 0.4, 0] }
		const whole = { width: 4, height: 2, values: [1, 0.2, 0, 0, 0.4, 0, 0, 0] }
		const same = compareMaps({ ...map, region: left }, { ...map, region: { ...left } })
		expect(same.correlation).toBeCloseTo(1, 12)
		expect(same.difference.region).toEqual(left)
		const other = compareMaps({ ...map, region: left }, whole)
		expect(other.difference.region).toBeUndefined()
		expect(other.correlation).toBeGreaterThan(0.8)
		// Nothing on the right half: neither has values there.
		const { width, height, values } = other.difference
		for (let row = 0; row < height; row++) expect(values[row * width + width - 1]).toBe(0)
		expect(compareMaps({ ...map, region: left }, { ...map, region: { ...left, left: 0.5, right: 1 } }).correlation).toBeLessThan(0.2)
	})
})
