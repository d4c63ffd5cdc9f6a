import { describe, expect, it } from 'vitest'
import { halvedFrame } from '../../../src/renderer/reading/viewer/cpuFilm.ts'
import { matchingRows } from '../../../src/renderer/reading/viewer/metadataSearch.ts'
import { frameOf } from './frames.ts'

describe('halvedFrame', () => {
	it('takes the mean of every 2 x 2 block and repeats an odd last row and column', () => {
		const { header, pixels } = halvedFrame(frameOf(3, 3, Uint16Array.of(0, 4, 10, 8, 12, 20, 100, 200, 65_535)))
		expect([header.columns, header.rows]).toEqual([2, 2])
		expect(Array.from(pixels)).toEqual([6, 15, 150, 65_535])
	})

	it('keeps sample type, sign and channels', () => {
		expect(halvedFrame(frameOf(2, 1, Int16Array.of(-100, -50), { sampleType: 'int16' })).pixels).toEqual(Int16Array.of(-75))
		const colour = { sampleType: 'uint8', samplesPerPixel: 3, photometric: 'RGB' } as const
		expect(halvedFrame(frameOf(2, 1, Uint8Array.of(0, 10, 20, 100, 110, 120), colour)).pixels).toEqual(Uint8Array.of(50, 60, 70))
		expect(halvedFrame(frameOf(2, 1, Float32Array.of(0.25, 0.5), { sampleType: 'float32' })).pixels).toEqual(Float32Array.of(0.375))
	})
})

describe('matchingRows', () => {
	const rows = [
		{ tag: '(0010,0010)', keyword: 'PatientName', vr: 'PN', value: 'Grünwald^Änne', depth: 0 },
		{ tag: '(0018,1164)', keyword: 'ImagerPixelSpacing', vr: 'DS', value: '0.148\\0.148', depth: 0 },
		{ tag: '(0009,10ff)', keyword: '', vr: 'UN', value: '<script>alert(1)</script>', depth: 1 },
	]
	const found = (search: string) => matchingRows(rows, search).map((row) => row.tag)

	it('looks in tag, keyword and value, in any case, for every word', () => {
		expect(found('')).toHaveLength(3)
		expect(found('spacing')).toEqual(['(0018,1164)'])
		expect(found('GRÜNWALD name')).toEqual(['(0010,0010)'])
		expect(found('0018,11')).toEqual(['(0018,1164)'])
		expect(found('00181164')).toEqual(['(0018,1164)'])
		expect(found('0.148 0010')).toEqual([])
		expect(found('<script>')).toEqual(['(0009,10ff)'])
		expect(found('.*')).toEqual([])
	})
})
