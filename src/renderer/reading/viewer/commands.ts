import type { Study } from '../../../common/contract/study.ts'
import type { Command } from '../../app/commands.ts'
import { useSettings } from '../../app/settings.ts'
import { useReading, type LightBox } from '../readingStore.ts'
import { imageBeside } from '../studyOnTheLightBox.ts'
import { cancelDrawing } from './cornerstone.ts'
import { autoWindow, presetsOf, type Display } from './display.ts'
import { filmElement } from './filmElement.ts'
import { atFullSize, flipped, turned, WHOLE_FILM, zoomed, type Placement } from './film.ts'
import { frameOf, imageIdOf } from './frames.ts'
import { redoMeasurement, removeMeasurement, selectMeasurement, undoMeasurement, useMeasurements } from './measurements.ts'
import { otherStudyOf } from './otherStudies.ts'
import { activeBox, filmSizeOf, freshView, useViewer, type BoxState, type ViewerTool } from './viewerStore.ts'

const ZOOM_STEP = 1.25

function place(change: (state: BoxState, film: ReturnType<typeof filmSizeOf>) => Placement): void {
	const active = activeBox()
	if (active) useViewer.getState().place(active.box, change(active.state, filmSizeOf(active.header)))
}

export function zoomBy(factor: number): void {
	place(({ placement, canvas }, film) => zoomed(placement, film, canvas, factor, [canvas.width / 2, canvas.height / 2]))
}

export function fit(): void {
	place(({ placement }) => ({ ...WHOLE_FILM, orientation: placement.orientation }))
}

export function fullSize(): void {
	place(({ placement, canvas }, film) => atFullSize(placement, film, canvas, window.devicePixelRatio))
}

export function turn(quarters: 1 | -1): void {
	place(({ placement }) => ({ ...placement, orientation: turned(placement.orientation, quarters) }))
}

export function flip(direction: 'horizontal' | 'vertical'): void {
	place(({ placement }) => ({ ...placement, orientation: flipped(placement.orientation, direction) }))
}

/** Back to how the film was put up. */
export function reset(): void {
	const active = activeBox()
	if (!active) return
	const { placement, display } = freshView(active.header)
	useViewer.getState().place(active.box, placement)
	useViewer.getState().window(active.box, display)
}

function windowTo(change: (display: Display) => Display): void {
	const active = activeBox()
	if (active) useViewer.getState().window(active.box, change(active.state.display))
}

export function invert(): void {
	windowTo((display) => ({ ...display, invert: !display.invert }))
}

export function setWindow(center: number, width: number): void {
	windowTo((display) => ({ ...display, center, width, lut: false }))
}

export function windowFromPixels(): void {
	const active = activeBox()
	const frame = active?.state.image && frameOf(imageIdOf(active.state.image))
	if (!frame) return
	const { center, width } = autoWindow(frame.header, frame.pixels)
	setWindow(center, width)
}

export function applyPreset(index: number): void {
	const active = activeBox()
	const preset = active && presetsOf(active.header, useSettings.getState().settings.windowPresets)[index]
	if (preset) windowTo((display) => ({ center: preset.center, width: preset.width, lut: preset.lut, invert: display.invert }))
}

function shownImage(): LightBox | null {
	const { lightBoxes, active } = useReading.getState()
	return lightBoxes[active] ?? null
}

function studyOfShown(): Study | null {
	const image = shownImage()
	const { study } = useReading.getState()
	return image && study ? (otherStudyOf(image.instanceId) ?? study) : null
}

/** Puts up the image that lies `step` images further, as far as there are any. */
function goBy(step: number): void {
	const image = shownImage()
	const study = studyOfShown()
	const beside = image && study ? imageBeside(study, image, step) : null
	if (beside) useReading.getState().show(useReading.getState().active, beside)
}

function otherBox(): void {
	const { active, lightBoxes, activate } = useReading.getState()
	const next = (active + 1) % Math.max(1, lightBoxes.length)
	activate(next)
	filmElement(next)?.focus()
}

/** Tab is the page's own key; it goes between films only while one of two films has the keyboard. */
function filmHasKeyboard(): boolean {
	return useReading.getState().lightBoxes.length > 1 && (document.activeElement?.matches('section.light-box') ?? false)
}

