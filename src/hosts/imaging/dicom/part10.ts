import { inflateRawSync } from 'node:zlib'
import { UserError } from '../../../common/contract/procedures.ts'
import { LIMITS } from '../limits.ts'
import { readDataSet, type DataSet, type Encoding } from './dataSet.ts'
import { tags } from './tags.ts'
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, transferSyntax, type TransferSyntax } from './transferSyntax.ts'
import { textValue } from './values.ts'

/** A DICOM file as data sets. */
export interface DicomFile {
	meta: DataSet
	dataSet: DataSet
	syntax: TransferSyntax
	/** Attributes that had to be recovered. */
	notes: string[]
}

const EXPLICIT: Encoding = { explicit: true, littleEndian: true }

export function hasPreamble(bytes: Uint8Array): boolean {
	return bytes.length >= 132 && bytes[128] === 0x44 && bytes[129] === 0x49 && bytes[130] === 0x43 && bytes[131] === 0x4d
}

function isValueRepresentation(bytes: Uint8Array, at: number): boolean {
	return /^(AE|AS|AT|CS|DA|DS|DT|FL|FD|IS|LO|LT|OB|OD|OF|OL|OV|OW|PN|SH|SL|SQ|SS|ST|SV|TM|UC|UI|UL|UN|UR|US|UT|UV)$/.test(
		String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0),
	)
}

/** How the elements at a position look to be encoded, or null where they do not look like DICOM elements of a group from 0002 to 0020. */
export function guessEncoding(bytes: Uint8Array, at: number): Encoding | null {
	if (bytes.length - at < 8) return null
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
	for (const littleEndian of [true, false]) {
		const group = view.getUint16(at, littleEndian)
		if (group < 0x0002 || group > 0x0020) continue
		if (isValueRepresentation(bytes, at + 4)) return { explicit: true, littleEndian }
		const length = view.getUint32(at + 4, littleEndian)
		// Two elements in a row must fit, or any binary file would pass.
		const next = at + 8 + length
		if (length > 1024 || next + 8 > bytes.length) continue
		const nextGroup = view.getUint16(next, littleEndian)
		if (nextGroup >= group && nextGroup <= 0x0028) return { explicit: false, littleEndian }
	}
	return null
}

/**
 * Reads a DICOM file with or without preamble and meta header.
 * @throws UserError where it is none, or where its transfer syntax cannot be read.
 */
export function readDicomFile(bytes: Uint8Array): DicomFile {
	const notes: string[] = []
	const start = hasPreamble(bytes) ? 132 : 0
	const first = guessEncoding(bytes, start)
	const hasMeta = bytes.length - start >= 8 && bytes[start] === 0x02 && bytes[start + 1] === 0x00
	const meta = readDataSet(bytes, start, bytes.length, hasMeta ? (first ?? EXPLICIT) : EXPLICIT, (tag) => tag >>> 16 !== 0x0002)
	if (!hasPreamble(bytes)) notes.push('The file has no DICOM preamble.')
	const guess = guessEncoding(bytes, meta.end)
	let uid = textValue(meta, tags.transferSyntaxUid)
	if (uid === '') {
		if (!guess) throw new UserError('The file begins like DICOM, but no data set follows that could be read.')
		uid = uidOf(guess)
		notes.push(`The file does not state its transfer syntax; it was recognised as ${transferSyntaxName(uid)}.`)
	}
	const syntax = transferSyntax(uid)
	if ('unsupported' in syntax) throw new UserError(`The images are stored as ${syntax.unsupported}, which this program does not decode.`)
	if (syntax.deflated) {
		const inflated = inflate(bytes.subarray(meta.end))
		return { meta, syntax, notes, dataSet: readDataSet(inflated, 0, inflated.length, syntax) }
	}
	let encoding: Encoding = syntax
	if (guess && guess.littleEndian !== syntax.littleEndian) {
		encoding = guess
		notes.push('The header has the other byte order than the file states; it was read as it is.')
	} else if (guess && guess.explicit !== syntax.explicit) encoding = guess
	const dataSet = readDataSet(bytes, meta.end, bytes.length, encoding)
	return { meta, syntax, notes, dataSet }
}

function uidOf(encoding: Encoding): string {
	if (!encoding.littleEndian) return EXPLICIT_BIG
	return encoding.explicit ? EXPLICIT_LITTLE : IMPLICIT_LITTLE
}

function transferSyntaxName(uid: string): string {
	const syntax = transferSyntax(uid)
	return 'name' in syntax ? syntax.name : uid
}

function inflate(deflated: Uint8Array): Uint8Array {
	try {
		return inflateRawSync(deflated, { maxOutputLength: LIMITS.inflatedBytes })
	} catch (error) {
		const tooLarge = error instanceof RangeError
		throw new UserError(tooLarge ? 'The file unfolds to more data than any real image has.' : 'The compressed header of the file is damaged or cut off.', String(error))
	}
}
