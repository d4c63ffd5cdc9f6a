import { UserError } from '../../../common/contract/procedures.ts'
import type { FramePixels } from '../../../common/contract/frame.ts'
import type { ImageAttributes } from './imageAttributes.ts'

/** Native pixel bytes as unsigned words of their allocated size, samples interleaved. */
export function nativeWords(bytes: Uint8Array, image: ImageAttributes, littleEndian: boolean): Uint8Array | Uint16Array | Uint32Array {
	const { bitsAllocated } = image
	let words: Uint8Array | Uint16Array | Uint32Array
	if (bitsAllocated === 8) words = bytes
	else {
		// A copy, since the bytes in the file need not lie on a word boundary.
		const copy = new Uint8Array(bytes)
		if (!littleEndian) swapBytes(copy, bitsAllocated / 8)
		words = bitsAllocated === 16 ? new Uint16Array(copy.buffer, 0, copy.length >> 1) : new Uint32Array(copy.buffer, 0, copy.length >> 2)
	}
	return image.planar ? interleave(words, image.rows * image.columns) : words
}

function swapBytes(bytes: Uint8Array, size: number): void {
	for (let at = 0; at + size <= bytes.length; at += size) bytes.subarray(at, at + size).reverse()
}

/** Three planes to pixels of three samples. */
export function interleave<Words extends Uint8Array | Uint16Array | Uint32Array>(planes: Words, pixels: number): Words {
	const interleaved = planes.slice() as Words
	for (let component = 0; component < 3; component++) {
		for (let pixel = 0; pixel < pixels; pixel++) interleaved[pixel * 3 + component] = planes[component * pixels + pixel] as number
	}
	return interleaved
}

/**
 * Words to stored values (PS3.5 8.1.1): bits outside bitsStored removed, the sign carried up where pixels are signed.
 * Words of 32 bits become float32, which holds whole numbers up to 2^24 exactly.
 * @throws UserError where 32-bit values are larger than that.
 */
export function storedValues(words: Uint8Array | Uint16Array | Uint32Array, image: Pick<ImageAttributes, 'bitsAllocated' | 'bitsStored' | 'signed'>, shift: number): FramePixels {
	const { bitsAllocated, bitsStored, signed } = image
	if (bitsAllocated === 32) return wideValues(words, bitsStored, signed, shift)
	const whole = bitsStored === bitsAllocated && shift === 0 && words.BYTES_PER_ELEMENT * 8 === bitsAllocated
	const constructor = bitsAllocated === 8 ? (signed ? Int8Array : Uint8Array) : signed ? Int16Array : Uint16Array
	// Reading the same bytes under another type is all that is left to do.
	if (whole) return new constructor(words.buffer as ArrayBuffer, words.byteOffset, words.length).slice()
	const values = new constructor(words.length)
	const mask = 2 ** bitsStored - 1
	const unused = 32 - bitsStored
	if (signed) for (let index = 0; index < values.length; index++) values[index] = (((words[index] as number) >>> shift) << unused) >> unused
	else for (let index = 0; index < values.length; index++) values[index] = ((words[index] as number) >>> shift) & mask
	return values
}

function wideValues(words: Uint8Array | Uint16Array | Uint32Array, bitsStored: number, signed: boolean, shift: number): Float32Array {
	const values = new Float32Array(words.length)
	const unused = 32 - bitsStored
	for (let index = 0; index < values.length; index++) {
		const raw = ((words[index] as number) >>> shift) << unused
		const value = signed ? raw >> unused : raw >>> unused
		if (Math.abs(value) > 2 ** 24) throw new UserError('The 32-bit pixel values are larger than this program can keep exactly.')
		values[index] = value
	}
	return values
}

/** Smallest and largest value. */
export function extremes(values: ArrayLike<number>): { min: number; max: number } {
	let min = values[0] ?? 0
	let max = min
	for (let index = 1; index < values.length; index++) {
		const value = values[index] as number
		if (value < min) min = value
		else if (value > max) max = value
	}
	return { min, max }
}
