import type { VoiLut } from '../../../common/contract/frame.ts'
import type { DataSet } from './dataSet.ts'
import { tags } from './tags.ts'
import { numberValues, textValue, valueBytes } from './values.ts'

export interface LookUpTable {
	firstValue: number
	bits: number
	entries: number[]
}

/**
 * A look-up table by its descriptor (number of entries, 0 meaning 65536; first mapped value; bits) and data, plain or segmented
 * (PS3.3 C.11.1.1, C.7.6.3.1.5, C.7.9.2); null where it is missing or damaged.
 * @param signed the first mapped value is to be read as signed.
 */
export function readLookUpTable(dataSet: DataSet, descriptor: number[], dataTag: number, segmentedTag: number | null, signed: boolean): LookUpTable | null {
	const [stated, first, statedBits] = descriptor
	if (stated === undefined || first === undefined || statedBits === undefined) return null
	const count = stated === 0 ? 65536 : stated & 0xffff
	const firstValue = signed && first > 32767 ? first - 65536 : first
	const entries = plainEntries(dataSet, dataTag, count) ?? (segmentedTag === null ? null : segmentedEntries(dataSet, segmentedTag, count))
	if (!entries || entries.length === 0) return null
	const largest = entries.reduce((most, entry) => Math.max(most, entry), 0)
	const needed = Math.max(Math.ceil(Math.log2(largest + 1)), 8)
	return { firstValue, bits: Math.max(needed, statedBits >= 8 && statedBits <= 16 ? statedBits : needed), entries }
}

function plainEntries(dataSet: DataSet, tag: number, count: number): number[] | null {
	const element = dataSet.elements.get(tag)
	if (!element || element.items || element.length === 0) return null
	const bytes = valueBytes(dataSet, element)
	// 8-bit tables may be packed two to a word; an odd number of them is padded.
	if (bytes.length === count || bytes.length === count + 1) return Array.from(bytes.subarray(0, count))
	if (bytes.length < count * 2) return null
	return wordsOf(dataSet, bytes).slice(0, count)
}

function wordsOf(dataSet: DataSet, bytes: Uint8Array): number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
	return Array.from({ length: bytes.length >> 1 }, (_, index) => view.getUint16(index * 2, dataSet.littleEndian))
}

/** Segments (PS3.3 C.7.9.2): 0 discrete values, 1 a line from the last value, 2 a repetition of earlier segments. */
function segmentedEntries(dataSet: DataSet, tag: number, count: number): number[] | null {
	const element = dataSet.elements.get(tag)
	if (!element || element.items) return null
	const words = wordsOf(dataSet, valueBytes(dataSet, element))
	const entries: number[] = []
	let steps = 0
	const segment = (at: number, nested: boolean): number | null => {
		const [kind, length] = [words[at], words[at + 1]]
		if (kind === undefined || length === undefined || ++steps > 100_000) return null
		if (kind === 0) {
			entries.push(...words.slice(at + 2, at + 2 + length))
			return at + 2 + length
		}
		if (kind === 1) {
			const to = words[at + 2]
			const from = entries.at(-1)
			if (to === undefined || from === undefined) return null
			for (let step = 1; step <= length; step++) entries.push(Math.round(from + ((to - from) * step) / length))
			return at + 3
		}
		if (kind === 2 && !nested) {
			let inner: number | null = (words[at + 2] ?? 0) + (words[at + 3] ?? 0) * 65536
			for (let repeat = 0; repeat < length && inner !== null && entries.length <= count; repeat++) inner = segment(inner, true)
			return inner === null ? null : at + 4
		}
		return null
	}
	let position: number | null = 0
	while (position !== null && position < words.length && entries.length < count) position = segment(position, false)
	return entries.length >= count ? entries.slice(0, count) : null
}

/** The table of a Modality or VOI LUT item. */
export function lutOfItem(item: DataSet, signed: boolean): LookUpTable | null {
	return readLookUpTable(item, numberValues(item, tags.lutDescriptor), tags.lutData, null, signed)
}

/** All VOI LUTs of a sequence's items that can be read. */
export function voiLuts(items: DataSet[], signed: boolean, characterSets: string[]): VoiLut[] {
	return items.slice(0, 16).flatMap((item) => {
		const table = lutOfItem(item, signed)
		return table ? [{ ...table, explanation: textValue(item, tags.lutExplanation, characterSets) }] : []
	})
}

/** Stored values through a Modality LUT (PS3.3 C.11.1.1): before the first entry the first, after the last the last. */
export function applyModalityLut(values: ArrayLike<number>, table: LookUpTable): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
	const mapped = table.bits <= 8 ? new Uint8Array(values.length) : new Uint16Array(values.length)
	const last = table.entries.length - 1
	for (let index = 0; index < mapped.length; index++) {
		mapped[index] = table.entries[Math.min(Math.max((values[index] as number) - table.firstValue, 0), last)] as number
	}
	return mapped
}
