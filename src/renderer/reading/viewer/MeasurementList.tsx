import { Crosshair, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Annotation } from '../../../common/contract/annotation.ts'
import { useReading, type LightBox } from '../readingStore.ts'
import { filmCenter, resolved } from './film.ts'
import { frameOf, imageIdOf } from './frames.ts'
import { removeMeasurement, renameMeasurement, selectMeasurement, useMeasurements } from './measurements.ts'
import { measure, measurementLines } from './statistics.ts'
import { filmSizeOf, useViewer } from './viewerStore.ts'
import './viewer.css'

/** The measurements on the films that are shown: rename, go to, remove. */
export function MeasurementList() {
	const boxes = useReading((state) => state.lightBoxes)
	const images = useMeasurements((state) => state.images)
	const selected = useMeasurements((state) => state.selected)
	// Numbers come from the Frames: look again when one has arrived.
	const ready = useViewer((viewer) => viewer.boxes.map((box) => box.status).join())
	const shown = boxes.filter((image, index) => boxes.findIndex((other) => imageIdOf(other) === imageIdOf(image)) === index)
	const groups = shown.map((image) => ({ image, box: boxes.indexOf(image), annotations: images[imageIdOf(image)]?.present ?? [] }))
	if (groups.every((group) => group.annotations.length === 0)) {
		return <p className="measurement-empty muted">Nothing has been measured on this film. Choose Length (D), Angle (A), Ellipse (E) or Rectangle (B) and draw on it.</p>
	}
	return (
		<div className="measurement-list" data-ready={ready}>
			{groups.map(({ image, box, annotations }) => (
				<section key={imageIdOf(image)} aria-label={`Measurements, film ${box + 1}`}>
					{groups.length > 1 && <h3 className="panel-heading">Film {box + 1}</h3>}
					<ul>
						{annotations.map((annotation) => (
							<MeasurementRow key={annotation.uid} image={image} box={box} annotation={annotation} selected={selected === annotation.uid} />
						))}
					</ul>
				</section>
			))}
		</div>
	)
}

function MeasurementRow({ image, box, annotation, selected }: { image: LightBox; box: number; annotation: Annotation; selected: boolean }) {
	const [typed, setTyped] = useState<string | null>(null)
	const frame = frameOf(imageIdOf(image))
	const lines = frame ? measurementLines(frame.header, measure(frame, annotation.tool, annotation.points)) : [annotation.text]
	function rename(): void {
		if (typed !== null && typed.trim() !== '') renameMeasurement(image, annotation.uid, typed.trim())
		setTyped(null)
	}
	return (
		<li className="measurement-row" data-selected={selected}>
			<div className="measurement-head">
				<input
					aria-label="Name of the measurement"
					value={typed ?? annotation.label}
					maxLength={200}
					onFocus={() => selectMeasurement(annotation.uid)}
					onChange={(event) => setTyped(event.target.value)}
					onBlur={rename}
					onKeyDown={(event) => {
						if (event.key === 'Enter') event.currentTarget.blur()
						else if (event.key === 'Escape') setTyped(null)
					}}
				/>
				<button type="button" className="icon quiet" aria-label={`Go to ${annotation.label}`} title="Go to it" onClick={() => goTo(box, annotation)}><Crosshair aria-hidden /></button>
				<button type="button" className="icon quiet" aria-label={`Remove ${annotation.label}`} title="Remove it" onClick={() => removeMeasurement(image, annotation.uid)}><Trash2 aria-hidden /></button>
			</div>
			<div className="measurement-lines numbers selectable">{lines.map((line) => <span key={line}>{line}</span>)}</div>
		</li>
	)
}

/** Selects a measurement and, where the film is larger than the light box, brings it to the middle. */
function goTo(box: number, annotation: Annotation): void {
	const { boxes, place } = useViewer.getState()
	const state = boxes[box]
	useReading.getState().activate(box)
	selectMeasurement(annotation.uid)
	if (!state?.header || state.placement.fit) return
	const film = filmSizeOf(state.header)
	const middle = annotation.points.reduce<[number, number]>(([column, row], point) => [column + point[0] / annotation.points.length, row + point[1] / annotation.points.length], [0, 0])
	const [column, row] = Number.isFinite(middle[0] + middle[1]) ? middle : filmCenter(film)
	place(box, { ...resolved(state.placement, film, state.canvas), center: [column, row] })
}
