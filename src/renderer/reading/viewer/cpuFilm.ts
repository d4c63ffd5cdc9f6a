import type { Frame, FrameHeader } from '../../../common/contract/frame.ts'
import { pixelArrayOf } from '../../../common/imaging/frameFile.ts'
import { displayRgba } from '../../../common/imaging/window.ts'
import type { Display } from './display.ts'
import type { Affine } from './film.ts'

/**
 * Drawing without WebGL. Cornerstone's own drawing on the processor windows every pixel of the film at every change and knows
 * neither SIGMOID nor a table after windowing; this one windows a film that is reduced to about the resolution of the screen.
 */
export interface CpuFilm {
	frame: Frame
	display: Display
	/** Film pixels to device pixels of the canvas. */
	affine: Affine
	levels: Map<number, Frame>
	raster: { key: string; canvas: OffscreenCanvas; level: number } | null
}

const films = new WeakMap<HTMLCanvasElement, CpuFilm>()

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
	if (!film) return
	const { header } = film.frame
	const { canvas: raster, level } = rasterOf(film)
	const { a, b, c, d, e, f } = film.affine
	context.setTransform(a, b, c, d, e, f)
	context.imageSmoothingEnabled = true
	context.imageSmoothingQuality = 'medium'
	const factor = 2 ** level
	// The last reduced pixel may stand for less than a whole block; the film ends where it ends.
	context.drawImage(raster, 0, 0, header.columns / factor, header.rows / factor, -0.5, -0.5, header.columns, header.rows)
}

function rasterOf(film: CpuFilm): { canvas: OffscreenCanvas; level: number } {
	const { display, affine } = film
	const scale = Math.max(Math.hypot(affine.a, affine.b), Math.hypot(affine.c, affine.d))
	const level = Math.max(0, Math.min(6, Math.floor(Math.log2(1 / scale))))
	const key = `${level}|${display.lut}|${display.center}|${display.width}|${display.invert}`
	if (film.raster?.key === key) return film.raster
	const reduced = reducedFrame(film, level)
	const { columns, rows } = reduced.header
	const canvas = film.raster?.level === level ? film.raster.canvas : new OffscreenCanvas(columns, rows)
	const window = display.lut ? null : { center: display.center, width: display.width }
	canvas.getContext('2d')?.putImageData(new ImageData(displayRgba(reduced, { window, invert: display.invert }), columns, rows), 0, 0)
	film.raster = { key, canvas, level }
	return film.raster
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
