import sharp from 'sharp'
import type { Frame } from '../../common/contract/frame.ts'
import { displaySamples, type WindowValues } from '../../common/imaging/window.ts'
import { orient, type Orientation, type RgbaImage } from '../../common/imaging/orientation.ts'
import { drawOver, overlayRgba, type OverlayMap } from '../../common/imaging/overlay.ts'

export interface RenderSettings extends Orientation {
	window: WindowValues | null
	invert: boolean
	/** Of the longer side; a smaller film is not enlarged. */
	maxSide: number
	map: OverlayMap | null
}

/** A view of a Frame as RGBA pixels: windowed, brought to size, the map drawn over it in register, then turned and flipped. */
export async function renderFrame(frame: Frame, settings: RenderSettings): Promise<RgbaImage> {
	const { rows, columns, samplesPerPixel } = frame.header
	const shown = displaySamples(frame, { window: settings.window, invert: settings.invert })
	const { data, info } = await sharp(shown, { raw: { width: columns, height: rows, channels: samplesPerPixel } })
		.resize({ width: settings.maxSide, height: settings.maxSide, fit: 'inside', withoutEnlargement: true, kernel: 'cubic' })
		.toColourspace('srgb')
		.ensureAlpha()
		.raw()
		.toBuffer({ resolveWithObject: true })
	const image: RgbaImage = { width: info.width, height: info.height, rgba: new Uint8ClampedArray(new Uint8Array(data).buffer) }
	if (settings.map) drawOver(image.rgba, overlayRgba(settings.map, image.width, image.height))
	return orient(image, settings)
}

/** RGBA pixels as the bytes of a PNG file, opaque. */
export async function encodePng({ width, height, rgba }: RgbaImage): Promise<Uint8Array> {
	return await sharp(rgba, { raw: { width, height, channels: 4 } }).removeAlpha().png().toBuffer()
}
