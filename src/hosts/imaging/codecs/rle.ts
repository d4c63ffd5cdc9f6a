import { UserError } from '../../../common/contract/procedures.ts'

/**
 * RLE Lossless (PS3.5 annex G): a header of 16 uint32 (number of segments and their offsets), each segment PackBits-coded and
 * holding one byte of every sample, most significant first, component after component.
 * @returns the frame as native little-endian bytes, samples interleaved.
 * @throws UserError where a segment is missing or does not fill the frame.
 */
export function decodeRle(encoded: Uint8Array, pixels: number, components: number, bytesPerSample: number): Uint8Array<ArrayBuffer> {
	const segments = components * bytesPerSample
	if (encoded.length < 64) throw new UserError('The RLE pixel data are cut off.')
	const header = new DataView(encoded.buffer, encoded.byteOffset, 64)
	const stated = header.getUint32(0, true)
	if (stated !== segments) throw new UserError(`The RLE pixel data have ${stated} segments where the image needs ${segments}.`)
	const frame = new Uint8Array(pixels * segments)
	for (let segment = 0; segment < segments; segment++) {
		const start = header.getUint32(4 + segment * 4, true)
		const end = segment + 1 < segments ? header.getUint32(8 + segment * 4, true) : encoded.length
		if (start < 64 || end > encoded.length || end < start) throw new UserError('The RLE pixel data point outside themselves.')
		const component = Math.floor(segment / bytesPerSample)
		const byte = bytesPerSample - 1 - (segment % bytesPerSample)
		unpack(encoded, start, end, frame, component * bytesPerSample + byte, segments, pixels)
	}
	return frame
}

/** PackBits from start to end into every stride-th byte of the frame. */
function unpack(encoded: Uint8Array, start: number, end: number, frame: Uint8Array, first: number, stride: number, count: number): void {
	let read = start
	let written = 0
	let target = first
	while (written < count && read < end) {
		const control = encoded[read++] as number
		if (control < 128) {
			const run = Math.min(control + 1, count - written, end - read)
			for (let index = 0; index < run; index++, target += stride) frame[target] = encoded[read + index] as number
			read += control + 1
			written += run
		} else if (control > 128) {
			if (read >= end) break
			const value = encoded[read++] as number
			const run = Math.min(257 - control, count - written)
			for (let index = 0; index < run; index++, target += stride) frame[target] = value
			written += run
		}
	}
	if (written < count) throw new UserError('The RLE pixel data end before the image is full.')
}
