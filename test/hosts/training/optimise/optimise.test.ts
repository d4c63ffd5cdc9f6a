import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { optimisationSchema, optimiserSchema, scheduleSchema } from '../../../../src/common/contract/training/optimiser.ts'
import { updateAverage } from '../../../../src/hosts/training/optimise/average.ts'
import { accumulateGradients, clipGradients, gradientNorm, zeroGradients } from '../../../../src/hosts/training/optimise/gradients.ts'
import { initialOptimiserState, takeStep, type OptimiserState } from '../../../../src/hosts/training/optimise/optimiser.ts'
import { learningRateFactor } from '../../../../src/hosts/training/optimise/schedule.ts'
import { decayingParameters, fitsPattern, trainedParameters } from '../../../../src/hosts/training/optimise/select.ts'
import type { Parameter, ParameterRole, Weights } from '../../../../src/onnx/network.ts'
import { ramp } from '../../../support/runGraph.ts'

function parameter(name: string, role: ParameterRole = 'weight', dims: readonly number[] = [5]): Parameter {
	return { name, dims, role, initialisation: { kind: 'constant', value: 0 } }
}

const NETWORK = [
	parameter('stem.conv.weight'), parameter('stem.norm.weight', 'normScale'), parameter('stem.norm.bias', 'normShift'), parameter('stem.norm.running_mean', 'runningMean'),
	parameter('stem.norm.running_var', 'runningVariance'), parameter('blocks.1.conv.weight'), parameter('blocks.10.conv.weight'), parameter('head.weight'), parameter('head.bias', 'bias'),
]

function arrays(parameters: readonly Parameter[], seed: number): Weights {
	return new Map(parameters.map(({ name, dims }, index) => [name, ramp(dims[0]!, seed + index)]))
}

const copy = (weights: ReadonlyMap<string, Float32Array>): Weights => new Map([...weights].map(([name, values]) => [name, values.slice()]))

describe('patterns', () => {
	it('let * stand for any characters and nothing else', () => {
		expect(fitsPattern('blocks.1.conv.weight', 'blocks.1.*')).toBe(true)
		expect(fitsPattern('blocks.10.conv.weight', 'blocks.1.*')).toBe(false)
		expect(fitsPattern('blocks.1.conv.weight', '*.weight')).toBe(true)
		expect(fitsPattern('blocks.1.conv.weight', '*conv*')).toBe(true)
		expect(fitsPattern('blocks.1.conv.weight', 'blocks?1.conv.weight')).toBe(false)
		expect(fitsPattern('a.b', 'a.b*')).toBe(true)
		expect(fitsPattern('aXb', 'a.b')).toBe(false)
	})

	it('agree with a regular expression', () => {
		const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 12 })
		fc.assert(fc.property(text, text, (name, pattern) => {
			const expression = new RegExp(`^${pattern.replaceAll('.', String.raw`\.`).replaceAll('*', '.*')}$`)
			expect(fitsPattern(name, pattern)).toBe(expression.test(name))
		}), { numRuns: 2000 })
	})

	it('take no time over hostile ones', () => {
		expect(fitsPattern('a'.repeat(200), `${'*a'.repeat(99)}*b`)).toBe(false)
	})
})

describe('selection', () => {
	it('never trains running statistics, and freezes by pattern', () => {
		expect(trainedParameters(NETWORK, ['stem.*', 'blocks.1.*']).map(({ name }) => name)).toEqual(['blocks.10.conv.weight', 'head.weight', 'head.bias'])
		expect(trainedParameters(NETWORK, []).some(({ role }) => role.startsWith('running'))).toBe(false)
	})

	it('refuses a pattern that fits nothing, and a network of which nothing is left', () => {
		expect(() => trainedParameters(NETWORK, ['stem.*', 'stm.*'])).toThrow('optimisation.freeze.1: No parameter of the network fits "stm.*"')
		expect(() => trainedParameters(NETWORK, ['*'])).toThrow('nothing is left to train')
		expect(() => decayingParameters(NETWORK, { bias: true, normalisation: true, names: ['x'] })).toThrow('weightDecayExclusions.names.0')
	})

	it('keeps biases and normalisation from decaying unless told otherwise', () => {
		const { weightDecayExclusions } = optimisationSchema.parse({ optimiser: { kind: 'adamw', learningRate: 1e-3 } })
		const shrinking = (exclusions: Partial<typeof weightDecayExclusions>): string[] => [...decayingParameters(trainedParameters(NETWORK, []), { ...weightDecayExclusions, ...exclusions })]
		expect(shrinking({})).toEqual(['stem.conv.weight', 'blocks.1.conv.weight', 'blocks.10.conv.weight', 'head.weight'])
		expect(shrinking({ bias: false })).toContain('head.bias')
		expect(shrinking({ normalisation: false })).toContain('stem.norm.bias')
		expect(shrinking({ names: ['head.*'] })).not.toContain('head.weight')
	})
})

