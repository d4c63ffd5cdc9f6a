/** Rows per question. */
export const PAGE_ROWS = 100
/** Pages that are kept in memory: 5,000 rows around what is in sight. */
const KEPT_PAGES = 50

export interface PageOfRows<Row> {
	version: number
	rows: Row[]
}

/** Pages of a long list by their number, in the order of their coming. */
export type Pages<Row> = Map<number, PageOfRows<Row>>

/** Numbers of the pages that hold the rows first to last, both inclusive. */
export function pagesOfRange(first: number, last: number): number[] {
	const from = Math.floor(Math.max(0, first) / PAGE_ROWS)
	const to = Math.floor(Math.max(0, last) / PAGE_ROWS)
	return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}

export function rowIn<Row>(pages: Pages<Row>, index: number): Row | undefined {
	return pages.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS]
}

/** Index in the whole list of the first row that the test holds for; -1 where none is loaded. */
export function findRow<Row>(pages: Pages<Row>, test: (row: Row) => boolean): number {
	for (const [page, { rows }] of pages) {
		const place = rows.findIndex(test)
		if (place >= 0) return page * PAGE_ROWS + place
	}
	return -1
}

/** The pages with one more; those of an older version go, and of the rest the longest unused when there are too many. */
export function withPage<Row>(pages: Pages<Row>, page: number, content: PageOfRows<Row>): Pages<Row> {
	const kept = [...pages].filter(([number, known]) => number !== page && known.version === content.version)
	return new Map([...kept.slice(1 - KEPT_PAGES), [page, content]])
}
