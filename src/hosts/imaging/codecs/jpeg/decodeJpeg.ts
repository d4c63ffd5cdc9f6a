import { UserError } from '../../../../common/contract/procedures.ts'
import type { Decoded } from '../codecModule.ts'
import { readJpeg, type JpegFrame } from './codeStream.ts'
import { allocatePlanes, decodeCoefficientScan, units, type Plane } from './coefficients.ts'
import { inverseDct } from './inverseDct.ts'
import { decodeLosslessScan, shiftSamples } from './lossless.ts'

export interface DecodedJpeg extends Decoded {
	samples: Uint16Array<ArrayBuffer>
	adobeTransform: number | null
	jfif: boolean
	process: JpegFrame['process']
}

/**
 * Decodes a JPEG code stream as it is, without colour conversion: Huffman-coded sequential, progressive (8 and 12 bit) and
 * lossless (2 to 16 bit, all predictors). No maintained package for JavaScript does 12-bit JPEG, those for lossless JPEG have no
 * bounds on damaged input, and libjpeg-turbo fills what is missing with grey: one strict decoder for all of them instead.
 * @param expected size that the file states; anything else is refused before memory is taken.
 * @throws UserError where the stream is damaged, cut off or of another size.
 */
export function decodeJpeg(bytes: Uint8Array, expected: { rows: number; columns: number; components: number }): DecodedJpeg {
	let frame: JpegFrame | undefined
	let planes: Plane[] = []
	let quantisation: (Uint16Array | undefined)[] = []
	let samples = new Uint16Array(0)
	let pointTransform = 0
	let work = 0
	const scanned = new Set<number>()
	const { adobeTransform, jfif } = readJpeg(
		bytes,
		(found) => {
			if (found.rows !== expected.rows || found.columns !== expected.columns || found.components.length !== expected.components) {
				throw new UserError(`The JPEG pixel data are ${found.columns} x ${found.rows} with ${found.components.length} components, which is not what the header says.`)
			}
			frame = found
			if (found.process === 'lossless') samples = new Uint16Array(found.rows * found.columns * found.components.length)
			else planes = allocatePlanes(found)
		},
		(scan, tables) => {
			if (!frame) throw new UserError('The JPEG pixel data are damaged.')
			// Progressive files have about ten scans; thousands of them would only be there to keep a reader busy.
			if (++work > 100) throw new UserError('The JPEG pixel data have more scans than any real file does.')
			quantisation = tables.quantisation
			for (const { index } of scan.components) scanned.add(index)
			if (frame.process !== 'lossless') return decodeCoefficientScan(bytes, frame, scan, planes)
			pointTransform = scan.approximationLow
			return decodeLosslessScan(bytes, frame, scan, samples)
		},
	)
	if (!frame || scanned.size < frame.components.length || planes.some(({ seen }) => !seen)) {
		throw new UserError('The JPEG pixel data end before the image is full.')
	}
	if (frame.process === 'lossless') shiftSamples(samples, pointTransform)
	else samples = reconstruct(frame, planes, quantisation)
	return {
		rows: frame.rows, columns: frame.columns, components: frame.components.length, bits: frame.precision, signed: false,
		samples, adobeTransform, jfif, process: frame.process,
	}
}

/** Planes to interleaved samples, subsampled components brought to full size. */
function reconstruct(frame: JpegFrame, planes: Plane[], tables: (Uint16Array | undefined)[]): Uint16Array<ArrayBuffer> {
	const { rows, columns } = frame
	const count = frame.components.length
	const { widest, highest } = units(frame)
	const samples = new Uint16Array(rows * columns * count)
	for (let index = 0; index < count; index++) {
		const component = frame.components[index] as JpegFrame['components'][number]
		const plane = planes[index] as Plane
		const quantisation = tables[component.quantisation]
		if (!quantisation) throw new UserError('The JPEG pixel data lack a quantisation table.')
		const stride = plane.blocksAcross * 8
		const decoded = new Uint16Array(stride * plane.blocksDown * 8)
		for (let row = 0; row < plane.blocksDown; row++) {
			for (let column = 0; column < plane.blocksAcross; column++) {
				inverseDct(plane.coefficients, (row * plane.blocksAcross + column) * 64, quantisation, frame.precision, decoded, row * 8 * stride + column * 8, stride)
			}
		}
		if (component.horizontal === widest && component.vertical === highest) {
			for (let row = 0; row < rows; row++) {
				for (let column = 0; column < columns; column++) samples[(row * columns + column) * count + index] = decoded[row * stride + column] as number
			}
			continue
		}
		const across = widest / component.horizontal
		const down = highest / component.vertical
		const width = Math.ceil((columns * component.horizontal) / widest)
		const height = Math.ceil((rows * component.vertical) / highest)
		const pixel = across === 2 && (down === 1 || down === 2)
			? smoothPixels(decoded, stride, width, height, down)
			: (row: number, column: number) => decoded[Math.floor(row / down) * stride + Math.floor(column / across)] as number
		for (let row = 0; row < rows; row++) {
			for (let column = 0; column < columns; column++) samples[(row * columns + column) * count + index] = pixel(row, column)
		}
	}
	return samples
}

/** Triangle filter for components of half width, and half or full height, with libjpeg's rounding ("fancy upsampling"). */
function smoothPixels(decoded: Uint16Array, stride: number, width: number, height: number, down: number): (row: number, column: number) => number {
	const sum = (row: number, column: number): number => {
		const near = down === 2 ? row >> 1 : row
		const value = decoded[near * stride + column] as number
		if (down === 1) return value * 4
		const far = Math.min(Math.max(row % 2 === 0 ? near - 1 : near + 1, 0), height - 1)
		return value * 3 + (decoded[far * stride + column] as number)
	}
	return (row, column) => {
		const near = column >> 1
		const even = column % 2 === 0
		const far = even ? near - 1 : near + 1
		const here = sum(row, near)
		// The two rounding constants alternate so that no drift builds up.
		const rounding = down === 1 ? (even ? 4 : 8) : even ? 8 : 7
		if (far < 0 || far >= width) return (here * 4 + rounding) >> 4
		return (here * 3 + sum(row, far) + rounding) >> 4
	}
}
