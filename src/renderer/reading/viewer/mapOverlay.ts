import { Enums as CoreEnums } from '@cornerstonejs/core'
import { useReading } from '../readingStore.ts'
import type { FilmViewport } from './filmViewport.ts'
import { frameOf, imageIdOf } from './frames.ts'
import { contourOfMap, drawContour, drawRaster, rasterOfMap, scaledAffine, type FilmMap, type Segment } from './mapDrawing.ts'

interface Composed {
	values: readonly number[]
	threshold: number
	imageId: string
	raster: OffscreenCanvas | null
	segments: Segment[] | null
}

/**
 * Draws the map of the chosen label over the film, in register with it at any zoom, turn or flip, where the map is of the
 * image that is shown: into a canvas between the film and the measurements, after every drawing of the film.
 * @returns takes it away.
 */
export function keepOverlaid(viewport: FilmViewport, box: number): () => void {
	const canvas = document.createElement('canvas')
	canvas.className = 'map-overlay'
	canvas.hidden = true
	const layers = viewport.element.querySelector('.viewport-element')
	layers?.insertBefore(canvas, layers.querySelector('.svg-layer'))
	let composed: Composed | null = null

	function draw(): void {
		const { map, lightBoxes } = useReading.getState()
		const { state } = map
		const image = lightBoxes[box]
		const isOfThisImage = image && map.instanceId === image.instanceId && map.frameIndex === image.frameIndex
		const values = map.label !== null && isOfThisImage ? state?.maps[map.label] : undefined
		const frame = image && frameOf(imageIdOf(image))
		const affine = frame && values ? viewport.affine(frame) : null
		const context = canvas.getContext('2d')
		const drawable = context && image && frame && affine && values && state && values.length === state.width * state.height
		canvas.hidden = !drawable
		canvas.dataset.label = drawable ? (map.label ?? '') : ''
		if (!drawable) return
		const pixelRatio = window.devicePixelRatio
		const width = Math.max(1, Math.round(viewport.element.clientWidth * pixelRatio))
		const height = Math.max(1, Math.round(viewport.element.clientHeight * pixelRatio))
		if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
		context.setTransform(1, 0, 0, 1, 0, 0)
		context.clearRect(0, 0, width, height)
		const { columns, rows } = frame.header
		const imageId = imageIdOf(image)
		const filmMap: FilmMap = { width: state.width, height: state.height, values, threshold: map.threshold }
		if (composed?.values !== values || composed.threshold !== map.threshold || composed.imageId !== imageId) {
			composed = { values, threshold: map.threshold, imageId, raster: null, segments: null }
		}
		const onScreen = scaledAffine(affine, pixelRatio)
		if (map.style === 'contour') {
			composed.segments ??= contourOfMap(filmMap, columns, rows)
			drawContour(context, composed.segments, onScreen, pixelRatio)
		} else {
			composed.raster ??= canvasOf(rasterOfMap(filmMap, columns, rows))
			drawRaster(context, composed.raster, columns, rows, onScreen, map.opacity)
		}
	}

	viewport.element.addEventListener(CoreEnums.Events.IMAGE_RENDERED, draw)
	let seen = useReading.getState()
	const unsubscribe = useReading.subscribe((reading) => {
		if (reading.map !== seen.map || reading.lightBoxes !== seen.lightBoxes) draw()
		seen = reading
	})
	return () => {
		unsubscribe()
		viewport.element.removeEventListener(CoreEnums.Events.IMAGE_RENDERED, draw)
		canvas.remove()
	}
}

function canvasOf({ rgba, width, height }: { rgba: Uint8ClampedArray<ArrayBuffer>; width: number; height: number }): OffscreenCanvas {
	const canvas = new OffscreenCanvas(width, height)
	canvas.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0)
	return canvas
}
