import { annotation as drawn, utilities, type Types } from '@cornerstonejs/tools'
import { create } from 'zustand'
import type { Annotation } from '../../../common/contract/annotation.ts'
import { client } from '../../app/client.ts'
import { showError } from '../../app/notices.ts'
import type { LightBox } from '../readingStore.ts'
import { engine, TOOL_NAMES } from './cornerstone.ts'
import { imageIdOf, frameOf } from './frames.ts'
import { beginHistory, recorded, redone, undone, type History } from './history.ts'
import { toFilm, toWorld } from './measurementText.ts'
import { differ, named } from './measurementNames.ts'
import { measure, measurementLines } from './statistics.ts'

/** The measurements of the images that were shown, by image; what Cornerstone draws is made from them and read back into them. */
interface Measurements {
	images: Record<string, History<readonly Annotation[]>>
	/** The measurement that Delete removes. */
	selected: string | null
}

export const useMeasurements = create<Measurements>(() => ({ images: {}, selected: null }))

const TOOL_OF_NAME = Object.fromEntries(
	(['length', 'angle', 'ellipse', 'rectangle'] as const).map((tool) => [TOOL_NAMES[tool] as string, tool]),
)
const SAVE_AFTER_MILLISECONDS = 600
const unsaved = new Map<string, { image: LightBox; timer: ReturnType<typeof setTimeout> }>()
/** Drawn to the end; Cornerstone also holds those that are being drawn. */
const completed = new Set<string>()

/** Reads an image's measurements from the library, once; the Frame must be here. */
export async function loadMeasurements(image: LightBox): Promise<void> {
	const imageId = imageIdOf(image)
	if (!useMeasurements.getState().images[imageId]) {
		const annotations = await client.call('annotations.get', image)
		useMeasurements.setState(({ images }) => (images[imageId] ? {} : { images: { ...images, [imageId]: beginHistory(annotations) } }))
	}
	redraw(imageId)
}

/** Takes over what was drawn, moved or removed on the film since; for the end of every drag. */
export function captureMeasurements(image: LightBox): void {
	const imageId = imageIdOf(image)
	const frame = frameOf(imageId)
	const history = useMeasurements.getState().images[imageId]
	if (!frame || !history) return
	const before = new Map(history.present.map((annotation) => [annotation.uid, annotation]))
	const present: Annotation[] = []
	for (const found of annotationsOn(imageId)) {
		const tool = TOOL_OF_NAME[found.metadata?.toolName ?? '']
		const uid = found.annotationUID
		if (!tool || !uid || !completed.has(uid)) continue
		const points = (found.data.handles?.points ?? []).slice(0, 4).map((point): [number, number] => [...toFilm(frame, point)])
		if (points.length < 2) continue
		const text = measurementLines(frame.header, measure(frame, tool, points)).join(', ').slice(0, 400)
		present.push({ uid, tool, points, label: before.get(uid)?.label ?? '', text })
	}
	// In the order in which they were made, whatever order Cornerstone keeps.
	const order = [...before.keys()]
	present.sort((one, other) => place(order, one.uid) - place(order, other.uid))
	const withNames = named(present)
	if (!differ(history.present, withNames)) return
	change(image, recorded(history, withNames))
	// Not drawn anew: Cornerstone may hold one of them already for the next drag.
	for (const { uid, label } of withNames) {
		const found = drawn.state.getAnnotation(uid)
		if (found) found.data.label = label
	}
	redrawOverlays()
}

function place(order: readonly string[], uid: string): number {
	const index = order.indexOf(uid)
	return index < 0 ? order.length : index
}

export function markCompleted(uid: string): void {
	completed.add(uid)
}

export function undoMeasurement(image: LightBox): void {
	step(image, undone)
}

export function redoMeasurement(image: LightBox): void {
	step(image, redone)
}

function step(image: LightBox, move: typeof undone): void {
	const history = useMeasurements.getState().images[imageIdOf(image)]
	if (!history) return
	const next = move(history)
	if (next === history) return
	change(image, next)
	redraw(imageIdOf(image))
}

export function renameMeasurement(image: LightBox, uid: string, label: string): void {
	edit(image, (present) => present.map((annotation) => (annotation.uid === uid ? { ...annotation, label: label.slice(0, 200) } : annotation)))
}

export function removeMeasurement(image: LightBox, uid: string): void {
	edit(image, (present) => present.filter((annotation) => annotation.uid !== uid))
	if (useMeasurements.getState().selected === uid) useMeasurements.setState({ selected: null })
}

