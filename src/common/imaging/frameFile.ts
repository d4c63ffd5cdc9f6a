import { frameHeaderSchema, type Frame, type FramePixels, type SampleType } from '../contract/frame.ts'

/**
 * A Frame as bytes: uint32 little-endian length of the header, the header as JSON padded with blanks to a
 * multiple of 4, the pixels. It is what the imaging host writes, and what the renderer and the inference host read.
 */
const CONSTRUCTORS = {
	uint8: Uint8Array,
	int8: Int8Array,
	uint16: Uint16Array,
	int16: Int16Array,
	float32: Float32Array,
} as const

/** The typed-array constructor for a sample type. */
export function pixelArrayOf(type: SampleType): (typeof CONSTRUCTORS)[SampleType] {
	return CONSTRUCTORS[type]
}

/** A Frame as the two pieces that its bytes are written in, one after the other; the second is a view of the pixels, not a copy. */
export function frameParts({ header, pixels }: Frame): [Uint8Array<ArrayBuffer>, Uint8Array] {
	const json = encodeUtf8(JSON.stringify(header))
	const headerLength = Math.ceil(json.length / 4) * 4
	const head = new Uint8Array(4 + headerLength).fill(0x20)
	new DataView(head.buffer).setUint32(0, headerLength, true)
	head.set(json, 4)
	return [head, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)]
}

/** A Frame as bytes in one piece. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
	const [head, pixels] = frameParts(frame)
	const bytes = new Uint8Array(head.length + pixels.length)
	bytes.set(head)
	bytes.set(pixels, head.length)
	return bytes
}

/** @throws Error when the bytes are not a whole Frame of this version. */
export function decodeFrame(buffer: ArrayBuffer): Frame {
	if (buffer.byteLength < 4) throw new Error('The frame is cut off before its header.')
	const headerLength = new DataView(buffer).getUint32(0, true)
	if (headerLength % 4 !== 0 || 4 + headerLength > buffer.byteLength) throw new Error('The frame is cut off in its header.')
	const header = frameHeaderSchema.parse(JSON.parse(decodeUtf8(new Uint8Array(buffer, 4, headerLength))))
	const constructor = CONSTRUCTORS[header.sampleType]
	const count = header.rows * header.columns * header.samplesPerPixel
	if (4 + headerLength + count * constructor.BYTES_PER_ELEMENT !== buffer.byteLength) {
		throw new Error('The frame does not hold as many pixels as its header says.')
	}
	const pixels: FramePixels = new constructor(buffer, 4 + headerLength, count)
	return { header, pixels }
}

// The common room has neither Node's nor the browser's types; both environments have these two classes.
declare class TextEncoder {
	encode(text: string): Uint8Array
}
declare class TextDecoder {
	decode(bytes: Uint8Array): string
}

function encodeUtf8(text: string): Uint8Array {
	return new TextEncoder().encode(text)
}

function decodeUtf8(bytes: Uint8Array): string {
	return new TextDecoder().decode(bytes)
}
