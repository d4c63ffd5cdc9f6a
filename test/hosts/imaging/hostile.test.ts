import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { inspectionSchema } from '../../../src/common/contract/hosts.ts'
import { dataSetBytes, dicomFile, type DicomElement } from '../../../src/common/imaging/dicomWriter.ts'
import { inspectBytes } from '../../../src/hosts/imaging/decodeFrame.ts'
import { readDataSet, type DataSet } from '../../../src/hosts/imaging/dicom/dataSet.ts'
import { readDicomFile } from '../../../src/hosts/imaging/dicom/part10.ts'
import { numberValue } from '../../../src/hosts/imaging/dicom/values.ts'
import { imageElements, nativeBytes, syntheticFile, syntheticFiles, type SyntheticFile } from '../../support/synthetic/syntheticDicom.ts'

/** Far above what any of these small files needs, far below what a person would call a hang: microseconds of the processor, which a busy machine does not lengthen. */
const SOON = 3_000_000

async function outcome(bytes: Uint8Array): Promise<'opened' | 'refused'> {
	const started = process.cpuUsage()
	const inspection = inspectionSchema.parse(await inspectBytes(bytes))
	expect(process.cpuUsage(started).user).toBeLessThan(SOON)
	if ('refused' in inspection) expect(inspection.refused).toMatch(/^[A-Z].{5,300}\.$/s)
	return 'refused' in inspection ? 'refused' : 'opened'
}

function statedNumber(dataSet: DataSet, tag: number): number {
	return numberValue(dataSet, tag) ?? 0
}

describe('damaged files', () => {
	let files: SyntheticFile[] = []
	beforeAll(async () => {
		files = await syntheticFiles()
	})

	it('that are cut off anywhere open whole or are refused with a reason', async () => {
		await fc.assert(fc.asyncProperty(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), async (which, part) => {
			const file = files[which % files.length] as SyntheticFile
			const cut = file.bytes.slice(0, Math.floor(file.bytes.length * part))
			const result = await outcome(cut)
			// Cutting off more than padding and end marks must never go unnoticed.
			if (cut.length < file.bytes.length - 24) expect(result, `${file.name} cut to ${cut.length}`).toBe('refused')
		}), { numRuns: 400, seed: 1 })
	})

	it('with flipped bytes open or are refused with a reason, never anything else', async () => {
		await fc.assert(fc.asyncProperty(fc.nat(), fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), { minLength: 1, maxLength: 12 }), async (which, flips) => {
			const file = files[which % files.length] as SyntheticFile
			const damaged = file.bytes.slice()
			for (const [place, value] of flips) damaged[132 + Math.floor((damaged.length - 132) * place)] = value
			await outcome(damaged)
		}), { numRuns: 600, seed: 2 })
	})

	it('whose code stream lacks its end, neatly wrapped and ended, are refused: nothing is filled up', async () => {
		for (const { name, transferSyntax, bytes, components, photometric } of files) {
			if (!transferSyntax.includes('.4.')) continue
			const { dataSet } = readDicomFile(bytes)
			const [, fragment] = dataSet.elements.get(0x7fe00010)?.fragments ?? []
			if (!fragment) throw new Error(name)
			for (const part of [0.4, 0.7, 0.9]) {
				const stream = bytes.slice(fragment.offset, fragment.offset + Math.floor(fragment.length * part))
				// The end mark of JPEG, JPEG-LS and JPEG 2000 alike.
				stream.set([0xff, 0xd9], stream.length - 2)
				const bits = statedNumber(dataSet, 0x00280101)
				const image = { components, photometric, allocated: statedNumber(dataSet, 0x00280100), stored: bits, signed: false }
				const wrapped = syntheticFile(transferSyntax, image, { fragments: [new Uint8Array(0), stream] })
				expect(await outcome(wrapped), `${name} at ${part}`).toBe('refused')
			}
		}
	})

	it('of nothing but noise behind a DICOM mark are refused', async () => {
		await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (noise) => {
			const bytes = new Uint8Array(132 + noise.length)
			bytes.set([0x44, 0x49, 0x43, 0x4d], 128)
			bytes.set(noise, 132)
			expect(await outcome(bytes)).toBe('refused')
		}), { numRuns: 200, seed: 3 })
	})
})

