import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame, FrameHeader, FramePixels, SampleType } from '../../../src/common/contract/frame.ts'
import { displayGrey, displayRgba, displaySamples, luminance, voiLutValue, windowedValue } from '../../../src/common/imaging/window.ts'

function frame(pixels: FramePixels, sampleType: SampleType, differences: Partial<FrameHeader> = {}): Frame {
	const samplesPerPixel = differences.samplesPerPixel ?? 1
	return {
		pixels,
		header: {
			formatVersion: 1, sha256: '0'.repeat(64), frameIndex: 0, kind: 'dicom', rows: 1, columns: pixels.length / samplesPerPixel, samplesPerPixel, sampleType,
			photometric: 'MONOCHROME2',
			source: { transferSyntax: null, photometric: 'MONOCHROME2', samplesPerPixel, bitsAllocated: 16, bitsStored: 16, signed: false, frames: 1, lossy: false, modality: null, bodyPart: null, viewPosition: null },
			stored: { min: 0, max: 0 },
			modality: { slope: 1, intercept: 0, unit: '' },
			voi: { function: 'LINEAR', windows: [{ center: 128, width: 256, explanation: '' }], luts: [] },
			spacing: null, notes: [], ...differences,
		},
	}
}

describe('window functions of PS3.3 C.11.2', () => {
	// The note in C.11.2.1.2.1 gives these: centre 2048, width 4096 maps 0 to the least and 4095 to the largest value; 2048, 1 is a threshold.
	it('LINEAR: the examples of the standard', () => {
		const full = { center: 2048, width: 4096 }
		expect([0, 4095, -5, 5000].map((value) => windowedValue(value, full, 'LINEAR'))).toEqual([0, 255, 0, 255])
		const threshold = { center: 2048, width: 1 }
		expect([2047, 2048].map((value) => windowedValue(value, threshold, 'LINEAR'))).toEqual([0, 255])
		const zero = { center: 0, width: 100 }
		expect([-50, 49].map((value) => windowedValue(value, zero, 'LINEAR'))).toEqual([0, 255])
		const narrow = { center: 0, width: 1 }
		expect([-1, 0].map((value) => windowedValue(value, narrow, 'LINEAR'))).toEqual([0, 255])
	})

	it('LINEAR_EXACT: the examples of the standard', () => {
		expect([0, 2048, 4096].map((value) => windowedValue(value, { center: 2048, width: 4096 }, 'LINEAR_EXACT'))).toEqual([0, 127.5, 255])
		expect([-50, 0, 50].map((value) => windowedValue(value, { center: 0, width: 100 }, 'LINEAR_EXACT'))).toEqual([0, 127.5, 255])
	})

	it('SIGMOID: half at the centre, and its formula beside', () => {
		const window = { center: 40, width: 400 }
		expect(windowedValue(40, window, 'SIGMOID')).toBe(127.5)
		expect(windowedValue(140, window, 'SIGMOID')).toBeCloseTo(255 / (1 + Math.exp(-1)), 10)
	})

	it('never fall and stay between 0 and 255', () => {
		const functions = fc.constantFrom('LINEAR' as const, 'LINEAR_EXACT' as const, 'SIGMOID' as const)
		fc.assert(fc.property(functions, fc.integer({ min: -3000, max: 3000 }), fc.double({ min: 0.01, max: 5000, noNaN: true }), fc.integer({ min: -40000, max: 70000 }), fc.nat(2000), (voiFunction, center, width, value, step) => {
			const low = windowedValue(value, { center, width }, voiFunction)
			const high = windowedValue(value + step, { center, width }, voiFunction)
			expect(low).toBeGreaterThanOrEqual(0)
			expect(high).toBeLessThanOrEqual(255)
			expect(high).toBeGreaterThanOrEqual(low)
		}))
	})

	it('VOI LUT: clamped at both ends, scaled by its bits', () => {
		const lut = { firstValue: 10, bits: 12, entries: [0, 1000, 4095], explanation: '' }
		expect([0, 10, 11, 12, 99].map((value) => Math.round(voiLutValue(value, lut)))).toEqual([0, 0, 62, 255, 255])
	})
})

describe('display values of a Frame', () => {
	it('leave 8-bit pixels as they are under the full window', () => {
		const pixels = Uint8Array.from({ length: 256 }, (_, value) => value)
		expect([...displayGrey(frame(pixels, 'uint8'))]).toEqual([...pixels])
	})

	it('are the direct formula for every sample type, slope, intercept and inversion', () => {
		const types: [SampleType, (values: number[]) => FramePixels][] = [
			['uint8', (values) => Uint8Array.from(values)], ['int8', (values) => Int8Array.from(values)], ['uint16', (values) => Uint16Array.from(values)],
			['int16', (values) => Int16Array.from(values)], ['float32', (values) => Float32Array.from(values)],
		]
		fc.assert(fc.property(
			fc.constantFrom(...types), fc.array(fc.integer({ min: -70000, max: 70000 }), { minLength: 1, maxLength: 20 }),
			fc.double({ min: 0.001, max: 20, noNaN: true }), fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -1000, max: 3000 }), fc.double({ min: 1, max: 5000, noNaN: true }), fc.boolean(), fc.boolean(),
			([type, make], values, slope, intercept, center, width, white, invert) => {
				const pixels = make(values)
				const made = frame(pixels, type, { photometric: white ? 'MONOCHROME1' : 'MONOCHROME2', modality: { slope, intercept, unit: '' } })
				const shown = displaySamples(made, { window: { center, width }, invert })
				for (const [index, pixel] of pixels.entries()) {
					const direct = Math.floor(windowedValue(pixel * slope + intercept, { center, width }, 'LINEAR') + 0.5)
					expect(shown[index]).toBe(white !== invert ? 255 - direct : direct)
				}
			},
		))
	})

	it('take the first VOI LUT before the first window, and an explicit window before both', () => {
		const made = frame(Uint16Array.of(0, 1, 2), 'uint16', {
			voi: { function: 'LINEAR', windows: [{ center: 1, width: 3, explanation: '' }], luts: [{ firstValue: 0, bits: 8, entries: [255, 10, 0], explanation: '' }] },
		})
		expect([...displayGrey(made)]).toEqual([255, 10, 0])
		expect([...displayGrey(made, { center: 1.5, width: 3 })]).toEqual([0, 128, 255])
	})

	it('weigh colour as Pillow does', () => {
		// Image.new('RGB', (1, 1), colour).convert('L').getpixel((0, 0)) in Pillow 13.
		expect([luminance(255, 0, 0), luminance(0, 255, 0), luminance(0, 0, 255), luminance(255, 255, 255), luminance(12, 200, 99)]).toEqual([76, 150, 29, 255, 132])
		const made = frame(Uint8Array.of(255, 0, 0, 0, 255, 0), 'uint8', { samplesPerPixel: 3, photometric: 'RGB' })
		expect([...displayGrey(made)]).toEqual([76, 150])
		expect([...displayRgba(made)]).toEqual([255, 0, 0, 255, 0, 255, 0, 255])
		expect([...displayRgba(frame(Uint8Array.of(7), 'uint8'), { invert: true })]).toEqual([248, 248, 248, 255])
	})
})
