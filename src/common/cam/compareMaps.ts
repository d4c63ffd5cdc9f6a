import { mapOnFilm } from '../imaging/overlay.ts'
import { rangeOf, type CamMap } from './camMap.ts'

/** How far two maps of one film agree. */
export interface MapComparison {
	/** Pearson's, -1 to 1; null where a map is constant (an empty one is). */
	correlation: number | null
	/** Spearman's, equal values sharing the mean of their ranks; null where a map is constant. */
	rankCorrelation: number | null
	/** Intersection over union of the two sets of pixels that each map has in its hottest fifth, 0 to 1; null where a map is constant. Two random fifths overlap by 1/9. */
	topFifthOverlap: number | null
	/** First map minus second, -1 to 1: positive where only the first is hot. */
	difference: { width: number; height: number; values: Float32Array<ArrayBuffer>; region?: CamMap['region'] }
}

/** Sides of the grid on which maps are compared, unless one of them is finer. */
const GRID = 64
const TOP_SHARE = 0.2

/**
 * Compares two maps of one film, each of 0 to 1 and of any resolution. Both are upsampled bilinearly, as they are drawn, to 64 x 64, or to the finer
 * map's size where that is larger, because both networks see the film stretched to their input. Where they see different parts of the film, both maps are
 * laid on the whole film first, 0 where a network sees nothing.
 * The hottest fifth are the pixels at least as hot as the one with a fifth of the pixels before it in the ranking, and hotter than the map's
 * coldest: where the ReLU leaves less than a fifth above zero, only that.
 * @throws Error when a map holds a value that is not a number.
 */
export function compareMaps(first: CamMap, second: CamMap): MapComparison {
	const varies = [first, second].every((map) => {
		const { least, most } = rangeOf(map)
		return most > least
	})
	const width = Math.max(GRID, first.width, second.width)
	const height = Math.max(GRID, first.height, second.height)
	const region = isSameRegion(first.region, second.region) ? first.region : undefined
	const laid = (map: CamMap) => wholeOf(isSameRegion(map.region, region) ? { ...map, region: undefined } : map, width, height)
	const a = laid(first)
	const b = laid(second)
	return {
		correlation: varies ? pearson(a, b) : null,
		rankCorrelation: varies ? pearson(meanRanks(a), meanRanks(b)) : null,
		topFifthOverlap: varies ? overlap(hottest(a), hottest(b)) : null,
		difference: { width, height, values: a.map((value, index) => value - b[index]!), region },
	}
}

function isSameRegion(a: CamMap['region'], b: CamMap['region']): boolean {
	return a === b || (a !== undefined && b !== undefined && a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom)
}

/** The map on a film of this size, 0 outside of its region. */
function wholeOf(map: CamMap, width: number, height: number): Float32Array<ArrayBuffer> {
	const { box, values } = mapOnFilm(map, width, height)
	if (!map.region) return values
	const whole = new Float32Array(width * height)
	for (let row = 0; row < box.height; row++) whole.set(values.subarray(row * box.width, (row + 1) * box.width), (box.y + row) * width + box.x)
	return whole
}

/** Null where one of them does not vary. */
function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
	const count = a.length
	let meanA = 0
	let meanB = 0
	for (let index = 0; index < count; index++) {
		meanA += a[index]! / count
		meanB += b[index]! / count
	}
	let product = 0
	let squareA = 0
	let squareB = 0
	for (let index = 0; index < count; index++) {
		const fromA = a[index]! - meanA
		const fromB = b[index]! - meanB
		product += fromA * fromB
		squareA += fromA * fromA
		squareB += fromB * fromB
	}
	if (squareA === 0 || squareB === 0) return null
	return Math.min(Math.max(product / Math.sqrt(squareA * squareB), -1), 1)
}

function meanRanks(values: Float32Array): Float64Array {
	const order = Uint32Array.from(values.keys()).toSorted((a, b) => values[a]! - values[b]!)
	const ranks = new Float64Array(values.length)
	for (let start = 0; start < order.length;) {
		let end = start + 1
		while (end < order.length && values[order[end]!] === values[order[start]!]) end++
		for (let place = start; place < end; place++) ranks[order[place]!] = (start + end - 1) / 2
		start = end
	}
	return ranks
}

function hottest(values: Float32Array): boolean[] {
	const sorted = values.toSorted()
	const coldest = sorted[0]!
	const threshold = sorted[sorted.length - Math.round(sorted.length * TOP_SHARE)]!
	return Array.from(values, (value) => value >= threshold && value > coldest)
}

function overlap(a: readonly boolean[], b: readonly boolean[]): number {
	const both = a.filter((inside, index) => inside && b[index]).length
	const either = a.filter((inside, index) => inside || b[index]).length
	return both / either
}
