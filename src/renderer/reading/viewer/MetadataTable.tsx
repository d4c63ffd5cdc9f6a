import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import type { MetadataRow } from '../../../common/contract/study.ts'
import { client } from '../../app/client.ts'
import { useReading } from '../readingStore.ts'
import { matchingRows } from './metadataSearch.ts'
import './viewer.css'

type Load = { phase: 'loading' } | { phase: 'ready'; rows: MetadataRow[] } | { phase: 'failed'; message: string }

const ROW_HEIGHT = 40
/** Rows made beyond those in sight, above and below. */
const SPARE_ROWS = 12

/** The header of the active light box's file, element by element, with search. */
export function MetadataTable() {
	const instanceId = useReading((state) => state.lightBoxes[state.active]?.instanceId ?? null)
	const [attempt, setAttempt] = useState(0)
	if (instanceId === null) return <p className="metadata muted">No film is shown.</p>
	return <HeaderOfFile key={`${instanceId} ${attempt}`} instanceId={instanceId} retry={() => setAttempt(attempt + 1)} />
}

function HeaderOfFile({ instanceId, retry }: { instanceId: number; retry(): void }) {
	const [load, setLoad] = useState<Load>({ phase: 'loading' })
	const [search, setSearch] = useState('')
	const words = useDeferredValue(search)
	const rows = useMemo(() => (load.phase === 'ready' ? matchingRows(load.rows, words) : []), [load, words])
	const [sight, setSight] = useState({ top: 0, height: 1000 })
	const first = Math.max(0, Math.floor(sight.top / ROW_HEIGHT) - SPARE_ROWS)
	const inSight = rows.slice(first, Math.ceil((sight.top + sight.height) / ROW_HEIGHT) + SPARE_ROWS)

	useEffect(() => {
		let over = false
		client.call('instances.metadata', { instanceId }).then(
			(found) => void (over || setLoad({ phase: 'ready', rows: found })),
			(error: unknown) => void (over || setLoad({ phase: 'failed', message: error instanceof Error ? error.message : String(error) })),
		)
		return () => void (over = true)
	}, [instanceId])

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
					<button type="button" onClick={retry}>Try again</button>
				</div>
			)}
			{load.phase === 'ready' && rows.length === 0 && (
				<p className="muted">{load.rows.length === 0 ? 'This file has no header.' : 'No element matches. Try a part of its name, such as "Spacing", or of its tag, such as "0028".'}</p>
			)}
			<div
				className="metadata-rows"
				role="table"
				aria-label="File header"
				aria-rowcount={rows.length}
				tabIndex={rows.length > 0 ? 0 : -1}
				hidden={rows.length === 0}
				onScroll={({ currentTarget }) => setSight({ top: currentTarget.scrollTop, height: currentTarget.clientHeight })}
			>
				<div role="rowgroup" style={{ height: rows.length * ROW_HEIGHT, position: 'relative' }}>
					{inSight.map((row, index) => {
						const position = first + index
						return (
							<div
								key={position}
								role="row"
								aria-rowindex={position + 1}
								className="metadata-row"
								style={{ transform: `translateY(${position * ROW_HEIGHT}px)`, height: ROW_HEIGHT, paddingLeft: 8 + Math.min(row.depth, 8) * 12 }}
							>
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
