import { expect } from 'vitest'

/** A map as another program gave it out: every so many rows and columns of it, row by row. */
export interface StoredMap {
	height: number
	width: number
	every: number
	values: number[]
}

interface FoundMap {
	height: number
	width: number
	values: readonly number[]
}

/** Of a map's range, which is 1 by every definition. */
export const MAP_TOLERANCE = 1e-3

/** Largest difference of the values that are stored; infinite for a map of another size. */
export function apart(found: FoundMap, golden: StoredMap): number {
	const { height, width, every } = golden
	if (found.height !== height || found.width !== width || found.values.length !== height * width) return Number.POSITIVE_INFINITY
	const picked = found.values.filter((_, index) => Math.floor(index / width) % every === 0 && (index % width) % every === 0)
	if (picked.length !== golden.values.length) return Number.POSITIVE_INFINITY
	return golden.values.reduce((most, value, index) => Math.max(most, Math.abs((picked[index] ?? Number.NaN) - value)), 0)
}

export function expectMap(found: FoundMap, golden: StoredMap, what: string): void {
	expect([found.height, found.width], what).toEqual([golden.height, golden.width])
	expect(apart(found, golden), `${what}: largest difference`).toBeLessThan(MAP_TOLERANCE)
}
