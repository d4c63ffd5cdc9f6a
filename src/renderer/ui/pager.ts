import { PAGE_ROWS, pagesOfRange, type Pages } from './pages.ts'

/** A long list whose pages are asked for as one scrolls. */
export interface PagedList<Row, Answer> {
	/** What is known of it; matching: rows of the whole list, null before the first answer. */
	known(): { pages: Pages<Row>; matching: number | null }
	/** Asks for a page of PAGE_ROWS rows. */
	ask(page: number): Promise<Answer>
	/** Takes an answer to the present question; pages with another version are of an older one. */
	accept(page: number, version: number, answer: Answer): void
	/** The present question cannot be answered; nothing more is asked until `askAgain`. */
	fail(message: string): void
}

export interface Pager {
	/** The question or what it is about has changed: answers to the older one are dropped. @param fromTop what is in sight then is the beginning of the list. */
	askAgain(fromTop?: boolean): void
	/** The rows in sight, both inclusive. */
	showRange(first: number, last: number): void
}

const AT_A_TIME = 2

/** Asks for the pages of a list that are in sight and missing or older than the question; a page that was scrolled past is never asked for. */
export function createPager<Row, Answer>({ known, ask, accept, fail }: PagedList<Row, Answer>): Pager {
	/** Goes up with every change of the question. */
	let version = 0
	let range = { first: 0, last: PAGE_ROWS - 1 }
	let stopped = false
	const underWay = new Set<string>()

	function fetchRange(): void {
		if (stopped) return
		const { pages, matching } = known()
		// After the question has changed, the length is not known: its first page tells it.
		const isNew = matching === null || version > newest(pages)
		const end = isNew ? range.last : Math.min(range.last, Math.max(0, matching - 1))
		for (const page of pagesOfRange(range.first, end)) {
			const key = `${version}/${page}`
			if (pages.get(page)?.version === version || underWay.has(key)) continue
			if (underWay.size >= AT_A_TIME) return
			void fetchPage(page, key)
		}
	}

	async function fetchPage(page: number, key: string): Promise<void> {
		const asked = version
		underWay.add(key)
		try {
			const answer = await ask(page)
			if (asked === version) accept(page, asked, answer)
		} catch (error) {
			if (asked === version) {
				stopped = true
				fail(error instanceof Error ? error.message : String(error))
			}
		} finally {
			underWay.delete(key)
			fetchRange()
		}
	}

	return {
		askAgain(fromTop = false) {
			if (fromTop) range = { first: 0, last: PAGE_ROWS - 1 }
			version += 1
			stopped = false
			fetchRange()
		},
		showRange(first, last) {
			range = { first, last }
			fetchRange()
		},
	}
}

function newest<Row>(pages: Pages<Row>): number {
	return Math.max(0, ...Array.from(pages.values(), (page) => page.version))
}
