import type { Line } from './line.ts'
import type { LineData } from './lineData.ts'

/** What the lines of a chart say at one x. */
export interface Readout {
	/** Null where there are no points. */
	x: number | null
	/** In the order of the lines: the value there, or the last one before it, and the x that it stands at. */
	values: { value: number | null; x: number | null }[]
}

/** @param index row of the data; a line without a value there gives its last one before. */
export function readoutAt(data: LineData, lines: readonly Line[], index: number): Readout {
	return {
		x: data.x[index] ?? null,
		values: lines.map(({ name }) => {
			const values = data.values(name)
			for (let row = Math.min(index, values.length - 1); row >= 0; row--) {
				const value = values[row]
				if (value !== null && value !== undefined) return { value, x: data.x[row] ?? null }
			}
			return { value: null, x: null }
		}),
	}
}

/** A number that changes more often can not be read. */
const PAUSE_MILLISECONDS = 500

/** The last values, looked at twice a second at most, as a store of React. */
export function watchLastValues(data: LineData, lines: readonly Line[]): { get(): Readout; subscribe(listener: () => void): () => void } {
	const look = () => readoutAt(data, lines, data.x.length - 1)
	let latest = look()
	return {
		get: () => latest,
		subscribe(listener) {
			let timer: ReturnType<typeof setTimeout> | undefined
			function renew(): void {
				timer = undefined
				latest = look()
				listener()
			}
			// What came between the first look and now is looked at as well.
			const later = () => void (timer ??= setTimeout(renew, PAUSE_MILLISECONDS))
			later()
			const end = data.subscribe(later)
			return () => {
				end()
				clearTimeout(timer)
			}
		},
	}
}
