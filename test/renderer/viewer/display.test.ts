import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FrameHeader } from '../../../src/common/contract/frame.ts'
import { displaySamples } from '../../../src/common/imaging/window.ts'
import {
	autoWindow, defaultDisplay, draggedDisplay, followedDisplay, greyCurve, presetsOf, windowLike, type CurvePoint, type Display,
} from '../../../src/renderer/reading/viewer/display.ts'
import { frameOf } from './frames.ts'

const values = Uint16Array.from({ length: 4096 }, (_, index) => index)
const sShaped = Array.from({ length: 4096 }, (_, index) => Math.round(65_535 / (1 + Math.exp(-(index - 1600) / 350))))
const lut = { firstValue: 0, bits: 16, entries: sShaped, explanation: 'S curve' }

/** Straight lines between the points of the curve, as the graphics draw it. */
function along(curve: CurvePoint[], stored: number): number {
	const at = curve.findIndex(([x]) => x >= stored)
	if (at < 0) return curve.at(-1)?.[1] ?? 0
	const [upper, upperGrey] = curve[at] as CurvePoint
	if (at === 0) return upperGrey
	const [lower, lowerGrey] = curve[at - 1] as CurvePoint
	return lowerGrey + ((stored - lower) / (upper - lower)) * (upperGrey - lowerGrey)
}

function expectSameGrey(change: Partial<FrameHeader>, display: Display): void {
	const frame = frameOf(64, 64, values, change)
	const shown = displaySamples(frame, { window: display.lut ? null : display, invert: display.invert })
	const curve = greyCurve(frame.header, display)
	for (const [index, [stored]] of curve.entries()) if (index > 0) expect(stored).toBeGreaterThan((curve[index - 1] as CurvePoint)[0])
	for (let index = 0; index < values.length; index++) {
		// Rounding may fall to either side.
		expect(Math.abs(along(curve, index) * 255 - (shown[index] as number))).toBeLessThanOrEqual(0.65)
	}
}

describe('greyCurve', () => {
	it('is the grey of the one pixel path, for every function, photometric interpretation and slope', () => {
		fc.assert(fc.property(
			fc.constantFrom('LINEAR' as const, 'LINEAR_EXACT' as const, 'SIGMOID' as const),
			fc.constantFrom('MONOCHROME1' as const, 'MONOCHROME2' as const),
			fc.constantFrom(1, 2, -1, 0.5),
			fc.integer({ min: 200, max: 3800 }),
			fc.integer({ min: 300, max: 5000 }),
			fc.boolean(),
			(kind, photometric, slope, center, width, invert) => {
				const modality = { slope, intercept: 10, unit: 'US' }
				expectSameGrey(
					{ photometric, modality, voi: { function: kind, windows: [{ center: 1, width: 2, explanation: '' }], luts: [] } },
					{ center: center * slope + 10, width: width * Math.abs(slope), lut: false, invert },
				)
			},
		), { numRuns: 40 })
	})

	it('follows a VOI LUT', () => {
		const voi = { function: 'LINEAR' as const, windows: [{ center: 2048, width: 4096, explanation: '' }], luts: [lut] }
		for (const photometric of ['MONOCHROME1', 'MONOCHROME2'] as const) expectSameGrey({ voi, photometric }, { center: 0, width: 1, lut: true, invert: false })
	})

	it('rises strictly for a window of width 1, a LUT of one entry and a falling slope', () => {
		const oneEntry = { ...lut, entries: [65_535] }
		for (const [change, display] of [
			[{}, { center: 100, width: 1, lut: false, invert: false }],
			[{ voi: { function: 'LINEAR' as const, windows: [{ center: 1, width: 1, explanation: '' }], luts: [oneEntry] } }, { center: 1, width: 1, lut: true, invert: false }],
			[{ modality: { slope: -3, intercept: 0, unit: '' } }, { center: 100, width: 50, lut: false, invert: true }],
		] as [Partial<FrameHeader>, Display][]) {
			const curve = greyCurve(frameOf(64, 64, values, change).header, display)
			expect(curve.length).toBeGreaterThan(1)
			for (const [index, [stored]] of curve.entries()) if (index > 0) expect(stored).toBeGreaterThan((curve[index - 1] as CurvePoint)[0])
		}
	})
})

describe('display', () => {
	const withLut = frameOf(64, 64, values, { voi: { function: 'LINEAR', windows: [{ center: 40, width: 400, explanation: 'Soft' }], luts: [lut] } }).header
	const plain = frameOf(64, 64, values).header

	it('begins with the LUT of the file, else with its first window', () => {
		expect(defaultDisplay(withLut).lut).toBe(true)
		expect(defaultDisplay(plain)).toEqual({ center: 2048, width: 4096, lut: false, invert: false })
	})

	it('goes on from a LUT with a window close to it', () => {
		const { center, width } = windowLike(withLut)
		expect(center).toBeCloseTo(1600, -1)
		// The tangents of 5 and 95 % of this S lie 2 x 2.944 x 350 apart.
		expect(width).toBeCloseTo((2 * 2.944 * 350) / 0.9, -1)
		expect(draggedDisplay(defaultDisplay(withLut), withLut, 0, 0).lut).toBe(false)
	})

	it('widens to the right, darkens downwards, and never loses its width', () => {
		const start = defaultDisplay(plain)
		expect(draggedDisplay(start, plain, 50, 0).width).toBeGreaterThan(start.width)
		expect(draggedDisplay(start, plain, 0, 50).center).toBeGreaterThan(start.center)
		expect(draggedDisplay(start, plain, -10_000, 0).width).toBe(1)
	})

	it('offers LUT, windows of the file and own presets, nine at most', () => {
		expect(presetsOf(withLut, [{ name: 'Bone', center: 1, width: 2 }])).toEqual([
			{ name: 'S curve', ...windowLike(withLut), lut: true },
			{ name: 'Soft', center: 40, width: 400, lut: false },
			{ name: 'Bone', center: 1, width: 2, lut: false },
		])
		expect(presetsOf(plain, Array.from({ length: 20 }, () => ({ name: 'x', center: 1, width: 1 })))).toHaveLength(9)
		expect(presetsOf(null, [])).toEqual([])
	})

	it('links windows: equal for films with equal defaults, in proportion for others', () => {
		const display: Display = { center: 1000, width: 2048, lut: false, invert: true }
		expect(followedDisplay({ display, header: plain }, { display: defaultDisplay(plain), header: plain })).toEqual({ ...display, invert: false })
		const eightBit = frameOf(64, 64, values, { voi: { function: 'LINEAR', windows: [{ center: 128, width: 256, explanation: '' }], luts: [] } }).header
		expect(followedDisplay({ display, header: plain }, { display: defaultDisplay(eightBit), header: eightBit })).toEqual({ center: 128 - 65.5, width: 128, lut: false, invert: false })
	})

	it('finds the window of the pixels, outliers left out', () => {
		const pixels = new Uint16Array(10_000).map((_, index) => 1000 + (index % 1000))
		pixels[5] = 65_535
		const { center, width } = autoWindow(frameOf(100, 100, pixels).header, pixels)
		expect(center).toBeCloseTo(1499.5, -1)
		expect(width).toBeLessThan(1001)
		expect(width).toBeGreaterThan(980)
		expect(autoWindow(frameOf(2, 2, new Uint16Array(4)).header, new Uint16Array(4)).width).toBe(1)
	})
})
