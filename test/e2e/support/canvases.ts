import type { Locator, Page } from 'playwright-core'
import type { Frame } from '../../../src/common/contract/frame.ts'
import { decodeFrame } from '../../../src/common/imaging/frameFile.ts'
import { stated } from './rooms.ts'

export interface Picture {
	width: number
	height: number
	/** RGBA, row by row. */
	pixels: Buffer
}

export type Point = [number, number]

/** What a canvas of a light box shows, as it is drawn; a hidden one shows nothing. */
async function pixelsOf(page: Page, selector: string, box: number): Promise<Picture> {
	const { text, ...size } = await page.evaluate(([wanted, holder]) => {
		const canvas = document.querySelector<HTMLCanvasElement>(`.light-box-holder[data-box="${holder}"] ${wanted}`)
		if (!canvas) throw new Error(`There is no ${wanted}.`)
		const { width, height } = canvas
		const copy = new OffscreenCanvas(width, height).getContext('2d')
		if (!copy) throw new Error('A canvas cannot be read here.')
		if (!canvas.hidden) copy.drawImage(canvas, 0, 0)
		const { data } = copy.getImageData(0, 0, width, height)
		// As one text: an array of a million numbers takes seconds on its way out of the page.
		const pieces = Array.from({ length: Math.ceil(data.length / 8192) }, (_, piece) => String.fromCharCode(...data.subarray(piece * 8192, (piece + 1) * 8192)))
		return { width, height, text: pieces.join('') }
	}, [selector, box] as const)
	return { ...size, pixels: Buffer.from(text, 'latin1') }
}

export function overlayOf(page: Page, box = 0): Promise<Picture> {
	return pixelsOf(page, 'canvas.map-overlay', box)
}

export function filmOf(page: Page, box = 0): Promise<Picture> {
	return pixelsOf(page, 'canvas.cornerstone-canvas', box)
}

/** Where the light box says that a film point lies on its canvas, worked out here from what it states of itself. */
export async function placementOf(film: Locator, { width, height }: Picture, aspect: number): Promise<{ toCanvas(point: Point): Point; toFilm(point: Point): Point }> {
	const [zoom, column, row, rotation] = [await stated(film, 'zoom'), await stated(film, 'column'), await stated(film, 'row'), await stated(film, 'rotation')]
	const mirrored = (await film.getAttribute('data-flip-horizontal')) === 'true' ? -1 : 1
	const overturned = (await film.getAttribute('data-flip-vertical')) === 'true' ? -1 : 1
	const turn = (rotation * Math.PI) / 180
	return {
		toCanvas([x, y]) {
			const [right, down] = [(x - column) * zoom, (y - row) * zoom * aspect]
			return [
				width / 2 + mirrored * (right * Math.cos(turn) - down * Math.sin(turn)),
				height / 2 + overturned * (right * Math.sin(turn) + down * Math.cos(turn)),
			]
		},
		toFilm([x, y]) {
			const [right, down] = [mirrored * (x - width / 2), overturned * (y - height / 2)]
			return [
				column + (right * Math.cos(turn) + down * Math.sin(turn)) / zoom,
				row + (down * Math.cos(turn) - right * Math.sin(turn)) / (zoom * aspect),
			]
		},
	}
}

/** Points over the whole film, a few pixels within its edges. */
export function gridOf({ columns, rows }: Frame['header'], across: number): Point[] {
	return Array.from({ length: across * across }, (_, index) => [
		Math.round(((index % across) + 0.5) * (columns / across)),
		Math.round((Math.floor(index / across) + 0.5) * (rows / across)),
	])
}


/** The Frame that a light box shows, as the workstation gives it out. */
export async function frameShown(page: Page, film: Locator): Promise<Frame> {
	const url = new URL(`/frames/${await stated(film, 'instance')}/${await stated(film, 'frame')}`, page.url()).href
	return decodeFrame(Uint8Array.from(await (await page.context().request.get(url)).body()).buffer)
}
