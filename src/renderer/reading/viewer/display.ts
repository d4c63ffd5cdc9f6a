import type { FrameHeader, FramePixels, Window } from '../../../common/contract/frame.ts'
import { luminance, voiLutValue, windowedValue, type WindowValues } from '../../../common/imaging/window.ts'

/** How a film's values become grey. lut: through the file's first VOI LUT instead of the window. */
export interface Display {
	center: number
	width: number
	lut: boolean
	invert: boolean
}

/** A name and a window that a key brings back; lut: the file's VOI LUT. */
export interface Preset {
	name: string
	center: number
	width: number
	lut: boolean
}

/** A point of a grey curve: stored pixel value and grey 0 to 1. */
export type CurvePoint = readonly [stored: number, grey: number]

const SIGMOID_POINTS = 128
const SIGMOID_WIDTHS = 2.5
const LUT_POINTS = 1024

/** As the file wants to be shown: its first VOI LUT, else its first window. */
export function defaultDisplay(header: FrameHeader): Display {
	const lut = header.voi.luts[0]
	if (lut) return { ...windowLike(header), lut: true, invert: false }
	const window = header.voi.windows[0] ?? { center: 128, width: 256 }
	return { center: window.center, width: window.width, lut: false, invert: false }
}

/** A straight window close to the first VOI LUT, so that windowing can go on from it: between its 5 % and 95 % outputs. */
export function windowLike(header: FrameHeader): WindowValues {
	const lut = header.voi.luts[0]
	const last = lut ? lut.entries.length - 1 : 0
	if (!lut || last < 1) return header.voi.windows[0] ?? { center: 128, width: 256 }
	const highest = 2 ** lut.bits - 1
	const rising = (lut.entries[last] ?? 0) >= (lut.entries[0] ?? 0)
	const reach = (share: number) => {
		const found = lut.entries.findIndex((entry) => (rising ? entry >= share * highest : entry <= share * highest))
		return lut.firstValue + (found < 0 ? last : found)
	}
	const [from, to] = rising ? [reach(0.05), reach(0.95)] : [reach(0.95), reach(0.05)]
	return { center: (from + to) / 2, width: Math.max(1, (to - from) / 0.9) }
}

/**
 * The grey curve over stored pixel values: the same functions as everywhere in the program (common/imaging/window.ts) at
 * enough points that straight lines between them stay within a tenth of a grey level; slope, MONOCHROME1 and inversion included.
 * Stored values rise strictly.
 */
export function greyCurve(header: FrameHeader, display: Display): CurvePoint[] {
	const { slope, intercept } = header.modality
	const inverted = (header.photometric === 'MONOCHROME1') !== display.invert
	const curve = modalityCurve(header, display).map(([value, grey]): CurvePoint => [(value - intercept) / slope, inverted ? 1 - grey : grey])
	if (slope < 0) curve.reverse()
	return curve
}

function modalityCurve(header: FrameHeader, display: Display): CurvePoint[] {
	const lut = header.voi.luts[0]
	if (display.lut && lut) {
		const count = Math.min(lut.entries.length, LUT_POINTS)
		const step = count > 1 ? (lut.entries.length - 1) / (count - 1) : 1
		const points = Array.from({ length: count }, (_, index): CurvePoint => {
			const value = lut.firstValue + Math.round(index * step)
			return [value, voiLutValue(value, lut) / 255]
		})
		return points.length > 1 ? points : [...points, [lut.firstValue + 1, points[0]?.[1] ?? 0]]
	}
	const { center, width } = display
	const kind = header.voi.function
	if (kind === 'SIGMOID') {
		return Array.from({ length: SIGMOID_POINTS }, (_, index): CurvePoint => {
			const value = center + width * SIGMOID_WIDTHS * ((2 * index) / (SIGMOID_POINTS - 1) - 1)
			return [value, windowedValue(value, display, kind) / 255]
		})
	}
	const linear = kind === 'LINEAR' && width >= 1
	const middle = linear ? center - 0.5 : center
	// A width of 1 is a step: black up to the threshold, white above it.
	const half = Math.max((linear ? width - 1 : width) / 2, 1e-3)
	return [[middle - half, 0], [middle + half, 1]]
}

/** Windows of the file, then the reader's own; for the keys 1 to 9. */
export function presetsOf(header: FrameHeader | null, own: { name: string; center: number; width: number }[]): Preset[] {
	if (!header) return []
	const luts = header.voi.luts.slice(0, 1).map((lut): Preset => ({ name: lut.explanation || 'Table of the file', ...windowLike(header), lut: true }))
	const windows = header.voi.windows.map((window: Window, index): Preset => ({
		name: window.explanation || (index === 0 ? 'Window of the file' : `Window ${index + 1} of the file`),
		center: window.center,
		width: window.width,
		lut: false,
	}))
	return [...luts, ...windows, ...own.map((preset): Preset => ({ ...preset, lut: false }))].slice(0, 9)
}

/**
 * After a drag by CSS pixels: to the right widens, downwards darkens (raises the centre). The whole default width takes about 500 CSS pixels,
 * so that 8-bit and 16-bit films handle alike. Dragging leaves the file's table for the window that resembles it.
 */
export function draggedDisplay(display: Display, header: FrameHeader, deltaX: number, deltaY: number): Display {
	const reference = header.voi.luts.length > 0 ? windowLike(header) : (header.voi.windows[0] ?? { width: 256 })
	const step = Math.max(reference.width / 500, Number.EPSILON)
	return {
		...display,
		lut: false,
		center: display.center + deltaY * step,
		width: Math.max(display.width + deltaX * step, header.sampleType === 'float32' ? step : 1),
	}
}

/** The linked film's window: the same place and share of its own default window; for equal defaults that is the same window. */
export function followedDisplay(leader: { display: Display; header: FrameHeader }, follower: { display: Display; header: FrameHeader }): Display {
	const from = defaultDisplay(leader.header)
	const to = defaultDisplay(follower.header)
	if (leader.display.lut) return { ...to, invert: follower.display.invert }
	return {
		center: to.center + ((leader.display.center - from.center) / from.width) * to.width,
		width: (leader.display.width / from.width) * to.width,
		lut: false,
		invert: follower.display.invert,
	}
}

const AUTO_SAMPLES = 100_000
const AUTO_SHARE = 0.005

/** The window between the 0.5 and 99.5 % quantiles of the film's values (of up to 100,000 evenly spread pixels). */
export function autoWindow(header: FrameHeader, pixels: FramePixels): WindowValues {
	const channels = header.samplesPerPixel
	const count = pixels.length / channels
	const step = Math.max(1, Math.floor(count / AUTO_SAMPLES))
	const values: number[] = []
	for (let index = 0; index < count; index += step) {
		const at = index * channels
		const pixel = channels === 1 ? (pixels[at] ?? 0) : luminance(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0)
		if (Number.isFinite(pixel)) values.push(pixel * header.modality.slope + header.modality.intercept)
	}
	values.sort((one, other) => one - other)
	const low = values[Math.floor((values.length - 1) * AUTO_SHARE)] ?? 0
	const high = values[Math.ceil((values.length - 1) * (1 - AUTO_SHARE))] ?? 255
	return { center: (low + high) / 2, width: Math.max(high - low, header.sampleType === 'float32' ? Number.EPSILON : 1) }
}