function edit(image: LightBox, make: (present: readonly Annotation[]) => readonly Annotation[]): void {
	const imageId = imageIdOf(image)
	const history = useMeasurements.getState().images[imageId]
	if (!history) return
	const present = make(history.present)
	if (!differ(history.present, present)) return
	change(image, recorded(history, present))
	redraw(imageId)
}

export function selectMeasurement(uid: string | null): void {
	useMeasurements.setState({ selected: uid })
	drawn.selection.deselectAnnotation()
	if (uid && drawn.state.getAnnotation(uid)) drawn.selection.setAnnotationSelected(uid, true)
	redrawOverlays()
}

/** Takes over which measurement was clicked on the film. */
export function followSelection(): void {
	const [uid] = drawn.selection.getAnnotationsSelected()
	useMeasurements.setState({ selected: uid ?? null })
}

function change(image: LightBox, history: History<readonly Annotation[]>): void {
	const imageId = imageIdOf(image)
	useMeasurements.setState(({ images }) => ({ images: { ...images, [imageId]: history } }))
	clearTimeout(unsaved.get(imageId)?.timer)
	unsaved.set(imageId, { image, timer: setTimeout(() => save(imageId), SAVE_AFTER_MILLISECONDS) })
}

function save(imageId: string): void {
	const waiting = unsaved.get(imageId)
	const history = useMeasurements.getState().images[imageId]
	if (!waiting || !history) return
	clearTimeout(waiting.timer)
	unsaved.delete(imageId)
	client.call('annotations.save', { ...waiting.image, annotations: [...history.present] }).catch((error: unknown) => {
		// Kept here, and sent again with the next change or when the room is left.
		if (!unsaved.has(imageId)) unsaved.set(imageId, { image: waiting.image, timer: setTimeout(() => {}, 0) })
		showError(error)
	})
}

/** Sends what has not been sent, e.g. when the room is left. */
export function saveMeasurements(): void {
	for (const imageId of unsaved.keys()) save(imageId)
}

/** Forgets measurements of images that are not shown and have been saved, so that long sessions do not pile them up. */
export function keepMeasurements(shown: ReadonlySet<string>): void {
	saveMeasurements()
	const { images } = useMeasurements.getState()
	const kept = Object.fromEntries(Object.entries(images).filter(([imageId]) => shown.has(imageId) || unsaved.has(imageId)))
	for (const imageId of Object.keys(images)) if (!kept[imageId]) removeDrawn(imageId)
	useMeasurements.setState({ images: kept })
}

function annotationsOn(imageId: string): Types.Annotation[] {
	return drawn.state.getAllAnnotations().filter((found) => found.metadata?.referencedImageId === imageId)
}

function removeDrawn(imageId: string): void {
	for (const found of annotationsOn(imageId)) {
		if (!found.annotationUID) continue
		completed.delete(found.annotationUID)
		drawn.state.removeAnnotation(found.annotationUID)
	}
}

/** Draws an image's measurements anew from what is kept of them. */
function redraw(imageId: string): void {
	const frame = frameOf(imageId)
	const history = useMeasurements.getState().images[imageId]
	if (!frame || !history) return
	removeDrawn(imageId)
	for (const { uid, tool, points, label } of history.present) {
		completed.add(uid)
		drawn.state.addAnnotation({
			annotationUID: uid,
			highlighted: false,
			invalidated: false,
			isLocked: false,
			isVisible: true,
			metadata: { toolName: TOOL_NAMES[tool], referencedImageId: imageId, FrameOfReferenceUID: imageId, viewPlaneNormal: [0, 0, -1] },
			data: {
				label,
				handles: {
					points: points.map((point) => toWorld(frame, point)),
					activeHandleIndex: null,
					textBox: {
						hasMoved: false,
						worldPosition: [0, 0, 0],
						worldBoundingBox: { topLeft: [0, 0, 0], topRight: [0, 0, 0], bottomLeft: [0, 0, 0], bottomRight: [0, 0, 0] },
					},
				},
				cachedStats: {},
			},
		} as unknown as Types.Annotation, imageId)
	}
	const { selected } = useMeasurements.getState()
	if (selected && drawn.state.getAnnotation(selected)) drawn.selection.setAnnotationSelected(selected, true)
	redrawOverlays()
}

function redrawOverlays(): void {
	const viewports = engine()?.getViewports() ?? []
	utilities.triggerAnnotationRenderForViewportIds(viewports.map((viewport) => viewport.id))
}
