import { assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/common/random.ts'
import { gridFeatures } from '../../../src/common/stats/gridFeatures.ts'
import { featureDistance, principalComponents } from '../../../src/common/stats/principalComponents.ts'
import golden from '../../golden/likeness.json' with { type: 'json' }

const rows = Float32Array.from(golden.rows)

describe('principal components', () => {
	const found = principalComponents(rows, golden.size, golden.wanted)
	const at = (component: number) => Array.from(found.components).slice(component * golden.size, (component + 1) * golden.size)

	it('have the variances of a full decomposition', () => {
		expect(found.variances).toHaveLength(golden.wanted)
		for (const [index, variance] of found.variances.entries()) expect(variance / (golden.variances[index] ?? 0)).toBeCloseTo(1, 5)
		expect(found.rest / golden.rest).toBeCloseTo(1, 5)
	})

	it('give the distances of NumPy', () => {
		for (const [index, probe] of golden.probes.entries()) expect(featureDistance(probe, found) / (golden.distances[index] ?? 0)).toBeCloseTo(1, 5)
	})

	it('are unit vectors at right angles', () => {
		for (let one = 0; one < golden.wanted; one++) {
			for (let other = 0; other <= one; other++) expect(at(one).reduce((sum, value, index) => sum + value * (at(other)[index] ?? 0), 0)).toBeCloseTo(one === other ? 1 : 0, 9)
		}
	})

	it('are the same whatever unit a feature is measured in', () => {
		assert(property(integer({ min: 0, max: golden.size - 1 }).filter((index) => index !== 3 && index !== 4), constantFrom(0.5, 2, 4), (feature, factor) => {
			const other = principalComponents(rows.map((value, index) => (index % golden.size === feature ? value * factor : value)), golden.size, golden.wanted)
			const [probe = []] = golden.probes
			// The least deviation is a share of the mean variance, which the two unmoved features feel.
			expect(featureDistance(probe.map((value, index) => (index === feature ? value * factor : value)), other)).toBeCloseTo(featureDistance(probe, found), 1)
		}), { numRuns: 10 })
	})

	it('are no more than the rows allow, and none of rows that are all alike', () => {
		expect(principalComponents(rows.subarray(0, 3 * golden.size), golden.size, 10).variances).toHaveLength(2)
		const alike = principalComponents(new Float32Array(40).fill(2), 4, 2)
		expect(featureDistance([2, 2, 2, 2], alike)).toBe(0)
		expect(() => principalComponents(rows.subarray(0, golden.size), golden.size, 2)).toThrow('two rows')
	})
})

it('the distance of rows like those of training is about 1, and a row far off is far in every direction', () => {
	const random = randomStream(3, 'likeness test')
	const draw = (count: number) => Float32Array.from({ length: count * 20 }, (_, index) => random.normal() * (1 + (index % 20)))
	const components = principalComponents(draw(2000), 20, 5)
	const fresh = draw(300)
	const distances = Array.from({ length: 300 }, (_, row) => featureDistance(fresh.subarray(row * 20, (row + 1) * 20), components))
	expect(distances.reduce((sum, value) => sum + value, 0) / 300).toBeCloseTo(1, 1)
	for (let feature = 0; feature < 20; feature++) expect(featureDistance(Array.from({ length: 20 }, (_, index) => (index === feature ? 30 * (1 + index) : 0)), components)).toBeGreaterThan(5)
})

describe('features on a grid', () => {
	it('are those of PyTorch, of evenly spaced channels', () => {
		const features = gridFeatures(golden.activations, golden.shape)
		expect(features).toHaveLength(golden.pooled.length)
		for (const [index, value] of features.entries()) expect(value).toBeCloseTo(golden.pooled[index] ?? Number.NaN, 5)
	})
})
