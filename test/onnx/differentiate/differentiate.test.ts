import { describe, expect, it } from 'vitest'
import { createGraphBuilder } from '../../../src/onnx/builder.ts'
import { declareComposite } from '../../../src/onnx/differentiate/composite.ts'
import { differentiate } from '../../../src/onnx/differentiate/differentiate.ts'
import { runModel } from '../../support/runGraph.ts'

const one = (...values: number[]) => ({ dims: [values.length], values: Float32Array.from(values) })
const sum = (build: ReturnType<typeof createGraphBuilder>, value: string): string => build.node('ReduceSum', [value], { keepdims: 0 })

const valuesOf = (tensor: { data: unknown } | undefined): number[] => Array.from((tensor?.data ?? []) as Float32Array)

describe('differentiation of a graph', () => {
	it('adds up the uses of a tensor, inner tensors included', async () => {
		const build = createGraphBuilder()
		build.input('x', [2])
		const square = build.node('Mul', ['x', 'x'])
		const loss = sum(build, build.node('Add', [build.node('Mul', [square, 'x']), square]))
		const gradients = differentiate(build, loss, ['x', square, loss])
		for (const name of gradients.values()) build.output(name)
		const results = await runModel(build.model(), { x: one(2, -1) })
		// x^3 + x^2, and with respect to x^2 as a tensor of its own: x + 1.
		expect(valuesOf(results[gradients.get('x') ?? ''])).toEqual([16, 1])
		expect(valuesOf(results[gradients.get(square) ?? ''])).toEqual([3, 0])
		expect(valuesOf(results[gradients.get(loss) ?? ''])).toEqual([1])
	})

	it('has no entry for what the loss does not depend on, and looks at nothing off the path', () => {
		const build = createGraphBuilder()
		for (const name of ['x', 'aside', 'constant']) build.input(name, [3])
		build.node('Mod', ['aside', build.scalar(2)], { fmod: 1 })
		// Without a gradient of its own, but what goes into it is no wanted tensor.
		const fixed = build.node('Mod', ['constant', build.scalar(2)], { fmod: 1 })
		const rounded = build.node('Round', ['aside'])
		const loss = sum(build, build.node('Add', [build.node('Mul', ['x', fixed]), rounded]))
		expect([...differentiate(build, loss, ['x', 'aside']).keys()]).toEqual(['x'])
	})

	it('refuses an operator without a rule by name, with its node', () => {
		const build = createGraphBuilder()
		build.input('x', [3])
		const loss = sum(build, build.node('Mod', ['x', build.scalar(2)], { fmod: 1 }, 'remainder'))
		expect(() => differentiate(build, loss, ['x'])).toThrow('The operator Mod has no gradient: it stands in the node remainder, which computes remainder.')
	})

	it('refuses what a rule does not cover, and a loss of several numbers', () => {
		const build = createGraphBuilder()
		build.input('x', [1, 1, 4, 4])
		const shrunk = build.node('Resize', ['x', '', '', build.integers([1, 1, 2, 2])], { mode: 'linear', antialias: 1 }, 'shrunk')
		const cubic = build.node('Resize', ['x', '', '', build.integers([1, 1, 8, 8])], { mode: 'cubic' }, 'cubic')
		expect(() => differentiate(build, sum(build, shrunk), ['x'])).toThrow('Resize (node shrunk) has no gradient here: it smooths before it shrinks (antialias).')
		expect(() => differentiate(build, sum(build, cubic), ['x'])).toThrow('Resize (node cubic) has no gradient here: its mode is cubic.')
		expect(() => differentiate(build, shrunk, ['x'])).toThrow('The loss shrunk is no single number')
	})

	it('takes a composite in one step and keeps other uses of what is inside it', async () => {
		const build = createGraphBuilder()
		build.input('x', [2])
		const inner = build.node('Mul', ['x', build.scalar(3)])
		const outer = build.node('Floor', [inner])
		// Rounding whose gradient is declared to be that of the identity.
		declareComposite(build, outer, { inputs: ['x'], gradient: (_build, dy) => [dy] })
		const throughComposite = differentiate(build, sum(build, outer), ['x']).get('x') ?? ''
		const throughBoth = differentiate(build, sum(build, build.node('Add', [outer, inner])), ['x']).get('x') ?? ''
		for (const name of [throughComposite, throughBoth]) build.output(name)
		const results = await runModel(build.model(), { x: one(0.5, 2) })
		expect(valuesOf(results[throughComposite])).toEqual([1, 1])
		expect(valuesOf(results[throughBoth])).toEqual([4, 4])
	})
})
