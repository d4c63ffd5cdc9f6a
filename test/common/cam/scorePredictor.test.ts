import { describe, expect, it } from 'vitest'
import type { LayerActivations } from '../../../src/common/cam/passes.ts'
import { createScorePredictor } from '../../../src/common/cam/scorePredictor.ts'
import { seededRandom } from '../../../src/common/stats/interval.ts'

function randomLayer(channels: number, side: number, seed: number): LayerActivations {
	const random = seededRandom(seed)
	return { channels, height: side, width: side, values: Float32Array.from({ length: channels * side * side }, () => random() * 3 - 1) }
}

const single = (channels: number) => Array.from({ length: channels }, (_, channel) => [channel])

/** A channel as a mask of -0.5 to 0.5; layers of up to 7 x 7 are not pooled. */
function shapeOf({ values, height, width }: LayerActivations, channel: number): number[] {
	const own = Array.from(values.subarray(channel * height * width, (channel + 1) * height * width))
	const low = Math.min(...own)
	const range = Math.max(...own) - low
	return own.map((value) => (value - low) / range - 0.5)
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const kernel = (x: number[], y: number[]) => Math.exp(-12 * mean(x.map((value, index) => (value - (y[index] as number)) ** 2))) + 10 * mean(x.map((value, index) => value * (y[index] as number))) + 1000

/** Gauss and Jordan. */
function solve(matrix: number[][], target: number[]): number[] {
	const rows = matrix.map((row, index) => [...row, target[index] as number])
	for (let column = 0; column < rows.length; column++) {
		const pivot = rows[column] as number[]
		for (const [index, row] of rows.entries()) {
			if (index === column) continue
			const factor = (row[column] as number) / (pivot[column] as number)
			for (let at = column; at < row.length; at++) row[at] = (row[at] as number) - factor * (pivot[at] as number)
		}
	}
	return rows.map((row, index) => (row.at(-1) as number) / (row[index] as number))
}

describe('foretold scores', () => {
	it('are those of Gaussian-process regression on the masks', () => {
		for (const side of [4, 7]) {
			const layer = randomLayer(30, side, side)
			const predictor = createScorePredictor(layer, single(30), 2)
			const random = seededRandom(3)
			const scores = single(30).map(() => [random() * 4, random() - 20])
			const known = predictor.order.slice(0, 12)
			for (const group of known) predictor.learn(scores[group] as number[])
			const shapes = single(30).map((_, channel) => shapeOf(layer, channel))
			const matrix = known.map((a, row) => known.map((b, column) => kernel(shapes[a] as number[], shapes[b] as number[]) + (row === column ? 0.002 : 0)))
			for (const label of [0, 1]) {
				const weights = solve(matrix, known.map((group) => scores[group]?.[label] as number))
				for (const [group, forecast] of predictor.forecasts(label).entries()) {
					if (known.includes(group)) continue
					const wanted = known.reduce((sum, other, index) => sum + (weights[index] as number) * kernel(shapes[group] as number[], shapes[other] as number[]), 0)
					expect(forecast).toBeCloseTo(wanted, 5)
				}
			}
		}
	})

	it('are asked for where they tell most of the map', () => {
		// Five masks that are nearly one, and one that is another, of the same energy: two scores tell nearly all.
		const near = Array.from({ length: 5 }, (_, index) => [0, 1, 2, 3 + index / 1000])
		const { order } = createScorePredictor({ channels: 6, height: 2, width: 2, values: Float32Array.from([...near, [3, 2, 1, 0]].flat()) }, single(6), 1)
		expect(order.slice(0, 2)).toContain(5)
		// A mask of its own with a hundredth of the activations can wait.
		const faint = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [0.3, 0, 0.1, 0.2].map((value) => value / 100)].flat()
		expect(createScorePredictor({ channels: 4, height: 2, width: 2, values: Float32Array.from(faint) }, single(4), 1).order.at(-1)).toBe(3)
	})

	it('are asked for in the order that explains most of the variance of the sum, as a direct computation has it', () => {
		const channels = 14
		const layer = randomLayer(channels, 3, 12)
		const groups = single(channels)
		const shapes = groups.map((_, channel) => shapeOf(layer, channel))
		const covariance = shapes.map((x) => shapes.map((y) => kernel(x, y)))
		const { order } = createScorePredictor(layer, groups, 1)
		const waiting = new Set(groups.flat())
		for (const [position, pick] of order.entries()) {
			const explained = [...waiting].map((group) => {
				let sum = 0
				for (let pixel = 0; pixel < 9; pixel++) {
					const shared = groups.flat().reduce((total, other) => total + (covariance[group]?.[other] as number) * (layer.values[other * 9 + pixel] as number), 0)
					sum += shared ** 2 / ((covariance[group]?.[group] as number) + 0.002)
				}
				return { group, sum }
			})
			if (position > 0) expect(explained.find(({ group }) => group === pick)?.sum).toBeCloseTo(Math.max(...explained.map(({ sum }) => sum)), 4)
			waiting.delete(pick)
			const column = covariance.map((row) => row[pick] as number)
			const variance = (column[pick] as number) + 0.002
			for (const [a, row] of covariance.entries()) for (const b of row.keys()) row[b] = (row[b] as number) - ((column[a] as number) * (column[b] as number)) / variance
		}
	})

	it('of more masks than are learnt from: every one has its turn, and misses go on to be counted', () => {
		const predictor = createScorePredictor(randomLayer(200, 4, 8), single(200), 1)
		expect(predictor.order.toSorted((a, b) => a - b)).toEqual(single(200).flat())
		for (let pass = 0; pass < 150; pass++) predictor.learn([1])
		const certain = predictor.doubt(0) ?? Number.NaN
		expect(certain).toBeLessThan(0.1)
		for (let pass = 150; pass < 200; pass++) predictor.learn([5])
		expect(predictor.doubt(0)).toBeGreaterThan(10 * certain)
	})
})

