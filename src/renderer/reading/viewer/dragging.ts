import { draggedDisplay } from './display.ts'
import { panned, zoomed, type Point } from './film.ts'
import { filmSizeOf, useViewer } from './viewerStore.ts'

const ZOOM_PER_PIXEL = 0.006
const ZOOM_PER_WHEEL_STEP = 0.0015

/** Which light box an element of Cornerstone belongs to. */
function boxOfElement(element: HTMLElement): number {
	return Number(element.dataset.box ?? 0)
}

/** A drag of a film tool by CSS pixels; start is where it began, in CSS pixels of the light box. */
export function dragFilm(tool: 'window' | 'zoom' | 'pan', element: HTMLElement, delta: Point, start: Point): void {
	const viewer = useViewer.getState()
	const box = boxOfElement(element)
	const state = viewer.boxes[box]
	if (!state?.header) return
	const film = filmSizeOf(state.header)
	const kind = viewer.heldPan ? 'pan' : tool
	if (kind === 'window') viewer.window(box, draggedDisplay(state.display, state.header, delta[0], delta[1]))
	else if (kind === 'pan') viewer.place(box, panned(state.placement, film, state.canvas, delta))
	else viewer.place(box, zoomed(state.placement, film, state.canvas, Math.exp(-delta[1] * ZOOM_PER_PIXEL), start))
}

/** A turn of the wheel over a film: zooms about the pointer. */
export function wheelFilm(box: number, deltaY: number, at: Point): void {
	const { boxes, place } = useViewer.getState()
	const state = boxes[box]
	if (!state?.header) return
	place(box, zoomed(state.placement, filmSizeOf(state.header), state.canvas, Math.exp(-deltaY * ZOOM_PER_WHEEL_STEP), at))
}
