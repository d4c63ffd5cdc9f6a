import { create } from 'zustand'
import { MOST_AT_ONCE, type SamplePage, type SampleQuery } from '../../../../common/contract/training/dataSets.ts'
import { client } from '../../../app/client.ts'
import { showError, useNotices } from '../../../app/notices.ts'
import { createPager } from '../../../ui/pager.ts'
import { findRow, PAGE_ROWS, pagesOfRange, rowIn, withPage, type Pages } from '../../../ui/pages.ts'
import { number } from '../../../ui/words.ts'
import type { SampleRow } from './corrections.ts'
import { rangeFrom } from './selection.ts'

export type SampleFilters = Required<Omit<SampleQuery, 'dataSetId' | 'offset' | 'limit'>>

export const NO_FILTERS: SampleFilters = { split: null, label: null, source: null, group: null, text: '', corrected: false, leaking: false }

interface SamplesState {
	/** Null until one was opened. */
	dataSetId: number | null
	filters: SampleFilters
	pages: Pages<SampleRow>
	/** Null until the first answer. */
	counts: Pick<SamplePage, 'matching' | 'total'> | null
	/** A question is out whose answer replaces what is shown. */
	busy: boolean
	/** Why there are no samples; '' while all is well. */
	fault: string
	/** Place of the sample that the keyboard is on; -1 for none. */
	active: number
	activeId: string | null
	/** From where Shift extends. */
	anchor: number
	/** What was selected when the anchor was set. */
	base: ReadonlySet<string>
	/** Ids. */
	selected: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()
const NOTHING = { pages: new Map<number, never>(), counts: null, busy: true, fault: '', active: -1, activeId: null, anchor: -1, base: NONE, selected: NONE }

export const useSamples = create<SamplesState>(() => ({ ...NOTHING, dataSetId: null, filters: NO_FILTERS, busy: false }))

function ask(offset: number, limit: number): Promise<SamplePage> {
	const { dataSetId, filters } = useSamples.getState()
	return client.call('dataSets.samples', { ...filters, dataSetId: dataSetId ?? 0, offset, limit })
}

const pager = createPager<SampleRow, SamplePage>({
	known: () => ({ pages: useSamples.getState().pages, matching: useSamples.getState().counts?.matching ?? null }),
	ask: (page) => ask(page * PAGE_ROWS, PAGE_ROWS),
	accept,
	fail: (fault) => useSamples.setState({ busy: false, fault }),
})

function accept(page: number, asked: number, { rows, ...counts }: SamplePage): void {
	useSamples.setState((state) => {
		const pages = withPage(state.pages, page, { version: asked, rows })
		// Samples may have moved: the keyboard stays on its sample where that is in sight, else on its place.
		const found = state.activeId === null ? -1 : findRow(pages, (row) => row.id === state.activeId)
		const active = found >= 0 ? found : Math.min(Math.max(0, state.active), counts.matching - 1)
		const isOnThisPage = pagesOfRange(active, active)[0] === page
		return { pages, counts, busy: false, fault: '', active, ...(isOnThisPage ? { activeId: rowIn(pages, active)?.id ?? null } : {}) }
	})
}

/** Shows the samples of a data set: those that were looked at last where it is the same one, else all. */
export function openSamples(dataSetId: number): void {
	if (useSamples.getState().dataSetId === dataSetId) askAgain()
	else showSamples(dataSetId, {})
}

/** Shows the samples of a data set that these filters fit, and no others. */
export function showSamples(dataSetId: number, filters: Partial<SampleFilters>): void {
	extension += 1
	useSamples.setState({ ...NOTHING, dataSetId, filters: { ...NO_FILTERS, ...filters } })
	pager.askAgain(true)
}

export function setFilters(change: Partial<SampleFilters>): void {
	extension += 1
	useSamples.setState((state) => ({ filters: { ...state.filters, ...change }, active: -1, activeId: null, anchor: -1, base: NONE, selected: NONE, busy: true }))
	pager.askAgain(true)
}

/** Corrections or the survey have changed, or an answer failed. */
export function askAgain(): void {
	useSamples.setState({ busy: true, fault: '' })
	pager.askAgain()
}

export function showRange(first: number, last: number): void {
	pager.showRange(first, last)
}

export function sampleAt(index: number): SampleRow | undefined {
	return rowIn(useSamples.getState().pages, index)
}

/** The sample that the keyboard is on. */
export function activeSample(): SampleRow | undefined {
	return sampleAt(useSamples.getState().active)
}

/** Goes to a sample and leaves the selection as it is. */
export function activate(index: number): void {
	extension += 1
	useSamples.setState((state) => ({ active: index, activeId: sampleAt(index)?.id ?? null, anchor: index, base: state.selected }))
}

/** Goes to a sample; nothing is selected then. */
export function activateAlone(index: number): void {
	clearSelection()
	activate(index)
}

/** Selects a sample, or no longer, and goes to it. */
export function toggle(index: number): void {
	const id = sampleAt(index)?.id
	if (id === undefined) return
	extension += 1
	useSamples.setState((state) => {
		const selected = new Set(state.selected)
		if (!selected.delete(id)) selected.add(id)
		if (selected.size > MOST_AT_ONCE) {
			tellLimit()
			return {}
		}
		return { selected, base: selected, active: index, activeId: id, anchor: index }
	})
}

/** Goes up with every change of the selection; samples that come for an older one are dropped. */
let extension = 0

/** Goes to a sample and selects all from where the selection began to it, beside what was selected before. */
export async function extendTo(index: number): Promise<void> {
	const { anchor, active, base } = useSamples.getState()
	const from = anchor >= 0 ? anchor : Math.max(0, active)
	useSamples.setState({ active: index, activeId: sampleAt(index)?.id ?? null, anchor: from })
	await select(from, index, base)
}

/** Selects all samples that fit, as many as can be corrected at once. */
export async function selectAll(): Promise<void> {
	const { counts } = useSamples.getState()
	if (counts && counts.matching > 0) await select(0, counts.matching - 1, NONE)
}

async function select(from: number, to: number, base: ReadonlySet<string>): Promise<void> {
	const mine = ++extension
	if (base.size >= MOST_AT_ONCE) {
		tellLimit()
		return
	}
	const { first, last, cut } = rangeFrom(from, to, MOST_AT_ONCE - base.size)
	try {
		const ids = await idsOf(first, last)
		if (mine !== extension) return
		useSamples.setState({ selected: new Set([...base, ...ids]) })
		if (cut) tellLimit()
	} catch (error) {
		showError(error)
	}
}

function tellLimit(): void {
	useNotices.getState().show({ level: 'info', message: `At most ${number(MOST_AT_ONCE)} images are corrected at once. The others were not selected.` })
}

/** Ids of the samples first to last, both inclusive; pages that were not looked at are asked for. */
async function idsOf(first: number, last: number): Promise<string[]> {
	const ids: string[] = []
	for (const page of pagesOfRange(first, last)) {
		const known = useSamples.getState().pages.get(page)?.rows
		const rows = known ?? (await ask(page * PAGE_ROWS, PAGE_ROWS)).rows
		ids.push(...rows.slice(Math.max(0, first - page * PAGE_ROWS), last + 1 - page * PAGE_ROWS).map(({ id }) => id))
	}
	return ids
}

export function clearSelection(): void {
	extension += 1
	useSamples.setState((state) => ({ selected: NONE, base: NONE, anchor: state.active }))
}
