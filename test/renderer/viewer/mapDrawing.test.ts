import { describe, expect, it } from 'vitest'
import { colourMap } from '../../../src/common/imaging/colourMap.ts'
import { contourOfMap, rasterOfMap } from '../../../src/renderer/reading/viewer/mapDrawing.ts'

const oneHot = (row: number, column: number, size: number) => Float32Array.from({ length: size * size }, (_, index) => (index === row * size + column ? 1 : 0))

describe('rasterOfMap', () => {
	it('covers the whole film in its proportions and colours only what reaches the threshold', () => {
		const map = { width: 14, height: 14, values: oneHot(3, 5, 14), threshold: 0.5 }
		const { rgba, width, height } = rasterOfMap(map, 2000, 2500)
		expect([width, height]).toEqual([614, 768])
		const alphas = new Set<number>()
		let count = 0
		let columns = 0
		let rows = 0
		for (let index = 0; index < width * height; index++) {
			const alpha = rgba[index * 4 + 3] as number
			alphas.add(alpha)
			if (alpha === 0) continue
			count++
			columns += (index % width) + 0.5
			rows += Math.floor(index / width) + 0.5
		}
		expect([...alphas].toSorted((one, other) => one - other)).toEqual([0, 255])
		// The middle of what is coloured is the middle of the cell.
		expect(columns / count / width).toBeCloseTo(5.5 / 14, 2)
		expect(rows / count / height).toBeCloseTo(3.5 / 14, 2)
	})

	it('paints the largest value in the last colour', () => {
		const { rgba } = rasterOfMap({ width: 1, height: 1, values: [1], threshold: 0 }, 10, 10)
		expect(Array.from(rgba.subarray(0, 3))).toEqual(Array.from(colourMap('inferno').subarray(-3)))
	})
})

describe('contourOfMap', () => {
	it('runs around the cell, closed, at the threshold of the bilinear map', () => {
		const segments = contourOfMap({ width: 8, height: 8, values: oneHot(4, 2, 8), threshold: 0.5 }, 800, 1600)
		const columns = segments.flatMap(([from, , to]) => [from, to])
		const rows = segments.flatMap(([, from, , to]) => [from, to])
		// Bilinear between cell middles: one half is reached half a cell from the middle, along both axes; the grid is 6.25 film pixels wide.
		const [middleColumn, middleRow] = [(2.5 / 8) * 800 - 0.5, (4.5 / 8) * 1600 - 0.5]
		expect(Math.abs(Math.min(...columns) - (middleColumn - 50))).toBeLessThan(4)
		expect(Math.abs(Math.max(...columns) - (middleColumn + 50))).toBeLessThan(4)
		expect(Math.abs(Math.min(...rows) - (middleRow - 100))).toBeLessThan(4)
		expect(Math.abs(Math.max(...rows) - (middleRow + 100))).toBeLessThan(4)
		const ends = new Map<string, number>()
		for (const [column, row, toColumn, toRow] of segments) {
			for (const key of [`${column.toFixed(3)} ${row.toFixed(3)}`, `${toColumn.toFixed(3)} ${toRow.toFixed(3)}`]) ends.set(key, (ends.get(key) ?? 0) + 1)
		}
		expect([...ends.values()].every((count) => count === 2)).toBe(true)
	})

	it('lies to the pixel where the map crosses the threshold', () => {
		const across = contourOfMap({ width: 2, height: 1, values: [0, 1], threshold: 0.5 }, 800, 1600)
		expect(across.length).toBeGreaterThan(100)
		for (const [column, , toColumn] of across) expect(Math.max(Math.abs(column - 399.5), Math.abs(toColumn - 399.5))).toBeLessThan(0.01)
		const down = contourOfMap({ width: 1, height: 2, values: [0, 1], threshold: 0.25 }, 800, 1600)
		// A quarter of the way between the middles of the two cells, which lie at 399.5 and 1199.5.
		for (const [, row, , toRow] of down) expect(Math.max(Math.abs(row - 599.5), Math.abs(toRow - 599.5))).toBeLessThan(0.01)
	})

	it('is empty where the map stays on one side of the threshold', () => {
		expect(contourOfMap({ width: 2, height: 2, values: [0.2, 0.2, 0.2, 0.2], threshold: 0.5 }, 100, 100)).toEqual([])
	})
})
