import { LIMITS } from '../limits.ts'
import { decodeText } from './characterSet.ts'
import type { DataSet, Element } from './dataSet.ts'
import { tags } from './tags.ts'

const SIZES: Record<string, number> = { US: 2, SS: 2, OW: 2, UL: 4, SL: 4, OL: 4, FL: 4, OF: 4, FD: 8, OD: 8, AT: 4, UV: 8, SV: 8, OV: 8 }

/** The bytes of a value. */
export function valueBytes(dataSet: DataSet, element: Element): Uint8Array {
	return dataSet.bytes.subarray(element.offset, element.offset + element.length)
}

/** Control characters and those that turn the direction of text: they carry no meaning for a reader and could garble a table. */
function isMeaningless(code: number): boolean {
	if (code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d) return false
	return code < 0x20 || code === 0x7f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
}

/** Text without control characters, trimmed and bounded. */
export function tidyText(text: string): string {
	let tidy = ''
	for (const character of text.slice(0, LIMITS.textLength * 2)) if (!isMeaningless(character.codePointAt(0) ?? 0)) tidy += character
	return tidy.trim().slice(0, LIMITS.textLength)
}

/** Values of a text element, '' where it is missing; split at backslashes. */
export function textValues(dataSet: DataSet, tag: number, characterSets: readonly string[] = []): string[] {
	const element = dataSet.elements.get(tag)
	if (!element || element.items || element.fragments || element.length === 0) return []
	const bytes = valueBytes(dataSet, element)
	return decodeText(bytes.subarray(0, Math.min(bytes.length, LIMITS.textLength * 64)), characterSets).split('\\').map(tidyText)
}

/** The first value of a text element, '' where there is none. */
export function textValue(dataSet: DataSet, tag: number, characterSets: readonly string[] = []): string {
	return textValues(dataSet, tag, characterSets)[0] ?? ''
}

/** Specific Character Set of a data set, one term per component. */
export function characterSetsOf(dataSet: DataSet): string[] {
	return textValues(dataSet, tags.specificCharacterSet)
}

/** Numbers of an element, binary or as text; those that are not finite are dropped. Signedness of US/SS by its own VR. */
export function numberValues(dataSet: DataSet, tag: number, limit = 1024): number[] {
	const element = dataSet.elements.get(tag)
	if (!element || element.items || element.fragments) return []
	if (SIZES[element.vr]) return binaryValues(dataSet, element, limit).filter(Number.isFinite)
	return textValues(dataSet, tag).slice(0, limit).filter((text) => text !== '').map(parseNumber).filter(Number.isFinite)
}

/** A decimal string; text after the number makes it no number, save for the frame count of "1A" and the like, where none is better than a guess. */
function parseNumber(text: string): number {
	return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
}

/** The first number of an element, or undefined. */
export function numberValue(dataSet: DataSet, tag: number): number | undefined {
	return numberValues(dataSet, tag, 16)[0]
}

function binaryValues(dataSet: DataSet, element: Element, limit: number): number[] {
	const view = new DataView(dataSet.bytes.buffer, dataSet.bytes.byteOffset + element.offset, element.length)
	const size = SIZES[element.vr] ?? 1
	const count = Math.min(Math.floor(element.length / size), limit)
	return Array.from({ length: count }, (_, index) => readNumber(view, index * size, element.vr, dataSet.littleEndian))
}

function readNumber(view: DataView, at: number, vr: string, littleEndian: boolean): number {
	switch (vr) {
		case 'US': case 'OW': return view.getUint16(at, littleEndian)
		case 'SS': return view.getInt16(at, littleEndian)
		case 'SL': return view.getInt32(at, littleEndian)
		case 'FL': case 'OF': return view.getFloat32(at, littleEndian)
		case 'FD': case 'OD': return view.getFloat64(at, littleEndian)
		case 'UV': case 'OV': return Number(view.getBigUint64(at, littleEndian))
		case 'SV': return Number(view.getBigInt64(at, littleEndian))
		default: return view.getUint32(at, littleEndian)
	}
}

/** Items of a sequence, none where it is missing. */
export function sequenceItems(dataSet: DataSet, tag: number): DataSet[] {
	return dataSet.elements.get(tag)?.items ?? []
}
