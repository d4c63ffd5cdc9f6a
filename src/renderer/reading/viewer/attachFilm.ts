import { showError } from '../../app/notices.ts'
import { useReading, type LightBox } from '../readingStore.ts'
import { keepDrawn, listenToPointer } from './drawingLoop.ts'
import { openFilmViewport, type FilmViewport } from './filmViewport.ts'
import { imageIdOf, loadFrame } from './frames.ts'
import { keepImages } from './images.ts'
import { keepOverlaid } from './mapOverlay.ts'
import { keepMeasurements, loadMeasurements } from './measurements.ts'
import { freshView, useViewer } from './viewerStore.ts'

const retries = new Map<number, () => void>()

/** Loads the light box's image once more. */
export function retryFilm(box: number): void {
	retries.get(box)?.()
}

/** Makes an element show the image of a light box, whatever image that is at the time. @returns takes it off again. */
export function attachFilm(element: HTMLDivElement, box: number): () => void {
	let viewport: FilmViewport
	try {
		viewport = openFilmViewport(element, box)
	} catch (error) {
		useViewer.getState().change(box, { image: null, header: null, status: 'failed', reason: inWords(error) })
		return () => {}
	}
	// What it was before it was left: to be put up again.
	if (useViewer.getState().boxes[box]) useViewer.getState().change(box, { status: 'loading', painted: false })
	const observer = new ResizeObserver(() => {
		if (element.clientWidth === 0 || element.clientHeight === 0) return
		viewport.resize()
		useViewer.getState().change(box, { canvas: { width: element.clientWidth, height: element.clientHeight }, painted: false })
	})
	observer.observe(element)
	let abort = new AbortController()
	let shown: LightBox | undefined

	function show(image: LightBox | undefined): void {
		abort.abort()
		abort = new AbortController()
		shown = image
		if (image) void putUp(viewport, box, image, abort.signal)
	}
	function follow(): void {
		const image = useReading.getState().lightBoxes[box]
		if (image?.instanceId !== shown?.instanceId || image?.frameIndex !== shown?.frameIndex) show(image)
	}
	const ends = [keepDrawn(viewport, box), listenToPointer(element, box), keepOverlaid(viewport, box), useReading.subscribe(follow)]
	retries.set(box, () => show(shown))
	follow()
	return () => {
		for (const end of ends) end()
		retries.delete(box)
		observer.disconnect()
		abort.abort()
		viewport.close()
	}
}

/** Loads an image and shows it; a failure is written on the light box. */
async function putUp(viewport: FilmViewport, box: number, image: LightBox, signal: AbortSignal): Promise<void> {
	const viewer = useViewer.getState()
	const imageId = imageIdOf(image)
	const before = viewer.boxes[box]
	// Coming back from another room: the film is as it was left.
	const again = before?.image && before.header && imageIdOf(before.image) === imageId
	viewer.change(box, again ? { status: 'loading', painted: false } : { image, header: null, status: 'loading', reason: '', painted: false })
	letGo()
	try {
		const frame = await loadFrame(image, signal)
		if (signal.aborted) return
		await viewport.show(imageId, frame)
		if (signal.aborted) return
		const { clientWidth, clientHeight } = viewport.element
		viewer.change(box, {
			image,
			header: frame.header,
			status: 'ready',
			canvas: { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight) },
			...(again ? {} : freshView(frame.header)),
		})
		loadMeasurements(image).catch(showError)
	} catch (error) {
		if (!signal.aborted) viewer.change(box, { image, header: null, status: 'failed', reason: inWords(error), painted: false })
	}
}

/** Frames, images and measurements of films that are not shown any more take no memory. */
function letGo(): void {
	const shown = new Set(useReading.getState().lightBoxes.map(imageIdOf))
	keepImages(shown)
	keepMeasurements(shown)
}

function inWords(error: unknown): string {
	return error instanceof Error ? error.message : String(error)
}
