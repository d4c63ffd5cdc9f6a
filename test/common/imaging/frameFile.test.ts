import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame, pixelArrayOf } from '../../../src/common/imaging/frameFile.ts'
import type { Frame, SampleType } from '../../../src/common/contract/frame.ts'

function made(sampleType: SampleType, rows: number, columns: number, samplesPerPixel: 1 | 3, note: string): Frame {
	const pixels = new (pixelArrayOf(sampleType))(rows * columns * samplesPerPixel)
	for (let index = 0; index < pixels.length; index++) pixels[index] = (index * 31) % 120
	return {
		pixels,
		header: {
			formatVersion: 1, sha256: 'a'.repeat(64), frameIndex: 2, kind: 'dicom', rows, columns, samplesPerPixel, sampleType, photometric: samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME1',
			source: { transferSyntax: '1.2', photometric: 'X', samplesPerPixel, bitsAllocated: 16, bitsStored: 12, signed: false, frames: 3, lossy: true, modality: 'DX', bodyPart: null, viewPosition: 'PA' },
			stored: { min: 0, max: 119 }, modality: { slope: 2, intercept: -1, unit: 'HU' },
			voi: { function: 'SIGMOID', windows: [{ center: 1, width: 2, explanation: note }], luts: [] },
			spacing: { row: 0.1, column: 0.2, source: 'ImagerPixelSpacing', meaning: 'm' }, notes: [note],
		},
	}
}

describe('Frame files', () => {
	it('come back as they were, text and sample types included', () => {
		const types = fc.constantFrom<SampleType>('uint8', 'int8', 'uint16', 'int16', 'float32')
		fc.assert(fc.property(types, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(1 as const, 3 as const), fc.string({ unit: 'binary' }), (type, rows, columns, samples, note) => {
			const frame = made(type, rows, columns, samples, note.toWellFormed())
			const back = decodeFrame(encodeFrame(frame).buffer)
			expect(back.header).toEqual(frame.header)
			expect(back.pixels).toEqual(frame.pixels)
		}))
	})

	it('cut off anywhere are refused', () => {
		const bytes = encodeFrame(made('uint16', 5, 7, 1, 'note'))
		for (let length = 0; length < bytes.length; length += 7) expect(() => decodeFrame(bytes.slice(0, length).buffer)).toThrow()
	})
})
