import { DICTIONARY_TEXT } from './dictionaryText.ts'

export interface DictionaryEntry {
	vr: string
	keyword: string
}

let entries: Map<number, DictionaryEntry> | undefined

function parse(): Map<number, DictionaryEntry> {
	const parsed = new Map<number, DictionaryEntry>()
	for (const line of DICTIONARY_TEXT.split('\n')) {
		const [tag, vr, keyword] = line.split(' ')
		if (tag && vr && keyword) parsed.set(Number.parseInt(tag, 16), { vr, keyword })
	}
	return parsed
}

/** What DICOM PS3.6 says of a tag; repeating groups (50xx curves, 60xx overlays) by their first group; undefined for private and unknown ones. */
export function dictionaryEntry(tag: number): DictionaryEntry | undefined {
	entries ??= parse()
	const group = tag >>> 16
	const repeating = (group & 0xff00) === 0x5000 || (group & 0xff00) === 0x6000
	return entries.get(tag) ?? (repeating ? entries.get((((group & 0xff00) << 16) | (tag & 0xffff)) >>> 0) : undefined)
}
