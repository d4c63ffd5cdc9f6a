import { ArrowLeft, ChevronLeft, ChevronRight, Square, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { MapScale, MapSlider } from '../../../ui/MapScale.tsx'
import { number } from '../../../ui/words.ts'
import { NarrowFact, NarrowFacts } from '../../Facts.tsx'
import { ErrorPicture, useReasonOfPicture } from './ErrorPicture.tsx'
import { callInWords, callOf, isWrong, labelOfError, probabilityText, runMapInWords, truthInWords, type ErrorSample, type RunMapState } from './errorWords.ts'
import { MapOnPicture, type ErrorMapLook } from './MapOnPicture.tsx'
import { useErrorMapLook } from './mapLook.ts'
import { useRunMap } from './runMap.ts'

interface Props {
	id: string
	sample: ErrorSample
	labels: readonly string[]
	/** Among those listed, from 0. */
	place: number
	of: number
	onPlace(place: number): void
	onClose(): void
}

/** One error: its film, the same under the map of a label, and all that is known of it. Arrow keys go to the others, Escape back to the list. */
export function ErrorLook({ id, sample, labels, place, of, onPlace, onClose }: Props) {
	const [label, setLabel] = useState(() => labelOfError(sample, labels))
	const [size, setSize] = useState<{ width: number; height: number } | null>(null)
	const [broken, setBroken] = useState(false)
	const root = useRef<HTMLElement>(null)
	const map = useRunMap(id, sample.id)
	const { look, change } = useErrorMapLook()
	const reason = useReasonOfPicture(id, sample.id, broken)
	const call = callOf(sample, labels)
	const isWorking = map.state.phase === 'waiting' || map.state.phase === 'working'

	useRoomCommands([
		{ id: 'runs.errors.previous', title: 'Previous error', group: 'Runs', keys: 'ArrowLeft', enabled: () => place > 0, run: () => onPlace(place - 1) },
		{ id: 'runs.errors.next', title: 'Next error', group: 'Runs', keys: 'ArrowRight', enabled: () => place < of - 1, run: () => onPlace(place + 1) },
		{ id: 'runs.errors.label', title: 'Map of the next label', group: 'Runs', keys: 'n', run: () => setLabel(labels[(labels.indexOf(label) + 1) % labels.length] ?? label) },
		{ id: 'runs.errors.style', title: 'Colours or contour', group: 'Runs', keys: 'c', run: () => change({ style: look.style === 'colour' ? 'contour' : 'colour' }) },
		{ id: 'runs.errors.fainter', title: 'Fainter map', group: 'Runs', keys: ',', run: () => change({ opacity: Math.max(0, look.opacity - 0.1) }) },
		{ id: 'runs.errors.stronger', title: 'Stronger map', group: 'Runs', keys: '.', run: () => change({ opacity: Math.min(1, look.opacity + 0.1) }) },
		{ id: 'runs.errors.stop', title: 'Stop the map', group: 'Runs', keys: 's', enabled: () => isWorking, run: map.stop },
		{ id: 'runs.errors.back', title: 'Back to the worst errors', group: 'Runs', run: onClose },
	])
	// What had the keyboard went with the list, or with the image before this.
	useEffect(() => root.current?.focus({ preventScroll: true }), [])

	return (
		<section
			ref={root} className="error-look" aria-label={`Error ${number(place + 1)} of ${number(of)}`} tabIndex={-1}
			onKeyDown={(event) => {
				// The section's own Escape leads further, to the list of runs.
				if (event.key !== 'Escape' || event.ctrlKey || event.altKey || event.metaKey) return
				event.preventDefault()
				onClose()
			}}
		>
			<header className="error-look-head">
				<button className="quiet" onClick={onClose}><ArrowLeft aria-hidden />Worst errors</button>
				<h2 className="cut" title={sample.id}><bdi>{callInWords(call)}</bdi>. <bdi>{truthInWords(call)}</bdi>.</h2>
				<span className="muted numbers">{number(place + 1)} of {number(of)}</span>
				<button className="icon" aria-label="Previous error" title="Previous error (←)" disabled={place === 0} onClick={() => onPlace(place - 1)}><ChevronLeft aria-hidden /></button>
				<button className="icon" aria-label="Next error" title="Next error (→)" disabled={place === of - 1} onClick={() => onPlace(place + 1)}><ChevronRight aria-hidden /></button>
			</header>
			<div className="error-look-body">
				<div className="error-films">
					{reason !== '' || (broken && sample.path === null) ? <p className="error-look-reason selectable" role="alert"><TriangleAlert aria-hidden />{reason || `${sample.id} is no longer there.`}</p> : (
						<>
							<figure>
								<ErrorPicture id={id} image={sample.id} size="large" alt={`Film ${sample.id}`} onSize={setSize} onBroken={() => setBroken(true)} />
								<figcaption className="muted">Film</figcaption>
							</figure>
							<figure>
								<div className="error-mapped">
									<ErrorPicture id={id} image={sample.id} size="large" alt="" />
									{size && map.state.phase === 'finished' && <MapOnPicture map={map.state.map} label={label} size={size} look={look} />}
									{map.state.phase !== 'finished' && <MapPhase state={map.state} onStop={map.stop} onBegin={map.begin} />}
								</div>
								<figcaption className="muted"><span role="status">Map of <bdi>{label}</bdi>: {runMapInWords(map.state)}{isEmpty(map.state, label) && '; empty: no part of the film speaks for it'}</span></figcaption>
							</figure>
						</>
					)}
				</div>
				<Legend look={look} change={change} />
			</div>
			<aside className="error-facts" aria-label="What is known of it">
				<Labels sample={sample} labels={labels} shown={label} onShow={setLabel} />
				<NarrowFacts>
					<NarrowFact term="Called">{isWrong(call) ? 'Wrongly' : 'Rightly'}</NarrowFact>
					<NarrowFact term="Loss">{sample.loss.toFixed(3)}</NarrowFact>
					<NarrowFact term="Patient or group">{sample.group}</NarrowFact>
					<NarrowFact term="Source">{sample.source === '' ? 'Not stated' : sample.source}</NarrowFact>
					<NarrowFact term="Image" title={sample.path ?? ''}>{sample.id}</NarrowFact>
				</NarrowFacts>
				<p className="muted error-facts-note">A map shows what moved the network, not where disease is. It is made by the model pack of this run, while the reading desk is served first.</p>
			</aside>
		</section>
	)
}

function isEmpty(state: RunMapState, label: string): boolean {
	return state.phase === 'finished' && state.map.peaks[label] === 0
}

/** Every label with what is so and what was said; a press shows its map. */
function Labels({ sample: { truth, probabilities, called }, labels, shown, onShow }: { sample: ErrorSample; labels: readonly string[]; shown: string; onShow(label: string): void }) {
	return (
		<div role="group" aria-label="Label whose map is shown" className="error-labels">
			<h3>Map of</h3>
			{labels.map((name, index) => (
				<button key={name} className="error-label" aria-pressed={name === shown} title={name} onClick={() => onShow(name)}>
					<bdi className="cut">{name}</bdi>
					<span className="error-label-tags">
						{truth[index] === 1 && <span className="tag">is so</span>}
						{truth[index] === null && <span className="tag">not known</span>}
						{called.includes(name) && <span className="tag network">called</span>}
					</span>
					<span className="numbers error-label-probability">{probabilityText(probabilities[index] ?? 0)}</span>
					<span className="error-label-bar" aria-hidden><span style={{ width: `${100 * (probabilities[index] ?? 0)}%` }} /></span>
				</button>
			))}
		</div>
	)
}

/** Why there is no map yet, over the film that it will lie on. */
function MapPhase({ state, onStop, onBegin }: { state: Exclude<RunMapState, { phase: 'finished' }>; onStop(): void; onBegin(): void }) {
	if (state.phase === 'failed' || state.phase === 'stopped') {
		return (
			<div className="error-map-phase">
				<p className={state.phase === 'failed' ? 'selectable error-look-reason' : ''} role={state.phase === 'failed' ? 'alert' : undefined}>{state.phase === 'failed' ? <><TriangleAlert aria-hidden />{state.reason}</> : 'The map was stopped.'}</p>
				<button onClick={onBegin}>{state.phase === 'failed' ? 'Try again' : 'Make the map'}</button>
			</div>
		)
	}
	return (
		<div className="error-map-phase">
			<progress aria-label="Map" {...(state.phase === 'working' && state.of > 0 ? { value: state.done, max: state.of } : {})} />
			<button title="Stop the map (S)" onClick={onStop}><Square aria-hidden />Stop</button>
		</div>
	)
}

function Legend({ look: { opacity, threshold, style }, change }: { look: ErrorMapLook; change(look: Partial<ErrorMapLook>): void }) {
	return (
		<section className="error-legend" aria-label="Map legend">
			<MapScale threshold={threshold} />
			<MapSlider label="Map opacity" short="Opacity" value={opacity} disabled={style === 'contour'} change={(value) => change({ opacity: value })} />
			<MapSlider label="Map threshold" short="Threshold" value={threshold} change={(value) => change({ threshold: value })} />
			<div className="error-legend-style" role="group" aria-label="Map style" title="Colours or contour (C)">
				<button type="button" aria-pressed={style === 'colour'} onClick={() => change({ style: 'colour' })}>Colour</button>
				<button type="button" aria-pressed={style === 'contour'} onClick={() => change({ style: 'contour' })}>Contour</button>
			</div>
		</section>
	)
}