describe('files that ask for too much', () => {
	const grey = { components: 1, photometric: 'MONOCHROME2', allocated: 16, stored: 12, signed: false }
	const base = '1.2.840.10008.1.2'

	it('of memory are refused before it is taken', async () => {
		const wide = syntheticFile(`${base}.1`, { ...grey, rows: 65535, columns: 65535 }, new Uint8Array(64))
		expect(await inspectBytes(wide)).toMatchObject({ refused: expect.stringContaining('65535 x 65535') })
		const frames = syntheticFile(`${base}.1`, { ...grey, frames: 2_000_000_000 }, new Uint8Array(64))
		expect(await inspectBytes(frames)).toMatchObject({ refused: expect.stringContaining('frames') })
	})

	it('of nesting are refused', async () => {
		let inner: DicomElement[] = [{ tag: 0x00080100, vr: 'SH', value: 'X' }]
		for (let depth = 0; depth < 60; depth++) inner = [{ tag: 0x00081140, vr: 'SQ', value: { items: [inner] } }]
		const bytes = dicomFile(`${base}.1`, '1.2', '1.2', dataSetBytes([...inner, ...imageElements(grey)]))
		expect(await inspectBytes(bytes)).toMatchObject({ refused: expect.stringContaining('nests') })
	})

	it('of nesting without end keep the reader bounded', () => {
		// Undefined length sequences and items that are opened and never closed.
		const opened = Array.from({ length: 50_000 }, () => [0x08, 0x00, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]).flat()
		expect(() => readDataSet(Uint8Array.from(opened), 0, opened.length, { explicit: true, littleEndian: true })).toThrow(/nests/)
	})

	it('of elements are refused, however well they are packed', async () => {
		const { deflateRawSync } = await import('node:zlib')
		const bomb = dicomFile(`${base}.1.99`, '1.2', '1.2', deflateRawSync(new Uint8Array(2 ** 24)))
		expect('refused' in await inspectBytes(bomb)).toBe(true)
	})

	it('of codecs, being another picture than the header says, are refused', async () => {
		const files = await syntheticFiles()
		for (const { name, bytes, transferSyntax } of files) {
			if (!transferSyntax.includes('.4.')) continue
			const other = bytes.slice()
			// Columns (0028,0011) US 60 -> 58.
			const at = other.findIndex((byte, index) => byte === 0x28 && other[index + 1] === 0 && other[index + 2] === 0x11 && other[index + 3] === 0 && other[index + 4] === 0x55)
			other[at + 8] = 58
			expect(await inspectBytes(other), name).toMatchObject({ refused: expect.stringContaining('not what the header says') })
		}
	})
})

describe('multi-frame files', () => {
	const image = { components: 1, photometric: 'MONOCHROME2', allocated: 8, stored: 8, signed: false, rows: 4, columns: 4, frames: 3 }

	it('give each frame, and refuse the one that is cut off', async () => {
		const { decodeFrameOf } = await import('../../../src/hosts/imaging/decodeFrame.ts')
		const values = Array.from({ length: 40 }, (_, index) => index)
		const bytes = syntheticFile('1.2.840.10008.1.2.1', image, nativeBytes(values, image))
		const second = await decodeFrameOf(bytes, '0'.repeat(64), 1)
		expect([...second.pixels]).toEqual(values.slice(16, 32))
		await expect(decodeFrameOf(bytes, '0'.repeat(64), 2)).rejects.toThrow('8 of 16 bytes of frame 3')
		await expect(decodeFrameOf(bytes, '0'.repeat(64), 3)).rejects.toThrow('there is no frame 4')
	})
})
