import { describe, expect, it } from 'vitest'
import type { Frame } from '../../../src/common/contract/frame.ts'
import { displayGrey } from '../../../src/common/imaging/window.ts'
import type { DicomElement } from '../../../src/common/imaging/dicomWriter.ts'
import { decodeFrameOf } from '../../../src/hosts/imaging/decodeFrame.ts'
import { readDicomFile } from '../../../src/hosts/imaging/dicom/part10.ts'
import { metadataRows } from '../../../src/hosts/imaging/dicom/metadata.ts'
import { nativeBytes, syntheticFile, type ImageDescription } from '../../support/synthetic/syntheticDicom.ts'

const GREY: ImageDescription = { components: 1, photometric: 'MONOCHROME2', allocated: 16, stored: 12, signed: false, rows: 2, columns: 3 }
const VALUES = [0, 100, 200, 300, 400, 4095]

async function decoded(image: ImageDescription, values: number[], more: DicomElement[] = []): Promise<Frame> {
	return await decodeFrameOf(syntheticFile('1.2.840.10008.1.2.1', image, nativeBytes(values, image), more), '0'.repeat(64), 0)
}

function descriptor(entries: number, first: number, bits: number): DicomElement[] {
	return [0x00281101, 0x00281102, 0x00281103].map((tag) => ({ tag, vr: 'US', value: [entries, first, bits] }))
}

async function spacingOf(...elements: DicomElement[]): Promise<Frame['header']['spacing']> {
	return (await decoded(GREY, VALUES, elements)).header.spacing
}

function text(tag: number, vr: string, value: string): DicomElement {
	return { tag, vr, value }
}

function lut(sequence: number, first: number, bits: number, entries: number[], more: DicomElement[] = []): DicomElement {
	return {
		tag: sequence, vr: 'SQ',
		value: { items: [[{ tag: 0x00283002, vr: 'US', value: [entries.length, first, bits] }, { tag: 0x00283006, vr: 'US', value: entries }, ...more]] },
	}
}

describe('modality values and windows', () => {
	it('come from rescale, with every window and its explanation', async () => {
		const { header } = await decoded(GREY, VALUES, [
			text(0x00281050, 'DS', '40\\-600'), text(0x00281051, 'DS', '400\\1500'), text(0x00281055, 'LO', 'Soft\\Lung'), text(0x00281056, 'CS', 'SIGMOID'),
			text(0x00281052, 'DS', '-1024'), text(0x00281053, 'DS', '2'), text(0x00281054, 'LO', 'HU'),
		])
		expect(header.modality).toEqual({ slope: 2, intercept: -1024, unit: 'HU' })
		expect(header.voi).toEqual({ function: 'SIGMOID', luts: [], windows: [{ center: 40, width: 400, explanation: 'Soft' }, { center: -600, width: 1500, explanation: 'Lung' }] })
	})

	it('are the extremes of the frame in modality units where the file has no window', async () => {
		const frame = await decoded(GREY, VALUES, [text(0x00281052, 'DS', '-1000'), text(0x00281053, 'DS', '1')])
		expect(frame.header.voi.windows).toEqual([{ center: 1048, width: 4096, explanation: '' }])
		expect([...displayGrey(frame)].filter((_, index) => index === 0 || index === 5)).toEqual([0, 255])
	})

	it('of real slopes are shown in full, however small', async () => {
		const frame = await decoded(GREY, VALUES, [text(0x00281052, 'DS', '0'), text(0x00281053, 'DS', '5.9e-8')])
		expect(frame.header.voi.function).toBe('LINEAR_EXACT')
		expect([...displayGrey(frame)]).toEqual([0, 6, 12, 19, 25, 255])
	})

	it('without a width above zero are left out', async () => {
		const { header } = await decoded(GREY, VALUES, [text(0x00281050, 'DS', '40\\50'), text(0x00281051, 'DS', '0\\10')])
		expect(header.voi.windows).toEqual([{ center: 50, width: 10, explanation: '' }])
	})

	it('go through a Modality LUT, stored extremes staying those before it', async () => {
		const frame = await decoded(GREY, VALUES, [lut(0x00283000, 100, 12, [7, 8, 9], [text(0x00283004, 'LO', 'OD')])])
		expect([...frame.pixels]).toEqual([7, 7, 9, 9, 9, 9])
		expect(frame.header.stored).toEqual({ min: 0, max: 4095 })
		expect(frame.header.modality).toEqual({ slope: 1, intercept: 0, unit: 'OD' })
	})

	it('take a VOI LUT as the default, signed first values included', async () => {
		const signed = { ...GREY, stored: 16, signed: true }
		const frame = await decoded(signed, [-3, -2, -1, 0, 1, 2], [lut(0x00283010, 65534, 8, [0, 100, 255], [text(0x00283003, 'LO', 'Own')])])
		expect(frame.header.voi.luts).toEqual([{ firstValue: -2, bits: 8, entries: [0, 100, 255], explanation: 'Own' }])
		expect([...displayGrey(frame)]).toEqual([0, 0, 100, 255, 255, 255])
	})

	it('of MONOCHROME1 are shown the other way round', async () => {
		const frame = await decoded({ ...GREY, photometric: 'MONOCHROME1' }, VALUES)
		expect([displayGrey(frame)[0], displayGrey(frame)[5]]).toEqual([255, 0])
	})
})

