import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composeMap, labelScores, mapSize } from '../../../src/common/cam/compose.ts'
import { definitionOf } from '../../../src/common/cam/definitions.ts'
import type { LayerActivations } from '../../../src/common/cam/passes.ts'
import { cellsOf } from '../../../src/common/cam/randomMaps.ts'
import { camModeSchema } from '../../../src/common/contract/analysis.ts'
import { upsampleBilinear } from '../../../src/common/imaging/overlay.ts'

const INPUT = { height: 12, width: 8 }
const LAYER = { height: 3, width: 2 }

function layerOf(maps: readonly (readonly number[])[]): LayerActivations {
	return { channels: maps.length, ...LAYER, values: Float32Array.from(maps.flat()) }
}

/** Largest float32 error of values of this size is far below it. */
const CLOSE = 1e-5
const apart = (found: readonly number[], wanted: readonly number[]) => Math.max(...wanted.map((value, index) => Math.abs((found[index] ?? Number.NaN) - value)))

/** A few channels with values that float32 holds, and their scores. */
const cases = fc.array(fc.record({ map: fc.array(fc.integer({ min: -8, max: 8 }).map((value) => value / 4), { minLength: 6, maxLength: 6 }), score: fc.double({ min: -20, max: 20, noNaN: true }) }), { minLength: 1, maxLength: 12 })
const upsampled = (map: readonly number[]) => Array.from(upsampleBilinear(map, LAYER.width, LAYER.height, INPUT.width, INPUT.height))

function stretched(values: readonly number[]): number[] {
	const low = Math.min(...values)
	const range = Math.max(...values) - low
	return values.map((value) => (range > 0 ? (value - low) / range : 0))
}

/** Softmax-weighted sum at the layer's size, ReLU. */
function softmaxSum(channels: { map: number[]; score: number }[]): number[] {
	const sum = channels.reduce((total, { score }) => total + Math.exp(score), 0)
	return Array.from({ length: 6 }, (_, index) => Math.max(channels.reduce((total, { map, score }) => total + (Math.exp(score) / sum) * (map[index] ?? 0), 0), 0))
}

describe('definitions of Score-CAM', () => {
	it('answer by their own name, and share masks only where they are the same', () => {
		for (const mode of camModeSchema.options) expect(definitionOf(mode).mode).toBe(mode)
		expect(definitionOf('official').mask).toBe(definitionOf('paper').mask)
		expect(new Set(camModeSchema.options.map((mode) => definitionOf(mode).mask)).size).toBe(3)
	})

	it('have maps of the size that the program gives out', () => {
		const sizes = camModeSchema.options.map((mode) => [mode, mapSize(definitionOf(mode), LAYER, INPUT)])
		expect(sizes).toEqual([['paper', LAYER], ['official', INPUT], ['pytorch-grad-cam', INPUT], ['torchcam', LAYER]])
	})

	it('score by the logit, or by the softmax over all labels however large the logits are', () => {
		for (const mode of ['paper', 'pytorch-grad-cam', 'torchcam'] as const) expect([...labelScores(definitionOf(mode), [3, -1])]).toEqual([3, -1])
		fc.assert(fc.property(fc.array(fc.double({ min: -2000, max: 2000, noNaN: true }), { minLength: 1, maxLength: 14 }), (logits) => {
			const scores = labelScores(definitionOf('official'), logits)
			expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 9)
			for (const [index, score] of scores.entries()) for (const [other, less] of scores.entries()) if ((logits[index] as number) > (logits[other] as number)) expect(score).toBeGreaterThanOrEqual(less)
		}))
		expect(labelScores(definitionOf('official'), [Math.log(3), 0])[0]).toBeCloseTo(0.75, 12)
	})
})

