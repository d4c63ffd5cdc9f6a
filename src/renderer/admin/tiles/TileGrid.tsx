import { Check } from 'lucide-react'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react'
import { rowIn } from '../../ui/pages.ts'
import { rowsInSight } from '../../ui/rowsInSight.ts'
import { useRootSize } from '../../ui/useRootSize.ts'
import { layTiles, scrollForRow, tileAfterKey } from './layout.ts'
import type { TileList } from './tileList.ts'

/** Least width and height of a tile, in root sizes (dataSets.css). */
const TILE = { width: 8.5, height: 10.75 }
/** Rows drawn beyond those in sight; pictures cost more than text. */
const BEYOND = 2

export interface TileGridProps<Of, Row, Filters, Counts extends { matching: number }> {
	list: TileList<Of, Row, Filters, Counts>
	busy: boolean
	/** Tiles with another one are made anew: their pictures may have changed. */
	version?: string | null
	/** What is told of a tile to those who do not see it; title: to the pointer. */
	nameOf(row: Row): { name: string; title: string }
	isLeftOut(row: Row): boolean
	/** What Delete does. */
	onDelete(): void
	/** Picture and lines of a tile; undefined while it is on its way. */
	children(row: Row | undefined): ReactNode
}

/**
 * Pictures of any number of images: only those in sight exist. One stop for Tab; arrows, Page Up and Down, Home and End move, Space selects,
 * Shift extends.
 */
export function TileGrid<Of, Row, Filters, Counts extends { matching: number }>({ list, busy, version = null, nameOf, isLeftOut, onDelete, children }: TileGridProps<Of, Row, Filters, Counts>) {
	const { pages, counts, active, selected } = list.use()
	const { showRange, activate, extendTo, toggle, clearSelection } = list
	const scroller = useRef<HTMLDivElement>(null)
	const rootSize = useRootSize()
	const id = useId()
	const [view, setView] = useState({ top: 0, width: 0, height: 0 })
	const count = counts?.matching ?? 0
	const layout = layTiles(count, view.width, { width: TILE.width * rootSize, height: TILE.height * rootSize })
	const { columns, rows } = layout
	const sight = rowsInSight(view, layout.height, rows, BEYOND)
	const [first, last] = [sight.first * columns, Math.min(count - 1, (sight.last + 1) * columns - 1)]
	const indices = Array.from({ length: view.width === 0 ? 0 : Math.max(0, last - first + 1) }, (_, place) => first + place)

	useEffect(() => {
		const element = scroller.current
		if (!element) return
		const look = () => setView({ top: element.scrollTop, width: element.clientWidth, height: element.clientHeight })
		const observer = new ResizeObserver(look)
		observer.observe(element)
		element.addEventListener('scroll', look, { passive: true })
		return () => {
			observer.disconnect()
			element.removeEventListener('scroll', look)
		}
	}, [])
	useEffect(() => {
		if (count > 0) showRange(first, last)
	}, [showRange, first, last, count])
	useEffect(() => {
		const element = scroller.current
		if (element && active >= 0 && view.width > 0) element.scrollTop = scrollForRow(Math.floor(active / columns), { top: element.scrollTop, height: element.clientHeight }, layout.height)
	}, [active, columns, layout.height, view.width])

	function press(event: KeyboardEvent): void {
		if (event.ctrlKey || event.altKey || event.metaKey || count === 0) return
		const target = tileAfterKey(event.key, active, count, columns, Math.floor(view.height / layout.height))
		if (target !== null) {
			if (event.shiftKey) void extendTo(target)
			else activate(target)
		} else if (event.key === ' ' && active >= 0) {
			if (event.shiftKey) void extendTo(active)
			else toggle(active)
		} else if (event.key === 'Delete') onDelete()
		else if (event.key === 'Escape' && selected.size > 0) clearSelection()
		else return
		event.preventDefault()
	}

	function pressTile(event: MouseEvent, index: number): void {
		if (event.shiftKey) void extendTo(index)
		else if (event.ctrlKey || event.metaKey) toggle(index)
		else list.activateAlone(index)
	}

	return (
		<div
			ref={scroller}
			className="sample-grid"
			role="listbox"
			aria-label="Images"
			aria-multiselectable
			aria-busy={busy}
			aria-activedescendant={active >= first && active <= last ? `${id}-${active}` : undefined}
			tabIndex={0}
			onKeyDown={press}
			// While another question is out, what is shown is still the answer to the one before.
			onFocus={() => active < 0 && count > 0 && !busy && activate(0)}
		>
			<div role="presentation" className="sample-grid-body" style={{ height: rows * layout.height }}>
				{indices.map((index) => {
					const row = rowIn(pages, index)
					const told = row === undefined ? undefined : nameOf(row)
					const isSelected = row !== undefined && selected.has(list.idOf(row))
					const isActive = index === active
					const [left, top] = [(index % columns) * layout.width, Math.floor(index / columns) * layout.height]
					return (
						<div
							key={row === undefined ? index : `${list.idOf(row)} ${version}`}
							id={`${id}-${index}`} role="option" aria-selected={isSelected} aria-posinset={index + 1} aria-setsize={count} aria-label={told?.name}
							className={['sample-tile', isActive ? 'active' : '', isSelected ? 'selected' : '', row !== undefined && isLeftOut(row) ? 'left-out' : ''].filter((name) => name !== '').join(' ')}
							title={told?.title}
							style={{ width: layout.width, height: layout.height, transform: `translate(${left}px, ${top}px)` }}
							onClick={(event) => pressTile(event, index)}
						>
							{children(row)}
							{isSelected && <span className="sample-selected"><Check aria-hidden /></span>}
						</div>
					)
				})}
			</div>
		</div>
	)
}
