import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WorklistRow } from '../../../src/common/contract/study.ts'
import { findRow, PAGE_ROWS, pagesOfRange, rowIn, withPage, type Pages } from '../../../src/renderer/ui/pages.ts'

function rows(first: number): WorklistRow[] {
	return Array.from({ length: PAGE_ROWS }, (_, index) => ({ studyId: first + index + 1 }) as WorklistRow)
}

describe('pages', () => {
	it('of a range hold its every row and no page too many', () => {
		fc.assert(fc.property(fc.nat(100_000), fc.nat(500), (first, length) => {
			const pages = pagesOfRange(first, first + length)
			expect(pages[0]).toBe(Math.floor(first / PAGE_ROWS))
			expect(pages.at(-1)).toBe(Math.floor((first + length) / PAGE_ROWS))
			expect(pages).toEqual(pages.map((_, index) => (pages[0] ?? 0) + index))
		}))
	})
	it('give a row by its index in the whole list, and an index by its row', () => {
		const pages = withPage<WorklistRow>(withPage(new Map(), 3, { version: 1, rows: rows(300) }), 0, { version: 1, rows: rows(0) })
		expect(rowIn(pages, 342)?.studyId).toBe(343)
		expect(rowIn(pages, 100)).toBeUndefined()
		expect(rowIn(pages, -1)).toBeUndefined()
		expect(findRow(pages, (row) => row.studyId === 343)).toBe(342)
		expect(findRow(pages, (row) => row.studyId === 150)).toBe(-1)
	})
	it('of an older question go when the first answer to the new one is here', () => {
		const old = withPage<WorklistRow>(withPage(new Map(), 0, { version: 1, rows: rows(0) }), 1, { version: 1, rows: rows(100) })
		expect([...withPage(old, 1, { version: 2, rows: rows(0) })].map(([page, { version }]) => [page, version])).toEqual([[1, 2]])
	})
	it('do not grow without end', () => {
		let pages: Pages<WorklistRow> = new Map()
		for (let page = 0; page < 1000; page++) pages = withPage(pages, page, { version: 1, rows: [] })
		expect(pages.size).toBe(50)
		expect(pages.has(999)).toBe(true)
	})
})
