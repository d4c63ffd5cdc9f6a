import { changedPixels } from '../../../common/cam/perturbation.ts'
import { divergingColours, divergingIndex } from '../../../common/imaging/divergingColours.ts'
import type { FilmRegion } from '../../../common/contract/primitives.ts'
import { overlayRgba, upsampleBilinear } from '../../../common/imaging/overlay.ts'
import type { Affine } from './film.ts'

/** A map at layer resolution over a film: the network saw the film, or a part of it, stretched to its input, so the map covers the whole film or that part. */
export interface FilmMap {
	width: number
	height: number
	values: ArrayLike<number>
	threshold: number
	/** The part of the film that it covers; missing: all of it. */
	region?: FilmRegion | undefined
}

/** Two film points of a piece of a contour: [column, row, column, row], in film pixels. */
export type Segment = readonly [number, number, number, number]

const LONGEST_RASTER_SIDE = 768
const LONGEST_CONTOUR_SIDE = 256

/** Where a region lies on a film, in film pixels: the first pixel begins at 0. */
function placeOf(region: FilmRegion | undefined, columns: number, rows: number): { x: number; y: number; width: number; height: number } {
	const { left, top, right, bottom } = region ?? { left: 0, top: 0, right: 1, bottom: 1 }
	return { x: left * columns, y: top * rows, width: (right - left) * columns, height: (bottom - top) * rows }
}

/** The proportions of the film, or of the region of it, with the longer side at most `longest`. */
function reducedSize(region: FilmRegion | undefined, filmColumns: number, filmRows: number, longest: number): { width: number; height: number } {
	const { width: columns, height: rows } = placeOf(region, filmColumns, filmRows)
	const factor = Math.min(1, longest / Math.max(columns, rows))
	return { width: Math.max(1, Math.round(columns * factor)), height: Math.max(1, Math.round(rows * factor)) }
}

/** RGBA pixels that cover a whole film, or the region of it that they belong to. */
export interface Raster {
	rgba: Uint8ClampedArray<ArrayBuffer>
	width: number
	height: number
}

/** The coloured map, opaque where value >= threshold; opacity comes when it is drawn, and is the same everywhere. */
export function rasterOfMap(map: FilmMap, columns: number, rows: number): Raster {
	const { width, height } = reducedSize(map.region, columns, rows, LONGEST_RASTER_SIDE)
	return { rgba: overlayRgba({ ...map, region: undefined, opacity: 1 }, width, height), width, height }
}

/** Differences of -1 to 1 in diverging colours, opaque where they are at least the threshold either way. */
export function rasterOfDifference(map: FilmMap, columns: number, rows: number): Raster {
	const { width, height } = reducedSize(map.region, columns, rows, LONGEST_RASTER_SIDE)
	const values = upsampleBilinear(map.values, map.width, map.height, width, height)
	const colours = divergingColours()
	const rgba = new Uint8ClampedArray(width * height * 4)
	for (let index = 0; index < values.length; index++) {
		const value = values[index] as number
		if (!(Math.abs(value) >= map.threshold)) continue
		const entry = divergingIndex(value) * 3
		rgba.set(colours.subarray(entry, entry + 3), index * 4)
		rgba[index * 4 + 3] = 255
	}
	return { rgba, width, height }
}

/** What a network is shown in place of a removed pixel: the mean of its training images, a flat grey. */
const REMOVED_GREY = 128

/** The pixels of a network's input that are removed first, covered; the others are clear. */
export function rasterOfRemoved(order: Uint32Array, width: number, height: number, share: number): Raster {
	const rgba = new Uint8ClampedArray(width * height * 4)
	for (const pixel of order.subarray(0, changedPixels(width * height, share))) {
		rgba.fill(REMOVED_GREY, pixel * 4, pixel * 4 + 3)
		rgba[pixel * 4 + 3] = 255
	}
	return { rgba, width, height }
}

