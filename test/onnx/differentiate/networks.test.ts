import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formulaTensor } from '../../support/formulaWeights.ts'
import { dataOf, followCurve, goldenNetwork, goldenWeights, gradientGraph, openStep, type GoldenCurve } from '../../support/trainingNetworks.ts'

interface NetworkCase {
	name: string
	inputSize: number
	batch: number
	frozen: boolean
	loss: number
	/** How far PyTorch's own gradient in float32 is from that in float64: an activation on the other side of a kink is worth more than all rounding. */
	own: number
	/** Norm and projections of each parameter's gradient. */
	parameters: Record<string, number[]>
}

const golden = JSON.parse(readFileSync(new URL('../../golden/gradients.json', import.meta.url), 'utf8')) as {
	networks: NetworkCase[]
	curves: GoldenCurve[]
}

/** As in make_gradient_golden.py: of larger tensors every so many elements are looked at. */
const MOST_ELEMENTS = 2 ** 18

function thinned(values: Float32Array): Float32Array {
	const step = Math.ceil(values.length / MOST_ELEMENTS)
	return step === 1 ? values : Float32Array.from({ length: Math.ceil(values.length / step) }, (_, index) => values[index * step] ?? 0)
}

function norm(values: ArrayLike<number>): number {
	let sum = 0
	for (let index = 0; index < values.length; index++) sum += (values[index] ?? 0) ** 2
	return Math.sqrt(sum)
}

/** Onto the unit vector that the name and the number of the projection give. */
function projection(values: Float32Array, name: string, index: number): number {
	const direction = formulaTensor(`${name}/projection${index}.bias`, [values.length])
	let dot = 0
	for (let at = 0; at < values.length; at++) dot += (values[at] ?? 0) * (direction[at] ?? 0)
	return dot / norm(direction)
}

describe('gradients of whole networks against PyTorch', () => {
	for (const one of golden.networks) {
		it(`${one.name} at ${one.inputSize}, ${one.frozen ? 'frozen' : 'batch'} statistics`, async () => {
			const network = goldenNetwork(one.name, one.inputSize)
			const graph = gradientGraph(network, one.batch, one.frozen ? 'frozen' : 'batch')
			expect(graph.trained.toSorted()).toEqual(Object.keys(one.parameters).toSorted())
			const step = await openStep(network, one.batch, graph)
			const results = await step.run(goldenWeights(network))
			expect(Math.abs(dataOf(results[graph.loss])[0] as number - one.loss)).toBeLessThan(1e-4 * one.loss)
			// A difference e of n elements has projections of the size |e| / sqrt n; from those of all parameters follows the whole difference.
			let difference = 0
			let whole = 0
			for (const [name, [expectedNorm = 0, ...projections]] of Object.entries(one.parameters)) {
				const found = thinned(dataOf(results[graph.gradients.get(name) ?? '']))
				whole += expectedNorm ** 2
				for (const [index, expected] of projections.entries()) difference += (found.length * (projection(found, name, index) - expected) ** 2) / projections.length
				expect(Math.abs(norm(found) - expectedNorm), `norm of the gradient of ${name}`).toBeLessThan(1e-2 * expectedNorm + 1e-5 * Math.sqrt(found.length))
			}
			expect(Math.sqrt(difference / whole)).toBeLessThan(Math.max(1e-3, 2 * one.own))
			await step.close()
		})
	}
})

/** The others take too long here: compareGradients.ts follows all six. */
const SHORT = ['autoformerv2-t', 'ofa-595', 'eeea-net-c2']

describe('twenty steps of SGD follow PyTorch', () => {
	for (const curve of golden.curves.filter(({ name }) => SHORT.includes(name))) {
		it(curve.name, async () => {
			const losses = await followCurve(curve)
			for (const [index, expected] of curve.losses.entries()) expect(Math.abs((losses[index] as number) - expected), `loss of step ${index + 1}`).toBeLessThan(1e-3 * (curve.losses[0] as number) + 2 * curve.drift)
		})
	}
})
