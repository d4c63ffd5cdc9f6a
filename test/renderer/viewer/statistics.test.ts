import { describe, expect, it } from 'vitest'
import type { Point } from '../../../src/renderer/reading/viewer/film.ts'
import { angleAt, ellipseThrough, measure, measurementLines, rectangleThrough, regionStatistics } from '../../../src/renderer/reading/viewer/statistics.ts'
import { frameOf } from './frames.ts'

const ramp = frameOf(10, 8, Uint16Array.from({ length: 80 }, (_, index) => index))
const spacing = { row: 0.4, column: 0.2, source: 'PixelSpacing' as const, meaning: 'calibrated' }

/** Point by point over the whole image, as a second way to the same numbers. */
function byHand(values: number[]) {
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length
	const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
	return { pixels: values.length, mean, deviation, min: Math.min(...values), max: Math.max(...values) }
}

describe('regionStatistics', () => {
	it('takes the pixels whose centres lie in the rectangle, its edge included', () => {
		const corners: Point[] = [[2, 1], [5.4, 1], [2, 3.9], [5.4, 3.9]]
		const values = [1, 2, 3].flatMap((row) => [2, 3, 4, 5].map((column) => row * 10 + column))
		const found = regionStatistics(ramp, rectangleThrough(corners))
		const wanted = byHand(values)
		expect(found?.pixels).toBe(12)
		for (const key of ['mean', 'deviation', 'min', 'max'] as const) expect(found?.[key]).toBeCloseTo(wanted[key], 10)
	})

	it('takes the pixels of the ellipse, wherever its axes begin', () => {
		const centre: Point = [4.5, 3.5]
		const [across, down] = [3.2, 2.3]
		const values: number[] = []
		for (let row = 0; row < 8; row++) {
			for (let column = 0; column < 10; column++) {
				if (((column - centre[0]) / across) ** 2 + ((row - centre[1]) / down) ** 2 <= 1) values.push(row * 10 + column)
			}
		}
		const upright = ellipseThrough([[4.5, 5.8], [4.5, 1.2], [1.3, 3.5], [7.7, 3.5]])
		const sideways = ellipseThrough([[1.3, 3.5], [7.7, 3.5], [4.5, 5.8], [4.5, 1.2]])
		const wanted = byHand(values)
		for (const region of [upright, sideways]) {
			const found = regionStatistics(ramp, region)
			expect(found?.pixels).toBe(wanted.pixels)
			expect(found?.mean).toBeCloseTo(wanted.mean, 10)
			expect(found?.deviation).toBeCloseTo(wanted.deviation, 10)
			expect(region.area).toBeCloseTo(Math.PI * across * down, 10)
		}
	})

	it('answers in modality units, also where the slope falls', () => {
		const falling = frameOf(10, 8, ramp.pixels, { modality: { slope: -2, intercept: 100, unit: 'HU' } })
		expect(regionStatistics(falling, rectangleThrough([[0, 0], [2, 0]]))).toEqual({ pixels: 3, mean: 98, deviation: Math.sqrt(2 / 3) * 2, min: 96, max: 100 })
	})

	it('has no deviation where all values are the same, however large', () => {
		const flat = frameOf(100, 100, new Uint16Array(10_000).fill(65_533))
		expect(regionStatistics(flat, rectangleThrough([[0, 0], [99, 99]]))).toEqual({ pixels: 10_000, mean: 65_533, deviation: 0, min: 65_533, max: 65_533 })
	})

	it('counts what lies on the film, and says so where nothing does', () => {
		expect(regionStatistics(ramp, rectangleThrough([[-50, -50], [1, 0]]))?.pixels).toBe(2)
		expect(regionStatistics(ramp, rectangleThrough([[20, 20], [30, 30]]))).toBeNull()
		expect(regionStatistics(ramp, rectangleThrough([[1.2, 1.2], [1.8, 1.8]]))).toBeNull()
	})

	it('takes the luminance of colour and leaves out what is not a number', () => {
		const colour = frameOf(1, 1, Uint8Array.of(255, 0, 0), { sampleType: 'uint8', samplesPerPixel: 3, photometric: 'RGB' })
		expect(regionStatistics(colour, rectangleThrough([[0, 0], [0, 0]]))?.mean).toBe(76)
		const floats = frameOf(3, 1, Float32Array.of(1, Number.NaN, 3), { sampleType: 'float32' })
		expect(regionStatistics(floats, rectangleThrough([[0, 0], [2, 0]]))).toEqual({ pixels: 2, mean: 2, deviation: 1, min: 1, max: 3 })
	})
})

describe('measure', () => {
	it('gives millimetres only where the Frame has a spacing, and says which', () => {
		const spaced = frameOf(10, 8, ramp.pixels, { spacing })
		const points: Point[] = [[1, 1], [4, 3]]
		const length = Math.hypot(3 * 0.2, 2 * 0.4)
		expect(measure(spaced, 'length', points)).toEqual({ kind: 'length', pixels: Math.hypot(3, 2), millimetres: length })
		expect(measurementLines(spaced.header, measure(spaced, 'length', points))).toEqual(['1.0 mm (PixelSpacing)'])
		expect(measurementLines(ramp.header, measure(ramp, 'length', points))).toEqual(['3.6 px'])
		const region = measurementLines(ramp.header, measure(ramp, 'rectangle', [[0, 0], [4, 0], [0, 2], [4, 2]]))
		expect(region.join(' ')).not.toContain('mm')
		expect(region).toContain('Area 8 px²')
		expect(measurementLines(spaced.header, measure(spaced, 'rectangle', [[0, 0], [4, 0], [0, 2], [4, 2]]))).toContain('Area 0.6 mm² (PixelSpacing)')
	})

	it('measures angles on the patient, not on the pixels', () => {
		// 45 degrees on square pixels; with pixels twice as high as wide the arm is steeper.
		expect(angleAt([0, 0], [1, 0], [1, 1], 1)).toBeCloseTo(45)
		expect(measure(frameOf(10, 8, ramp.pixels, { spacing }), 'angle', [[1, 0], [0, 0], [1, 1]])).toEqual({ kind: 'angle', degrees: (Math.atan2(0.4, 0.2) * 180) / Math.PI })
		expect(angleAt([0, 0], [1, 0], [-1, 0], 1)).toBe(180)
		expect(angleAt([0, 0], [0, 0], [-1, 0], 1)).toBeNull()
	})

	it('makes nothing of too few points', () => {
		expect(measure(ramp, 'length', [[1, 1]])).toBeNull()
		expect(measure(ramp, 'angle', [[1, 1], [2, 2]])).toBeNull()
		expect(measure(ramp, 'ellipse', [[1, 1], [2, 2]])).toBeNull()
		expect(measurementLines(ramp.header, null)).toEqual([])
	})
})