describe('composing by the other programs', () => {
	it('official: the ReLU of the sum of upsampled channels, stretched; constant channels have no part', () => {
		fc.assert(fc.property(cases, (channels) => {
			const scores = channels.map(({ score }) => 1 / (1 + Math.exp(-score)))
			const varying = channels.map(({ map }, index) => ({ map, score: scores[index] as number })).filter(({ map }) => new Set(map).size > 1)
			const planes = varying.map(({ map }) => upsampled(map))
			const sum = Array.from({ length: INPUT.height * INPUT.width }, (_, index) => Math.max(planes.reduce((total, plane, channel) => total + (plane[index] ?? 0) * (varying[channel]?.score ?? 0), 0), 0))
			const { values, height, width, peak } = composeMap(layerOf(channels.map(({ map }) => map)), Float64Array.from(scores), definitionOf('official'), INPUT)
			expect([height, width]).toEqual([INPUT.height, INPUT.width])
			const range = Math.max(...sum) - Math.min(...sum)
			// A sum that is 0 but for rounding has a map of noise, as in the program itself.
			fc.pre(range === 0 || range > 1e-3)
			expect(apart(values, stretched(sum))).toBeLessThan(1e-3)
			expect(Math.abs(peak - range)).toBeLessThan(CLOSE)
		}))
	})

	it('official: a constant channel would lift the map by its value, if it were kept', () => {
		const layer = layerOf([[0, 1, 2, 3, 4, 5], [-3, -3, -3, -3, -3, -3]])
		const scores = Float64Array.from([1, 1])
		const { values } = composeMap(layer, scores, definitionOf('official'), INPUT)
		expect(values.filter((value) => value === 0)).toHaveLength(upsampled([0, 1, 2, 3, 4, 5]).filter((value) => value === 0).length)
		const kept = composeMap(layer, scores, { ...definitionOf('official'), constantChannels: 'kept' }, INPUT)
		expect(apart(kept.values, values)).toBeGreaterThan(0.1)
	})

	it('pytorch-grad-cam: stretched, upsampled and stretched again', () => {
		fc.assert(fc.property(cases, (channels) => {
			const sum = softmaxSum(channels)
			fc.pre(Math.max(...sum) - Math.min(...sum) > 1e-2 || Math.max(...sum) === 0)
			const { values } = composeMap(layerOf(channels.map(({ map }) => map)), Float64Array.from(channels, ({ score }) => score), definitionOf('pytorch-grad-cam'), INPUT)
			expect(apart(values, stretched(upsampled(stretched(sum))))).toBeLessThan(1e-4)
		}))
	})

	it('torchcam: stretched at the size of the layer, where the paper divides by the largest value', () => {
		const layer = layerOf([[1, 2, 3, 4, 5, 6]])
		const scores = Float64Array.from([0])
		const torchcam = composeMap(layer, scores, definitionOf('torchcam'), INPUT)
		expect(apart(torchcam.values, [0, 0.2, 0.4, 0.6, 0.8, 1])).toBeLessThan(CLOSE)
		expect(torchcam.peak).toBeCloseTo(5, 6)
		expect(apart(composeMap(layer, scores, definitionOf('paper'), INPUT).values, [1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])).toBeLessThan(CLOSE)
	})

	it('every definition: values of 0 to 1, and nothing at all where no channel speaks for the label', () => {
		fc.assert(fc.property(cases, fc.constantFrom(...camModeSchema.options), (channels, mode) => {
			const definition = definitionOf(mode)
			const scores = Float64Array.from(channels, ({ score }) => (definition.weight === 'score' ? 1 / (1 + Math.exp(-score)) : score))
			const { values, peak } = composeMap(layerOf(channels.map(({ map }) => map)), scores, definition, INPUT)
			for (const value of values) expect(value >= 0 && value <= 1).toBe(true)
			expect(peak > 0).toBe(values.some((value) => value > 0))
		}))
		for (const mode of camModeSchema.options) {
			const { values, peak } = composeMap(layerOf([[-1, -2, -3, -4, -5, -6]]), Float64Array.from([0.5]), definitionOf(mode), INPUT)
			expect([Math.max(...values), peak]).toEqual([0, 0])
		}
	})
})

describe('cells of a map that was upsampled', () => {
	it('are those it was made of, but for the nearest pixels of each centre', () => {
		fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 64 }).map((value) => value / 64), { minLength: 6, maxLength: 6 }), (values) => {
			const large = { height: LAYER.height * 32, width: LAYER.width * 32, values: upsampleBilinear(values, LAYER.width, LAYER.height, LAYER.width * 32, LAYER.height * 32) }
			expect(apart(Array.from(cellsOf(large, LAYER).values), values)).toBeLessThan(1 / 30)
		}))
	})
})
