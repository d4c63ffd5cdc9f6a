/** How tiles of one size lie in rows. */
export interface TileLayout {
	/** Tiles of a row. */
	columns: number
	rows: number
	/** In CSS pixels. */
	width: number
	height: number
}

/** As many tiles side by side as there is room for, at least one; what is left over is shared out. */
export function layTiles(count: number, viewWidth: number, tile: { width: number; height: number }): TileLayout {
	const columns = Math.max(1, Math.floor(viewWidth / tile.width))
	return { columns, rows: Math.ceil(count / columns), width: Math.max(tile.width, Math.floor(viewWidth / columns)), height: tile.height }
}

/** Where a key leads from a tile; null where it is no key of movement, or there is no tile. @param pageRows rows that are seen at once. */
export function tileAfterKey(key: string, active: number, count: number, columns: number, pageRows: number): number | null {
	if (count === 0) return null
	const last = count - 1
	const row = (rows: number): number => {
		const target = active + rows * columns
		// Straight on as far as it goes; a last row that is too short gives its end.
		if (target < 0) return active % columns
		if (target <= last) return target
		const below = active + Math.floor((last - active) / columns) * columns
		return Math.floor(last / columns) > Math.floor(below / columns) ? last : below
	}
	if (active < 0) return ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'Home', 'PageDown', 'PageUp'].includes(key) ? 0 : key === 'End' ? last : null
	switch (key) {
		case 'ArrowRight': return Math.min(last, active + 1)
		case 'ArrowLeft': return Math.max(0, active - 1)
		case 'ArrowDown': return row(1)
		case 'ArrowUp': return row(-1)
		case 'PageDown': return row(Math.max(1, pageRows))
		case 'PageUp': return row(-Math.max(1, pageRows))
		case 'Home': return 0
		case 'End': return last
		default: return null
	}
}

/** The scroll position that brings a row of tiles wholly into sight with the least movement, in CSS pixels. */
export function scrollForRow(row: number, view: { top: number; height: number }, rowHeight: number): number {
	const start = row * rowHeight
	if (start < view.top) return start
	return Math.min(start, Math.max(view.top, start + rowHeight - view.height))
}