export function removeSelected(): void {
	const image = shownImage()
	const { selected } = useMeasurements.getState()
	if (image && selected) removeMeasurement(image, selected)
}

export function undo(): void {
	const image = shownImage()
	if (image) undoMeasurement(image)
}

export function redo(): void {
	const image = shownImage()
	if (image) redoMeasurement(image)
}

/** Ends what is being drawn, else lets go of what is selected, else goes back to windowing. */
export function cancel(): void {
	const elements = [...document.querySelectorAll<HTMLDivElement>('.light-box-holder')]
	if (elements.some((element) => cancelDrawing(element))) return
	if (useMeasurements.getState().selected !== null) selectMeasurement(null)
	else useViewer.getState().setTool('window')
}

const TOOLS: [ViewerTool, string, string, string][] = [
	['window', 'Window by dragging', 'View', 'w'],
	['zoom', 'Zoom by dragging', 'View', 'z'],
	['pan', 'Pan by dragging', 'View', 'p'],
	['length', 'Length', 'Measure', 'd'],
	['angle', 'Angle', 'Measure', 'a'],
	['ellipse', 'Ellipse with statistics', 'Measure', 'e'],
	['rectangle', 'Rectangle with statistics', 'Measure', 'b'],
]

const hasFilm = () => activeBox() !== null

/** A command on the active film. */
function filmCommand(id: string, title: string, keys: string, run: () => void, group = 'View'): Command {
	return { id, title, group, keys, run, enabled: hasFilm }
}

/** Everything that the viewer does by key. */
export function viewerCommands(): Command[] {
	return [
		...TOOLS.map(([tool, title, group, keys]) => filmCommand(`${group === 'View' ? 'view' : 'measure'}.${tool}`, title, keys, () => useViewer.getState().setTool(tool), group)),
		filmCommand('view.zoomIn', 'Zoom in', '+', () => zoomBy(ZOOM_STEP)),
		filmCommand('view.zoomOut', 'Zoom out', '-', () => zoomBy(1 / ZOOM_STEP)),
		filmCommand('view.fit', 'Fit the whole film', '=', fit),
		filmCommand('view.fullSize', 'One film pixel on one screen pixel', 'Shift+1 !', fullSize),
		filmCommand('view.invert', 'Invert', 'i', invert),
		filmCommand('view.rotateRight', 'Rotate right', 'r', () => turn(1)),
		filmCommand('view.rotateLeft', 'Rotate left', 'l', () => turn(-1)),
		filmCommand('view.flipHorizontal', 'Flip left to right', 'h', () => flip('horizontal')),
		filmCommand('view.flipVertical', 'Flip top to bottom', 'v', () => flip('vertical')),
		filmCommand('view.reset', 'Reset the view', '` Shift+r', reset),
		filmCommand('view.autoWindow', 'Window from the pixels', '0', windowFromPixels),
		...Array.from({ length: 9 }, (_, index) => filmCommand(`view.preset${index + 1}`, `Window preset ${index + 1}`, String(index + 1), () => applyPreset(index))),
		filmCommand('view.previousImage', 'Previous image', 'ArrowUp ArrowLeft', () => goBy(-1)),
		filmCommand('view.nextImage', 'Next image', 'ArrowDown ArrowRight', () => goBy(1)),
		filmCommand('view.firstImage', 'First image', 'Home', () => goBy(-Infinity)),
		filmCommand('view.lastImage', 'Last image', 'End', () => goBy(Infinity)),
		{ id: 'view.otherLightBox', title: 'Other light box', group: 'View', keys: 'Tab Shift+Tab', run: otherBox, enabled: filmHasKeyboard },
		filmCommand('view.link', 'Link the light boxes', 'k', () => useReading.getState().setLinked(!useReading.getState().linked)),
		filmCommand('view.info', 'Text in the corners', 'o', () => useViewer.getState().toggleInfo()),
		filmCommand('measure.remove', 'Remove the selected measurement', 'Delete Backspace', removeSelected, 'Measure'),
		filmCommand('measure.undo', 'Undo the last measurement change', 'Ctrl+z', undo, 'Measure'),
		filmCommand('measure.redo', 'Redo the measurement change', 'Ctrl+y Ctrl+Shift+z', redo, 'Measure'),
		{ id: 'view.cancel', title: 'Cancel', group: 'View', keys: 'Escape', run: cancel },
	]
}
