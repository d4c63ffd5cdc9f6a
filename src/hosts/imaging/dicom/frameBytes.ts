import { UserError } from '../../../common/contract/procedures.ts'
import type { DataSet, Element, Fragment } from './dataSet.ts'
import type { ImageAttributes } from './imageAttributes.ts'
import { tags } from './tags.ts'

/** Bytes of one frame in native pixel data; YBR_FULL_422 keeps two samples per pixel. */
export function nativeFrameBytes(image: ImageAttributes): number {
	const samples = image.photometric === 'YBR_FULL_422' ? 2 : image.samplesPerPixel
	return image.rows * image.columns * samples * (image.bitsAllocated / 8)
}

/** The bytes of one native frame. @throws UserError where they are not all there. */
export function nativeFrame(dataSet: DataSet, element: Element, image: ImageAttributes, frameIndex: number): Uint8Array {
	const size = nativeFrameBytes(image)
	const start = frameIndex * size
	if (start + size > element.length) {
		const there = Math.max(Math.min(element.length - start, size), 0)
		throw new UserError(`The pixel data are cut off: ${there} of ${size} bytes of ${image.frames > 1 ? `frame ${frameIndex + 1}` : 'the image'} are there.`)
	}
	if (!dataSet.littleEndian && element.vr === 'OW' && image.bitsAllocated === 8) return swappedPairs(dataSet.bytes, element, start, size)
	return dataSet.bytes.subarray(element.offset + start, element.offset + start + size)
}

/** 8-bit samples that were written as big endian words: each pair is the wrong way round (PS3.5 annex D.2). */
function swappedPairs(bytes: Uint8Array, element: Element, start: number, size: number): Uint8Array {
	const swapped = new Uint8Array(size)
	for (let index = 0; index < size; index++) swapped[index] = bytes[element.offset + ((start + index) ^ 1)] ?? 0
	return swapped
}

/** The code stream of one frame of encapsulated pixel data, its fragments joined (PS3.5 A.4). @throws UserError where it is missing or cut off. */
export function encapsulatedFrame(dataSet: DataSet, element: Element, frames: number, frameIndex: number): Uint8Array {
	const [table, ...fragments] = element.fragments ?? []
	if (!table || fragments.length === 0) throw new UserError('The compressed pixel data are missing.')
	const own = fragmentsOfFrame(dataSet, table, fragments, frames, frameIndex)
	if (own.length === 0) throw new UserError(`The pixel data of frame ${frameIndex + 1} are missing.`)
	if (own.some(({ cut }) => cut)) throw new UserError('The compressed pixel data are cut off.')
	const [only] = own
	if (only && own.length === 1) return dataSet.bytes.subarray(only.offset, only.offset + only.length)
	const joined = new Uint8Array(own.reduce((sum, { length }) => sum + length, 0))
	let position = 0
	for (const { offset, length } of own) {
		joined.set(dataSet.bytes.subarray(offset, offset + length), position)
		position += length
	}
	return joined
}

function fragmentsOfFrame(dataSet: DataSet, table: Fragment, fragments: Fragment[], frames: number, frameIndex: number): Fragment[] {
	if (frames === 1) return fragments
	if (fragments.length === frames) return fragments.slice(frameIndex, frameIndex + 1)
	const firsts = frameStarts(dataSet, table, fragments, frames)
	const start = firsts[frameIndex]
	if (start === undefined) return []
	return fragments.slice(start, firsts[frameIndex + 1] ?? fragments.length)
}

/** Index of the first fragment of each frame: by the basic offset table, else by where code streams begin. */
function frameStarts(dataSet: DataSet, table: Fragment, fragments: Fragment[], frames: number): number[] {
	const [first] = fragments
	if (first && table.length >= frames * 4) {
		const view = new DataView(dataSet.bytes.buffer, dataSet.bytes.byteOffset + table.offset, table.length)
		const base = first.offset - 8
		const indexOf = new Map(fragments.map(({ offset }, index) => [offset - 8 - base, index]))
		const starts = Array.from({ length: frames }, (_, frame) => indexOf.get(view.getUint32(frame * 4, true)))
		if (starts.every((start, frame) => start !== undefined && (frame === 0 || start > (starts[frame - 1] ?? 0)))) return starts as number[]
	}
	return fragments.flatMap(({ offset }, index) => {
		const second = dataSet.bytes[offset + 1]
		return dataSet.bytes[offset] === 0xff && (second === 0xd8 || second === 0x4f) ? [index] : []
	})
}

/** The element that holds the pixels. */
export function pixelDataElement(dataSet: DataSet): Element {
	const element = dataSet.elements.get(tags.pixelData)
	if (!element) throw new UserError('The file holds no pixel data.')
	// Pixel data of defined length inside a compressed syntax have no fragments; what is there is taken as one code stream.
	if (!element.fragments && element.items) throw new UserError('The pixel data are not stored as the file states.')
	return element
}

