import { beforeAll, describe, expect, it } from 'vitest'
import { decodeFrameOf, inspectBytes, sha256Of } from '../../../src/hosts/imaging/decodeFrame.ts'
import { frameHeaderSchema } from '../../../src/common/contract/frame.ts'
import { syntheticFiles, type SyntheticFile } from '../../support/synthetic/syntheticDicom.ts'

const SYNTAXES = ['', '.1', '.1.98', '.1.99', '.2', '.5', '.4.50', '.4.51', '.4.53', '.4.55', '.4.57', '.4.70', '.4.80', '.4.81', '.4.90', '.4.91', '.4.201', '.4.202', '.4.203']

describe('synthetic DICOM files', () => {
	let files: SyntheticFile[] = []
	beforeAll(async () => {
		files = await syntheticFiles()
	})

	it('come in every transfer syntax that is decoded', () => {
		const found = new Set(files.map(({ transferSyntax }) => transferSyntax))
		expect([...found].toSorted()).toEqual(SYNTAXES.map((suffix) => `1.2.840.10008.1.2${suffix}`).toSorted())
	})

	it('decode to the pixels that went in, lossy ones within their tolerance', async () => {
		for (const file of files) {
			const { header, pixels } = await decodeFrameOf(file.bytes, sha256Of(file.bytes), 0)
			frameHeaderSchema.parse(header)
			expect([header.rows, header.columns, header.samplesPerPixel], file.name).toEqual([file.rows, file.columns, file.components])
			expect(header.source.transferSyntax).toBe(file.transferSyntax)
			expect(header.source.photometric).toBe(file.photometric)
			let largest = 0
			for (let index = 0; index < pixels.length; index++) largest = Math.max(largest, Math.abs((pixels[index] as number) - (file.expected[index] as number)))
			expect(largest, file.name).toBeLessThanOrEqual(file.tolerance)
			expect(pixels.length, file.name).toBe(file.expected.length)
		}
	})

	it('are described without names getting lost', async () => {
		const [file] = files
		const inspection = await inspectBytes(file?.bytes ?? new Uint8Array(0))
		expect(inspection).toMatchObject({ facts: { kind: 'dicom', patient: { name: 'Synthetic^Image', patientId: 'SYNTHETIC' }, series: { modality: 'DX' } } })
	})
})
