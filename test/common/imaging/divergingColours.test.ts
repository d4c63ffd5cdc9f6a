import { describe, expect, it } from 'vitest'
import { divergingColours, divergingCss, divergingIndex } from '../../../src/common/imaging/divergingColours.ts'

/** OKLab of 8-bit sRGB, by the published matrices, the other way round than the code under test. */
function oklab(red: number, green: number, blue: number): [number, number, number] {
	const [r, g, b] = [red, green, blue].map((byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number]
	const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
	const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
	const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
	return [
		0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
		1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
		0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
	]
}

describe('divergingColours', () => {
	const colours = Array.from({ length: 255 }, (_, index) => oklab(...(Array.from(divergingColours().subarray(index * 3, index * 3 + 3)) as [number, number, number])))
	const lightness = (index: number) => colours[index]?.[0] ?? 0

	it('is as light for a difference as for its opposite, and rises evenly with its size', () => {
		for (let size = 0; size < 128; size++) expect(Math.abs(lightness(127 - size) - lightness(127 + size))).toBeLessThan(0.012)
		const steps = Array.from({ length: 119 }, (_, index) => lightness(135 + index) - lightness(134 + index))
		expect(Math.min(...steps)).toBeGreaterThan(0)
		expect(Math.max(...steps)).toBeLessThan(0.012)
	})

	it('is told apart without telling red from green: the ends differ along blue and yellow', () => {
		const [blue, orange] = [colours[0], colours[254]]
		expect(blue?.[2]).toBeLessThan(-0.05)
		expect(orange?.[2]).toBeGreaterThan(0.05)
	})

	it('puts no difference in the middle and clamps beyond the ends', () => {
		expect([divergingIndex(-2), divergingIndex(-1), divergingIndex(1), divergingIndex(3)]).toEqual([0, 0, 254, 254])
		expect(divergingIndex(0)).toBe(127)
		expect(divergingCss(0)).toMatch(/^rgb\((\d+), \1, \1\)$/)
	})
})
