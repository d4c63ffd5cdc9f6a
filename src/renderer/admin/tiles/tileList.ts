import { create, type StoreApi, type UseBoundStore } from 'zustand'
import { showError, useNotices } from '../../app/notices.ts'
import { createPager } from '../../ui/pager.ts'
import { findRow, PAGE_ROWS, pagesOfRange, rowIn, withPage, type Pages } from '../../ui/pages.ts'
import { rangeFrom } from './selection.ts'

/** Where tiles come from. */
export interface TileSource<Of, Row, Filters, Counts extends { matching: number }> {
	/** Shows everything. */
	noFilters: Filters
	ask(of: Of, filters: Filters, offset: number, limit: number): Promise<{ rows: Row[]; counts: Counts }>
	idOf(row: Row): string
	/** As many as can be selected. */
	most: number
	/** Said where more were to be selected. */
	limitWords: string
}

export interface TileState<Of, Row, Filters, Counts extends { matching: number }> {
	/** What the tiles are of; null until one was opened. */
	of: Of | null
	filters: Filters
	pages: Pages<Row>
	/** Null until the first answer. */
	counts: Counts | null
	/** A question is out whose answer replaces what is shown. */
	busy: boolean
	/** Why there are no tiles; '' while all is well. */
	fault: string
	/** Place of the tile that the keyboard is on; -1 for none. */
	active: number
	activeId: string | null
	/** From where Shift extends. */
	anchor: number
	/** What was selected when the anchor was set. */
	base: ReadonlyMap<string, Row>
	/** By id, as they were when they were selected. */
	selected: ReadonlyMap<string, Row>
}

/** Any number of tiles that are asked for as one scrolls, with the one that the keyboard is on and those that are selected. */
export interface TileList<Of, Row, Filters, Counts extends { matching: number }> {
	use: UseBoundStore<StoreApi<TileState<Of, Row, Filters, Counts>>>
	idOf(row: Row): string
	/** Shows the tiles of something: those that were looked at last where it is the same, else all. */
	open(of: Of): void
	/** Shows the tiles that these filters fit, and no others. */
	show(of: Of, filters: Partial<Filters>): void
	setFilters(change: Partial<Filters>): void
	/** What they are of has changed, or an answer failed. */
	askAgain(): void
	showRange(first: number, last: number): void
	/** The tile that the keyboard is on. */
	active(): Row | undefined
	/** What something is done to: the tiles that are selected, or the one that the keyboard is on. */
	targets(): Row[]
	/** Goes to a tile and leaves the selection as it is. */
	activate(index: number): void
	/** Goes to a tile; nothing is selected then. */
	activateAlone(index: number): void
	/** Selects a tile, or no longer, and goes to it. */
	toggle(index: number): void
	/** Goes to a tile and selects all from where the selection began to it, beside what was selected before. */
	extendTo(index: number): Promise<void>
	/** Selects all tiles that fit, as many as can be. */
	selectAll(): Promise<void>
	clearSelection(): void
}

