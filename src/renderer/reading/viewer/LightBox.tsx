import { useCallback, useId } from 'react'
import { useReading, type LightBox as ShownImage } from '../readingStore.ts'
import { attachFilm, retryFilm } from './attachFilm.ts'
import { resolved } from './film.ts'
import { ImageChoice } from './ImageChoice.tsx'
import { LightBoxText, TurnedText } from './LightBoxText.tsx'
import { MapBadge } from './MapBadge.tsx'
import { filmSizeOf, useViewer } from './viewerStore.ts'

/** One film on a light box, with its choice of image, its corner text and its states in words. */
export function LightBox({ box, image }: { box: number; image: ShownImage }) {
	const active = useReading((state) => state.active === box && state.lightBoxes.length > 1)
	const state = useViewer((viewer) => viewer.boxes[box])
	const holder = useCallback((element: HTMLDivElement | null) => (element ? attachFilm(element, box) : undefined), [box])
	const reasonId = useId()
	const shown = state?.image?.instanceId === image.instanceId && state.image.frameIndex === image.frameIndex
	const status = state && (shown || state.status === 'failed') ? state.status : 'loading'
	const view = state?.header ? resolved(state.placement, filmSizeOf(state.header), state.canvas) : null
	return (
		<section
			className="light-box"
			aria-label={`Light box ${box + 1}`}
			aria-describedby={status === 'failed' ? reasonId : undefined}
			tabIndex={0}
			data-light-box={box}
			data-active={active}
			data-status={status}
			data-ready={status === 'ready' && (state?.painted ?? false)}
			data-instance={image.instanceId}
			data-frame={image.frameIndex}
			data-zoom={view ? view.scale * window.devicePixelRatio : undefined}
			data-column={view?.center[0]}
			data-row={view?.center[1]}
			data-center={state?.display.center}
			data-width={state?.display.width}
			data-lut={state?.display.lut}
			data-invert={state?.display.invert}
			data-rotation={state?.placement.orientation.rotation}
			data-flip-horizontal={state?.placement.orientation.flipHorizontal}
			data-flip-vertical={state?.placement.orientation.flipVertical}
			onPointerDownCapture={() => useReading.getState().activate(box)}
			onFocus={() => useReading.getState().activate(box)}
		>
			<ImageChoice box={box} image={image} />
			<div className="light-box-film">
				<div ref={holder} className="light-box-holder" data-box={box} />
				{status === 'ready' && <LightBoxText box={box} />}
				{status === 'ready' && (
					<div className="light-box-marks">
						<TurnedText box={box} />
						<MapBadge box={box} />
					</div>
				)}
				{status === 'loading' && <p className="light-box-state" role="status">Loading the film</p>}
				{status === 'failed' && (
					<div className="light-box-state" role="alert">
						<p id={reasonId}>{state?.reason}</p>
						<button type="button" onClick={() => retryFilm(box)}>Try again</button>
					</div>
				)}
			</div>
		</section>
	)
}
