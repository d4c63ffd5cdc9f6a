import { UserError } from '../../../common/contract/procedures.ts'
import type { FramePixels } from '../../../common/contract/frame.ts'
import type { DataSet } from './dataSet.ts'
import { readLookUpTable } from './lookUpTables.ts'
import { tags } from './tags.ts'
import { numberValues } from './values.ts'

/** YBR_FULL_422 in native pixel data: Y Y Cb Cr for each pair of pixels, to Y Cb Cr for each (PS3.3 C.7.6.3.1.2). */
export function expandChroma(values: Uint8Array, pixels: number): Uint8Array {
	const expanded = new Uint8Array(pixels * 3)
	for (let pixel = 0; pixel < pixels; pixel++) {
		const pair = (pixel >> 1) * 4
		expanded[pixel * 3] = values[pair + (pixel & 1)] ?? 0
		expanded[pixel * 3 + 1] = values[pair + 2] ?? 128
		expanded[pixel * 3 + 2] = values[pair + 3] ?? 128
	}
	return expanded
}

/** Full-range YCbCr to RGB (PS3.3 C.7.6.3.1.2, ITU-R BT.601) in 16-bit fixed point as libjpeg does it, in place; `bits` per sample. */
export function convertToRgb(values: Uint8Array | Uint16Array, bits: number): void {
	const middle = 2 ** (bits - 1)
	const largest = 2 ** bits - 1
	const clamp = (value: number): number => (value < 0 ? 0 : value > largest ? largest : value)
	for (let index = 0; index + 2 < values.length; index += 3) {
		const luma = values[index] as number
		const blue = (values[index + 1] as number) - middle
		const red = (values[index + 2] as number) - middle
		values[index] = clamp(luma + Math.floor((91881 * red + 32768) / 65536))
		values[index + 1] = clamp(luma + Math.floor((-22554 * blue - 46802 * red + 32768) / 65536))
		values[index + 2] = clamp(luma + Math.floor((116130 * blue + 32768) / 65536))
	}
}

/** PALETTE COLOR to 8-bit RGB; 16-bit tables keep their upper byte. @throws UserError where a table is missing or damaged. */
export function applyPalette(values: FramePixels, dataSet: DataSet): Uint8Array {
	const rgb = new Uint8Array(values.length * 3)
	for (let channel = 0; channel < 3; channel++) {
		const descriptor = numberValues(dataSet, tags.paletteDescriptor[channel] as number)
		const table = readLookUpTable(dataSet, descriptor, tags.paletteData[channel] as number, tags.paletteSegmentedData[channel] as number, false)
		if (!table) throw new UserError('The file names colours of a palette, but the palette is missing or damaged.')
		const largest = table.entries.reduce((most, entry) => Math.max(most, entry), 0)
		// Many writers state 16 bits and put 8-bit values into the low byte.
		const shift = table.bits > 8 && largest > 255 ? table.bits - 8 : 0
		const last = table.entries.length - 1
		for (let index = 0; index < values.length; index++) {
			const entry = Math.min(Math.max((values[index] as number) - table.firstValue, 0), last)
			rgb[index * 3 + channel] = (table.entries[entry] as number) >> shift
		}
	}
	return rgb
}