export function createTileList<Of, Row, Filters extends object, Counts extends { matching: number }>({ noFilters, ask, idOf, most, limitWords }: TileSource<Of, Row, Filters, Counts>): TileList<Of, Row, Filters, Counts> {
	type State = TileState<Of, Row, Filters, Counts>
	const none: ReadonlyMap<string, Row> = new Map()
	const nothing = { pages: new Map() as Pages<Row>, counts: null, busy: true, fault: '', active: -1, activeId: null, anchor: -1, base: none, selected: none }
	const use = create<State>(() => ({ ...nothing, of: null, filters: noFilters, busy: false }))
	/** Goes up with every change of the selection; tiles that come for an older one are dropped. */
	let extension = 0

	const pager = createPager<Row, { rows: Row[]; counts: Counts }>({
		known: () => ({ pages: use.getState().pages, matching: use.getState().counts?.matching ?? null }),
		ask: askPage,
		accept,
		fail: (fault) => use.setState({ busy: false, fault } as Partial<State>),
	})

	async function askPage(page: number): Promise<{ rows: Row[]; counts: Counts }> {
		const { of, filters } = use.getState()
		if (of === null) throw new Error('Tiles were asked for before anything was opened.')
		return ask(of, filters, page * PAGE_ROWS, PAGE_ROWS)
	}

	function accept(page: number, asked: number, { rows, counts }: { rows: Row[]; counts: Counts }): void {
		use.setState((state) => {
			const pages = withPage(state.pages, page, { version: asked, rows })
			// Tiles may have moved: the keyboard stays on its tile where that is in sight, else on its place.
			const found = state.activeId === null ? -1 : findRow(pages, (row) => idOf(row) === state.activeId)
			const active = found >= 0 ? found : Math.min(Math.max(0, state.active), counts.matching - 1)
			const isOnThisPage = pagesOfRange(active, active)[0] === page
			return { pages, counts, busy: false, fault: '', active, ...(isOnThisPage ? { activeId: idAt(pages, active) } : {}) } as Partial<State>
		})
	}

	function idAt(pages: Pages<Row>, index: number): string | null {
		const row = rowIn(pages, index)
		return row === undefined ? null : idOf(row)
	}

	const rowAt = (index: number) => rowIn(use.getState().pages, index)

	function show(of: Of, filters: Partial<Filters>): void {
		extension += 1
		use.setState({ ...nothing, of, filters: { ...noFilters, ...filters } })
		pager.askAgain(true)
	}

	function askAgain(): void {
		use.setState({ busy: true, fault: '' } as Partial<State>)
		pager.askAgain()
	}

	function activate(index: number): void {
		extension += 1
		use.setState((state) => ({ active: index, activeId: idAt(state.pages, index), anchor: index, base: state.selected }) as Partial<State>)
	}

	function clearSelection(): void {
		extension += 1
		use.setState((state) => ({ selected: none, base: none, anchor: state.active }) as Partial<State>)
	}

	async function select(from: number, to: number, base: ReadonlyMap<string, Row>): Promise<void> {
		const mine = ++extension
		if (base.size >= most) {
			tellLimit()
			return
		}
		const { first, last, cut } = rangeFrom(from, to, most - base.size)
		try {
			const rows = await rowsOf(first, last)
			if (mine !== extension) return
			use.setState({ selected: new Map([...base, ...rows.map((row) => [idOf(row), row] as const)]) } as Partial<State>)
			if (cut) tellLimit()
		} catch (error) {
			showError(error)
		}
	}

	/** The tiles first to last, both inclusive; pages that were not looked at are asked for. */
	async function rowsOf(first: number, last: number): Promise<Row[]> {
		const found: Row[] = []
		for (const page of pagesOfRange(first, last)) {
			const rows = use.getState().pages.get(page)?.rows ?? (await askPage(page)).rows
			found.push(...rows.slice(Math.max(0, first - page * PAGE_ROWS), last + 1 - page * PAGE_ROWS))
		}
		return found
	}

	function tellLimit(): void {
		useNotices.getState().show({ level: 'info', message: limitWords })
	}

	return {
		use, idOf, show, askAgain, activate,
		open(of) {
			if (use.getState().of === of) askAgain()
			else show(of, {})
		},
		setFilters(change) {
			extension += 1
			use.setState((state) => ({ filters: { ...state.filters, ...change }, active: -1, activeId: null, anchor: -1, base: none, selected: none, busy: true }) as Partial<State>)
			pager.askAgain(true)
		},
		showRange: (first, last) => pager.showRange(first, last),
		active: () => rowAt(use.getState().active),
		targets() {
			const { selected, active } = use.getState()
			if (selected.size > 0) return [...selected.values()]
			const row = active >= 0 ? rowAt(active) : undefined
			return row === undefined ? [] : [row]
		},
		activateAlone(index) {
			clearSelection()
			activate(index)
		},
		toggle(index) {
			const row = rowAt(index)
			if (row === undefined) return
			const id = idOf(row)
			extension += 1
			use.setState((state) => {
				const selected = new Map(state.selected)
				if (!selected.delete(id)) selected.set(id, row)
				if (selected.size > most) {
					tellLimit()
					return {}
				}
				return { selected, base: selected, active: index, activeId: id, anchor: index } as Partial<State>
			})
		},
		async extendTo(index) {
			const { anchor, active, base, pages } = use.getState()
			const from = anchor >= 0 ? anchor : Math.max(0, active)
			use.setState({ active: index, activeId: idAt(pages, index), anchor: from } as Partial<State>)
			await select(from, index, base)
		},
		async selectAll() {
			const { counts } = use.getState()
			if (counts && counts.matching > 0) await select(0, counts.matching - 1, none)
		},
		clearSelection,
	}
}
