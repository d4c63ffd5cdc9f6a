import { create } from 'zustand'
import { worklistFiltersSchema, type WorklistFilters, type WorklistPage, type WorklistQuery, type WorklistRow } from '../../common/contract/study.ts'
import { client } from '../app/client.ts'
import { useNavigation } from '../app/navigation.ts'
import { showError, useNotices } from '../app/notices.ts'
import { createPager } from '../ui/pager.ts'
import { findRow, PAGE_ROWS, pagesOfRange, rowIn, withPage, type Pages } from '../ui/pages.ts'
import { count, named } from '../ui/words.ts'

export type Sort = Pick<Required<WorklistQuery>, 'sort' | 'descending'>

interface WorklistState extends Sort {
	filters: WorklistFilters
	pages: Pages<WorklistRow>
	/** Null until the first answer. */
	counts: Pick<WorklistPage, 'matching' | 'total' | 'modalities'> | null
	/** A question is out whose answer replaces what is shown. */
	busy: boolean
	/** Why there is no list; '' while there is one. */
	fault: string
	active: number
	activeStudy: number | null
}

export const NO_FILTERS = worklistFiltersSchema.parse({})

export const useWorklist = create<WorklistState>(() => ({
	filters: NO_FILTERS, sort: 'importedAt', descending: true, pages: new Map(), counts: null, busy: false, fault: '', active: -1, activeStudy: null,
}))

const pager = createPager<WorklistRow, WorklistPage>({
	known: () => ({ pages: useWorklist.getState().pages, matching: useWorklist.getState().counts?.matching ?? null }),
	ask(page) {
		const { filters, sort, descending } = useWorklist.getState()
		return client.call('worklist.query', { ...filters, sort, descending, offset: page * PAGE_ROWS, limit: PAGE_ROWS })
	},
	accept,
	fail: (fault) => useWorklist.setState({ busy: false, fault }),
})

/** The question or the library has changed. */
function askAgain(fromTop = false): void {
	useWorklist.setState({ busy: true })
	pager.askAgain(fromTop)
}

/** The rows in sight changed. */
export function showRange(first: number, last: number): void {
	pager.showRange(first, last)
}

function accept(page: number, asked: number, { rows, ...counts }: WorklistPage): void {
	useWorklist.setState((state) => {
		const pages = withPage(state.pages, page, { version: asked, rows })
		// Rows may have moved: the keyboard stays on its study where that is in sight, else on its place.
		const found = state.activeStudy === null ? -1 : findRow(pages, (row) => row.studyId === state.activeStudy)
		// A new question puts it on the first row, so that Enter opens what was searched for.
		const active = found >= 0 ? found : Math.min(Math.max(0, state.active), counts.matching - 1)
		const isOnThisPage = pagesOfRange(active, active)[0] === page
		return { pages, counts, busy: false, fault: '', active, ...(isOnThisPage ? { activeStudy: rowIn(pages, active)?.studyId ?? null } : {}) }
	})
}

export function setFilters(change: Partial<WorklistFilters>): void {
	useWorklist.setState((state) => ({ filters: { ...state.filters, ...change }, active: -1, activeStudy: null }))
	askAgain(true)
}

/** A column's first press sorts names upwards and times downwards; the next turns it round. */
export function sortBy(key: string): void {
	useWorklist.setState((state) =>
		state.sort === key
			? { descending: !state.descending }
			: { sort: key as Sort['sort'], descending: key === 'importedAt' || key === 'studyDate' },
	)
	askAgain()
}

export function activate(index: number): void {
	useWorklist.setState((state) => ({ active: index, activeStudy: rowIn(state.pages, index)?.studyId ?? null }))
}

export function openRow(index: number): void {
	const row = rowIn(useWorklist.getState().pages, index)
	if (!row) return
	activate(index)
	useNavigation.getState().openStudy(row.studyId)
}

/** Takes a study from the worklist, at once, and offers to bring it back. */
export async function removeRow(index: number): Promise<void> {
	const row = rowIn(useWorklist.getState().pages, index)
	if (!row) return
	try {
		await client.call('studies.remove', { studyId: row.studyId })
	} catch (error) {
		showError(error)
		return
	}
	const { studyId } = useNavigation.getState()
	if (studyId === row.studyId) useNavigation.setState({ studyId: null })
	useWorklist.setState({ activeStudy: null })
	askAgain()
	useNotices.getState().show({
		level: 'info',
		message: `Removed from the worklist: ${describe(row)}.`,
		action: { title: 'Undo', run: () => void restore(row) },
	})
}

async function restore(row: WorklistRow): Promise<void> {
	try {
		await client.call('studies.restore', { studyId: row.studyId })
		useWorklist.setState({ activeStudy: row.studyId })
		askAgain()
	} catch (error) {
		showError(error)
	}
}

function describe(row: WorklistRow): string {
	return [named(row.patientName), row.studyDate, count(row.images, 'image')].filter((part) => part !== '').join(', ')
}

/** Opens the study before or after the open one, in the worklist's order; does nothing at either end. */
export async function openNeighbour(step: 1 | -1): Promise<void> {
	const { filters, sort, descending, active, activeStudy, counts } = useWorklist.getState()
	const target = active + step
	if (activeStudy === null || activeStudy !== useNavigation.getState().studyId || target < 0 || target >= (counts?.matching ?? 0)) return
	try {
		const { rows: [row] } = await client.call('worklist.query', { ...filters, sort, descending, offset: target, limit: 1 })
		if (!row) return
		useWorklist.setState({ active: target, activeStudy: row.studyId })
		useNavigation.getState().openStudy(row.studyId)
	} catch (error) {
		showError(error)
	}
}

const REFRESH_MILLISECONDS = 250

/** Keeps the list as the library has it for as long as it is shown; returns what ends it. */
export function watchWorklist(): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined
	const ends = [
		// An import tells of every study; the list follows a few times a second.
		client.on('library.changed', () => {
			timer ??= setTimeout(() => {
				timer = undefined
				askAgain()
			}, REFRESH_MILLISECONDS)
		}),
		client.onConnection((connection) => {
			if (connection === 'open') askAgain()
		}),
	]
	return () => {
		clearTimeout(timer)
		for (const end of ends) end()
		// Nobody follows the library now: who comes back must not open the study that stands where another one was.
		useWorklist.setState({ pages: new Map() })
	}
}

/** Asks again after a failure. */
export function retry(): void {
	useWorklist.setState({ fault: '' })
	askAgain()
}
