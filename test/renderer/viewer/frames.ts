import type { Frame, FrameHeader, FramePixels } from '../../../src/common/contract/frame.ts'

/** A Frame for a test: 12-bit grey in 16, one window, no spacing, unless said otherwise. */
export function frameOf(columns: number, rows: number, pixels: FramePixels, change: Partial<FrameHeader> = {}): Frame {
	const header: FrameHeader = {
		formatVersion: 1, sha256: 'a'.repeat(64), frameIndex: 0, kind: 'dicom', rows, columns, samplesPerPixel: 1, sampleType: 'uint16', photometric: 'MONOCHROME2',
		source: {
			transferSyntax: null, photometric: 'MONOCHROME2', samplesPerPixel: 1, bitsAllocated: 16, bitsStored: 12, signed: false, frames: 1, lossy: false,
			modality: 'DX', bodyPart: 'CHEST', viewPosition: 'PA',
		},
		stored: { min: 0, max: 4095 },
		modality: { slope: 1, intercept: 0, unit: 'US' },
		voi: { function: 'LINEAR', windows: [{ center: 2048, width: 4096, explanation: '' }], luts: [] },
		spacing: null,
		notes: [],
		...change,
	}
	return { header, pixels }
}
