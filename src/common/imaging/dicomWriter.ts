/**
 * A minimal writer of DICOM files (PS3.10) in explicit VR little endian headers: what the phantom and the synthetic test files
 * need, and nothing more. Text is ASCII.
 */
export type DicomValue =
	| string
	| number[]
	| Uint8Array
	| { items: DicomElement[][] }
	| { fragments: Uint8Array[] }

export interface DicomElement {
	tag: number
	vr: string
	value: DicomValue
}

export interface HeaderEncoding {
	explicit: boolean
	littleEndian: boolean
}

const EXPLICIT_LITTLE: HeaderEncoding = { explicit: true, littleEndian: true }
const LONG_FORM = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'UC', 'UN', 'UR', 'UT'])
const UNDEFINED_LENGTH = 0xffffffff

function concatenate(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
	let position = 0
	for (const part of parts) {
		whole.set(part, position)
		position += part.length
	}
	return whole
}

function asciiBytes(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff)
}

function padded(bytes: Uint8Array, filler: number): Uint8Array {
	return bytes.length % 2 === 0 ? bytes : concatenate([bytes, Uint8Array.of(filler)])
}

function numbers(vr: string, values: number[], littleEndian: boolean): Uint8Array {
	const size = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8, OW: 2, AT: 4 }[vr] ?? 1
	const bytes = new Uint8Array(values.length * size)
	const view = new DataView(bytes.buffer)
	for (const [index, value] of values.entries()) {
		if (vr === 'FD') view.setFloat64(index * 8, value, littleEndian)
		else if (vr === 'FL') view.setFloat32(index * 4, value, littleEndian)
		else if (size === 4) view.setUint32(index * 4, value, littleEndian)
		else if (size === 2) view.setUint16(index * 2, value & 0xffff, littleEndian)
		else bytes[index] = value
	}
	return bytes
}

function tagAndLength(tag: number, length: number, littleEndian: boolean): Uint8Array {
	const bytes = new Uint8Array(8)
	const view = new DataView(bytes.buffer)
	view.setUint16(0, tag >>> 16, littleEndian)
	view.setUint16(2, tag & 0xffff, littleEndian)
	view.setUint32(4, length, littleEndian)
	return bytes
}

function elementBytes({ tag, vr, value }: DicomElement, encoding: HeaderEncoding): Uint8Array {
	const { explicit, littleEndian } = encoding
	let body: Uint8Array
	let length: number
	if (typeof value === 'string') body = padded(asciiBytes(value), vr === 'UI' ? 0 : 0x20)
	else if (value instanceof Uint8Array) body = padded(value, 0)
	else if (Array.isArray(value)) body = padded(numbers(vr, value, littleEndian), 0)
	else if ('items' in value) {
		body = concatenate(value.items.flatMap((item) => {
			const inside = dataSetBytes(item, encoding)
			return [tagAndLength(0xfffee000, inside.length, littleEndian), inside]
		}))
	} else {
		const fragments = value.fragments.map((fragment) => padded(fragment, 0))
		body = concatenate([
			...fragments.flatMap((fragment) => [tagAndLength(0xfffee000, fragment.length, littleEndian), fragment]),
			tagAndLength(0xfffee0dd, 0, littleEndian),
		])
	}
	length = typeof value === 'object' && 'fragments' in value ? UNDEFINED_LENGTH : body.length
	if (!explicit) return concatenate([tagAndLength(tag, length, littleEndian), body])
	const long = LONG_FORM.has(vr)
	const head = new Uint8Array(long ? 12 : 8)
	const view = new DataView(head.buffer)
	view.setUint16(0, tag >>> 16, littleEndian)
	view.setUint16(2, tag & 0xffff, littleEndian)
	head.set(asciiBytes(vr), 4)
	if (long) view.setUint32(8, length, littleEndian)
	else view.setUint16(6, length, littleEndian)
	return concatenate([head, body])
}

/** Elements in ascending order of tags, as PS3.5 7.1 wants them. */
export function dataSetBytes(elements: DicomElement[], encoding: HeaderEncoding = EXPLICIT_LITTLE): Uint8Array<ArrayBuffer> {
	const sorted = elements.toSorted((one, other) => one.tag - other.tag)
	return concatenate(sorted.map((element) => elementBytes(element, encoding)))
}

/** A whole file: preamble, meta header with the transfer syntax, and the bytes of a data set in it. */
export function dicomFile(transferSyntax: string, sopClassUid: string, sopInstanceUid: string, dataSet: Uint8Array): Uint8Array<ArrayBuffer> {
	const meta = dataSetBytes([
		{ tag: 0x00020001, vr: 'OB', value: Uint8Array.of(0, 1) },
		{ tag: 0x00020002, vr: 'UI', value: sopClassUid },
		{ tag: 0x00020003, vr: 'UI', value: sopInstanceUid },
		{ tag: 0x00020010, vr: 'UI', value: transferSyntax },
		// A UID under 2.25 is a number of one's own that nobody has to register.
		{ tag: 0x00020012, vr: 'UI', value: '2.25.271828182845904523536028747135266249' },
		{ tag: 0x00020013, vr: 'SH', value: 'NEGATOSCOPE' },
	])
	const preamble = new Uint8Array(132)
	preamble.set(asciiBytes('DICM'), 128)
	return concatenate([preamble, dataSetBytes([{ tag: 0x00020000, vr: 'UL', value: [meta.length] }]), meta, dataSet])
}
