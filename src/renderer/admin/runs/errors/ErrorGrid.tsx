import { Check, X } from 'lucide-react'
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { useRootSize } from '../../../ui/useRootSize.ts'
import { folderName } from '../../../ui/words.ts'
import { layTiles, scrollForRow, tileAfterKey } from '../../tiles/layout.ts'
import { ErrorPicture } from './ErrorPicture.tsx'
import { callInWords, callOf, isWrong, labelOfError, probabilityText, truthInWords, type ErrorSample } from './errorWords.ts'

/** Least width and the height of a tile, in root sizes (errors.css). */
const TILE = { width: 11, height: 14.5 }

/** Pictures of the errors with what was said and what is so. One stop for Tab; arrows, Page Up and Down, Home and End move, Enter opens. */
export function ErrorGrid({ id, samples, labels, active, onActive, onOpen }: { id: string; samples: readonly ErrorSample[]; labels: readonly string[]; active: number; onActive(place: number): void; onOpen(place: number): void }) {
	const scroller = useRef<HTMLDivElement>(null)
	const list = useId()
	const rootSize = useRootSize()
	const [view, setView] = useState({ width: 0, height: 0 })
	const { columns, height } = layTiles(samples.length, view.width, { width: TILE.width * rootSize, height: TILE.height * rootSize })
	useEffect(() => {
		const element = scroller.current
		if (!element) return
		const observer = new ResizeObserver(() => setView({ width: element.clientWidth, height: element.clientHeight }))
		observer.observe(element)
		return () => observer.disconnect()
	}, [])
	// Back from the large picture the keyboard is where it was.
	useEffect(() => focusIfNothingHasIt(scroller.current), [])
	useEffect(() => {
		const element = scroller.current
		if (element && view.width > 0) element.scrollTop = scrollForRow(Math.floor(active / columns), { top: element.scrollTop, height: element.clientHeight }, height)
	}, [active, columns, height, view.width])

	function press(event: KeyboardEvent): void {
		if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
		const target = tileAfterKey(event.key, active, samples.length, columns, Math.max(1, Math.floor(view.height / height)))
		if (target !== null) onActive(target)
		else if (event.key === 'Enter' || event.key === ' ') onOpen(active)
		else return
		event.preventDefault()
	}

	return (
		<div ref={scroller} className="error-grid" role="listbox" aria-label="Worst errors" tabIndex={0} aria-activedescendant={`${list}-${active}`} onKeyDown={press}>
			<div role="presentation" className="error-tiles" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
				{samples.map((sample, place) => <Tile key={sample.id} domId={`${list}-${place}`} id={id} sample={sample} labels={labels} isActive={place === active} place={place} of={samples.length} onOpen={() => onOpen(place)} />)}
			</div>
		</div>
	)
}

function Tile({ domId, id, sample, labels, isActive, place, of, onOpen }: { domId: string; id: string; sample: ErrorSample; labels: readonly string[]; isActive: boolean; place: number; of: number; onOpen(): void }) {
	const call = callOf(sample, labels)
	const wrong = isWrong(call)
	const label = labelOfError(sample, labels)
	const probability = probabilityText(sample.probabilities[labels.indexOf(label)] ?? 0)
	const name = `${folderName(sample.id)}: ${callInWords(call)}; ${truthInWords(call)}; probability of ${label} ${probability}; loss ${sample.loss.toFixed(2)}`
	return (
		<div
			id={domId} role="option" aria-selected={isActive} aria-posinset={place + 1} aria-setsize={of} aria-label={name} title={`${sample.id}\n${name}`}
			className={isActive ? 'error-tile active' : 'error-tile'} onClick={onOpen}
		>
			{sample.path === null ? <span className="error-picture muted">No longer there</span> : <ErrorPicture id={id} image={sample.id} size="small" alt="" />}
			<span className="error-tile-call">{wrong ? <X aria-hidden /> : <Check aria-hidden />}<bdi className="cut">{callInWords(call)}</bdi><span className="numbers error-tile-number">{probability}</span></span>
			<span className="error-tile-line"><bdi className="cut">{truthInWords(call)}</bdi><span className="numbers muted error-tile-number">loss {sample.loss.toFixed(2)}</span></span>
			<span className="cut muted"><bdi>{[sample.source, sample.group].filter((text) => text !== '').join(', ')}</bdi></span>
		</div>
	)
}
