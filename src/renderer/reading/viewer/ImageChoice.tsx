import { Columns2, X } from 'lucide-react'
import type { Instance, Study } from '../../../common/contract/study.ts'
import { useReading, type LightBox } from '../readingStore.ts'
import { useViewer } from './viewerStore.ts'
import { fetchOtherStudies, otherStudyOf, useOtherStudies } from './otherStudies.ts'

/** Which image a light box shows: any of the study, or of another study of the same patient. */
export function ImageChoice({ box, image }: { box: number; image: LightBox }) {
	const study = useReading((state) => state.study)
	const boxes = useReading((state) => state.lightBoxes)
	const others = useOtherStudies((state) => state.studies)
	if (!study) return null
	const current = keyOf(image)
	const earlier = others.filter((other) => other.id !== study.id && other.patient.id === study.patient.id)
	const shownStudy = otherStudyOf(image.instanceId) ?? study
	const own = study.series.flatMap((series) => series.instances)
	const known = [study, ...earlier].some((candidate) => candidate.series.some((series) => series.instances.some((instance) => instance.id === image.instanceId)))
	return (
		<header className="light-box-head">
			{boxes.length > 1 && known && (
				<span className={shownStudy.id === study.id ? 'light-box-date numbers' : 'light-box-date numbers light-box-other'}>
					{shownStudy.date || 'No date'}{shownStudy.id === study.id ? '' : ', other study'}
				</span>
			)}
			<select
				aria-label={`Image in light box ${box + 1}`}
				value={current}
				onPointerDown={() => fetchOtherStudies(study)}
				onFocus={() => fetchOtherStudies(study)}
				onChange={(event) => {
					const [instanceId, frameIndex] = event.target.value.split('/').map(Number)
					if (instanceId !== undefined && frameIndex !== undefined) useReading.getState().show(box, { instanceId, frameIndex })
				}}
			>
				{!known && <option value={current}>Image of another study</option>}
				<optgroup label="This study">{optionsOf(study)}</optgroup>
				{earlier.map((other) => (
					<optgroup key={other.id} label={[other.date || 'No date', other.description].filter((word) => word !== '').join(', ')}>
						{optionsOf(other)}
					</optgroup>
				))}
			</select>
			{boxes.length === 1 && (
				<button
					type="button"
					className="icon quiet"
					aria-label="Compare side by side"
					title="Compare side by side"
					onClick={() => {
						fetchOtherStudies(study)
						const second = own.find((instance) => instance.id !== image.instanceId)
						useReading.getState().setLightBoxes([image, second ? { instanceId: second.id, frameIndex: 0 } : image])
						useReading.getState().activate(1)
					}}
				>
					<Columns2 aria-hidden />
				</button>
			)}
			{boxes.length > 1 && (
				<button
					type="button"
					className="icon quiet"
					aria-label={`Close light box ${box + 1}`}
					title={`Close light box ${box + 1}`}
					onClick={() => {
						// The film that stays keeps its view, also where it moves to the other light box.
						useViewer.setState((viewer) => ({ boxes: viewer.boxes.filter((_, index) => index !== box) }))
						useReading.getState().setLightBoxes(boxes.filter((_, index) => index !== box))
					}}
				>
					<X aria-hidden />
				</button>
			)}
		</header>
	)
}

function keyOf({ instanceId, frameIndex }: LightBox): string {
	return `${instanceId}/${frameIndex}`
}

function optionsOf(study: Study) {
	let number = 0
	return study.series.flatMap((series) =>
		series.instances.flatMap((instance) =>
			Array.from({ length: instance.frames }, (_, frameIndex) => {
				number += 1
				const key = keyOf({ instanceId: instance.id, frameIndex })
				return <option key={key} value={key}>{`${number}. ${titleOf(instance, series.viewPosition, series.description)}${instance.frames > 1 ? `, frame ${frameIndex + 1}` : ''}`}</option>
			}),
		),
	)
}

function titleOf(instance: Instance, viewPosition: string, description: string): string {
	return [viewPosition, description].filter((word) => word !== '').join(' ') || instance.fileName
}