describe('schedule', () => {
	it('warms up, falls and ends where it is told', () => {
		const schedule = scheduleSchema.parse({ kind: 'cosine', warmUpEpochs: 2, warmUpStart: 0.1, final: 0.2 })
		const factors = Array.from({ length: 101 }, (_, step) => learningRateFactor(schedule, { step, steps: 100, stepsPerEpoch: 10 }))
		expect(factors[0]).toBeCloseTo(0.1, 12)
		expect(factors[20]).toBe(1)
		expect(factors[60]).toBeCloseTo(0.6, 12)
		expect(factors[100]).toBeCloseTo(0.2, 12)
		for (let step = 1; step <= 20; step++) expect(factors[step]).toBeGreaterThan(factors[step - 1]!)
		for (let step = 21; step <= 100; step++) expect(factors[step]).toBeLessThan(factors[step - 1]!)
	})

	it('is always between 0 and 1, also where the warm-up is longer than the run', () => {
		fc.assert(fc.property(
			fc.constantFrom('constant', 'cosine', 'step'), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: 20, noNaN: true }),
			(kind, steps, stepsPerEpoch, warmUpEpochs) => {
				const schedule = scheduleSchema.parse({ kind, warmUpEpochs, stepEpochs: kind === 'step' ? [1, 2] : [] })
				for (let step = 0; step < steps; step++) {
					const factor = learningRateFactor(schedule, { step, steps, stepsPerEpoch })
					expect(factor).toBeGreaterThanOrEqual(0)
					expect(factor).toBeLessThanOrEqual(1)
				}
			},
		))
	})

	it('has steps only where it steps', () => {
		expect(() => scheduleSchema.parse({ kind: 'step' })).toThrow('needs one at least')
		expect(() => scheduleSchema.parse({ kind: 'cosine', stepEpochs: [3] })).toThrow('belong to the schedule')
	})
})

describe('gradients', () => {
	it('are shortened to the largest norm and keep their direction', () => {
		fc.assert(fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 23 }), fc.double({ min: 0.01, max: 50, noNaN: true }), (values, largest) => {
			const gradients: Weights = new Map([['a', Float32Array.from(values)], ['b', Float32Array.from(values.slice(0, 3))]])
			const before = copy(gradients)
			const norm = clipGradients(gradients, largest)
			expect(norm).toBeCloseTo(Math.hypot(...before.get('a')!, ...before.get('b')!), 4)
			expect(gradientNorm(gradients)).toBeLessThanOrEqual(Math.max(largest, 0) * (1 + 1e-6))
			if (norm < largest) expect(gradients).toEqual(before)
		}))
	})

	it('stay as they are where they are no numbers, so that the run can say so', () => {
		const gradients: Weights = new Map([['a', Float32Array.of(1, Number.NaN)]])
		expect(clipGradients(gradients, 1)).toBeNaN()
		expect(gradients.get('a')![0]).toBe(1)
		const endless: Weights = new Map([['a', Float32Array.of(1, Number.POSITIVE_INFINITY)]])
		expect(clipGradients(endless, 1)).toBe(Number.POSITIVE_INFINITY)
		expect([...endless.get('a')!]).toEqual([1, Number.POSITIVE_INFINITY])
	})

	it('of several batches become their mean', () => {
		const parameters = [parameter('a'), parameter('b', 'bias', [3])]
		const sum = zeroGradients(parameters), batches = [arrays(parameters, 1), arrays(parameters, 5), arrays(parameters, 9), arrays(parameters, 20)]
		for (const batch of batches) accumulateGradients(sum, batch, batches.length)
		for (const [name, values] of sum) {
			for (const [index, value] of values.entries()) expect(value).toBeCloseTo(batches.reduce((total, batch) => total + batch.get(name)![index]! / 4, 0), 6)
		}
		expect(() => accumulateGradients(sum, new Map(), 1)).toThrow('no gradient of "a"')
	})
})

