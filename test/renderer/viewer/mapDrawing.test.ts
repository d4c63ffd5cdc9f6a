import { describe, expect, it } from 'vitest'
import { removalOrder } from '../../../src/common/cam/perturbation.ts'
import { colourMap, cssColour } from '../../../src/common/imaging/colourMap.ts'
import { divergingCss } from '../../../src/common/imaging/divergingColours.ts'
import { borderOf, contourOfMap, drawRaster, drawContour, rasterOfDifference, rasterOfMap, rasterOfRemoved } from '../../../src/renderer/reading/viewer/mapDrawing.ts'

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

describe('a map of a part of the film', () => {
	const region = { left: 0.25, top: 0.1, right: 0.75, bottom: 0.6 }
	const map = { width: 8, height: 8, values: oneHot(4, 2, 8), threshold: 0.5 }

	it('has a raster in the part\'s proportions, drawn at its place', () => {
		const { width, height } = rasterOfMap({ ...map, region }, 2000, 1000)
		expect([width, height]).toEqual([768, 384])
		const placed: number[][] = []
		const context = {
			globalAlpha: 0, imageSmoothingEnabled: true, strokeStyle: '', lineWidth: 0, setTransform() {}, beginPath() {}, moveTo() {}, lineTo() {}, stroke() {}, setLineDash() {},
			drawImage: (_: OffscreenCanvas, ...place: number[]) => placed.push(place),
		}
		const canvas = null as unknown as OffscreenCanvas
		const affine = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 }
		drawRaster(context, canvas, { columns: 2000, rows: 1000, region }, affine, 1)
		drawRaster(context, canvas, { columns: 2000, rows: 1000 }, affine, 1)
		expect(placed).toEqual([[499.5, 99.5, 1000, 500], [-0.5, -0.5, 2000, 1000]])
	})
	it('has its contour where the whole film\'s would be, moved and scaled', () => {
		const whole = contourOfMap(map, 1000, 500)
		const part = contourOfMap({ ...map, region }, 2000, 1000)
		expect(part).toHaveLength(whole.length)
		for (const [index, [column, row]] of part.entries()) {
			expect(column).toBeCloseTo(whole[index]![0] + 500, 6)
			expect(row).toBeCloseTo(whole[index]![1] + 100, 6)
		}
	})
	it('has a border around it', () => {
		expect(borderOf(region, 100, 100)).toEqual([[24.5, 9.5, 74.5, 9.5], [74.5, 9.5, 74.5, 59.5], [74.5, 59.5, 24.5, 59.5], [24.5, 59.5, 24.5, 9.5]])
	})
})

describe('rasterOfDifference', () => {
	it('is orange where the first map is hotter, blue where the second is, clear where they are alike', () => {
		const { rgba } = rasterOfDifference({ width: 3, height: 1, values: [-1, 0, 1], threshold: 0.3 }, 3, 1)
		const css = (pixel: number) => `rgb(${rgba[pixel * 4]}, ${rgba[pixel * 4 + 1]}, ${rgba[pixel * 4 + 2]})`
		expect([css(0), css(2)]).toEqual([divergingCss(-1), divergingCss(1)])
		expect([0, 1, 2].map((pixel) => rgba[pixel * 4 + 3])).toEqual([255, 0, 255])
	})
})

describe('rasterOfRemoved', () => {
	const map = { width: 4, height: 4, values: oneHot(1, 2, 4) }
	const covered = (share: number) => {
		const { rgba } = rasterOfRemoved(removalOrder(map, 8, 8), 8, 8, share)
		return Array.from({ length: 64 }, (_, pixel) => pixel).filter((pixel) => rgba[pixel * 4 + 3] === 255)
	}

	it('covers as many pixels as the share says, the hottest first, and never uncovers one', () => {
		expect(covered(0)).toEqual([])
		expect(covered(1)).toHaveLength(64)
		// The four pixels in the middle of the hot cell of two by two: rows 2 and 3, columns 4 and 5.
		expect(covered(4 / 64)).toEqual([20, 21, 28, 29])
		let before: number[] = []
		for (let percent = 0; percent <= 100; percent++) {
			const now = covered(percent / 100)
			expect(now).toHaveLength(Math.round((64 * percent) / 100))
			expect(before.every((pixel) => now.includes(pixel))).toBe(true)
			before = now
		}
	})

	it('covers with one flat grey, and leaves every other pixel clear', () => {
		const { rgba } = rasterOfRemoved(removalOrder(map, 8, 8), 8, 8, 0.5)
		for (let pixel = 0; pixel < 64; pixel++) expect([[128, 128, 128, 255], [0, 0, 0, 0]]).toContainEqual(Array.from(rgba.subarray(pixel * 4, pixel * 4 + 4)))
	})
})

describe('drawContour', () => {
	it('draws a light line on a wider dark rim, of the same width at any zoom', () => {
		const strokes: { colour: string; width: number }[] = []
		const context = {
			globalAlpha: 0, imageSmoothingEnabled: true, strokeStyle: '', lineWidth: 0,
			setTransform() {}, drawImage() {}, beginPath() {}, moveTo() {}, lineTo() {}, setLineDash() {},
			stroke() {
				strokes.push({ colour: this.strokeStyle, width: this.lineWidth })
			},
		}
		drawContour(context, [[0, 0, 10, 0]], { a: 7, b: 0, c: 0, d: 7, e: 0, f: 0 }, 2, 'light')
		expect(context.globalAlpha).toBe(1)
		expect(strokes.map(({ colour }) => colour)).toEqual(['rgba(0, 0, 0, 0.8)', 'light'])
		expect(strokes[0]?.width).toBeGreaterThan((strokes[1]?.width ?? 0) + 2)
		expect(strokes[1]?.width).toBe(3.5)
	})

	it('stands out on black, on grey and on white: its line from the rim, its rim from the film', () => {
		const light = [cssColour('inferno', 0.85), divergingCss(1), divergingCss(-1)].map(luminanceOf)
		// Line against black and rim, rim against white: at least one edge has a contrast of 3 to 1 on every grey.
		for (let grey = 0; grey <= 255; grey++) {
			const film = linear(grey)
			const rim = linear(grey * 0.2)
			for (const line of light) expect(Math.max(contrast(line, film), contrast(line, rim))).toBeGreaterThan(3)
		}
	})
})

function linear(byte: number): number {
	const share = byte / 255
	return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}

function luminanceOf(css: string): number {
	const [red = 0, green = 0, blue = 0] = css.match(/\d+/g)?.map(Number) ?? []
	return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

function contrast(one: number, other: number): number {
	return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

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
