import type { MetadataRow } from '../../../common/contract/study.ts'

/** Rows in which every word of the search is found in tag, keyword or value. */
export function matchingRows(rows: readonly MetadataRow[], search: string): readonly MetadataRow[] {
	const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '')
	if (words.length === 0) return rows
	return rows.filter((row) => {
		const text = `${row.tag} ${row.tag.replace(/[^0-9a-f]/gi, '')} ${row.keyword} ${row.value}`.toLowerCase()
		return words.every((word) => text.includes(word))
	})
}
