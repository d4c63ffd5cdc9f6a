import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bandPath, curvePath, placeOfOperatingPoint, thinned } from '../../../../src/renderer/admin/charts/curves.ts'

const across = (share: number) => 100 * share
const down = (share: number) => 100 * (1 - share)

describe('curves', () => {
	it('of ROC go straight from point to point', () => {
		expect(curvePath('roc', { x: [0, 0, 0.5, 1], y: [0, 0.6, 0.8, 1] }, across, down)).toBe('M0.0 100.0L0.0 40.0L50.0 20.0L100.0 0.0')
	})

	it('of precision hold what stands at the next recall, as average precision does', () => {
		expect(curvePath('precision-recall', { x: [0.2, 0.6, 1], y: [1, 0.5, 0.3] }, across, down)).toBe('M20.0 0.0V50.0H60.0V70.0H100.0')
	})

	it('are nothing without points', () => expect(curvePath('roc', { x: [], y: [] }, across, down)).toBe(''))

	it('have the edges of their interval as one outline', () => {
		expect(bandPath({ x: [0, 0.5, 1], lower: [0, 0.4, 1], upper: [0.1, 0.8, 1] }, across, down)).toBe('M0.0 90.0L50.0 20.0L100.0 0.0L100.0 0.0L50.0 60.0L0.0 100.0Z')
		expect(bandPath({ x: [], lower: [], upper: [] }, across, down)).toBe('')
	})

	it('keep what can be told apart, and both ends', () => {
		const many = Array.from({ length: 100_001 }, (_, index) => index / 100_000)
		const { x } = thinned({ x: many, y: many })
		expect(x.length).toBeLessThanOrEqual(1002)
		expect([x[0], x.at(-1)]).toEqual([0, 1])
		fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (values) => {
			const points = thinned({ x: values.toSorted((one, other) => one - other), y: values })
			for (const [index, value] of values.toSorted((one, other) => one - other).entries()) {
				expect(points.x.some((kept, place) => Math.abs(kept - value) <= 0.001 && Math.abs(points.y[place]! - values[index]!) <= 0.001)).toBe(true)
			}
		}))
	})
})

describe('operating points', () => {
	const point = { label: 'a', threshold: 0.4, sensitivity: 0.9, specificity: 0.75, precision: 0.6 }
	it('lie on their curve', () => {
		expect(placeOfOperatingPoint('roc', point)).toEqual([0.25, 0.9])
		expect(placeOfOperatingPoint('precision-recall', point)).toEqual([0.9, 0.6])
	})
	it('lie nowhere where they are not defined', () => {
		expect(placeOfOperatingPoint('roc', { ...point, specificity: null })).toBeNull()
		expect(placeOfOperatingPoint('precision-recall', { ...point, precision: null })).toBeNull()
		expect(placeOfOperatingPoint('roc', { ...point, sensitivity: null })).toBeNull()
		expect(placeOfOperatingPoint('roc', { ...point, precision: null })).toEqual([0.25, 0.9])
	})
})
