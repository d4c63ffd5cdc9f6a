import { Enums as CoreEnums } from '@cornerstonejs/core'
import { useReading } from '../readingStore.ts'
import { wheelFilm } from './dragging.ts'
import type { FilmViewport } from './filmViewport.ts'
import { frameOf, imageIdOf } from './frames.ts'
import { noteInput, notePaint } from './inputToPaint.ts'
import { captureMeasurements } from './measurements.ts'
import { useViewer, type BoxState } from './viewerStore.ts'

/** Draws the film whenever its view changes, and says when it is on the screen. @returns ends it. */
export function keepDrawn(viewport: FilmViewport, box: number): () => void {
	let drawn: BoxState | undefined
	function draw(state: BoxState | undefined): void {
		if (!state?.image || !state.header || state.status !== 'ready') {
			drawn = undefined
			return
		}
		if (drawn && drawn.image === state.image && drawn.placement === state.placement && drawn.display === state.display && drawn.canvas === state.canvas) return
		const frame = frameOf(imageIdOf(state.image))
		if (!frame) return
		drawn = state
		viewport.draw(frame, state.placement, state.display, state.canvas)
	}
	function rendered(): void {
		notePaint()
		const state = useViewer.getState().boxes[box]
		if (drawn && state && !state.painted && state.placement === drawn.placement && state.display === drawn.display) {
			useViewer.getState().change(box, { painted: true })
		}
	}
	const { element } = viewport
	element.addEventListener(CoreEnums.Events.IMAGE_RENDERED, rendered)
	const unsubscribe = useViewer.subscribe((viewer) => draw(viewer.boxes[box]))
	draw(useViewer.getState().boxes[box])
	return () => {
		unsubscribe()
		element.removeEventListener(CoreEnums.Events.IMAGE_RENDERED, rendered)
	}
}

/** Cornerstone tells a click from a double click only after this time, and then ends what was being drawn. */
const CLICK_IS_OVER_MILLISECONDS = 500

/** Wheel, and what is to be noticed of the pointer beside Cornerstone's tools. @returns ends it. */
export function listenToPointer(element: HTMLDivElement, box: number): () => void {
	const ending = new AbortController()
	const { signal } = ending
	element.addEventListener('wheel', (event) => {
		event.preventDefault()
		noteInput(event.timeStamp)
		const { left, top } = element.getBoundingClientRect()
		const perStep = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 33
		wheelFilm(box, event.deltaY * perStep, [event.clientX - left, event.clientY - top])
	}, { passive: false, signal })
	element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal })
	element.addEventListener('pointermove', (event) => {
		const { tool } = useViewer.getState()
		const movesFilm = event.buttons > 1 || (event.buttons === 1 && (tool === 'window' || tool === 'zoom' || tool === 'pan'))
		if (movesFilm) noteInput(event.timeStamp)
	}, { signal })
	let buttons = 0
	const capture = () => {
		const image = useReading.getState().lightBoxes[box]
		if (image && buttons === 0) captureMeasurements(image)
	}
	window.addEventListener('pointerdown', (event) => void (buttons = event.buttons), { signal, capture: true })
	window.addEventListener('pointerup', (event) => {
		buttons = event.buttons
		setTimeout(capture, 0)
		setTimeout(capture, CLICK_IS_OVER_MILLISECONDS)
	}, { signal, capture: true })
	return () => ending.abort()
}
