import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodeFrameOf, inspectBytes, sha256Of } from '../../../src/hosts/imaging/decodeFrame.ts'

const WIDTH = 20
const HEIGHT = 12

function raw(values: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4): Sharp {
	return sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels } })
}

const eight = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, index) => (index * 7) % 200 + 11)
const sixteen = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, index) => (index * 977) % 50000 + 123)
const colour = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, index) => (index * 5) % 256)

async function frameOf(bytes: Uint8Array): ReturnType<typeof decodeFrameOf> {
	return await decodeFrameOf(bytes, sha256Of(bytes), 0)
}

/** A TIFF file of 2 x 2 grey bytes, uncompressed, in either byte order. */
function tinyTiff(littleEndian: boolean, photometric: number, samples: [number, number, number, number]): Uint8Array {
	const entries: [tag: number, type: number, value: number][] = [[256, 3, 2], [257, 3, 2], [258, 3, 8], [259, 3, 1], [262, 3, photometric], [273, 4, 8], [277, 3, 1], [278, 3, 2], [279, 4, 4]]
	const bytes = new Uint8Array(12 + 2 + entries.length * 12 + 4)
	const view = new DataView(bytes.buffer)
	bytes.set(littleEndian ? [0x49, 0x49] : [0x4d, 0x4d])
	view.setUint16(2, 42, littleEndian)
	view.setUint32(4, 12, littleEndian)
	bytes.set(samples, 8)
	view.setUint16(12, entries.length, littleEndian)
	for (const [index, [tag, type, value]] of entries.entries()) {
		const at = 14 + index * 12
		view.setUint16(at, tag, littleEndian)
		view.setUint16(at + 2, type, littleEndian)
		view.setUint32(at + 4, 1, littleEndian)
		if (type === 3) view.setUint16(at + 8, value, littleEndian)
		else view.setUint32(at + 8, value, littleEndian)
	}
	return bytes
}

