import type { Annotation } from '../../../common/contract/annotation.ts'
import type { Frame, FrameHeader } from '../../../common/contract/frame.ts'
import { luminance } from '../../../common/imaging/window.ts'
import type { Point } from './film.ts'

/** Of the pixels whose centres lie in a region, in modality units; colour by its luminance. Standard deviation of all of them (divided by n). */
export interface RegionStatistics {
	pixels: number
	mean: number
	deviation: number
	min: number
	max: number
}

/** A measurement in numbers; millimetres only where the Frame carries a spacing, else null. */
export type Measurement =
	| { kind: 'length'; pixels: number; millimetres: number | null }
	| { kind: 'angle'; degrees: number }
	| { kind: 'region'; squarePixels: number; squareMillimetres: number | null; statistics: RegionStatistics | null }

/** @returns null where the points do not make a figure of that kind. */
export function measure(frame: Frame, tool: Annotation['tool'], points: readonly Point[]): Measurement | null {
	const { spacing } = frame.header
	const [first, second, third, fourth] = points
	if (!first || !second) return null
	if (tool === 'length') {
		return {
			kind: 'length',
			pixels: Math.hypot(second[0] - first[0], second[1] - first[1]),
			millimetres: spacing && Math.hypot((second[0] - first[0]) * spacing.column, (second[1] - first[1]) * spacing.row),
		}
	}
	if (tool === 'angle') {
		if (!third) return null
		const aspect = spacing ? spacing.row / spacing.column : 1
		const degrees = angleAt(second, first, third, aspect)
		return degrees === null ? null : { kind: 'angle', degrees }
	}
	if (!third || !fourth) return null
	const region = tool === 'rectangle' ? rectangleThrough([first, second, third, fourth]) : ellipseThrough([first, second, third, fourth])
	return {
		kind: 'region',
		squarePixels: region.area,
		squareMillimetres: spacing && region.area * spacing.row * spacing.column,
		statistics: regionStatistics(frame, region),
	}
}

/** The angle between the arms from the vertex, 0 to 180 degrees; null where an arm has no length. */
export function angleAt(vertex: Point, one: Point, other: Point, aspect: number): number | null {
	const firstArm: Point = [one[0] - vertex[0], (one[1] - vertex[1]) * aspect]
	const secondArm: Point = [other[0] - vertex[0], (other[1] - vertex[1]) * aspect]
	const cross = firstArm[0] * secondArm[1] - firstArm[1] * secondArm[0]
	const dot = firstArm[0] * secondArm[0] + firstArm[1] * secondArm[1]
	if (cross === 0 && dot === 0) return null
	return (Math.atan2(Math.abs(cross), dot) * 180) / Math.PI
}

interface Region {
	/** In square pixels. */
	area: number
	left: number
	right: number
	top: number
	bottom: number
	/** First and last column of a row that lie in the region, not rounded; null where none. */
	span(row: number): readonly [number, number] | null
}

/** Upright rectangle around four corners. */
export function rectangleThrough(corners: readonly Point[]): Region {
	const columns = corners.map(([column]) => column)
	const rows = corners.map(([, row]) => row)
	const [left, right, top, bottom] = [Math.min(...columns), Math.max(...columns), Math.min(...rows), Math.max(...rows)]
	return { area: (right - left) * (bottom - top), left, right, top, bottom, span: () => [left, right] }
}

/** Ellipse with the axes from the first to the second and from the third to the fourth point, both along rows or columns. */
export function ellipseThrough([first, second, third, fourth]: readonly [Point, Point, Point, Point]): Region {
	const columns = [first[0], second[0], third[0], fourth[0]]
	const rows = [first[1], second[1], third[1], fourth[1]]
	const [left, right, top, bottom] = [Math.min(...columns), Math.max(...columns), Math.min(...rows), Math.max(...rows)]
	const [centerColumn, centerRow] = [(left + right) / 2, (top + bottom) / 2]
	const [radiusColumn, radiusRow] = [(right - left) / 2, (bottom - top) / 2]
	return {
		area: Math.PI * radiusColumn * radiusRow,
		left, right, top, bottom,
		span(row) {
			if (radiusRow === 0) return row === centerRow ? [left, right] : null
			const height = (row - centerRow) / radiusRow
			if (Math.abs(height) > 1) return null
			const half = radiusColumn * Math.sqrt(1 - height * height)
			return [centerColumn - half, centerColumn + half]
		},
	}
}

/** @returns null where no pixel's centre lies in the region. */
export function regionStatistics({ header, pixels }: Frame, region: Region): RegionStatistics | null {
	const { slope, intercept } = header.modality
	const channels = header.samplesPerPixel
	let count = 0
	let sum = 0
	let squares = 0
	let min = Infinity
	let max = -Infinity
	// Summed as differences from the first value, which keeps the sum of squares exact enough for a constant region to have deviation 0.
	let reference = Number.NaN
	const lastRow = Math.min(header.rows - 1, Math.floor(region.bottom))
	for (let row = Math.max(0, Math.ceil(region.top)); row <= lastRow; row++) {
		const span = region.span(row)
		if (!span) continue
		const lastColumn = Math.min(header.columns - 1, Math.floor(span[1]))
		for (let column = Math.max(0, Math.ceil(span[0])); column <= lastColumn; column++) {
			const at = (row * header.columns + column) * channels
			const pixel = channels === 1
				? (pixels[at] as number)
				: luminance(pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number)
			if (!Number.isFinite(pixel)) continue
			if (count === 0) reference = pixel
			const difference = pixel - reference
			count++
			sum += difference
			squares += difference * difference
			if (pixel < min) min = pixel
			if (pixel > max) max = pixel
		}
	}
	if (count === 0) return null
	const mean = sum / count
	const bounds = [min * slope + intercept, max * slope + intercept]
	return {
		pixels: count,
		mean: (mean + reference) * slope + intercept,
		deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) * Math.abs(slope),
		min: Math.min(...bounds),
		max: Math.max(...bounds),
	}
}

/** The measurement in lines of text; millimetres always with the attribute that they rest on. */
export function measurementLines(header: FrameHeader, measurement: Measurement | null): string[] {
	if (!measurement) return []
	if (measurement.kind === 'angle') return [`${measurement.degrees.toFixed(1)}°`]
	if (measurement.kind === 'length') {
		return [measurement.millimetres === null || !header.spacing
			? `${measurement.pixels.toFixed(1)} px`
			: `${measurement.millimetres.toFixed(1)} mm (${header.spacing.source})`]
	}
	const { statistics, squareMillimetres, squarePixels } = measurement
	const area = squareMillimetres === null || !header.spacing
		? `Area ${squarePixels.toFixed(0)} px²`
		: `Area ${squareMillimetres.toFixed(1)} mm² (${header.spacing.source})`
	if (!statistics) return [area, 'No pixel inside']
	const unit = header.modality.unit && header.modality.unit !== 'US' ? ` ${header.modality.unit}` : ''
	return [
		`Mean ${number(statistics.mean)}${unit}, SD ${number(statistics.deviation)}`,
		`Min ${number(statistics.min)}, max ${number(statistics.max)}`,
		area,
		`${statistics.pixels} pixels`,
	]
}

function number(value: number): string {
	return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 3 : 1)
}
