import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lossSchema } from '../../src/common/contract/training/loss.ts'
import { openForward } from '../../src/hosts/training/graph/forward.ts'
import { openTrainingSession } from '../../src/hosts/training/graph/step.ts'
import { buildTrainingGraph } from '../../src/hosts/training/graph/trainingGraph.ts'
import { countMacs, countParameters, isTrainable } from '../../src/zoo/count.ts'
import { buildLungNetwork } from '../../src/zoo/lungs.ts'
import { formulaImage, formulaTensor, formulaWeights } from '../support/formulaWeights.ts'
import { runLosses } from '../support/lossRun.ts'

interface Spots { dims: number[]; step: number; values: number[]; squares: number }
interface Golden {
	side: number
	batch: number
	parameters: Record<string, number[]>
	inference: Spots
	training: Spots
	loss: number
	parts: Record<string, number>
	gradients: Record<string, Spots>
	updates: Record<string, Spots>
	dice: { dims: number[]; logits: number[][][][]; target: number[][][][]; known: number[][][][]; value: number; gradient: number[] }
}

const golden = JSON.parse(readFileSync(new URL('../golden/lungs.json', import.meta.url), 'utf8')) as Golden
const { side, batch } = golden
const network = buildLungNetwork({ inputSize: side })
const weights = formulaWeights(network)
const image = formulaImage(batch, side)
const drawn = (name: string, above: number) => formulaTensor(name, [batch, 1, side, side]).map((value) => (value > above ? 1 : 0))

/** Of float32 sums against float64: every so many values and the sum of squares, relative to the root of their mean. */
function expectSpots(found: Float32Array | undefined, { dims, step, values, squares }: Spots, name: string, most = 2e-4): void {
	expect(found?.length, name).toBe(dims.reduce((product, size) => product * size, 1))
	const scale = Math.sqrt(squares / (found?.length ?? 1))
	for (const [index, value] of values.entries()) expect(Math.abs((found?.[index * step] ?? Number.NaN) - value), `${name} ${String(index * step)}`).toBeLessThan(most * (scale + Math.abs(value)))
	const sum = found?.reduce((total, value) => total + value * value, 0) ?? Number.NaN
	expect(Math.abs(sum - squares), name).toBeLessThan(most * squares)
}

describe('the lung network', () => {
	it('has PyTorch\'s parameters, by name and size, and a few hundred thousand of them', () => {
		expect(Object.fromEntries(network.parameters.filter(isTrainable).map(({ name, dims }) => [name, [...dims]]))).toEqual(golden.parameters)
		expect(countParameters(network)).toBe(451_329)
		// Twice the side, four times the work.
		expect(countMacs(buildLungNetwork({ inputSize: 128 })).weighted).toBe(4 * countMacs(network).weighted)
	})

	it('answers as PyTorch does', async () => {
		const session = await openForward(network, weights, batch, [3, side, side], 1)
		const { logits, features } = await session.run(image)
		await session.release()
		expectSpots(logits, golden.inference, 'logits')
		expect(features).toHaveLength(batch * 80)
	})

	it('is trained as PyTorch does: both losses, every gradient, the running statistics', async () => {
		const graph = buildTrainingGraph(network, {
			batch, inputDims: [3, side, side], trained: new Set(network.parameters.filter(isTrainable).map(({ name }) => name)), weights, normalisation: 'batch',
			losses: [{ kind: 'binary-cross-entropy', weight: 0.5 }, { kind: 'dice', weight: 2 }].map((loss) => lossSchema.parse(loss)), task: 'segmentation', teachers: [],
		})
		expect(graph.targetDims).toEqual([batch, 1, side, side])
		const session = await openTrainingSession(graph, batch, [3, side, side], 1)
		const result = await session.run({ images: image, target: drawn('target', 0.1), known: drawn('known', -0.4), teachers: {}, seed: 0, epoch: 0, pass: 0 }, weights)
		await session.release()
		expect(result.loss).toBeCloseTo(golden.loss, 4)
		for (const [name, value] of Object.entries(golden.parts)) expect(result.parts[name], name).toBeCloseTo(value, 4)
		expectSpots(result.logits, golden.training, 'logits')
		expect([...result.gradients.keys()].toSorted()).toEqual(Object.keys(golden.gradients).toSorted())
		for (const [name, expected] of Object.entries(golden.gradients)) expectSpots(result.gradients.get(name), expected, name, 2e-3)
		expect([...result.updates.keys()].toSorted()).toEqual(Object.keys(golden.updates).toSorted())
		for (const [name, expected] of Object.entries(golden.updates)) expectSpots(result.updates.get(name), expected, name)
	})

	it.each([[63], [80], [32], [544], [64.5]])('refuses a side of %d pixels', (inputSize) => {
		expect(() => buildLungNetwork({ inputSize })).toThrow('multiple of 32 from 64 to 512')
	})
})

describe('Dice', () => {
	it('has PyTorch\'s value and gradient, for sure logits, unknown pixels and an image without the organ', async () => {
		const { dims, logits, target, known, value, gradient } = golden.dice
		const given = (values: number[][][][]) => ({ dims, values: values.flat(3) })
		const found = await runLosses({ 'student/logits': given(logits), 'student/features': { dims: [3, 1], values: [0, 0, 0] }, target: given(target), known: given(known) }, [{ kind: 'dice' }], 'segmentation', [])
		expect(found.value).toBeCloseTo(value, 6)
		const slopes = found.gradients.get('student/logits') ?? new Float32Array()
		expect(slopes).toHaveLength(gradient.length)
		for (const [index, slope] of gradient.entries()) expect(Math.abs((slopes[index] ?? Number.NaN) - slope), String(index)).toBeLessThan(2e-6)
	})

	it('is 0 where a mask is found, 1 where it is missed, and finite where nothing is known', async () => {
		const dims = [2, 1, 20, 20]
		const target = Array.from({ length: 800 }, (_, index) => (index % 3 === 0 ? 1 : 0))
		const diceOf = async (logits: number[], known = 1) => (await runLosses({
			'student/logits': { dims, values: logits }, 'student/features': { dims: [2, 1], values: [0, 0] }, target: { dims, values: target }, known: { dims, values: target.map(() => known) },
		}, [{ kind: 'dice' }], 'segmentation', [])).value
		expect(await diceOf(target.map((inside) => (inside ? 40 : -40)))).toBeCloseTo(0, 6)
		expect(await diceOf(target.map((inside) => (inside ? -40 : 40)))).toBeGreaterThan(0.99)
		expect(await diceOf(target.map(() => 7), 0)).toBe(0)
	})

	it('is for masks alone, and masks have no other losses but those of pixels', async () => {
		const feeds = { 'student/logits': { dims: [1, 2], values: [0, 0] }, 'student/features': { dims: [1, 1], values: [0] }, target: { dims: [1, 2], values: [0, 1] }, known: { dims: [1, 2], values: [1, 1] } }
		await expect(runLosses(feeds, [{ kind: 'dice' }], 'multiclass', [])).rejects.toThrow('losses.0.kind: The loss dice is for masks')
		await expect(runLosses(feeds, [{ kind: 'cross-entropy' }], 'segmentation', [])).rejects.toThrow('The loss cross-entropy is not for masks')
	})
})
