import { Ban, Check, Copy, Pencil } from 'lucide-react'
import { memo, useEffect, useId, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { LEAK_WORDS, SPLIT_TITLES } from '../dataSetWords.ts'
import type { DataSetSurvey, RegisteredDataSet } from '../../../../common/contract/training/dataSets.ts'
import { rowIn } from '../../../ui/pages.ts'
import { rowsInSight } from '../../../ui/rowsInSight.ts'
import { useRootSize } from '../../../ui/useRootSize.ts'
import { folderName } from '../../../ui/words.ts'
import { SamplePicture } from '../SamplePicture.tsx'
import { correctionOf, labelsByData, labelText, type SampleRow } from './corrections.ts'
import { correct, targets } from './correcting.ts'
import { activate, activateAlone, clearSelection, extendTo, showRange, toggle, useSamples } from './samplesStore.ts'
import { layTiles, scrollForRow, tileAfterKey } from './tiles.ts'

/** Least width and height of a tile, in root sizes (dataSets.css). */
const TILE = { width: 8.5, height: 10.75 }
/** Rows drawn beyond those in sight; pictures cost more than text. */
const BEYOND = 2

/**
 * Pictures of any number of samples: only those in sight exist. One stop for Tab; arrows, Page Up and Down, Home and End move, Space selects,
 * Shift extends, Delete leaves out.
 */
export function SampleGrid({ dataSet, survey, busy }: { dataSet: RegisteredDataSet; survey: DataSetSurvey; busy: boolean }) {
	const { pages, counts, active, selected } = useSamples()
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
	}, [first, last, count])
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
		} else if (event.key === 'Delete') void correct(targets(), { kind: 'leave-out' })
		else if (event.key === 'Escape' && selected.size > 0) clearSelection()
		else return
		event.preventDefault()
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
					const sample = rowIn(pages, index)
					return (
						<Tile
							key={sample ? `${sample.id} ${dataSet.surveyedAt}` : index}
							id={`${id}-${index}`} index={index} count={count} dataSetId={dataSet.id} survey={survey} sample={sample}
							isActive={index === active} isSelected={sample !== undefined && selected.has(sample.id)}
							left={(index % columns) * layout.width} top={Math.floor(index / columns) * layout.height} width={layout.width} height={layout.height}
						/>
					)
				})}
			</div>
		</div>
	)
}

interface TileProps {
	id: string
	index: number
	count: number
	dataSetId: number
	survey: DataSetSurvey
	sample: SampleRow | undefined
	isActive: boolean
	isSelected: boolean
	left: number
	top: number
	width: number
	height: number
}

function pressTile(event: MouseEvent, index: number): void {
	if (event.shiftKey) void extendTo(index)
	else if (event.ctrlKey || event.metaKey) toggle(index)
	else activateAlone(index)
}

const Tile = memo(function Tile({ id, index, count, dataSetId, survey, sample, isActive, isSelected, left, top, width, height }: TileProps) {
	const correction = sample ? correctionOf(sample, survey) : null
	const isLeftOut = sample?.correction?.labels === null
	return (
		<div
			id={id} role="option" aria-selected={isSelected} aria-posinset={index + 1} aria-setsize={count} aria-label={sample && nameOf(sample, survey)}
			className={['sample-tile', isActive ? 'active' : '', isSelected ? 'selected' : '', isLeftOut ? 'left-out' : ''].filter((name) => name !== '').join(' ')}
			title={sample && `${sample.id}\n${nameOf(sample, survey)}`}
			style={{ width, height, transform: `translate(${left}px, ${top}px)` }}
			onClick={(event) => pressTile(event, index)}
		>
			{sample ? <SamplePicture dataSetId={dataSetId} image={sample.id} alt="" /> : <span className="sample-picture" />}
			{isSelected && <span className="sample-selected"><Check aria-hidden /></span>}
			{sample && sample.leaks.length > 0 && <span className="sample-leak"><Copy aria-hidden />Leak</span>}
			<span className="cut sample-label">
				{correction ? <><span className="sample-corrected">{isLeftOut ? <Ban aria-hidden /> : <Pencil aria-hidden />}</span><bdi>{correction.after}</bdi> <s><bdi>{correction.before}</bdi></s></> : sample && <bdi>{labelText(labelsByData(sample, survey), sample.truth)}</bdi>}
			</span>
			<span className="cut muted sample-file"><bdi>{sample && folderName(sample.id)}</bdi></span>
		</div>
	)
})

/** What is told of a tile to those who do not see it, and to the pointer. */
function nameOf(sample: SampleRow, survey: DataSetSurvey): string {
	const correction = correctionOf(sample, survey)
	const label = correction ? `${correction.after} by hand, ${correction.before} by the data` : labelText(labelsByData(sample, survey), sample.truth)
	return [folderName(sample.id), label, SPLIT_TITLES[sample.split], ...sample.leaks.map((leak) => LEAK_WORDS[leak])].join(', ')
}
