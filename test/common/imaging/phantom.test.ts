import { describe, expect, it } from 'vitest'
import { PHANTOM, PHANTOM_OPACITY, phantomPixels } from '../../../src/common/imaging/phantom.ts'
import { phantomDicomFile } from '../../../src/common/imaging/phantomDicom.ts'
import { decodeFrameOf, inspectBytes, sha256Of } from '../../../src/hosts/imaging/decodeFrame.ts'

/** Mean of a square of the film around a place in the phantom's coordinates. */
function meanAt(pixels: Uint16Array, x: number, y: number, half = 12): number {
	const [column, row] = [Math.round(((x + 1) * PHANTOM.columns) / 2), Math.round((y * PHANTOM.columns) / 2)]
	let sum = 0
	for (let down = -half; down <= half; down++) for (let across = -half; across <= half; across++) sum += pixels[(row + down) * PHANTOM.columns + column + across] as number
	return sum / (2 * half + 1) ** 2
}

describe('the phantom', () => {
	const pixels = phantomPixels()

	it('is the same at every call and keeps to its bits', () => {
		expect(phantomPixels()).toEqual(pixels)
		expect(pixels).toHaveLength(PHANTOM.rows * PHANTOM.columns)
		expect(pixels.every((value) => value < 2 ** PHANTOM.bitsStored)).toBe(true)
	})

	it('has air black, lungs dark, heart and abdomen bright, and its opacity brighter than the same place on the other side', () => {
		const { x, y } = PHANTOM_OPACITY
		const [air, lung, heart, abdomen] = [meanAt(pixels, -0.95, 0.04), meanAt(pixels, -0.4, 0.78, 6), meanAt(pixels, 0.25, 1.35), meanAt(pixels, -0.4, 1.9)]
		expect(air).toBeLessThan(200)
		expect(lung).toBeGreaterThan(air + 200)
		expect(heart).toBeGreaterThan(lung + 1000)
		expect(abdomen).toBeGreaterThan(lung + 1000)
		expect(meanAt(pixels, x, y)).toBeGreaterThan(meanAt(pixels, 0.62, y) + 300)
	})

	it('is a DICOM film that opens without a note', async () => {
		const bytes = phantomDicomFile()
		expect(await inspectBytes(bytes)).toMatchObject({ facts: { patient: { name: 'Phantom^Chest' }, series: { modality: 'DX', bodyPart: 'CHEST', viewPosition: 'PA' }, notes: [] } })
		const frame = await decodeFrameOf(bytes, sha256Of(bytes), 0)
		expect(frame.pixels).toEqual(pixels)
		expect(frame.header.spacing).toMatchObject({ row: 0.34, source: 'PixelSpacing' })
		expect(frame.header.voi.windows.map(({ explanation }) => explanation)).toEqual(['Whole film', 'Lungs'])
	})
})
