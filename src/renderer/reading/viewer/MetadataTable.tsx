import { useVirtualizer } from '@tanstack/react-virtual'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { MetadataRow } from '../../../common/contract/study.ts'
import { client } from '../../app/client.ts'
import { useReading } from '../readingStore.ts'
import './viewer.css'

type Load = { phase: 'loading' } | { phase: 'ready'; rows: MetadataRow[] } | { phase: 'failed'; message: string }

/** Rows in which every word of the search is found in tag, keyword or value. */
export function matchingRows(rows: readonly MetadataRow[], search: string): readonly MetadataRow[] {
	const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '')
	if (words.length === 0) return rows
	return rows.filter((row) => {
		const text = `${row.tag} ${row.tag.replace(/[^0-9a-f]/gi, '')} ${row.keyword} ${row.value}`.toLowerCase()
		return words.every((word) => text.includes(word))
	})
}

const ROW_HEIGHT = 40

/** The header of the active light box's file, element by element, with search. */
export function MetadataTable() {
	const instanceId = useReading((state) => state.lightBoxes[state.active]?.instanceId ?? null)
	const [load, setLoad] = useState<Load>({ phase: 'loading' })
	const [attempt, setAttempt] = useState(0)
	const [search, setSearch] = useState('')
	const words = useDeferredValue(search)
	const rows = useMemo(() => (load.phase === 'ready' ? matchingRows(load.rows, words) : []), [load, words])
	const scroller = useRef<HTMLDivElement>(null)
	const virtualizer = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 12 })

	useEffect(() => {
		if (instanceId === null) return
		let over = false
		setLoad({ phase: 'loading' })
		client.call('instances.metadata', { instanceId }).then(
			(found) => void (over || setLoad({ phase: 'ready', rows: found })),
			(error: unknown) => void (over || setLoad({ phase: 'failed', message: error instanceof Error ? error.message : String(error) })),
		)
		return () => void (over = true)
	}, [instanceId, attempt])

	return (
		<div className="metadata">
			<div className="metadata-search">
				<input type="search" aria-label="Search the header" placeholder="Tag, keyword or value" value={search} onChange={(event) => setSearch(event.target.value)} />
				<span className="muted numbers" role="status">{load.phase === 'ready' ? (rows.length === load.rows.length ? `${rows.length}` : `${rows.length} of ${load.rows.length}`) : ''}</span>
			</div>
			{load.phase === 'loading' && <p className="muted">Reading the header</p>}
			{load.phase === 'failed' && (
				<div role="alert">
					<p>{load.message}</p>
					<button type="button" onClick={() => setAttempt((count) => count + 1)}>Try again</button>
				</div>
			)}
			{load.phase === 'ready' && rows.length === 0 && (
				<p className="muted">{load.rows.length === 0 ? 'This file has no header.' : 'No element matches. Try a part of its name, such as "Spacing", or of its tag, such as "0028".'}</p>
			)}
			<div ref={scroller} className="metadata-rows" role="table" aria-label="File header" aria-rowcount={rows.length} tabIndex={rows.length > 0 ? 0 : -1} hidden={rows.length === 0}>
				<div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
					{virtualizer.getVirtualItems().map((item) => {
						const row = rows[item.index]
						if (!row) return null
						return (
							<div key={item.key} role="row" aria-rowindex={item.index + 1} className="metadata-row" style={{ transform: `translateY(${item.start}px)`, height: ROW_HEIGHT, paddingLeft: 8 + Math.min(row.depth, 8) * 12 }}>
								<span role="cell" className="metadata-name">
									<span className="cut" title={row.keyword}>{row.keyword || 'Private or unknown'}</span>
									<span className="muted numbers">{row.tag} {row.vr}</span>
								</span>
								<span role="cell" className="cut selectable" title={row.value} dir="auto">{row.value}</span>
							</div>
						)
					})}
				</div>
			</div>
		</div>
	)
}
