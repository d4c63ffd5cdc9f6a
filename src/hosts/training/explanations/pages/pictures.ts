import sharp from 'sharp'
import type { CamMap } from '../../../../common/cam/camMap.ts'
import type { FilmMask } from '../../../../common/cam/energy.ts'
import { drawOver, overlayRgba } from '../../../../common/imaging/overlay.ts'
import { encodePng } from '../../../imaging/render.ts'
import type { ShownImage } from '../../data/images/openImage.ts'

/** Of the longer side. */
const LONGEST_SIDE = 360
/** As the overlay at the reading desk begins. */
const OPACITY = 0.5
const THRESHOLD = 0.15
/** Pixels of an outline. */
const STROKE = 2
/** Lungs and findings: both can be told from inferno and from each other. */
const OUTLINES = { lungs: [126, 201, 255], finding: [120, 255, 160] } as const

export interface Outline {
	truth: keyof typeof OUTLINES
	mask: FilmMask
}

/** A film as a PNG image, with a map over it where one is given, and with outlines of what is known to be there. */
export async function picture(image: ShownImage, map: CamMap | null, outlines: readonly Outline[]): Promise<Uint8Array> {
	const scale = LONGEST_SIDE / Math.max(image.width, image.height)
	const width = Math.max(1, Math.round(image.width * scale))
	const height = Math.max(1, Math.round(image.height * scale))
	const planes = await Promise.all(image.planes.map((plane) => sharp(plane, { raw: { width: image.width, height: image.height, channels: 1 } }).resize(width, height, { fit: 'fill', kernel: 'cubic' }).toColourspace('b-w').raw().toBuffer()))
	const rgba = new Uint8ClampedArray(width * height * 4)
	for (let index = 0; index < width * height; index++) {
		for (let channel = 0; channel < 3; channel++) rgba[index * 4 + channel] = (planes[channel] ?? planes[0])?.[index] ?? 0
		rgba[index * 4 + 3] = 255
	}
	if (map) drawOver(rgba, overlayRgba({ ...map, opacity: OPACITY, threshold: THRESHOLD }, width, height))
	for (const { truth, mask } of outlines) drawOutline(rgba, width, height, mask, OUTLINES[truth])
	return encodePng({ width, height, rgba })
}

/** Pixels inside that have one outside near them; the film's own edge is no outline. */
function drawOutline(rgba: Uint8ClampedArray, width: number, height: number, mask: FilmMask, colour: readonly number[]): void {
	const inside = (column: number, row: number): boolean => {
		const [x, y] = [Math.min(width - 1, Math.max(0, column)), Math.min(height - 1, Math.max(0, row))]
		return mask.values[Math.floor(((y + 0.5) * mask.height) / height) * mask.width + Math.floor(((x + 0.5) * mask.width) / width)] !== 0
	}
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			if (!inside(column, row) || (inside(column - STROKE, row) && inside(column + STROKE, row) && inside(column, row - STROKE) && inside(column, row + STROKE))) continue
			for (let channel = 0; channel < 3; channel++) rgba[(row * width + column) * 4 + channel] = colour[channel] ?? 0
		}
	}
}