describe('colour', () => {
	const pixel: ImageDescription = { components: 1, photometric: 'PALETTE COLOR', allocated: 8, stored: 8, signed: false, rows: 1, columns: 4 }

	it('of a palette of 16 and of 8 bits', async () => {
		const wide = [0x00281201, 0x00281202, 0x00281203].map((tag, channel): DicomElement => ({ tag, vr: 'OW', value: [0, 0x80ff, 0xff00].map((value) => (value >> channel) & 0xffff) }))
		const frame = await decoded(pixel, [0, 5, 6, 200], [...descriptor(3, 5, 16), ...wide])
		expect([...frame.pixels]).toEqual([0, 0, 0, 0, 0, 0, 0x80, 0x40, 0x20, 0xff, 0x7f, 0x3f])
		expect(frame.header.stored).toEqual({ min: 0, max: 200 })
		const narrow = [0x00281201, 0x00281202, 0x00281203].map((tag, channel): DicomElement => ({ tag, vr: 'OW', value: Uint8Array.of(10 + channel, 20 + channel, 30 + channel) }))
		const small = await decoded(pixel, [0, 1, 2, 3], [...descriptor(3, 0, 8), ...narrow])
		expect([...small.pixels]).toEqual([10, 11, 12, 20, 21, 22, 30, 31, 32, 30, 31, 32])
	})

	it('of a segmented palette (PS3.3 C.7.9.2)', async () => {
		// Discrete 0, 256; then a line of four steps to 1280 * 4.
		const segments = [0x00281221, 0x00281222, 0x00281223].map((tag): DicomElement => ({ tag, vr: 'OW', value: [0, 2, 0, 0x0100, 1, 4, 0x0500] }))
		const frame = await decoded(pixel, [1, 2, 3, 5], [...descriptor(6, 0, 16), ...segments])
		expect([...frame.pixels]).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 5, 5, 5])
	})

	it('whose palette is missing is refused', async () => {
		await expect(decoded(pixel, [0, 1, 2, 3])).rejects.toThrow('palette is missing')
	})

	it('of YBR, full and halved', async () => {
		// Pure red in full-range BT.601 is Y 76, Cb 85, Cr 255.
		const full = await decoded({ components: 3, photometric: 'YBR_FULL', allocated: 8, stored: 8, signed: false, rows: 1, columns: 2 }, [76, 85, 255, 100, 128, 128])
		expect([...full.pixels]).toEqual([254, 0, 0, 100, 100, 100])
		const half = await decoded({ components: 3, photometric: 'YBR_FULL_422', allocated: 8, stored: 8, signed: false, rows: 1, columns: 2 }, [76, 80, 85, 255])
		expect([...half.pixels]).toEqual([254, 0, 0, 255, 4, 4])
	})
})

describe('what the file says beside its pixels', () => {
	it('becomes a spacing only where it is one, with its meaning', async () => {
		expect(await spacingOf()).toBeNull()
		expect(await spacingOf(text(0x00280030, 'DS', '0\\0'))).toBeNull()
		expect(await spacingOf(text(0x00280030, 'DS', 'abc\\0.1'))).toBeNull()
		expect(await spacingOf(text(0x00181164, 'DS', '0.15\\0.14'))).toMatchObject({ row: 0.15, column: 0.14, source: 'ImagerPixelSpacing', meaning: expect.stringContaining('not corrected') })
		expect(await spacingOf(text(0x00182010, 'DS', '0.2\\0.2'))).toMatchObject({ source: 'NominalScannedPixelSpacing' })
		expect(await spacingOf(text(0x00181164, 'DS', '0.15\\0.15'), text(0x00280030, 'DS', '0.12\\0.12'), text(0x00280a02, 'CS', 'FIDUCIAL'))).toMatchObject({ row: 0.12, source: 'PixelSpacing', meaning: expect.stringContaining('known size') })
	})

	it('becomes notes: overlays, padding, loss', async () => {
		const { header } = await decoded(GREY, VALUES, [{ tag: 0x60003000, vr: 'OW', value: [1, 2] }, { tag: 0x00280120, vr: 'US', value: [4095] }, text(0x00282110, 'CS', '01')])
		expect(header.notes.join(' ')).toMatch(/overlay graphics.*4095 are padding|4095 are padding.*overlay graphics/)
		expect(header.source.lossy).toBe(true)
	})

	it('is refused where black and white cannot be told, or pixels and header do not fit', async () => {
		const cases: [Partial<ImageDescription>, RegExp][] = [
			[{ photometric: '' }, /black cannot be told/], [{ photometric: 'HSV' }, /is not read/], [{ stored: 13, allocated: 8 }, /bits stored/], [{ components: 3, photometric: 'MONOCHROME2' }, /does not fit/],
		]
		for (const [difference, reason] of cases) await expect(decoded({ ...GREY, ...difference }, VALUES)).rejects.toThrow(reason)
	})

	it('is listed in the metadata table with names, nested sequences and bounds', () => {
		const file = readDicomFile(syntheticFile('1.2.840.10008.1.2.1', GREY, nativeBytes(VALUES, GREY), [lut(0x00283010, 3, 12, Array.from({ length: 100 }, (_, index) => index)), text(0x00091001, 'LO', 'private')]))
		const rows = metadataRows(file)
		expect(rows).toContainEqual({ tag: '(0010,0010)', keyword: 'PatientName', vr: 'PN', value: 'Synthetic^Image', depth: 0 })
		expect(rows).toContainEqual({ tag: '(0028,3010)', keyword: 'VOILUTSequence', vr: 'SQ', value: '1 item', depth: 0 })
		expect(rows).toContainEqual({ tag: '(0028,3002)', keyword: 'LUTDescriptor', vr: 'US', value: '100\\3\\12', depth: 2 })
		expect(rows.find(({ keyword }) => keyword === 'LUTData')?.value).toMatch(/30\\31\\\.\.\.$/)
		expect(rows).toContainEqual({ tag: '(0009,1001)', keyword: '', vr: 'LO', value: 'private', depth: 0 })
		expect(rows.at(-1)).toMatchObject({ keyword: 'PixelData', value: '12 bytes' })
	})
})
