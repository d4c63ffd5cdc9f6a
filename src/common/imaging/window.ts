import type { Frame, FrameHeader, SampleType, VoiFunction, VoiLut } from '../contract/frame.ts'

/** Centre and width in modality units. */
export interface WindowValues {
	center: number
	width: number
}

/**
 * One modality value through a window to 0..255, not rounded (DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3, ymin = 0, ymax = 255).
 * LINEAR is only defined for widths of 1 and more; below that it is read as LINEAR_EXACT, which is what such files mean.
 */
export function windowedValue(value: number, window: WindowValues, voiFunction: VoiFunction): number {
	const { center, width } = window
	if (voiFunction === 'SIGMOID') return 255 / (1 + Math.exp((-4 * (value - center)) / width))
	if (voiFunction === 'LINEAR' && width >= 1) {
		if (value <= center - 0.5 - (width - 1) / 2) return 0
		if (value > center - 0.5 + (width - 1) / 2) return 255
		return ((value - (center - 0.5)) / (width - 1) + 0.5) * 255
	}
	if (value <= center - width / 2) return 0
	if (value > center + width / 2) return 255
	return ((value - center) / width + 0.5) * 255
}

/**
 * One modality value through a VOI LUT to 0..255, not rounded (PS3.3 C.11.2.1.1): values before the first entry take the first,
 * values after the last take the last; a value between two entries takes the one below.
 */
export function voiLutValue(value: number, lut: VoiLut): number {
	const index = Math.min(Math.max(Math.floor(value - lut.firstValue), 0), lut.entries.length - 1)
	return ((lut.entries[index] ?? 0) * 255) / (2 ** lut.bits - 1)
}

/** The way from a stored pixel to its display value; see displayGrey. */
export interface DisplaySettings {
	/** Null: the Frame's default, which is its first VOI LUT, or its first window where it has none. */
	window?: WindowValues | null
	/** Black for white, after everything else. */
	invert?: boolean
}

const FIRST_AND_COUNT: Record<Exclude<SampleType, 'float32'>, [number, number]> = {
	uint8: [0, 256],
	int8: [-128, 256],
	uint16: [0, 65536],
	int16: [-32768, 65536],
}

/** Pixel -> display value 0..255 (rounded half up), slope and intercept, window or VOI LUT, MONOCHROME1 and inversion included. */
function displayFunction(header: FrameHeader, settings: DisplaySettings): (pixel: number) => number {
	const { slope, intercept } = header.modality
	const lut = settings.window ? undefined : header.voi.luts[0]
	const window = settings.window ?? header.voi.windows[0] ?? { center: 128, width: 256 }
	const inverted = (header.photometric === 'MONOCHROME1') !== (settings.invert ?? false)
	return (pixel) => {
		const value = pixel * slope + intercept
		const shown = lut ? voiLutValue(value, lut) : windowedValue(value, window, header.voi.function)
		const rounded = Math.min(Math.max(Math.floor(shown + 0.5), 0), 255)
		return inverted ? 255 - rounded : rounded
	}
}

/** Every sample of the Frame as display value 0..255, in the Frame's own layout (rows x columns x samplesPerPixel). */
export function displaySamples(frame: Frame, settings: DisplaySettings = {}): Uint8Array<ArrayBuffer> {
	const { header, pixels } = frame
	const show = displayFunction(header, settings)
	const shown = new Uint8Array(pixels.length)
	if (header.sampleType === 'float32') {
		for (let index = 0; index < shown.length; index++) shown[index] = show(pixels[index] as number)
		return shown
	}
	const [first, count] = FIRST_AND_COUNT[header.sampleType]
	const table = new Uint8Array(count)
	for (let index = 0; index < count; index++) table[index] = show(first + index)
	for (let index = 0; index < shown.length; index++) shown[index] = table[(pixels[index] as number) - first] as number
	return shown
}

/** Luminance of 8-bit RGB, exactly as Pillow's convert('L'). */
export function luminance(red: number, green: number, blue: number): number {
	return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
}

/**
 * The Frame as a reader sees it in grey: rows x columns values, 0 black, 255 white.
 * Modality rescale, then the window (default: the Frame's own) or VOI LUT, rounded half up; MONOCHROME1 inverted;
 * colour is windowed channel by channel and then weighted as Pillow does it.
 */
export function displayGrey(frame: Frame, window: WindowValues | null = null): Uint8Array<ArrayBuffer> {
	const shown = displaySamples(frame, { window })
	if (frame.header.samplesPerPixel === 1) return shown
	const grey = new Uint8Array(frame.header.rows * frame.header.columns)
	for (let index = 0; index < grey.length; index++) {
		grey[index] = luminance(shown[index * 3] as number, shown[index * 3 + 1] as number, shown[index * 3 + 2] as number)
	}
	return grey
}

/** The Frame as rows x columns opaque RGBA pixels; colour stays colour. */
export function displayRgba(frame: Frame, settings: DisplaySettings = {}): Uint8ClampedArray<ArrayBuffer> {
	const shown = displaySamples(frame, settings)
	const rgba = new Uint8ClampedArray(frame.header.rows * frame.header.columns * 4)
	const grey = frame.header.samplesPerPixel === 1
	for (let source = 0, target = 0; target < rgba.length; target += 4) {
		const red = shown[source++] as number
		rgba[target] = red
		rgba[target + 1] = grey ? red : (shown[source++] as number)
		rgba[target + 2] = grey ? red : (shown[source++] as number)
		rgba[target + 3] = 255
	}
	return rgba
}
