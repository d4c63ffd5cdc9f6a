import { describe, expect, it } from 'vitest'
import { createPager, type Pager } from '../../../src/renderer/ui/pager.ts'
import { PAGE_ROWS, withPage, type Pages } from '../../../src/renderer/ui/pages.ts'

interface Asked {
	page: number
	answer(matching: number): Promise<void>
	refuse(message: string): Promise<void>
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve))

function example(): { pager: Pager; asked: Asked[]; faults: string[]; shown(): [number, number][]; matching(): number | null } {
	let pages: Pages<number> = new Map()
	let matching: number | null = null
	const asked: Asked[] = []
	const faults: string[] = []
	const pager = createPager<number, number>({
		known: () => ({ pages, matching }),
		ask: (page) => new Promise((resolve, reject) => asked.push({
			page,
			answer: (value) => {
				resolve(value)
				return settled()
			},
			refuse: (message) => {
				reject(new Error(message))
				return settled()
			},
		})),
		accept(page, version, answer) {
			pages = withPage(pages, page, { version, rows: [page] })
			matching = answer
		},
		fail: (message) => faults.push(message),
	})
	return { pager, asked, faults, shown: () => [...pages].map(([page, { version }]) => [page, version]), matching: () => matching }
}

const numbers = (asked: Asked[]) => asked.map(({ page }) => page)
const rowsOf = (first: number, last: number): [number, number] => [first * PAGE_ROWS, last * PAGE_ROWS]

describe('a pager', () => {
	it('asks for what is in sight, two pages at a time, and never for what was scrolled past', async () => {
		const { pager, asked, shown } = example()
		pager.askAgain()
		await asked[0]?.answer(5000)
		pager.showRange(...rowsOf(10, 14))
		expect(numbers(asked)).toEqual([0, 10, 11])
		pager.showRange(...rowsOf(40, 41))
		await asked[1]?.answer(5000)
		await asked[2]?.answer(5000)
		expect(numbers(asked)).toEqual([0, 10, 11, 40, 41])
		expect(shown().map(([page]) => page)).toEqual([0, 10, 11])
	})

	it('asks for no page beyond the end, and for none twice', async () => {
		const { pager, asked } = example()
		pager.askAgain()
		await asked[0]?.answer(PAGE_ROWS + 1)
		pager.showRange(...rowsOf(0, 9))
		await asked[1]?.answer(PAGE_ROWS + 1)
		pager.showRange(...rowsOf(0, 9))
		expect(numbers(asked)).toEqual([0, 1])
	})

	it('drops the answer to an older question, and asks the new one from the top', async () => {
		const { pager, asked, shown, matching } = example()
		pager.askAgain()
		await asked[0]?.answer(5000)
		pager.showRange(...rowsOf(20, 20))
		pager.askAgain(true)
		await asked[1]?.answer(7)
		await asked[2]?.answer(300)
		expect(numbers(asked)).toEqual([0, 20, 0])
		expect([shown(), matching()]).toEqual([[[0, 2]], 300])
	})

	it('stops at a refusal until it is asked again, and does not mind one of an older question', async () => {
		const { pager, asked, faults } = example()
		pager.askAgain()
		pager.askAgain()
		await asked[0]?.refuse('older')
		expect(faults).toEqual([])
		await asked[1]?.refuse('gone')
		pager.showRange(...rowsOf(3, 3))
		expect([faults, numbers(asked)]).toEqual([['gone'], [0, 0]])
		pager.askAgain()
		expect(numbers(asked)).toEqual([0, 0, 3])
	})
})