describe('doubt', () => {
	it('is null before 16 forecasts were put to the test, then the deviation of the misses', () => {
		const layer = randomLayer(60, 4, 5)
		const predictor = createScorePredictor(layer, single(60), 2)
		const random = seededRandom(4)
		for (let pass = 0; pass < 17; pass++) {
			expect(predictor.doubt(0)).toBeNull()
			const score = random()
			predictor.learn([score, 7 * score])
		}
		// Scores seven times as far apart are seven times as doubtful.
		expect(predictor.doubt(1)).toBeCloseTo(7 * (predictor.doubt(0) ?? Number.NaN), 6)
	})

	it('does not depend on the level of all scores', () => {
		const layer = randomLayer(60, 4, 5)
		const [low, high] = [0, 50].map((level) => {
			const predictor = createScorePredictor(layer, single(60), 1)
			const random = seededRandom(4)
			for (let pass = 0; pass < 40; pass++) predictor.learn([random() + level])
			return { doubt: predictor.doubt(0) ?? Number.NaN, forecasts: predictor.forecasts(0).map((score) => score - level) }
		})
		expect((high?.doubt ?? Number.NaN) / (low?.doubt ?? Number.NaN)).toBeCloseTo(1, 1)
		for (const [group, forecast] of (high?.forecasts ?? []).entries()) expect(Math.abs(forecast - (low?.forecasts[group] ?? Number.NaN))).toBeLessThan(0.1)
	})

	it('is drawn smaller the more is known', () => {
		const predictor = createScorePredictor(randomLayer(100, 4, 6), single(100), 1)
		const spread = (groups: readonly number[]) => Math.sqrt(mean(predictor.draws.flatMap((draw) => groups.map((group) => (draw[group] as number) ** 2))))
		const last = predictor.order.slice(90)
		const before = spread(last)
		for (let pass = 0; pass < 90; pass++) predictor.learn([pass])
		expect(spread(last)).toBeLessThan(before / 2)
		expect(spread(last)).toBeGreaterThan(0)
	})
})
