import { UserError } from '../../../common/contract/procedures.ts'
import { LIMITS } from '../limits.ts'
import { dictionaryEntry } from './dictionary.ts'
import { tagText, tags } from './tags.ts'

/**
 * Reads the elements of a DICOM data set (PS3.5 section 7) without copying values. It is its own reader rather than a library
 * because hostile files need bounds that none offers: every step moves forward, elements and nesting are counted, a value never
 * reaches past the bytes there are, and what came before a fault is kept together with the fault.
 */
export interface DataSet {
	bytes: Uint8Array
	littleEndian: boolean
	elements: Map<number, Element>
	/** Where reading stopped. */
	end: number
	/** Why it stopped early, in words; '' where it did not. */
	fault: string
}

export interface Element {
	tag: number
	vr: string
	/** Of the value. */
	offset: number
	/** Bytes of the value that are there. */
	length: number
	/** Bytes that the file says the value has; differs from length where it is cut off. */
	statedLength: number
	/** Of a sequence. */
	items?: DataSet[]
	/** Of encapsulated pixel data, the basic offset table first. */
	fragments?: Fragment[]
}

export interface Fragment {
	offset: number
	length: number
	/** The file ends inside it. */
	cut: boolean
}

export interface Encoding {
	explicit: boolean
	littleEndian: boolean
}

interface Reader {
	bytes: Uint8Array
	view: DataView
	elementsLeft: number
}

const UNDEFINED_LENGTH = 0xffffffff
const LONG_FORM = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])

/** Reads elements from `start` to `end` or to the first one for which `stop` says so. Never throws for malformed bytes, see fault. @throws UserError where a bound is passed. */
export function readDataSet(bytes: Uint8Array, start: number, end: number, encoding: Encoding, stop: (tag: number) => boolean = () => false): DataSet {
	const reader = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), elementsLeft: LIMITS.elements }
	return readElements(reader, start, Math.min(end, bytes.length), encoding, 0, stop)
}

function readElements(reader: Reader, start: number, end: number, encoding: Encoding, depth: number, stop: (tag: number) => boolean): DataSet {
	const dataSet: DataSet = { bytes: reader.bytes, littleEndian: encoding.littleEndian, elements: new Map(), end: start, fault: '' }
	if (depth > LIMITS.sequenceDepth) throw new UserError('The header nests sequences deeper than any real file does.')
	let position = start
	while (end - position >= 8) {
		const tag = readTag(reader.view, position, encoding.littleEndian)
		if (tag === tags.itemDelimitation || tag === tags.sequenceDelimitation || stop(tag)) break
		if (--reader.elementsLeft < 0) throw new UserError('The header has more elements than any real file does.')
		const next = readElement(reader, position, end, tag, encoding, depth, dataSet)
		// A stray terminator of padding zeros would otherwise be read as thousands of empty elements.
		if (dataSet.fault) break
		position = next
	}
	if (!dataSet.fault && end - position > 0 && end - position < 8 && depth === 0) dataSet.fault = 'a few stray bytes follow the last element'
	dataSet.end = position
	return dataSet
}

function readTag(view: DataView, position: number, littleEndian: boolean): number {
	return ((view.getUint16(position, littleEndian) << 16) | view.getUint16(position + 2, littleEndian)) >>> 0
}

function isCapital(code: number | undefined): boolean {
	return code !== undefined && code >= 65 && code <= 90
}

