import './virtualGrid.css'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { rowsInSight, scrollFor } from './rowsInSight.ts'
import { useRowHeight } from './useRowHeight.ts'

export interface Column<Row> {
	key: string
	title: string
	/** A grid track: "120px", "minmax(80px, 2fr)". */
	width: string
	cell(row: Row): ReactNode
	/** Whole text for the pointer, where the cell may be cut. */
	hint?(row: Row): string
	sortable?: boolean
	align?: 'end'
}

export interface VirtualGridProps<Row> {
	label: string
	columns: Column<Row>[]
	count: number
	/** Undefined while the row is on its way. */
	rowAt(index: number): Row | undefined
	/** The row that the keyboard is on; -1 for none. */
	active: number
	onActive(index: number): void
	onOpen?(index: number): void
	onRemove?(index: number): void
	sort?: { key: string; descending: boolean }
	onSort?(key: string): void
	/** Told which rows are in sight, both inclusive. */
	onRange?(first: number, last: number): void
	busy?: boolean
	/** Below it the list scrolls sideways. */
	minimumWidth?: string
	/** Stands in the place of the rows where there are none. */
	empty?: ReactNode
}

/**
 * A table of any length: only the rows in sight exist. One stop for Tab; then arrows, Page Up and Down, Home and End move,
 * Enter opens, Delete removes. Rows are told to assistive technology by aria-activedescendant.
 */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>) {
	const { label, columns, count, rowAt, active, onActive, onOpen, onRemove, sort, onSort, onRange, busy = false, minimumWidth = '0', empty } = props
	const scroller = useRef<HTMLDivElement>(null)
	const rowHeight = useRowHeight()
	const id = useId()
	const [view, setView] = useState({ top: 0, height: 0 })
	const { first, last } = rowsInSight(view, rowHeight, count)
	const indices = Array.from({ length: count === 0 ? 0 : last - first + 1 }, (_, place) => first + place)

	useEffect(() => {
		const element = scroller.current
		if (!element) return
		const look = () => setView({ top: element.scrollTop, height: element.clientHeight })
		const observer = new ResizeObserver(look)
		observer.observe(element)
		element.addEventListener('scroll', look, { passive: true })
		return () => {
			observer.disconnect()
			element.removeEventListener('scroll', look)
		}
	}, [])
	useEffect(() => {
		if (count > 0) onRange?.(first, last)
	}, [onRange, first, last, count])
	useEffect(() => {
		const element = scroller.current
		if (element && active >= 0 && active < count) element.scrollTop = scrollFor(active, { top: element.scrollTop, height: element.clientHeight }, rowHeight)
	}, [active, count, rowHeight])

	function press(event: KeyboardEvent): void {
		// The buttons of the header keep their own keys.
		if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey || count === 0) return
		const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
		const target = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: count - 1 }[event.key]
		if (target !== undefined) onActive(Math.max(0, Math.min(count - 1, target)))
		else if (event.key === 'Enter' && active >= 0 && onOpen) onOpen(active)
		else if (event.key === 'Delete' && active >= 0 && onRemove) onRemove(active)
		else return
		event.preventDefault()
	}

	const template = { gridTemplateColumns: columns.map((column) => column.width).join(' ') }
	return (
		<div className="virtual-grid-frame">
			<div
				ref={scroller}
				className="virtual-grid"
				role="grid"
				aria-label={label}
				aria-rowcount={count + 1}
				aria-colcount={columns.length}
				aria-busy={busy}
				aria-activedescendant={active >= first && active <= last && count > 0 ? `${id}-${active}` : undefined}
				tabIndex={0}
				onKeyDown={press}
				onFocus={(event) => {
					if (event.target === event.currentTarget && active < 0 && count > 0) onActive(0)
				}}
			>
				<div role="rowgroup" className="virtual-grid-head">
					<div role="row" aria-rowindex={1} style={{ ...template, minWidth: minimumWidth }}>
						{columns.map((column) => (
							<HeadCell key={column.key} column={column} sort={sort} onSort={onSort} />
						))}
					</div>
				</div>
				<div role="rowgroup" className="virtual-grid-body" style={{ height: count * rowHeight, minWidth: minimumWidth }}>
					{indices.map((index) => {
						const row = rowAt(index)
						return (
							<div
								key={index}
								id={`${id}-${index}`}
								role="row"
								aria-rowindex={index + 2}
								aria-selected={index === active}
								className={index % 2 === 1 ? 'virtual-grid-row odd' : 'virtual-grid-row'}
								style={{ ...template, transform: `translateY(${index * rowHeight}px)` }}
								onClick={() => onActive(index)}
								onDoubleClick={() => onOpen?.(index)}
							>
								{columns.map((column) => (
									<div key={column.key} role="gridcell" className={column.align === 'end' ? 'virtual-grid-cell end' : 'virtual-grid-cell'} title={row && column.hint?.(row)}>
										{row ? column.cell(row) : <span className="virtual-grid-waiting" />}
									</div>
								))}
							</div>
						)
					})}
				</div>
			</div>
			{count === 0 && empty && <div className="virtual-grid-empty">{empty}</div>}
		</div>
	)
}

function HeadCell<Row>({ column, sort, onSort }: { column: Column<Row>; sort: VirtualGridProps<Row>['sort']; onSort: VirtualGridProps<Row>['onSort'] }) {
	const isSorted = sort?.key === column.key
	const Icon = sort?.descending ? ChevronDown : ChevronUp
	return (
		<div role="columnheader" className={column.align === 'end' ? 'virtual-grid-cell end' : 'virtual-grid-cell'} aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}>
			{column.sortable && onSort ? (
				<button className="quiet" onClick={() => onSort(column.key)} title={`Sort by ${column.title.toLowerCase()}`}>
					<span className="cut">{column.title}</span>
					{isSorted && <Icon aria-hidden />}
				</button>
			) : (
				<span className="cut">{column.title}</span>
			)}
		</div>
	)
}