describe('PNG, JPEG and TIFF', () => {
	it('keep the samples of lossless files, 8 and 16 bit, grey and colour', async () => {
		const cases: [string, Uint8Array, ArrayLike<number>, string, number][] = [
			['png 8', await raw(eight, 1).toColourspace('b-w').png().toBuffer(), eight, 'png', 8],
			['png 16', await raw(sixteen, 1).toColourspace('grey16').png().toBuffer(), sixteen, 'png', 16],
			['png colour', await raw(colour, 3).png().toBuffer(), colour, 'png', 8],
			['tiff 8', await raw(eight, 1).toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer(), eight, 'tiff', 8],
			['tiff 16', await raw(sixteen, 1).toColourspace('grey16').tiff({ compression: 'deflate' }).toBuffer(), sixteen, 'tiff', 16],
			['tiff colour', await raw(colour, 3).tiff({ compression: 'none' }).toBuffer(), colour, 'tiff', 8],
		]
		for (const [name, bytes, expected, kind, bits] of cases) {
			const { header, pixels } = await frameOf(bytes)
			expect([...pixels], name).toEqual([...(expected as Uint8Array)])
			expect(header.kind, name).toBe(kind)
			expect(header.source.bitsStored, name).toBe(bits)
			expect(header.spacing, name).toBeNull()
			expect(header.stored, name).toEqual({ min: Math.min(...(expected as Uint8Array)), max: Math.max(...(expected as Uint8Array)) })
		}
	})

	it('show 8-bit as it is, and 16-bit grey between its extremes', async () => {
		const small = await frameOf(await raw(eight, 1).toColourspace('b-w').png().toBuffer())
		expect(small.header.voi.windows[0]).toMatchObject({ center: 128, width: 256 })
		const wide = await frameOf(await raw(sixteen, 1).toColourspace('grey16').png().toBuffer())
		const { min, max } = wide.header.stored
		expect(wide.header.voi.windows[0]).toMatchObject({ center: (min + max + 1) / 2, width: max - min + 1 })
	})

	it('tell grey JPEG from colour JPEG', async () => {
		const grey = await inspectBytes(await raw(eight, 1).toColourspace('b-w').jpeg().toBuffer())
		expect(grey).toMatchObject({ facts: { kind: 'jpeg', photometric: 'MONOCHROME2', samplesPerPixel: 1, bitsStored: 8, transferSyntax: null, frames: 1 } })
		const rgb = await inspectBytes(await raw(colour, 3).jpeg().toBuffer())
		expect(rgb).toMatchObject({ facts: { photometric: 'RGB', samplesPerPixel: 3, bitsStored: 8 } })
	})

	it('remove transparency with a note', async () => {
		const rgba = Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, index) => (index % 4 === 3 ? 17 : index % 251))
		const { header, pixels } = await frameOf(await raw(rgba, 4).png().toBuffer())
		expect(header.samplesPerPixel).toBe(3)
		expect(header.notes.join()).toContain('transparency')
		expect(Array.from(pixels.subarray(0, 6))).toEqual([0, 1, 2, 4, 5, 6])
	})

	it('apply the EXIF orientation with a note', async () => {
		const { header } = await frameOf(await raw(eight, 1).toColourspace('b-w').withMetadata({ orientation: 6 }).jpeg().toBuffer())
		expect([header.columns, header.rows]).toEqual([HEIGHT, WIDTH])
		expect(header.notes.join()).toContain('EXIF')
	})

	it('read TIFF in both byte orders, and white as zero as MONOCHROME1 with its own samples', async () => {
		for (const littleEndian of [true, false]) {
			const black = await frameOf(tinyTiff(littleEndian, 1, [1, 2, 3, 250]))
			expect(black.header.photometric).toBe('MONOCHROME2')
			expect([...black.pixels]).toEqual([1, 2, 3, 250])
			const white = await frameOf(tinyTiff(littleEndian, 0, [1, 2, 3, 250]))
			expect(white.header.photometric).toBe('MONOCHROME1')
			expect([...white.pixels]).toEqual([1, 2, 3, 250])
		}
	})

	it('refuse CMYK, floating point and damaged files with the reason', async () => {
		const cmyk = await raw(colour, 3).toColourspace('cmyk').jpeg().toBuffer()
		expect(await inspectBytes(cmyk)).toMatchObject({ refused: expect.stringContaining('CMYK') })
		const float = await raw(eight, 1).toColourspace('b-w').raw({ depth: 'float' }).toBuffer()
		const floatTiff = await sharp(new Float32Array(float.buffer, float.byteOffset, WIDTH * HEIGHT), { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).tiff({ compression: 'none' }).toBuffer()
		const outcome = await inspectBytes(floatTiff)
		expect('refused' in outcome || ('facts' in outcome && outcome.facts.bitsStored === 8)).toBe(true)
		for (const whole of [await raw(eight, 1).png().toBuffer(), await raw(colour, 3).jpeg().toBuffer(), await raw(sixteen, 1).toColourspace('grey16').tiff({ compression: 'none' }).toBuffer()]) {
			expect(await inspectBytes(whole.subarray(0, Math.floor(whole.length / 2)))).toMatchObject({ refused: expect.stringMatching(/damaged or cut off/) })
		}
	})

	it('refuse a picture that is small packed and huge unpacked', async () => {
		const bomb = await sharp({ create: { width: 20000, height: 100, channels: 3, background: 'black' } }).png().toBuffer()
		expect(await inspectBytes(bomb)).toMatchObject({ refused: expect.stringContaining('20000 x 100') })
	})
})

describe('what is no image', () => {
	const text = new TextEncoder()
	it.each<[string, Uint8Array, string]>([
		['nothing', new Uint8Array(0), 'empty'],
		['zeros', new Uint8Array(3000), 'zeros'],
		['a PDF', text.encode('%PDF-1.7 ...'), 'PDF'],
		['text', text.encode('Dear colleague, thank you for'), 'a text'],
		['a web page', text.encode('<!DOCTYPE html><html>'), 'web page'],
		['JSON', text.encode('{"a": 1}'), 'JSON'],
		['GIF', text.encode('GIF89a....'), 'GIF'],
		['BigTIFF', Uint8Array.of(0x49, 0x49, 0x2b, 0, 8, 0, 0, 0), 'BigTIFF'],
		['noise', Uint8Array.from({ length: 400 }, (_, index) => (index * 73 + 129) % 256), 'no known kind'],
	])('is refused by what it looks like: %s', async (_name, bytes, expected) => {
		expect(await inspectBytes(bytes)).toMatchObject({ refused: expect.stringContaining(expected) })
	})

	it('is told from images by content, not by name: a ZIP archive is an archive', async () => {
		expect(await inspectBytes(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0))).toEqual({ archive: 'zip' })
	})
})
