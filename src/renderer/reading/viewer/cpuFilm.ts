import type { Frame, FrameHeader } from '../../../common/contract/frame.ts'
import { pixelArrayOf } from '../../../common/imaging/frameFile.ts'
import { displayRgba } from '../../../common/imaging/window.ts'
import type { Display } from './display.ts'
import { apply, inverted, type Affine } from './film.ts'

/**
 * Drawing without WebGL. Cornerstone's own drawing on the processor windows every pixel of the film at every change and knows
 * neither SIGMOID nor a table after windowing; this one windows only what is in sight, of a film that is reduced to about the
 * resolution of the screen.
 */
interface CpuFilm {
	frame: Frame
	display: Display
	/** Film pixels to device pixels of the canvas. */
	affine: Affine
	levels: Map<number, Frame>
	raster: Raster | null
}

/** A windowed piece of the film: of the 2^level times reduced film, from (left, top) on. */
interface Raster {
	key: string
	canvas: OffscreenCanvas
	level: number
	left: number
	top: number
}

const films = new WeakMap<HTMLCanvasElement, CpuFilm>()
/** Pieces begin and end at multiples of this many reduced pixels, so that a pan seldom needs a new one. */
const PIECE = 256

/** What is to be drawn on a canvas from now on; takes over the reduced films where the Frame is the same. */
export function setCpuFilm(canvas: HTMLCanvasElement, frame: Frame, display: Display, affine: Affine): void {
	const before = films.get(canvas)
	const kept = before?.frame === frame ? before : { levels: new Map<number, Frame>(), raster: null }
	films.set(canvas, { frame, display, affine, levels: kept.levels, raster: kept.raster })
}

export function forgetCpuFilm(canvas: HTMLCanvasElement): void {
	films.delete(canvas)
}

/** Cornerstone's `image.render`: draws what setCpuFilm said. */
export function drawCpuFilm({ canvas }: { canvas?: HTMLCanvasElement | undefined }): void {
	const context = canvas?.getContext('2d')
	if (!canvas || !context) return
	context.setTransform(1, 0, 0, 1, 0, 0)
	context.fillStyle = 'black'
	context.fillRect(0, 0, canvas.width, canvas.height)
	const film = films.get(canvas)
	const raster = film && rasterOf(film, canvas)
	if (!film || !raster) return
	const { a, b, c, d, e, f } = film.affine
	context.setTransform(a, b, c, d, e, f)
	context.imageSmoothingEnabled = true
	context.imageSmoothingQuality = 'medium'
	const factor = 2 ** raster.level
	const { columns, rows } = film.frame.header
	// The last reduced pixel may stand for less than a whole block; the film ends where it ends.
	const width = Math.min(raster.canvas.width, columns / factor - raster.left)
	const height = Math.min(raster.canvas.height, rows / factor - raster.top)
	context.drawImage(raster.canvas, 0, 0, width, height, raster.left * factor - 0.5, raster.top * factor - 0.5, width * factor, height * factor)
}

function rasterOf(film: CpuFilm, canvas: { width: number; height: number }): Raster | null {
	const { display, affine } = film
	const scale = Math.max(Math.hypot(affine.a, affine.b), Math.hypot(affine.c, affine.d))
	const level = Math.max(0, Math.min(6, Math.floor(Math.log2(1 / scale))))
	const reduced = reducedFrame(film, level)
	const { left, top, right, bottom } = pieceInSight(affine, canvas, 2 ** level, reduced.header)
	if (right <= left || bottom <= top) return null
	const key = `${level}|${left}|${top}|${right}|${bottom}|${display.lut}|${display.center}|${display.width}|${display.invert}`
	if (film.raster?.key === key) return film.raster
	const [width, height] = [right - left, bottom - top]
	const fits = film.raster?.canvas.width === width && film.raster.canvas.height === height
	const target = fits && film.raster ? film.raster.canvas : new OffscreenCanvas(width, height)
	const window = display.lut ? null : { center: display.center, width: display.width }
	const rgba = displayRgba(croppedFrame(reduced, left, top, width, height), { window, invert: display.invert })
	target.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0)
	film.raster = { key, canvas: target, level, left, top }
	return film.raster
}

/** The part of the reduced film that the canvas shows, in reduced pixels, rounded outwards. */
function pieceInSight(affine: Affine, canvas: { width: number; height: number }, factor: number, { columns, rows }: FrameHeader) {
	const back = inverted(affine)
	const corners = [[0, 0], [canvas.width, 0], [0, canvas.height], [canvas.width, canvas.height]].map(([x = 0, y = 0]) => apply(back, [x, y]))
	const outwards = (values: number[], length: number): [number, number] => [
		Math.max(0, Math.floor((Math.min(...values) / factor - 1) / PIECE) * PIECE),
		Math.min(length, Math.ceil((Math.max(...values) / factor + 2) / PIECE) * PIECE),
	]
	const [left, right] = outwards(corners.map(([column]) => column), columns)
	const [top, bottom] = outwards(corners.map(([, row]) => row), rows)
	return { left, top, right, bottom }
}

function croppedFrame({ header, pixels }: Frame, left: number, top: number, columns: number, rows: number): Frame {
	if (columns === header.columns && rows === header.rows) return { header, pixels }
	const channels = header.samplesPerPixel
	const target = new (pixelArrayOf(header.sampleType))(columns * rows * channels)
	for (let row = 0; row < rows; row++) {
		const from = ((top + row) * header.columns + left) * channels
		target.set(pixels.subarray(from, from + columns * channels), row * columns * channels)
	}
	return { header: { ...header, columns, rows }, pixels: target }
}

function reducedFrame(film: CpuFilm, level: number): Frame {
	if (level === 0) return film.frame
	const known = film.levels.get(level)
	if (known) return known
	const reduced = halvedFrame(reducedFrame(film, level - 1))
	film.levels.set(level, reduced)
	return reduced
}

/** Every 2 x 2 block of stored pixels as its mean; blocks at the edges may be smaller. */
export function halvedFrame({ header, pixels }: Frame): Frame {
	const columns = Math.ceil(header.columns / 2)
	const rows = Math.ceil(header.rows / 2)
	const channels = header.samplesPerPixel
	const target = new (pixelArrayOf(header.sampleType))(columns * rows * channels)
	const whole = header.sampleType !== 'float32'
	for (let row = 0; row < rows; row++) {
		const upper = row * 2 * header.columns
		const lower = Math.min(row * 2 + 1, header.rows - 1) * header.columns
		for (let column = 0; column < columns; column++) {
			const left = column * 2
			const right = Math.min(left + 1, header.columns - 1)
			for (let channel = 0; channel < channels; channel++) {
				const sum = (pixels[(upper + left) * channels + channel] as number) + (pixels[(upper + right) * channels + channel] as number)
					+ (pixels[(lower + left) * channels + channel] as number) + (pixels[(lower + right) * channels + channel] as number)
				target[(row * columns + column) * channels + channel] = whole ? Math.round(sum / 4) : sum / 4
			}
		}
	}
	const reduced: FrameHeader = { ...header, columns, rows }
	return { header: reduced, pixels: target }
}
