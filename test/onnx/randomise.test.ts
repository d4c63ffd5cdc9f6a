import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forgetParameters, stagesFromScores } from '../../src/onnx/randomise.ts'
import { initialWeights } from '../../src/zoo/initialise.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'

const NAMES = ['ofa-595', 'densenet121', 'autoformerv2-t'] as const
const networks = Object.fromEntries(NAMES.map((name) => [name, buildNetwork(name, { classes: 3 })]))

describe('stages from the scores downwards', () => {
	it.each(NAMES)('of %s have every parameter once, the last layer first and the first layer last', (name) => {
		const network = networks[name]!
		const stages = stagesFromScores(network, 5)
		expect(stages).toHaveLength(5)
		expect(stages.flatMap(({ parameters }) => parameters).toSorted()).toEqual(network.parameters.map((parameter) => parameter.name).toSorted())
		expect(stages[0]).toEqual({ layers: 1, parameters: [network.head.weight, network.head.bias] })
		const weights = network.parameters.filter(({ role }) => role === 'weight')
		expect(stages.at(-1)?.parameters).toContain(weights[0]?.name)
		const [least = 0, most = 0] = [Math.min, Math.max].map((extreme) => extreme(...stages.slice(1).map(({ layers }) => layers)))
		expect(most - least).toBeLessThanOrEqual(1)
		expect(stages.reduce((sum, { layers }) => sum + layers, 0)).toBeLessThanOrEqual(weights.length)
	})
	it('are fewer where there are fewer layers, and one has all', () => {
		const [all, ...none] = stagesFromScores(networks['ofa-595']!, 1)
		expect(none).toEqual([])
		expect(all?.parameters).toHaveLength(networks['ofa-595']!.parameters.length)
		expect(stagesFromScores(networks['ofa-595']!, 10_000).every(({ layers, parameters }) => layers === 1 && parameters.length > 0)).toBe(true)
	})
})

describe('parameters that forget', () => {
	const network = networks['ofa-595']!
	const weights = initialWeights(network, 3)
	it('keep their values in other places, and leave the others alone', () => {
		fc.assert(fc.property(fc.subarray(network.parameters.filter(({ name, role }) => role === 'weight' && weights.get(name)!.length < 2000).map(({ name }) => name), { minLength: 1, maxLength: 3 }), (names) => {
			const permuted = forgetParameters(network, weights, new Set(names), 1)
			for (const [name, values] of weights) {
				expect(permuted.get(name) === values).toBe(!names.includes(name))
				if (names.includes(name)) {
					expect(permuted.get(name)).not.toEqual(values)
					expect(permuted.get(name)?.toSorted()).toEqual(values.toSorted())
				}
			}
		}), { numRuns: 4 })
	})
	it('lose their offsets', () => {
		const names = network.parameters.filter(({ role }) => role === 'bias' || role === 'normShift' || role === 'runningMean').map(({ name }) => name)
		expect(names.length).toBeGreaterThan(50)
		const other = new Map([...weights].map(([name, values]) => [name, values.map((value) => value + 1)]))
		const forgotten = forgetParameters(network, other, new Set(names), 1)
		expect(names.every((name) => forgotten.get(name)!.every((value) => value === 0))).toBe(true)
	})
	it('forget in the same way again, and in another with another seed', () => {
		const names = new Set([network.head.weight])
		const once = forgetParameters(network, weights, names, 1).get(network.head.weight)
		expect(forgetParameters(network, weights, names, 1).get(network.head.weight)).toEqual(once)
		expect(forgetParameters(network, weights, names, 2).get(network.head.weight)).not.toEqual(once)
	})
})
