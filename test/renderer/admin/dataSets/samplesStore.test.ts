import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MOST_AT_ONCE, type SamplePage, type SampleQuery } from '../../../../src/common/contract/training/dataSets.ts'
import { rangeFrom } from '../../../../src/renderer/admin/tiles/selection.ts'

const call = vi.hoisted(() => vi.fn<(name: string, query: SampleQuery) => Promise<SamplePage>>())
vi.mock('../../../../src/renderer/app/client.ts', () => ({ client: { call }, CallError: Error }))

const { activate, activateAlone, clearSelection, extendTo, openSamples, selectAll, setFilters, showRange, toggle, useSamples } = await import('../../../../src/renderer/admin/dataSets/samples/samplesStore.ts')
const { useNotices } = await import('../../../../src/renderer/app/notices.ts')

const TOTAL = 5000
const settled = () => new Promise<void>((resolve) => setTimeout(resolve))
const selected = () => [...useSamples.getState().selected.keys()].map(Number).toSorted((a, b) => a - b)
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)
const asked = () => call.mock.calls.map(([, { offset }]) => offset)

beforeEach(async () => {
	call.mockImplementation((_, { offset = 0, limit = 100, text = '' }) => Promise.resolve({
		rows: Array.from({ length: Math.max(0, Math.min(limit, TOTAL - offset)) }, (__, index) => ({ id: `${offset + index}${text}` }) as SamplePage['rows'][number]), matching: TOTAL, total: TOTAL,
	}))
	useSamples.setState({ of: null })
	openSamples(7)
	await settled()
})
afterEach(() => {
	call.mockReset()
	useNotices.setState({ notices: [] })
})

describe('a selection', () => {
	it('grows and shrinks from where it began, beside what was selected before', async () => {
		toggle(3)
		toggle(10)
		await extendTo(14)
		expect(selected()).toEqual([3, ...span(10, 14)])
		await extendTo(12)
		expect(selected()).toEqual([3, ...span(10, 12)])
		await extendTo(8)
		expect(selected()).toEqual([3, ...span(8, 10)])
		toggle(9)
		expect(selected()).toEqual([3, 8, 10])
		clearSelection()
		expect(selected()).toEqual([])
	})

	it('stays where the keyboard goes on, and goes where another image is pressed', async () => {
		toggle(3)
		activate(5)
		expect([selected(), useSamples.getState().activeId]).toEqual([[3], '5'])
		await extendTo(6)
		expect(selected()).toEqual([3, 5, 6])
		activateAlone(9)
		expect([selected(), useSamples.getState().active]).toEqual([[], 9])
	})

	it('reaches over pages that nobody has looked at', async () => {
		activate(50)
		await extendTo(420)
		expect(selected()).toEqual(span(50, 420))
		expect(asked()).toEqual([0, 100, 200, 300, 400])
	})

	it('takes no more than can be corrected at once, and says so', async () => {
		await selectAll()
		expect(selected()).toEqual(span(0, MOST_AT_ONCE - 1))
		expect(useNotices.getState().notices.map(({ message }) => message)).toEqual(['At most 2,000 images are corrected at once. The others were not selected.'])
		toggle(99)
		toggle(99)
		expect(useSamples.getState().selected.size).toBe(MOST_AT_ONCE)
		showRange(2000, 2001)
		await settled()
		toggle(2001)
		await extendTo(2010)
		expect(useSamples.getState().selected.size).toBe(MOST_AT_ONCE)
	})

	it('is none of another question, whatever comes late', async () => {
		activate(0)
		const late = extendTo(1500)
		setFilters({ text: 'x' })
		await late
		await settled()
		expect([selected(), useSamples.getState().filters.text, useSamples.getState().activeId]).toEqual([[], 'x', '0x'])
	})
})

it('keeps the keyboard on its sample where others are gone before it', async () => {
	activate(40)
	call.mockImplementation(() => Promise.resolve({ rows: span(10, 99).map((id) => ({ id: `${id}` }) as SamplePage['rows'][number]), matching: 90, total: TOTAL }))
	openSamples(7)
	await settled()
	expect([useSamples.getState().active, useSamples.getState().activeId]).toEqual([30, '40'])
})

it.each<[number, number, number, ReturnType<typeof rangeFrom>]>([
	[3, 8, 100, { first: 3, last: 8, cut: false }], [8, 3, 100, { first: 3, last: 8, cut: false }], [3, 3, 1, { first: 3, last: 3, cut: false }], [10, 500, 20, { first: 10, last: 29, cut: true }], [500, 10, 20, { first: 481, last: 500, cut: true }],
])('from %i to %i, %i at most', (from, to, most, expected) => expect(rangeFrom(from, to, most)).toEqual(expected))
