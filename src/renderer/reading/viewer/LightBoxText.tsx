import type { Study } from '../../../common/contract/study.ts'
import { useReading, type LightBox } from '../readingStore.ts'
import { filmSizeOf, useViewer } from './viewerStore.ts'
import { resolved } from './film.ts'
import { otherStudyOf } from './otherStudies.ts'

/** What must be known to read the film right, in its corners: which image, how large, which window, which millimetres. */
export function LightBoxText({ box }: { box: number }) {
	const state = useViewer((viewer) => viewer.boxes[box])
	const info = useViewer((viewer) => viewer.info)
	const opened = useReading((reading) => reading.study)
	if (!state?.header || !state.image || !info) return null
	const { header, display, placement, canvas, image } = state
	const view = resolved(placement, filmSizeOf(header), canvas)
	const other = otherStudyOf(image.instanceId)
	const study = other ?? opened
	const series = study?.series.find((candidate) => candidate.instances.some((instance) => instance.id === image.instanceId))
	const images = study ? imagesOf(study) : []
	const number = images.findIndex((candidate) => candidate.instanceId === image.instanceId && candidate.frameIndex === image.frameIndex) + 1
	const unit = header.modality.unit && header.modality.unit !== 'US' ? ` ${header.modality.unit}` : ''
	return (
		<div className="light-box-text">
			<div className="top-left">
				{series && <span className="cut">{[series.viewPosition, series.laterality, series.description].filter((word) => word !== '').join(' · ')}</span>}
				{study && study.id !== opened?.id && <span className="light-box-changed">Other study, {study.date || 'no date'}</span>}
				{!series && <span className="light-box-changed">Other study</span>}
				{number > 0 && <span>Image {number} of {images.length}{header.source.frames > 1 ? `, frame ${header.frameIndex + 1} of ${header.source.frames}` : ''}</span>}
				<span>{header.columns} × {header.rows}{header.source.lossy ? ', lossy compression' : ''}</span>
			</div>
			<div className="bottom-left">
				<span>Zoom {Math.round(view.scale * window.devicePixelRatio * 100)} %</span>
				<span>{display.lut ? 'Table of the file' : `C ${rounded(display.center)} W ${rounded(display.width)}${unit}`}</span>
			</div>
			<div className="bottom-right">
				<span>{header.spacing ? `mm by ${header.spacing.source}` : 'No spacing: lengths in px'}</span>
				{header.spacing && <span className="cut">{header.spacing.meaning}</span>}
			</div>
		</div>
	)
}

/** That the film is not as it was put up: turned, mirrored, inverted. */
export function TurnedText({ box }: { box: number }) {
	const state = useViewer((viewer) => viewer.boxes[box])
	const info = useViewer((viewer) => viewer.info)
	if (!state || !info) return null
	const { rotation, flipHorizontal, flipVertical } = state.placement.orientation
	const words = [
		rotation === 0 ? '' : `turned ${rotation}°`,
		flipHorizontal || flipVertical ? 'mirrored' : '',
		state.display.invert ? 'inverted' : '',
	].filter((word) => word !== '')
	return words.length === 0 ? null : <p className="light-box-changed">{words.join(', ')}</p>
}

function imagesOf(study: Study): LightBox[] {
	return study.series.flatMap((series) => series.instances.flatMap((instance) =>
		Array.from({ length: instance.frames }, (_, frameIndex) => ({ instanceId: instance.id, frameIndex }))))
}

function rounded(value: number): string {
	return Math.abs(value) >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toPrecision(3)
}
