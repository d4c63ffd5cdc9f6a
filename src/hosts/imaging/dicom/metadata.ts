import type { MetadataRow } from '../../../common/contract/study.ts'
import { LIMITS } from '../limits.ts'
import type { DataSet, Element } from './dataSet.ts'
import { dictionaryEntry } from './dictionary.ts'
import type { DicomFile } from './part10.ts'
import { tagText } from './tags.ts'
import { characterSetsOf, numberValues, textValues } from './values.ts'

const TEXT = new Set(['AE', 'AS', 'CS', 'DA', 'DS', 'DT', 'IS', 'LO', 'LT', 'PN', 'SH', 'ST', 'TM', 'UC', 'UI', 'UR', 'UT'])
const NUMBERS = new Set(['US', 'SS', 'UL', 'SL', 'FL', 'FD', 'UV', 'SV'])
const SHOWN_VALUES = 32

/** Every element of a file's header in file order, nested ones behind their sequence, bounded in number and length. */
export function metadataRows({ meta, dataSet }: DicomFile): MetadataRow[] {
	const rows: MetadataRow[] = []
	addRows(rows, meta, [], 0)
	addRows(rows, dataSet, [], 0)
	return rows
}

function addRows(rows: MetadataRow[], dataSet: DataSet, inherited: string[], depth: number): void {
	const own = characterSetsOf(dataSet)
	const characterSets = own.length > 0 ? own : inherited
	for (const element of dataSet.elements.values()) {
		if (rows.length >= LIMITS.metadataRows) return
		rows.push({ tag: tagText(element.tag), keyword: dictionaryEntry(element.tag)?.keyword ?? '', vr: element.vr, value: shownValue(dataSet, element, characterSets), depth })
		for (const [index, item] of (element.items ?? []).entries()) {
			if (rows.length >= LIMITS.metadataRows) return
			rows.push({ tag: '', keyword: `Item ${index + 1}`, vr: '', value: '', depth: depth + 1 })
			addRows(rows, item, characterSets, depth + 2)
		}
	}
}

function shownValue(dataSet: DataSet, element: Element, characterSets: string[]): string {
	if (element.items) return `${element.items.length} ${element.items.length === 1 ? 'item' : 'items'}`
	if (element.fragments) return `${Math.max(element.fragments.length - 1, 0)} fragments, ${element.length} bytes`
	if (TEXT.has(element.vr)) return textValues(dataSet, element.tag, characterSets).join('\\').slice(0, LIMITS.textLength)
	if (element.vr === 'AT') return numberValues(dataSet, element.tag, SHOWN_VALUES).map((value) => tagText(((value & 0xffff) * 65536 + (value >>> 16)) >>> 0)).join('\\')
	if (NUMBERS.has(element.vr)) {
		const values = numberValues(dataSet, element.tag, SHOWN_VALUES + 1)
		return values.slice(0, SHOWN_VALUES).join('\\') + (values.length > SHOWN_VALUES ? '\\...' : '')
	}
	return `${element.length} bytes`
}
