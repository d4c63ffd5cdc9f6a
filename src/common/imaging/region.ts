import type { FilmRegion } from '../contract/primitives.ts'

/** Whole pixels of an image: columns x to x + width - 1, rows y to y + height - 1. */
export interface PixelBox {
	x: number
	y: number
	width: number
	height: number
}

/** Borders rounded to the nearest pixel's edge; at least one pixel. */
export function pixelBoxOf({ left, top, right, bottom }: FilmRegion, width: number, height: number): PixelBox {
	const columns = pixelRange(left, right, width)
	const rows = pixelRange(top, bottom, height)
	return { x: columns.first, y: rows.first, width: columns.count, height: rows.count }
}

function pixelRange(from: number, to: number, size: number): { first: number; count: number } {
	const first = Math.min(Math.max(Math.round(from * size), 0), size - 1)
	return { first, count: Math.max(Math.min(Math.round(to * size), size) - first, 1) }
}

/** The region that these pixels cover. */
export function regionOf({ x, y, width, height }: PixelBox, imageWidth: number, imageHeight: number): FilmRegion {
	return { left: x / imageWidth, top: y / imageHeight, right: (x + width) / imageWidth, bottom: (y + height) / imageHeight }
}

/** The part of a plane (height x width, row by row) that lies in a region, in whole pixels (pixelBoxOf); a copy. */
export function cropPlane(plane: Uint8Array, width: number, height: number, region: FilmRegion): { plane: Uint8Array; width: number; height: number } {
	const box = pixelBoxOf(region, width, height)
	const cropped = new Uint8Array(box.width * box.height)
	for (let row = 0; row < box.height; row++) {
		const start = (box.y + row) * width + box.x
		cropped.set(plane.subarray(start, start + box.width), row * box.width)
	}
	return { plane: cropped, width: box.width, height: box.height }
}
