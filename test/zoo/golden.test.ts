import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { makeModel, writeModel } from '../../src/onnx/model.ts'
import { OPERATOR_SET, type Network, type Weights } from '../../src/onnx/network.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'
import type { OfaEncoding } from '../../src/zoo/ofa/encoding.ts'
import { buildOfaNetwork } from '../../src/zoo/ofa/network.ts'
import { formulaImage, formulaWeights } from '../support/formulaWeights.ts'

interface Golden {
	name: string
	classes: number
	batch: number
	inputSize: number
	parameters: [name: string, dims: number[]][] | null
	logits: number[]
	features: number[]
	hints: number[]
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/zoo.json'), 'utf8')) as Golden[]

/** As in test/golden/make_zoo_golden.py. */
const OTHER: OfaEncoding = { depths: [2, 2, 3, 2, 2], kernels: [7, 3, 5, 5, 3, 7, 7, 3, 5, 5, 3], expands: [6, 3, 4, 6, 3, 4, 6, 6, 3, 4, 4], width: 1, inputSize: 128 }

function build({ name, classes, inputSize }: Golden): Network {
	return name === 'ofa-other' ? buildOfaNetwork(OTHER, { name, title: name, dropout: 0.1, classes, inputSize }) : buildNetwork(name, { classes, inputSize })
}

/** The largest networks have half a gigabyte of weights: one set at a time. */
let kept: { key: string; weights: Weights } = { key: '', weights: new Map() }

function weightsOf(network: Network): Weights {
	const key = `${network.name} ${network.classes}`
	if (kept.key !== key) kept = { key, weights: formulaWeights(network) }
	return kept.weights
}

async function run(network: Network, batch: number): Promise<Record<string, Float32Array>> {
	const session = await InferenceSession.create(writeModel(makeModel(network.graph, OPERATOR_SET)), { logSeverityLevel: 4, intraOpNumThreads: 2 })
	const weights = weightsOf(network)
	const feeds = Object.fromEntries(network.parameters.map(({ name, dims }) => [name, new Tensor('float32', weights.get(name) ?? [], dims)]))
	const results = await session.run({ ...feeds, input: new Tensor('float32', formulaImage(batch, network.inputSize), [batch, 3, network.inputSize, network.inputSize]) })
	await session.release()
	return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]))
}

function expectClose(actual: ArrayLike<number> | undefined, expected: readonly number[], what: string): void {
	expect(actual?.length, what).toBe(expected.length)
	for (const [index, value] of expected.entries()) expect(Math.abs((actual?.[index] ?? Number.NaN) - value), `${what} ${index}: ${actual?.[index]} and ${value}`).toBeLessThan(1e-4)
}

describe('against PyTorch with the same weights', () => {
	for (const one of golden) {
		it(`${one.name}, ${one.classes} classes, ${one.batch} x ${one.inputSize} pixels`, async () => {
			const network = build(one)
			if (one.parameters) expect(network.parameters.map(({ name, dims }) => [name, dims])).toEqual(one.parameters)
			const results = await run(network, one.batch)
			expectClose(results.logits, one.logits, 'logit')
			expectClose(results.features?.subarray(0, one.features.length), one.features, 'feature')
			const hints = network.hintLayers.map(({ output }) => {
				const values = results[output] ?? new Float32Array(0)
				return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length
			})
			expectClose(hints, one.hints, 'hint layer')
			for (const { output, channels, height, width } of [...network.hintLayers, ...network.camLayers]) expect(results[output]?.length).toBe(one.batch * channels * height * width)
		})
	}
})