/** Marching squares at the threshold over the bilinear map; the edge of the film, or of the map's region, is no contour. */
export function contourOfMap(map: FilmMap, columns: number, rows: number): Segment[] {
	const { width, height } = reducedSize(map.region, columns, rows, LONGEST_CONTOUR_SIDE)
	const place = placeOf(map.region, columns, rows)
	const values = upsampleBilinear(map.values, map.width, map.height, width, height)
	const segments: Segment[] = []
	const toColumn = (x: number) => place.x + ((x + 0.5) * place.width) / width - 0.5
	const toRow = (y: number) => place.y + ((y + 0.5) * place.height) / height - 0.5
	for (let y = 0; y + 1 < height; y++) {
		for (let x = 0; x + 1 < width; x++) {
			const corners = [values[y * width + x], values[y * width + x + 1], values[(y + 1) * width + x + 1], values[(y + 1) * width + x]] as [number, number, number, number]
			const crossings: [number, number][] = []
			for (let edge = 0; edge < 4; edge++) {
				const from = corners[edge] as number
				const to = corners[(edge + 1) % 4] as number
				if (from >= map.threshold === to >= map.threshold) continue
				const share = (map.threshold - from) / (to - from)
				crossings.push(EDGES[edge]?.(x, y, share) ?? [x, y])
			}
			// Two crossings make one piece, four make two.
			for (let at = 0; at + 1 < crossings.length; at += 2) {
				const [one, other] = [crossings[at], crossings[at + 1]]
				if (one && other) segments.push([toColumn(one[0]), toRow(one[1]), toColumn(other[0]), toRow(other[1])])
			}
		}
	}
	return segments
}

const EDGES: ((x: number, y: number, share: number) => [number, number])[] = [
	(x, y, share) => [x + share, y],
	(x, y, share) => [x + 1, y + share],
	(x, y, share) => [x + 1 - share, y + 1],
	(x, y, share) => [x, y + 1 - share],
]

interface Drawing2d {
	setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void
	globalAlpha: number
	imageSmoothingEnabled: boolean
	drawImage(image: OffscreenCanvas, x: number, y: number, width: number, height: number): void
	beginPath(): void
	moveTo(x: number, y: number): void
	lineTo(x: number, y: number): void
	stroke(): void
	setLineDash(lengths: number[]): void
	strokeStyle: unknown
	lineWidth: number
}

/** Film pixels to device pixels. */
export function scaledAffine({ a, b, c, d, e, f }: Affine, factor: number): Affine {
	return { a: a * factor, b: b * factor, c: c * factor, d: d * factor, e: e * factor, f: f * factor }
}

/**
 * Draws a raster over the whole film, from half a pixel before the first pixel's centre to half a pixel after the last one's, or over a region of it.
 * @param smooth Colours run into each other between the raster's pixels; else each stays a plain rectangle.
 */
export function drawRaster(context: Drawing2d, raster: OffscreenCanvas, film: { columns: number; rows: number; region?: FilmRegion | undefined }, affine: Affine, opacity: number, smooth = true): void {
	context.setTransform(affine.a, affine.b, affine.c, affine.d, affine.e, affine.f)
	context.globalAlpha = opacity
	context.imageSmoothingEnabled = smooth
	const { x, y, width, height } = placeOf(film.region, film.columns, film.rows)
	context.drawImage(raster, x - 0.5, y - 0.5, width, height)
	context.globalAlpha = 1
}

/** The border of a region as pieces of a line. */
export function borderOf(region: FilmRegion, columns: number, rows: number): Segment[] {
	const { x, y, width, height } = placeOf(region, columns, rows)
	const [left, top, right, bottom] = [x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5]
	return [[left, top, right, top], [right, top, right, bottom], [right, bottom, left, bottom], [left, bottom, left, top]]
}

/** Draws contour pieces with lines of the same width at any zoom: light with a dark rim, so that they stand out on any grey. */
export function drawContour(context: Drawing2d, segments: readonly Segment[], affine: Affine, pixelRatio: number, colour: string, dashes: readonly number[] = []): void {
	context.setTransform(1, 0, 0, 1, 0, 0)
	context.globalAlpha = 1
	context.beginPath()
	for (const [column, row, toColumn, toRow] of segments) {
		context.moveTo(affine.a * column + affine.c * row + affine.e, affine.b * column + affine.d * row + affine.f)
		context.lineTo(affine.a * toColumn + affine.c * toRow + affine.e, affine.b * toColumn + affine.d * toRow + affine.f)
	}
	context.setLineDash(dashes.map((length) => length * pixelRatio))
	context.strokeStyle = 'rgba(0, 0, 0, 0.8)'
	context.lineWidth = 3.5 * pixelRatio
	context.stroke()
	context.strokeStyle = colour
	context.lineWidth = 1.75 * pixelRatio
	context.stroke()
}
