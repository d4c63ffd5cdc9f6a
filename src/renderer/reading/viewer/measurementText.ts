import type { Annotation } from '../../../common/contract/annotation.ts'
import type { Frame } from '../../../common/contract/frame.ts'
import type { Point } from './film.ts'
import { frameOf } from './frames.ts'
import { measure, measurementLines } from './statistics.ts'

/** Cornerstone's world is in millimetres where the Frame carries a spacing, else in pixels; both begin at the first pixel's centre. */
export function worldPerPixel(frame: Frame): Point {
	return frame.header.spacing ? [frame.header.spacing.column, frame.header.spacing.row] : [1, 1]
}

export function toWorld(frame: Frame, [column, row]: Point): [number, number, number] {
	const [x, y] = worldPerPixel(frame)
	return [column * x, row * y, 0]
}

export function toFilm(frame: Frame, world: readonly number[]): Point {
	const [x, y] = worldPerPixel(frame)
	return [(world[0] ?? 0) / x, (world[1] ?? 0) / y]
}

interface DrawnData {
	label?: string
	handles?: { points?: readonly (readonly number[])[] }
}

const known = new WeakMap<object, { key: string; lines: string[] }>()

/** The text beside a measurement of this kind, for Cornerstone's tools: our numbers, from the Frame. */
export function textOfMeasurement(tool: Annotation['tool']) {
	return (data: DrawnData, target: string | readonly string[]): string[] => {
		const imageId = String(typeof target === 'string' ? target : (target[0] ?? '')).replace(/^imageId:/, '')
		const frame = frameOf(imageId)
		const world = data.handles?.points
		if (!frame || !world) return []
		const key = `${data.label ?? ''}|${imageId}|${JSON.stringify(world)}`
		const before = known.get(data)
		if (before?.key === key) return before.lines
		const lines = measurementLines(frame.header, measure(frame, tool, world.map((point) => toFilm(frame, point))))
		const labelled = data.label && lines.length > 0 ? [data.label, ...lines] : lines
		known.set(data, { key, lines: labelled })
		return labelled
	}
}
