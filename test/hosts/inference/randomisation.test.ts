import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareMaps } from '../../../src/common/cam/compareMaps.ts'
import type { CamMap } from '../../../src/common/cam/camMap.ts'
import { modelManifestSchema, type ModelManifest } from '../../../src/common/contract/model.ts'
import { explainImage } from '../../../src/hosts/inference/explain.ts'
import { openNetwork, type Network } from '../../../src/hosts/inference/network.ts'
import { checkRandomisation, type RandomisationContext } from '../../../src/hosts/inference/randomisation.ts'
import { createGraphBuilder } from '../../../src/onnx/builder.ts'
import { float32Tensor, writeModel } from '../../../src/onnx/model.ts'
import { randomStream } from '../../../src/common/random.ts'
import { packManifest, temporaryFolder } from '../../support/inferenceFixtures.ts'

const SIDE = 32
const WEIGHTS = { first: [8, 3, 3, 3], second: [12, 8, 3, 3], third: [3, 12], bias: [3] } as const
type Values = Record<keyof typeof WEIGHTS, readonly number[]>

function drawn(name: 'first' | 'second' | 'third', deviation: number): number[] {
	const random = randomStream(9, name)
	return Array.from({ length: WEIGHTS[name].reduce((size, count) => size * count, 1) }, () => random.normal() * deviation)
}

function learnt(): Values {
	return { first: drawn('first', 0.3), second: drawn('second', 0.3), third: drawn('third', 2), bias: [0.1, 0.2, 0.3] }
}

function graphOf(values: Values): Uint8Array {
	const build = createGraphBuilder()
	const weight = (name: keyof typeof WEIGHTS) => build.initializer(float32Tensor(name, WEIGHTS[name], [...values[name]]))
	const conv = (from: string, name: 'first' | 'second', as: string) => build.node('Relu', [build.node('Conv', [from, weight(name)], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] })], {}, as)
	const cam = conv(conv(build.input('input', [1, 3, SIDE, SIDE]), 'first', 'early'), 'second', 'cam')
	build.node('Gemm', [build.node('Flatten', [build.node('GlobalAveragePool', [cam])]), weight('third'), weight('bias')], { transB: 1 }, 'logits')
	build.output('logits')
	build.output('cam')
	return writeModel(build.model({ freeBatch: true }))
}

const folder = temporaryFolder()
afterAll(() => folder.remove())
const quiet: RandomisationContext = { signal: new AbortController().signal, progress: () => undefined, yieldTurn: () => Promise.resolve() }

async function open(name: string, graph: Uint8Array, change: Partial<ModelManifest['input']> = {}): Promise<{ network: Network; graph: string }> {
	const path = join(folder.path, name)
	writeFileSync(path, graph)
	const manifest = modelManifestSchema.parse({
		...packManifest,
		sha256: createHash('sha256').update(graph).digest('hex'),
		input: { ...packManifest.input, height: SIDE, width: SIDE, ...change },
		outputs: { logits: 'logits', features: null, camLayers: [{ name: 'cam', output: 'cam', channels: 12, height: 8, width: 8 }], defaultCamLayer: 'cam' },
	})
	return { network: await openNetwork(folder.path, manifest, { name }), graph: path }
}

async function mapsOf(network: Network, tensor: Float32Array): Promise<(label: string) => CamMap> {
	const { maps, height, width } = await explainImage(network, { tensor, layer: 'cam', mode: 'paper' }, { ...quiet, progress: () => undefined })
	return (label) => ({ height, width, values: maps[label] ?? [] })
}

describe('the parameter-randomisation check', () => {
	const values = learnt()
	const tensors = [0, 1].map((film) => Float32Array.from({ length: 3 * SIDE * SIDE }, (_, index) => Math.sin(index / (7 + film)) + Math.cos((index % SIDE) / (3 + film))))
	const labels = packManifest.labels.map(({ name }) => name)
	let trained: { network: Network; graph: string }
	let films: { label: string; map: CamMap; tensor(): Promise<Float32Array> }[]
	beforeAll(async () => {
		trained = await open('trained.onnx', graphOf(values))
		films = await Promise.all(tensors.map(async (tensor, index) => ({ label: labels[index]!, map: (await mapsOf(trained.network, tensor))(labels[index]!), tensor: () => Promise.resolve(tensor) })))
	})
	const request = () => ({ ...trained, layer: 'cam', mode: 'paper' as const, films })

	it('compares the maps of the trained network with those of one that forgets from the scores downwards', async () => {
		const progress: { done: number; of: number }[] = []
		const stages = await checkRandomisation(request(), { ...quiet, progress: (value) => void progress.push(value) })
		expect(stages.map(({ stage, layers, of }) => [stage, layers, of])).toEqual([['1 of 3 layers', 1, 3], ['2 of 3 layers', 2, 3], ['3 of 3 layers', 3, 3]])
		expect(progress).toEqual(Array.from({ length: 6 }, (_, index) => ({ done: index + 1, of: 6 })))

		// The same by hand: the parameters' values in the places of their streams, which count in the order of the file, and no bias.
		const names = ['first', 'second', 'third', 'bias'] as const
		const forgotten = (random: readonly string[]) => Object.fromEntries(names.map((name, index) => {
			const places = randomStream(1, 'permuted parameters', index).permutation(values[name].length)
			return [name, random.includes(name) ? Array.from(places, (place) => (name === 'bias' ? 0 : values[name][place]!)) : values[name]]
		})) as unknown as Values
		for (const [index, random] of [['third', 'bias'], ['second', 'third', 'bias'], [...names]].entries()) {
			const { network } = await open(`stage${index}.onnx`, graphOf(forgotten(random)))
			for (const [film, { label, map }] of films.entries()) {
				const wanted = compareMaps(map, (await mapsOf(network, tensors[film]!))(label)).rankCorrelation
				expect(stages[index]?.rankCorrelations[film]).toBeCloseTo(wanted ?? Number.NaN, 5)
			}
		}
		expect(stages.flatMap(({ rankCorrelations }) => rankCorrelations).every((value) => value !== null && value < 0.999)).toBe(true)
	})
	it('has no number for a film whose map is empty', async () => {
		const empty = { ...films[0]!, map: { height: 8, width: 8, values: Array.from({ length: 64 }, () => 0) } }
		const stages = await checkRandomisation({ ...request(), films: [empty] }, quiet)
		expect(stages.map(({ rankCorrelations }) => rankCorrelations)).toEqual([[null], [null], [null]])
	})
	it('stops when it is cancelled', async () => {
		const controller = new AbortController()
		const cancelled = checkRandomisation(request(), { ...quiet, signal: controller.signal, progress: () => controller.abort() })
		await expect(cancelled).rejects.toThrow('cancelled')
	})
	it('says when a graph cannot be taken apart', async () => {
		const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../golden/faithfulness.json'), 'utf8')) as { network: string }
		const graph = join(folder.path, 'oblong.onnx')
		writeFileSync(graph, Buffer.from(golden.network, 'base64'))
		await expect(checkRandomisation({ ...request(), graph }, quiet)).rejects.toThrow('cannot be made random')
	})
})