/** Reads one element into the data set and returns the position after it; sets the fault where there is no after. */
function readElement(reader: Reader, position: number, end: number, tag: number, encoding: Encoding, depth: number, dataSet: DataSet): number {
	const { bytes, view } = reader
	const { littleEndian } = encoding
	const known = dictionaryEntry(tag)?.vr
	let vr = known ?? 'UN'
	let statedLength: number
	let offset = position + 8
	// Some writers put implicit elements into explicit files: then no VR letters are found.
	const explicit = encoding.explicit && isCapital(bytes[position + 4]) && isCapital(bytes[position + 5])
	if (explicit) {
		vr = String.fromCharCode(bytes[position + 4] as number, bytes[position + 5] as number)
		if (LONG_FORM.has(vr)) {
			if (end - position < 12) return cutOff(dataSet, tag, position)
			statedLength = view.getUint32(position + 8, littleEndian)
			offset = position + 12
		} else statedLength = view.getUint16(position + 6, littleEndian)
	} else statedLength = view.getUint32(position + 4, littleEndian)
	const element: Element = { tag, vr, offset, length: 0, statedLength }

	if (statedLength === UNDEFINED_LENGTH) {
		if (tag === tags.pixelData) return readFragments(reader, element, end, littleEndian, dataSet)
		// PS3.5 6.2.2: an unknown value of undefined length is a sequence in implicit VR little endian.
		const inner = vr === 'UN' && explicit ? { explicit: false, littleEndian: true } : encoding
		element.vr = 'SQ'
		return readItems(reader, element, end, inner, depth, dataSet)
	}
	const available = Math.min(statedLength, end - offset)
	element.length = available
	const itemsInside = available >= 8 && readTag(view, offset, littleEndian) === tags.item
	if (vr === 'SQ' || (vr === 'UN' && itemsInside && (!explicit || known === undefined || known === 'SQ')) || (vr === 'UN' && known === 'SQ')) {
		const inner = vr === 'UN' && explicit ? { explicit: false, littleEndian: true } : encoding
		element.vr = 'SQ'
		const inside: DataSet = { ...dataSet, fault: '' }
		readItems(reader, element, offset + available, inner, depth, inside)
		element.length = available
	} else if (vr === 'UN' && known) element.vr = known
	dataSet.elements.set(tag, element)
	if (available < statedLength) return cutOff(dataSet, tag, end)
	return offset + available
}

function cutOff(dataSet: DataSet, tag: number, position: number): number {
	dataSet.fault = `the file ends inside element ${tagText(tag)}`
	return position
}

/** Items up to the sequence's delimiter or `end`. */
function readItems(reader: Reader, element: Element, end: number, encoding: Encoding, depth: number, dataSet: DataSet): number {
	const { view } = reader
	const items: DataSet[] = []
	element.items = items
	dataSet.elements.set(element.tag, element)
	let position = element.offset
	while (end - position >= 8) {
		const tag = readTag(view, position, encoding.littleEndian)
		const length = view.getUint32(position + 4, encoding.littleEndian)
		if (tag === tags.sequenceDelimitation) {
			element.length = position - element.offset
			return position + 8
		}
		if (tag !== tags.item) {
			dataSet.fault = `sequence ${tagText(element.tag)} holds something that is not an item`
			return position
		}
		if (--reader.elementsLeft < 0) throw new UserError('The header has more elements than any real file does.')
		const start = position + 8
		const itemEnd = length === UNDEFINED_LENGTH ? end : Math.min(start + length, end)
		const item = readElements(reader, start, itemEnd, encoding, depth + 1, () => false)
		items.push(item)
		if (length !== UNDEFINED_LENGTH) position = itemEnd
		else if (end - item.end >= 8 && readTag(view, item.end, encoding.littleEndian) === tags.itemDelimitation) position = item.end + 8
		else if (item.fault) {
			dataSet.fault = item.fault
			return item.end
		} else position = item.end
	}
	element.length = position - element.offset
	if (end < reader.bytes.length || element.statedLength !== UNDEFINED_LENGTH) return position
	return cutOff(dataSet, element.tag, position)
}

/** Fragments of encapsulated pixel data (PS3.5 A.4); a fragment that is cut off is kept with the bytes it has. */
function readFragments(reader: Reader, element: Element, end: number, littleEndian: boolean, dataSet: DataSet): number {
	const fragments: Fragment[] = []
	element.fragments = fragments
	dataSet.elements.set(element.tag, element)
	let position = element.offset
	while (end - position >= 8) {
		const tag = readTag(reader.view, position, littleEndian)
		const length = reader.view.getUint32(position + 4, littleEndian)
		if (tag !== tags.item) {
			element.length = position - element.offset
			if (tag === tags.sequenceDelimitation) return position + 8
			dataSet.fault = 'the compressed pixel data end without their mark'
			return position
		}
		if (--reader.elementsLeft < 0) throw new UserError('The pixel data have more fragments than any real file does.')
		const start = position + 8
		const available = Math.min(length, end - start)
		fragments.push({ offset: start, length: available, cut: available < length })
		position = start + available
		if (available < length) break
	}
	element.length = position - element.offset
	return cutOff(dataSet, element.tag, position)
}
