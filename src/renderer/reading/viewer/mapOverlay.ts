import { Enums as CoreEnums } from '@cornerstonejs/core'
import type { CamMap } from '../../../common/cam/camMap.ts'
import { compareMaps } from '../../../common/cam/compareMaps.ts'
import { removalOrder } from '../../../common/cam/perturbation.ts'
import { cssColour } from '../../../common/imaging/colourMap.ts'
import { divergingCss } from '../../../common/imaging/divergingColours.ts'
import { useFaithfulness } from '../map/faithfulness.ts'
import { isFinished } from '../map/mapWords.ts'
import { camMapOf, overlayOn } from '../map/overlay.ts'
import { removalOf, type ShownRemoval } from '../map/removal.ts'
import { useReading, type MapLook } from '../readingStore.ts'
import type { FilmViewport } from './filmViewport.ts'
import { frameOf, imageIdOf } from './frames.ts'
import {
	borderOf, contourOfMap, drawContour, drawRaster, rasterOfDifference, rasterOfMap, rasterOfRemoved, scaledAffine, type FilmMap, type Raster, type Segment,
} from './mapDrawing.ts'

/** The lines are light on a dark rim: this much of the colour map's range. */
const CONTOUR_COLOUR = cssColour('inferno', 0.85)

/** Around the part of the film that the network saw, in dashes: it is no contour of the map. */
const BORDER_COLOUR = 'rgba(255, 255, 255, 0.7)'
const BORDER_DASHES = [6, 5]

/** What is to be drawn over one film. */
type Layer =
	| { kind: 'map'; map: CamMap; look: MapLook; label: string }
	| { kind: 'difference'; student: CamMap; teacher: CamMap; look: MapLook; label: string }
	| { kind: 'removed'; map: CamMap; removal: ShownRemoval; label: string }

/** What costs time to make, for as long as what it was made of stays the same. */
function remembered<Value>(): (parts: readonly unknown[], make: () => Value) => Value {
	let last: { parts: readonly unknown[]; value: Value } | null = null
	return (parts, make) => {
		if (!last || last.parts.length !== parts.length || parts.some((part, index) => part !== last?.parts[index])) last = { parts, value: make() }
		return last.value
	}
}

/** What lies over the film of a light box at present, with its numbers; null where there are none yet. */
function layerOn(box: number): Layer | null {
	const reading = useReading.getState()
	const overlay = overlayOn(box, reading)
	const look = reading.mapLook
	if (overlay?.kind === 'difference') {
		const [student, teacher] = [camMapOf(overlay.student), camMapOf(overlay.teacher)]
		// Of maps that still change a difference would say nothing.
		if (!student || !teacher || !isFinished(overlay.student) || !isFinished(overlay.teacher)) return null
		return { kind: 'difference', student, teacher, look, label: overlay.student.label ?? '' }
	}
	if (overlay?.kind !== 'map') return null
	const map = camMapOf(overlay.map)
	if (!map) return null
	const label = overlay.map.label ?? ''
	const removal = removalOf(overlay.map, reading.removal, useFaithfulness.getState().measurements)
	return removal ? { kind: 'removed', map, removal, label } : { kind: 'map', map, look, label }
}

/**
 * Draws what belongs over a film (the map of the chosen label, the difference of two maps, or a cover over the pixels that were removed), in register
 * with it at any zoom, turn or flip: into a canvas between the film and the measurements, after every drawing of the film. The film's own pixels stay.
 * @returns takes it away.
 */
export function keepOverlaid(viewport: FilmViewport, box: number): () => void {
	const canvas = document.createElement('canvas')
	canvas.className = 'map-overlay'
	canvas.hidden = true
	const layers = viewport.element.querySelector('.viewport-element')
	layers?.insertBefore(canvas, layers.querySelector('.svg-layer'))
	const keptRaster = remembered<OffscreenCanvas>()
	const keptContours = remembered<Segment[][]>()
	const keptOrder = remembered<Uint32Array>()
	const keptDifference = remembered<CamMap>()

	function draw(): void {
		const image = useReading.getState().lightBoxes[box]
		const layer = layerOn(box)
		const frame = image && frameOf(imageIdOf(image))
		const affine = frame && layer ? viewport.affine(frame) : null
		const context = canvas.getContext('2d')
		const drawable = context && frame && affine && layer
		canvas.hidden = !drawable
		canvas.dataset['label'] = drawable ? layer.label : ''
		canvas.dataset['kind'] = drawable ? layer.kind : ''
		if (!drawable) return
		const pixelRatio = window.devicePixelRatio
		const width = Math.max(1, Math.round(viewport.element.clientWidth * pixelRatio))
		const height = Math.max(1, Math.round(viewport.element.clientHeight * pixelRatio))
		if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
		context.setTransform(1, 0, 0, 1, 0, 0)
		context.clearRect(0, 0, width, height)
		const { columns, rows } = frame.header
		const onScreen = scaledAffine(affine, pixelRatio)
		const drawBorder = (region: CamMap['region']) => region && drawContour(context, borderOf(region, columns, rows), onScreen, pixelRatio, BORDER_COLOUR, BORDER_DASHES)

		if (layer.kind === 'removed') {
			const { map, removal } = layer
			const order = keptOrder([map.values, removal.width, removal.height], () => removalOrder(map, removal.height, removal.width))
			const raster = keptRaster([order, removal.share], () => canvasOf(rasterOfRemoved(order, removal.width, removal.height, removal.share)))
			drawRaster(context, raster, { columns, rows, region: map.region }, onScreen, 1, false)
			drawBorder(map.region)
			return
		}
		const { threshold, style, opacity } = layer.look
		const compared = layer.kind === 'difference'
		const map: CamMap = compared ? keptDifference([layer.student.values, layer.teacher.values], () => compareMaps(layer.student, layer.teacher).difference) : layer.map
		const filmMap: FilmMap = { ...map, threshold }
		if (style === 'contour') {
			const colours = compared ? [divergingCss(1), divergingCss(-1)] : [CONTOUR_COLOUR]
			const contours = keptContours([map.values, threshold, frame], () => colours.map((_, side) => contourOfMap(side === 0 ? filmMap : negated(filmMap), columns, rows)))
			contours.forEach((segments, side) => drawContour(context, segments, onScreen, pixelRatio, colours[side] as string))
		} else {
			const raster = keptRaster([map.values, threshold, frame], () => canvasOf(compared ? rasterOfDifference(filmMap, columns, rows) : rasterOfMap(filmMap, columns, rows)))
			drawRaster(context, raster, { columns, rows, region: map.region }, onScreen, opacity)
		}
		drawBorder(map.region)
	}

	viewport.element.addEventListener(CoreEnums.Events.IMAGE_RENDERED, draw)
	const stopFollowing = [
		useReading.subscribe((reading, before) => {
			const parts = ['map', 'teacherMap', 'mapLook', 'comparison', 'removal', 'lightBoxes'] as const
			if (parts.some((part) => reading[part] !== before[part])) draw()
		}),
		useFaithfulness.subscribe(draw),
	]
	return () => {
		for (const stop of stopFollowing) stop()
		viewport.element.removeEventListener(CoreEnums.Events.IMAGE_RENDERED, draw)
		canvas.remove()
	}
}

function negated(map: FilmMap): FilmMap {
	return { ...map, values: Float32Array.from(map.values, (value) => -value) }
}

function canvasOf({ rgba, width, height }: Raster): OffscreenCanvas {
	const canvas = new OffscreenCanvas(width, height)
	canvas.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0)
	return canvas
}
