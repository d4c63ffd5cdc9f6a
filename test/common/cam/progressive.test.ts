import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composeMap as composeBy } from '../../../src/common/cam/compose.ts'
import { definitionOf } from '../../../src/common/cam/definitions.ts'
import { planPasses, type LayerActivations } from '../../../src/common/cam/passes.ts'
import { startProgressiveCam } from '../../../src/common/cam/progressive.ts'
import { seededRandom } from '../../../src/common/stats/interval.ts'

const PAPER = definitionOf('paper')
const INPUT = { height: 8, width: 8 }
const composeMap = (layer: LayerActivations, scores: Float64Array) => composeBy(layer, scores, PAPER, INPUT)

function layerOf(maps: number[][], width = 2): LayerActivations {
	return { channels: maps.length, width, height: (maps[0]?.length ?? 0) / width, values: Float32Array.from(maps.flat()) }
}

/** Algorithm 1 as it is written, per channel. */
function direct(layer: LayerActivations, scores: number[]): number[] {
	const sum = scores.reduce((total, score) => total + Math.exp(score), 0)
	const size = layer.width * layer.height
	return Array.from({ length: size }, (_, index) => Math.max(scores.reduce((total, score, channel) => total + (Math.exp(score) / sum) * (layer.values[channel * size + index] ?? 0), 0), 0))
}

describe('planning passes', () => {
	it('gives constant channels one pass together, identical ones theirs, and starts with the strongest', () => {
		const layer = layerOf([[0, 0, 0, 0], [1, 2, 3, 4], [5, 5, 5, 5], [1, 2, 3, 4], [9, 0, 0, 0], [0, 0, 0, 0.1]])
		const passes = planPasses(layer)
		expect(passes[0]).toEqual([0, 2])
		expect(passes.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual([[0, 2], [1, 3], [4], [5]])
	})
	it('refuses activations that are no numbers', () => {
		expect(() => planPasses(layerOf([[0, Number.NaN]]))).toThrow('not a number')
	})
	it('accounts for every channel once', () => {
		fc.assert(fc.property(fc.array(fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 30 }), (maps) => {
			expect(planPasses(layerOf(maps)).flat().toSorted((a, b) => a - b)).toEqual(maps.map((_, channel) => channel))
		}))
	})
})

describe('composing the map', () => {
	it('is the softmax-weighted sum, cut at zero and divided by its peak', () => {
		const layer = layerOf([[1, -2, 0, 3], [0, -1, 4, 1]])
		const wanted = direct(layer, [2, 1])
		const { values, peak } = composeMap(layer, Float64Array.from([2, 1]))
		expect(peak).toBeCloseTo(Math.max(...wanted), 12)
		for (const [index, value] of values.entries()) expect(value * peak).toBeCloseTo(wanted[index] as number, 12)
	})
	it('does not overflow for large scores and gives zeros where nothing is positive', () => {
		expect(composeMap(layerOf([[1, 2, 3, 4]]), Float64Array.from([5000])).values).toEqual([0.25, 0.5, 0.75, 1])
		expect(composeMap(layerOf([[-1, -2, -3, -4]]), Float64Array.from([1]))).toMatchObject({ values: [0, 0, 0, 0], peak: 0 })
	})
})

const cases = fc.integer({ min: 1, max: 40 }).chain((channels) => fc.record({
	maps: fc.array(fc.array(fc.double({ min: -3, max: 6, noNaN: true }), { minLength: 4, maxLength: 4 }), { minLength: channels, maxLength: channels }),
	scores: fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: channels, maxLength: channels }),
	seed: fc.integer({ min: 1, max: 1000 }),
}))

describe('progressive map', () => {
	it('ends in the same map whatever the order of the passes', () => {
		fc.assert(fc.property(cases, ({ maps, scores, seed }) => {
			const layer = layerOf(maps)
			const cam = startProgressiveCam(layer, 1, PAPER, INPUT)
			// Channels that share a pass share a mask, hence a score.
			const shared = Float64Array.from(scores)
			for (const group of cam.passes) for (const channel of group) shared[channel] = scores[group[0] as number] as number
			const order = cam.passes.map((_, pass) => pass).toSorted((a, b) => ((a * seed) % 17) - ((b * seed) % 17))
			for (const pass of order) {
				expect(cam.maps().exact).toBe(false)
				cam.add(pass, [shared[cam.passes[pass]?.[0] as number] as number])
			}
			const final = cam.maps()
			expect(final).toMatchObject({ exact: true, errorBound: 0, channelsDone: maps.length })
			expect(final.maps[0]).toEqual(composeMap(layer, shared))
		}))
	})

	it('comes close early and keeps its bound, when scores depend smoothly on the masks', () => {
		const random = seededRandom(5)
		const layer = layerOf(Array.from({ length: 600 }, () => Array.from({ length: 16 }, () => random() * 2 - 0.3)), 4)
		const cam = startProgressiveCam(layer, 2, PAPER, INPUT)
		// The score of a mask: a smooth function of where it is open.
		const scoreOf = (pass: number) => {
			const start = (cam.passes[pass]?.[0] ?? 0) * 16
			const map = Array.from(layer.values.subarray(start, start + 16))
			const low = Math.min(...map)
			const mask = map.map((value) => (value - low) / (Math.max(...map) - low))
			const top = mask.slice(0, 8).reduce((sum, value) => sum + value, 0)
			const bottom = mask.slice(8).reduce((sum, value) => sum + value, 0)
			return [top - bottom, Math.sin(top) + 0.5 * bottom]
		}
		const states: { done: number; bound: number | null; maps: number[][] }[] = []
		for (let pass = 0; pass < cam.passes.length; pass++) {
			if (pass % 50 === 0 && pass > 0) {
				const { maps, errorBound } = cam.maps()
				states.push({ done: pass, bound: errorBound, maps: maps.map((map) => map.values) })
			}
			cam.add(pass, scoreOf(pass))
		}
		const exact = cam.maps().maps.map((map) => map.values)
		const difference = (maps: number[][]) => Math.max(...maps.flatMap((map, label) => map.map((value, index) => Math.abs(value - (exact[label]?.[index] ?? Number.NaN)))))
		expect(difference(states.find((state) => state.done === 150)?.maps ?? [])).toBeLessThan(0.15)
		expect(states.at(-1)?.bound).not.toBeNull()
		for (const { bound, maps } of states) if (bound !== null) expect(difference(maps)).toBeLessThanOrEqual(bound)
	})

	it('takes no score twice and no score that is no number', () => {
		const cam = startProgressiveCam(layerOf([[1, 2, 3, 4], [4, 3, 2, 0]]), 2, PAPER, INPUT)
		cam.add(0, [1, 2])
		expect(() => cam.add(0, [1, 2])).toThrow('came twice')
		expect(() => cam.add(1, [1, Number.NaN])).toThrow('not a number')
	})
})
