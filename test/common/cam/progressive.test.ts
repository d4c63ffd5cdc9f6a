import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composeMap as composeBy } from '../../../src/common/cam/compose.ts'
import { definitionOf } from '../../../src/common/cam/definitions.ts'
import { groupChannels, type LayerActivations } from '../../../src/common/cam/passes.ts'
import { startProgressiveCam, type ProgressiveCam } from '../../../src/common/cam/progressive.ts'
import { camModeSchema } from '../../../src/common/contract/analysis.ts'
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

describe('grouping channels', () => {
	it('puts constant channels and identical ones together', () => {
		const layer = layerOf([[0, 0, 0, 0], [1, 2, 3, 4], [5, 5, 5, 5], [1, 2, 3, 4], [9, 0, 0, 0], [0, 0, 0, 0.1], [2, 4, 6, 8], [-0, -0, -0, -0]])
		expect(groupChannels(layer)).toEqual({ varied: [[1, 3], [4], [5], [6]], constant: [0, 2, 7] })
	})
	it('refuses activations that are no numbers', () => {
		expect(() => groupChannels(layerOf([[0, Number.NaN]]))).toThrow('not a number')
		expect(() => groupChannels(layerOf([[Number.POSITIVE_INFINITY, 0]]))).toThrow('not a number')
	})
	it('accounts for every channel once', () => {
		fc.assert(fc.property(fc.array(fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 30 }), (maps) => {
			const layer = layerOf(maps)
			const cam = startProgressiveCam(layer, 1, PAPER, INPUT)
			expect([...cam.passes.flat(), ...cam.constant].toSorted((a, b) => a - b)).toEqual(maps.map((_, channel) => channel))
			for (const group of cam.passes) expect(new Set(group.map((channel) => String(maps[channel]))).size).toBe(1)
			expect(new Set(cam.passes.map((group) => String(maps[group[0] as number]))).size).toBe(cam.passes.length)
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

function shuffled(count: number, seed: number): number[] {
	const random = seededRandom(seed)
	return Array.from({ length: count }, (_, index) => ({ index, place: random() })).toSorted((a, b) => a.place - b.place).map(({ index }) => index)
}

/** A layer of 4 x 4 whose scores of two labels are smooth functions of where its masks are open. */
function smoothCase(channels: number, seed: number) {
	const random = seededRandom(seed)
	const layer = layerOf(Array.from({ length: channels }, () => Array.from({ length: 16 }, () => random() * 2 - 0.3)), 4)
	const scoreOf = (group: readonly number[]) => {
		const start = (group[0] ?? 0) * 16
		const map = Array.from(layer.values.subarray(start, start + 16))
		const low = Math.min(...map)
		const mask = map.map((value) => (value - low) / (Math.max(...map) - low))
		const top = mask.slice(0, 8).reduce((sum, value) => sum + value, 0)
		const bottom = mask.slice(8).reduce((sum, value) => sum + value, 0)
		return [top - bottom, Math.sin(top) + 0.5 * bottom]
	}
	return { layer, scoreOf }
}

/** Scores in which channels that share a mask agree. */
function sharedScores(cam: ProgressiveCam, scores: readonly number[]): Float64Array {
	const shared = Float64Array.from(scores)
	for (const group of [...cam.passes, cam.constant]) for (const channel of group) shared[channel] = scores[group[0] as number] as number
	return shared
}

describe('progressive map', () => {
	it('ends in the same map, bit for bit, whatever the order of the passes', () => {
		fc.assert(fc.property(cases, fc.constantFrom(...camModeSchema.options), ({ maps, scores, seed }, mode) => {
			const layer = layerOf(maps)
			const definition = definitionOf(mode)
			const cam = startProgressiveCam(layer, 1, definition, INPUT)
			const shared = sharedScores(cam, scores)
			const order = shuffled(cam.passes.length, seed)
			const early = seed % 2 === 0
			const addEmpty = () => cam.constant.length > 0 && cam.addEmpty([shared[cam.constant[0] as number] as number])
			if (early) addEmpty()
			for (const pass of order) {
				const { exact, maps: [unfinished] } = cam.maps()
				expect(exact).toBe(false)
				expect(unfinished?.values.every(Number.isFinite)).toBe(true)
				cam.add(pass, [shared[cam.passes[pass]?.[0] as number] as number])
			}
			if (!early) addEmpty()
			const final = cam.maps()
			expect(final).toMatchObject({ exact: true, errorBound: 0, channelsDone: maps.length })
			// One label: its share of the softmax over labels is 1.
			expect(final.maps[0]).toEqual(composeBy(layer, mode === 'official' ? shared.map(() => 1) : shared, definition, INPUT))
		}))
	})

	it('knows the same at any moment, whatever the order in which the scores came', () => {
		const { layer, scoreOf } = smoothCase(60, 3)
		const [one, other] = [0, 1].map(() => startProgressiveCam(layer, 2, PAPER, INPUT))
		if (!one || !other) return
		const first = Array.from({ length: 52 }, (_, pass) => pass)
		for (const pass of first) one.add(pass, scoreOf(one.passes[pass] ?? []))
		for (const pass of first.toReversed()) other.add(pass, scoreOf(other.passes[pass] ?? []))
		expect(other.maps()).toEqual(one.maps())
		expect(one.maps().errorBound).not.toBeNull()
	})

	it('knows the same of channels that come threefold', () => {
		const { layer, scoreOf } = smoothCase(60, 4)
		const values = new Float32Array(3 * layer.values.length)
		for (let copy = 0; copy < 3; copy++) values.set(layer.values, copy * layer.values.length)
		const [one, three] = [layer, { ...layer, channels: 180, values }].map((each) => startProgressiveCam(each, 2, PAPER, INPUT))
		if (!one || !three) return
		expect(three.passes).toHaveLength(60)
		for (let pass = 0; pass < 40; pass++) for (const cam of [one, three]) cam.add(pass, scoreOf(cam.passes[pass] ?? []))
		const [single, threefold] = [one.maps(), three.maps()]
		expect(threefold.channelsDone).toBe(120)
		expect(threefold.errorBound).toBeCloseTo(single.errorBound ?? Number.NaN, 9)
		for (const [label, { values: wanted }] of single.maps.entries()) for (const [index, value] of wanted.entries()) expect(threefold.maps[label]?.values[index]).toBeCloseTo(value, 9)
	})

	it('is exact at once where every channel is constant', () => {
		const cam = startProgressiveCam(layerOf([[0, 0, 0, 0], [2, 2, 2, 2]]), 1, PAPER, INPUT)
		expect(cam.passes).toEqual([])
		expect(cam.maps().exact).toBe(false)
		cam.addEmpty([1])
		expect(cam.maps()).toMatchObject({ exact: true, channelsDone: 2, maps: [{ values: [1, 1, 1, 1], peak: 1 }] })
	})

	it('comes close early and keeps its bound, when scores depend smoothly on the masks', () => {
		for (const seed of [5, 6, 7]) {
			const { layer, scoreOf } = smoothCase(600, seed)
			const cam = startProgressiveCam(layer, 2, PAPER, INPUT)
			const states: { done: number; bound: number | null; maps: number[][] }[] = []
			for (let pass = 0; pass < cam.passes.length; pass++) {
				if (pass % 50 === 0 || pass === 5) {
					const { maps, errorBound } = cam.maps()
					states.push({ done: pass, bound: errorBound, maps: maps.map((map) => map.values) })
				}
				cam.add(pass, scoreOf(cam.passes[pass] ?? []))
			}
			const exact = cam.maps().maps.map((map) => map.values)
			const difference = (maps: number[][]) => Math.max(...maps.flatMap((map, label) => map.map((value, index) => Math.abs(value - (exact[label]?.[index] ?? Number.NaN)))))
			expect(states[0]?.bound).toBeNull()
			expect(states[1]?.bound).toBeNull()
			expect(difference(states.find((state) => state.done === 50)?.maps ?? [])).toBeLessThan(0.15)
			for (const { done, bound, maps } of states.filter((state) => state.done >= 100)) {
				expect(bound).toBeLessThan(done >= 150 ? 0.25 : 0.5)
				expect(difference(maps)).toBeLessThanOrEqual(bound ?? 0)
			}
		}
	})

	it('says nothing of what is missing where scores have nothing to do with the masks', () => {
		const { layer } = smoothCase(300, 9)
		const random = seededRandom(2)
		const cam = startProgressiveCam(layer, 1, PAPER, INPUT)
		const scores = cam.passes.map(() => random() * 30)
		for (let pass = 0; pass < 100; pass++) cam.add(pass, [scores[pass] as number])
		expect(cam.maps().errorBound).toBeNull()
	})

	it('takes no score twice and no score that is no number', () => {
		const cam = startProgressiveCam(layerOf([[1, 2, 3, 4], [4, 3, 2, 0], [1, 1, 1, 1]]), 2, PAPER, INPUT)
		cam.add(0, [1, 2])
		expect(() => cam.add(0, [1, 2])).toThrow('came twice')
		expect(() => cam.add(1, [1, Number.NaN])).toThrow('not a number')
		cam.addEmpty([0, 0])
		expect(() => cam.addEmpty([0, 0])).toThrow('came twice')
		expect(() => startProgressiveCam(layerOf([[1, 2, 3, 4]]), 2, PAPER, INPUT).addEmpty([0, 0])).toThrow('not planned')
	})
})