describe('average of the weights', () => {
	it('follows the formula, running statistics included, and forgets the first values soon', () => {
		const average: Weights = new Map([['a', Float32Array.of(0)], ['running', Float32Array.of(8)]])
		const weights: Weights = new Map([['a', Float32Array.of(1)], ['running', Float32Array.of(0)]])
		updateAverage(average, weights, 0.999, 1)
		expect(average.get('a')![0]).toBeCloseTo(1 - 2 / 11, 6)
		updateAverage(average, weights, 0.9, 1e6)
		expect(average.get('a')![0]).toBeCloseTo(1 - 0.9 * (2 / 11), 6)
		expect(average.get('running')![0]).toBeCloseTo(8 * (2 / 11) * 0.9, 5)
	})
})

describe('steps', () => {
	const recipes = [{ kind: 'sgd', learningRate: 0.1 }, { kind: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false }, { kind: 'adamw', learningRate: 0.01 }].map((recipe) => optimiserSchema.parse(recipe))

	it.each(recipes)('go on bit by bit from a saved state: $kind, momentum $momentum', (recipe) => {
		const trained = trainedParameters(NETWORK, ['blocks.1.*']), decaying = new Set(trained.map(({ name }) => name))
		const run = (weights: Weights, state: OptimiserState, from: number, to: number): void => {
			for (let step = from; step < to; step++) takeStep(recipe, state, trained, weights, arrays(trained, step * 31), decaying, 0.5)
		}
		const weights = arrays(NETWORK, 3), first = copy(weights), state = initialOptimiserState(recipe, trained)
		run(weights, state, 0, 10)
		const part = copy(first), saved = initialOptimiserState(recipe, trained)
		run(part, saved, 0, 4)
		const restored: OptimiserState = { slots: copy(saved.slots), step: saved.step }
		run(part, restored, 4, 10)
		expect(part).toEqual(weights)
		expect(restored).toEqual(state)
		// What is frozen and what is kept by normalisation is not touched.
		for (const name of ['blocks.1.conv.weight', 'stem.norm.running_mean']) expect(weights.get(name)).toEqual(first.get(name))
		expect(weights.get('head.weight')).not.toEqual(first.get('head.weight'))
	})

	it('of AdamW are held back by epsilon where gradients are tiny, and by nothing else where there are none', () => {
		const recipe = optimiserSchema.parse({ kind: 'adamw', learningRate: 0.01 }), trained = [parameter('a', 'weight', [3])]
		const weights: Weights = new Map([['a', new Float32Array(3)]])
		takeStep(recipe, initialOptimiserState(recipe, trained), trained, weights, new Map([['a', Float32Array.of(0, 1e-8, -1)]]), new Set(), 1)
		const [none, tiny, large] = weights.get('a')!
		expect(none).toBe(0)
		expect(tiny).toBeCloseTo(-0.005, 6)
		expect(large).toBeCloseTo(0.01, 6)
	})

	it('refuse a state of another network', () => {
		const recipe = recipes[0]!, trained = [parameter('a')]
		const take = (state: OptimiserState, gradients: Weights): void => takeStep(recipe, state, trained, arrays(trained, 1), gradients, new Set(), 1)
		expect(() => take({ slots: new Map(), step: 0 }, arrays(trained, 1))).toThrow('misses "momentum/a"')
		expect(() => take({ slots: new Map([['momentum/a', new Float32Array(4)]]), step: 0 }, arrays(trained, 1))).toThrow('with 5 values')
		expect(() => take(initialOptimiserState(recipe, trained), new Map())).toThrow('misses "a"')
	})

	it('refuse Nesterov without momentum', () => {
		expect(() => optimiserSchema.parse({ kind: 'sgd', learningRate: 0.1, momentum: 0 })).toThrow('Nesterov')
	})
})
