import { describe, expect, it } from 'vitest'
import { reciproMap, reciproMasks } from '../../../src/common/cam/recipro.ts'

describe('masks of Recipro-CAM', () => {
	it('are the 3 x 3 Gaussian around each position, cut off at the edges', () => {
		const [height, width] = [3, 4]
		const kernel = [1, 2, 1]
		for (let position = 0; position < 12; position++) {
			const wide = Array.from({ length: height + 2 }, () => Array.from({ length: width + 2 }, () => 0))
			const [row, column] = [Math.floor(position / width), position % width]
			for (const [y, down] of kernel.entries()) for (const [x, across] of kernel.entries()) (wide[row + y] as number[])[column + x] = (down * across) / 16
			expect(Array.from(reciproMasks(height, width, position, 1))).toEqual(wide.slice(1, -1).flatMap((line) => line.slice(1, -1)))
		}
		expect(Array.from(reciproMasks(height, width, 3, 5))).toEqual([3, 4, 5, 6, 7].flatMap((position) => Array.from(reciproMasks(height, width, position, 1))))
		expect(Array.from(reciproMasks(1, 1, 0, 1))).toEqual([0.25])
	})
})

describe('map of Recipro-CAM', () => {
	it('is stretched from the smallest to the largest probability; all alike give an empty map', () => {
		expect(reciproMap([0.25, 0.75, 0.5, 0.25])).toEqual({ values: [0, 1, 0.5, 0], peak: 0.5 })
		expect(reciproMap([0.3, 0.3])).toEqual({ values: [0, 0], peak: 0 })
	})
})
