import { useEffect, useRef } from 'react'
import type { CamState } from '../../../../common/contract/analysis.ts'
import { cssColour } from '../../../../common/imaging/colourMap.ts'
import { borderOf, contourOfMap, drawContour, drawRaster, rasterOfMap } from '../../../reading/viewer/mapDrawing.ts'

/** How a map lies over a picture. */
export interface ErrorMapLook {
	opacity: number
	threshold: number
	style: 'colour' | 'contour'
}

/** As over the films of the reading desk: lines are light on a dark rim, the border of what the network saw is dashed. */
const CONTOUR_COLOUR = cssColour('inferno', 0.85)
const BORDER_COLOUR = 'rgba(255, 255, 255, 0.7)'
const BORDER_DASHES = [6, 5]

/** Of the canvas's longer side, at least: a contour over a small picture is no staircase. */
const LEAST_SIDE = 1024
/** Lines are this many canvas pixels wide per pixel of the screen, about. */
const LINE_SCALE = 2

/** A label's map over a picture that it shares its place with: it has the picture's proportions, and is fitted into the same box. */
export function MapOnPicture({ map, label, size, look: { opacity, threshold, style } }: { map: CamState; label: string; size: { width: number; height: number }; look: ErrorMapLook }) {
	const canvas = useRef<HTMLCanvasElement>(null)
	const scale = Math.max(1, LEAST_SIDE / Math.max(size.width, size.height))
	const [columns, rows] = [Math.round(size.width * scale), Math.round(size.height * scale)]
	useEffect(() => {
		const context = canvas.current?.getContext('2d')
		const values = map.maps[label]
		if (!context || values?.length !== map.width * map.height) return
		context.setTransform(1, 0, 0, 1, 0, 0)
		context.clearRect(0, 0, columns, rows)
		// The centre of a pixel of the film is at whole numbers.
		const affine = { a: 1, b: 0, c: 0, d: 1, e: 0.5, f: 0.5 }
		const filmMap = { width: map.width, height: map.height, values, threshold, region: map.region }
		if (style === 'contour') drawContour(context, contourOfMap(filmMap, columns, rows), affine, LINE_SCALE, CONTOUR_COLOUR)
		else {
			const { rgba, width, height } = rasterOfMap(filmMap, columns, rows)
			const raster = new OffscreenCanvas(width, height)
			raster.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0)
			drawRaster(context, raster, { columns, rows, region: map.region }, affine, opacity)
		}
		if (map.region) drawContour(context, borderOf(map.region, columns, rows), affine, LINE_SCALE, BORDER_COLOUR, BORDER_DASHES)
	}, [map, label, columns, rows, opacity, threshold, style])
	return <canvas ref={canvas} className="error-map" width={columns} height={rows} role="img" aria-label={`Map of ${label}`} data-label={label} />
}
