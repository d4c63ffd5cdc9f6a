import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { optimisationSchema } from '../../../../src/common/contract/training/optimiser.ts'
import { clipGradients } from '../../../../src/hosts/training/optimise/gradients.ts'
import { initialOptimiserState, takeStep } from '../../../../src/hosts/training/optimise/optimiser.ts'
import { learningRateFactor } from '../../../../src/hosts/training/optimise/schedule.ts'
import { decayingParameters } from '../../../../src/hosts/training/optimise/select.ts'
import type { Parameter, ParameterRole, Weights } from '../../../../src/onnx/network.ts'

type Arrays = Record<string, number[]>

interface Golden {
	steps: number
	stepsPerEpoch: number
	dims: Record<string, number[]>
	start: Arrays
	gradients: Arrays[]
	runs: { name: string; recipe: unknown; rates: number[]; norms: number[]; after: Record<string, Arrays> }[]
}

const golden = JSON.parse(readFileSync(new URL('../../../golden/optimisers.json', import.meta.url), 'utf8')) as Golden
const ROLES: Record<string, ParameterRole> = { 'stem.bias': 'bias', 'norm.weight': 'normScale' }
const parameters: Parameter[] = Object.entries(golden.dims).map(([name, dims]) => ({ name, dims, role: ROLES[name] ?? 'weight', initialisation: { kind: 'constant', value: 0 } }))

function weightsOf(arrays: Arrays): Weights {
	return new Map(Object.entries(arrays).map(([name, values]) => [name, Float32Array.from(values)]))
}

describe('optimisers against PyTorch', () => {
	it.each(golden.runs)('$name', ({ recipe, rates, norms, after }) => {
		const { optimiser, schedule, weightDecayExclusions, gradientNorm } = optimisationSchema.parse(recipe)
		const weights = weightsOf(golden.start), state = initialOptimiserState(optimiser, parameters), decaying = decayingParameters(parameters, weightDecayExclusions)
		for (let step = 0; step < golden.steps; step++) {
			const gradients = weightsOf(golden.gradients[step]!)
			const factor = learningRateFactor(schedule, { step, steps: golden.steps, stepsPerEpoch: golden.stepsPerEpoch })
			expect(optimiser.learningRate * factor).toBeCloseTo(rates[step]!, 12)
			if (gradientNorm !== null) expect(Math.abs(clipGradients(gradients, gradientNorm) / norms[step]! - 1)).toBeLessThan(1e-6)
			takeStep(optimiser, state, parameters, weights, gradients, decaying, factor)
			for (const [name, expected] of Object.entries(after[String(step + 1)] ?? {})) {
				// A few roundings of float32 per step, of numbers up to about 4.
				for (const [index, value] of expected.entries()) expect(Math.abs(weights.get(name)![index]! - value), `${name} ${String(index)} after ${String(step + 1)}`).toBeLessThan(2e-6)
			}
		}
		expect(state.step).toBe(golden.steps)
	})
})
