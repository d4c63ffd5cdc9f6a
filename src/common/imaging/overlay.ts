import type { FilmRegion } from '../contract/primitives.ts'
import { colourIndex, colourMap } from './colourMap.ts'
import { pixelBoxOf, type PixelBox } from './region.ts'

/** A map at layer resolution, row by row, values 0 to 1, drawn where value >= threshold with one alpha. */
export interface OverlayMap {
	width: number
	height: number
	values: ArrayLike<number>
	opacity: number
	threshold: number
	/** The part of the film that it covers; missing: all of it. */
	region?: FilmRegion | undefined
}

/** For each output position the two source positions and the weight of the second: half-pixel centres, edges repeated. */
function resampling(source: number, target: number): { low: Int32Array; high: Int32Array; weight: Float64Array } {
	const low = new Int32Array(target)
	const high = new Int32Array(target)
	const weight = new Float64Array(target)
	for (let index = 0; index < target; index++) {
		const position = Math.min(Math.max(((index + 0.5) * source) / target - 0.5, 0), source - 1)
		low[index] = Math.floor(position)
		high[index] = Math.min(Math.floor(position) + 1, source - 1)
		weight[index] = position - Math.floor(position)
	}
	return { low, high, weight }
}

/** Bilinear resampling with half-pixel centres (align_corners = false), as Score-CAM masks are upsampled; row by row. */
export function upsampleBilinear(values: ArrayLike<number>, width: number, height: number, targetWidth: number, targetHeight: number): Float32Array<ArrayBuffer> {
	const columns = resampling(width, targetWidth)
	const rows = resampling(height, targetHeight)
	const target = new Float32Array(targetWidth * targetHeight)
	for (let row = 0; row < targetHeight; row++) {
		const above = (rows.low[row] as number) * width
		const below = (rows.high[row] as number) * width
		const down = rows.weight[row] as number
		for (let column = 0; column < targetWidth; column++) {
			const left = columns.low[column] as number
			const right = columns.high[column] as number
			const across = columns.weight[column] as number
			const upper = (values[above + left] as number) * (1 - across) + (values[above + right] as number) * across
			const lower = (values[below + left] as number) * (1 - across) + (values[below + right] as number) * across
			target[row * targetWidth + column] = upper * (1 - down) + lower * down
		}
	}
	return target
}

const WHOLE_FILM: FilmRegion = { left: 0, top: 0, right: 1, bottom: 1 }

/** A map brought to the pixels of its region on a film of this size, row by row: as it is drawn there. Outside of the region the map has no values. */
export function mapOnFilm(map: { width: number; height: number; values: ArrayLike<number>; region?: FilmRegion | undefined }, width: number, height: number): { box: PixelBox; values: Float32Array<ArrayBuffer> } {
	const box = pixelBoxOf(map.region ?? WHOLE_FILM, width, height)
	return { box, values: upsampleBilinear(map.values, map.width, map.height, box.width, box.height) }
}

/**
 * The map as RGBA pixels of the film's size: inferno, alpha = opacity x 255 where the upsampled value >= threshold, else transparent, as it is outside of
 * the map's region. Alpha is not premultiplied, so it can be drawn over a film in a canvas of its own.
 */
export function overlayRgba(map: OverlayMap, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
	const { box, values } = mapOnFilm(map, width, height)
	const table = colourMap('inferno')
	const alpha = Math.floor(Math.min(Math.max(map.opacity, 0), 1) * 255 + 0.5)
	const rgba = new Uint8ClampedArray(width * height * 4)
	for (let index = 0; index < values.length; index++) {
		const value = values[index] as number
		if (!(value >= map.threshold)) continue
		const entry = colourIndex(value) * 3
		const place = ((box.y + Math.floor(index / box.width)) * width + box.x + (index % box.width)) * 4
		rgba[place] = table[entry] as number
		rgba[place + 1] = table[entry + 1] as number
		rgba[place + 2] = table[entry + 2] as number
		rgba[place + 3] = alpha
	}
	return rgba
}

/** Draws RGBA pixels over opaque ones of the same size, in place. */
export function drawOver(film: Uint8ClampedArray, overlay: Uint8ClampedArray): void {
	for (let index = 0; index < film.length; index += 4) {
		const alpha = (overlay[index + 3] as number) / 255
		if (alpha === 0) continue
		for (let channel = index; channel < index + 3; channel++) {
			film[channel] = (overlay[channel] as number) * alpha + (film[channel] as number) * (1 - alpha)
		}
	}
}
