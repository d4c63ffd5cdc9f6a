import { UserError } from '../../../common/contract/procedures.ts'

/** What a code stream says of itself, read before a decoder takes memory for it. */
export interface CodeStreamHeader {
	rows: number
	columns: number
	components: number
	bits: number
	signed: boolean
}

function uint16(bytes: Uint8Array, at: number): number {
	return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function uint32(bytes: Uint8Array, at: number): number {
	return uint16(bytes, at) * 65536 + uint16(bytes, at + 2)
}

function cutOff(): UserError {
	return new UserError('The JPEG 2000 pixel data end before the image is full.')
}

/** The bare code stream: some writers wrap it into the JP2 file format, which DICOM does not allow. */
export function jpeg2000CodeStream(bytes: Uint8Array): Uint8Array {
	const reach = Math.min(bytes.length - 4, 4096)
	for (let at = 0; at <= reach; at++) {
		if (bytes[at] === 0xff && bytes[at + 1] === 0x4f && bytes[at + 2] === 0xff && bytes[at + 3] === 0x51) return bytes.subarray(at)
	}
	throw new UserError('The pixel data are not JPEG 2000 as the file states.')
}

/**
 * Size and precision (SIZ) of a JPEG 2000 code stream (ISO/IEC 15444-1 annex A), after a walk over its tile-parts.
 * @throws UserError where the stream ends inside a tile-part: decoders fill what is missing with grey, which must not be read as an image.
 */
export function jpeg2000Header(bytes: Uint8Array): CodeStreamHeader {
	if (bytes.length < 46) throw cutOff()
	const precision = bytes[42] as number
	const header = {
		columns: uint32(bytes, 8) - uint32(bytes, 16),
		rows: uint32(bytes, 12) - uint32(bytes, 20),
		components: uint16(bytes, 40),
		bits: (precision & 0x7f) + 1,
		signed: (precision & 0x80) !== 0,
	}
	const tileColumns = Math.ceil((uint32(bytes, 8) - uint32(bytes, 32)) / uint32(bytes, 24))
	const tileRows = Math.ceil((uint32(bytes, 12) - uint32(bytes, 36)) / uint32(bytes, 28))
	if (!(tileColumns >= 1 && tileRows >= 1 && tileColumns * tileRows <= 65535)) throw new UserError('The JPEG 2000 pixel data have a damaged header.')
	const tiles = new Set<number>()
	let position = 2
	while (position + 4 <= bytes.length) {
		const marker = uint16(bytes, position)
		if (marker === 0xffd9) break
		if (marker === 0xff90) {
			const length = uint32(bytes, position + 6)
			tiles.add(uint16(bytes, position + 4))
			// A length of zero means up to the end.
			if (length === 0) {
				if (!endsWithMark(bytes)) throw cutOff()
				break
			}
			if (length < 14 || position + length > bytes.length) throw cutOff()
			position += length
		} else if (marker >= 0xff4f && tiles.size === 0) position += 2 + uint16(bytes, position + 2)
		else break
	}
	if (tiles.size < tileColumns * tileRows) throw cutOff()
	return header
}

function endsWithMark(bytes: Uint8Array): boolean {
	let end = bytes.length
	while (end > 2 && bytes[end - 1] === 0) end--
	return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9
}

/** The frame header (SOF 55) of a JPEG-LS code stream (ITU-T T.87 annex C). @throws UserError where there is none. */
export function jpegLsHeader(bytes: Uint8Array): CodeStreamHeader {
	if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new UserError('The pixel data are not JPEG-LS as the file states.')
	let position = 2
	while (position + 10 < bytes.length && bytes[position] === 0xff) {
		if (bytes[position + 1] === 0xf7) {
			return { bits: bytes[position + 4] as number, rows: uint16(bytes, position + 5), columns: uint16(bytes, position + 7), components: bytes[position + 9] as number, signed: false }
		}
		position += 2 + uint16(bytes, position + 2)
	}
	throw new UserError('The JPEG-LS pixel data have a damaged header.')
}
