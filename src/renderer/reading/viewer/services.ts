import { eventTarget } from '@cornerstonejs/core'
import { Enums as ToolEnums, type Types } from '@cornerstonejs/tools'
import { useReading, type FilmView } from '../readingStore.ts'
import { chooseTool, startCornerstone } from './cornerstone.ts'
import { captureMeasurements, followSelection, markCompleted, saveMeasurements } from './measurements.ts'
import { useViewer, type BoxState, type ViewerTool } from './viewerStore.ts'

/** Keeps Cornerstone's tools to the chosen one. */
export function keepTool(): () => void {
	startCornerstone()
	let chosen = ''
	function choose({ tool, heldPan }: { tool: ViewerTool; heldPan: boolean }): void {
		const wanted = heldPan ? 'pan' : tool
		if (wanted === chosen) return
		chosen = wanted
		chooseTool(wanted)
	}
	choose(useViewer.getState())
	return useViewer.subscribe(choose)
}

/** Space held moves the film, unless an element needs Space itself. */
export function keepHeldPan(): () => void {
	const ending = new AbortController()
	const { signal } = ending
	window.addEventListener('keydown', (event) => {
		if (event.key !== ' ' || event.ctrlKey || event.altKey || event.metaKey) return
		const target = event.target instanceof HTMLElement ? event.target : null
		if (target?.closest('input, textarea, select, button, a[href], summary, [contenteditable], [role="button"], [role="tab"], [role="slider"]')) return
		event.preventDefault()
		if (!event.repeat) useViewer.getState().setHeldPan(true)
	}, { signal })
	window.addEventListener('keyup', (event) => void (event.key === ' ' && useViewer.getState().setHeldPan(false)), { signal })
	window.addEventListener('blur', () => useViewer.getState().setHeldPan(false), { signal })
	return () => {
		ending.abort()
		useViewer.getState().setHeldPan(false)
	}
}

function completed(event: Event): void {
	const { annotation } = (event as CustomEvent<{ annotation: Types.Annotation }>).detail
	const [instanceId, frameIndex] = (annotation.metadata?.referencedImageId ?? '').replace('frame:', '').split('/').map(Number)
	if (!annotation.annotationUID || instanceId === undefined || frameIndex === undefined) return
	markCompleted(annotation.annotationUID)
	captureMeasurements({ instanceId, frameIndex })
}

function saveWhenHidden(): void {
	if (document.visibilityState === 'hidden') saveMeasurements()
}

/** Takes over what is drawn on the films, and saves it before the page or the room goes. */
export function keepMeasurementsCaptured(): () => void {
	const { ANNOTATION_COMPLETED, ANNOTATION_SELECTION_CHANGE } = ToolEnums.Events
	eventTarget.addEventListener(ANNOTATION_COMPLETED, completed)
	eventTarget.addEventListener(ANNOTATION_SELECTION_CHANGE, followSelection)
	document.addEventListener('visibilitychange', saveWhenHidden)
	window.addEventListener('pagehide', saveMeasurements)
	return () => {
		eventTarget.removeEventListener(ANNOTATION_COMPLETED, completed)
		eventTarget.removeEventListener(ANNOTATION_SELECTION_CHANGE, followSelection)
		document.removeEventListener('visibilitychange', saveWhenHidden)
		window.removeEventListener('pagehide', saveMeasurements)
		saveMeasurements()
	}
}

const TELL_AFTER_MILLISECONDS = 120

/** Tells the rest of the reading room how the films are shown; not at every step of a drag. */
export function keepFilmViews(): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined
	let told: (BoxState | undefined)[] = []
	function tell(): void {
		timer = undefined
		const { boxes } = useViewer.getState()
		const { lightBoxes, setFilmView } = useReading.getState()
		lightBoxes.forEach((_, box) => {
			const state = boxes[box]
			const before = told[box]
			if (before?.header === state?.header && before?.display === state?.display && before?.placement === state?.placement) return
			setFilmView(box, state?.header ? viewOf(state) : null)
		})
		told = boxes
	}
	const unsubscribe = useViewer.subscribe(() => {
		timer ??= setTimeout(tell, TELL_AFTER_MILLISECONDS)
	})
	tell()
	return () => {
		unsubscribe()
		clearTimeout(timer)
	}
}

function viewOf({ display, placement }: BoxState): FilmView {
	const { rotation, flipHorizontal, flipVertical } = placement.orientation
	return { center: display.center, width: display.width, lut: display.lut, invert: display.invert, rotation, flipHorizontal, flipVertical }
}
