import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { definitionOf, type ScoreCamDefinition } from '../../src/common/cam/definitions.ts'
import type { CamMode } from '../../src/common/contract/analysis.ts'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import { checkGraph } from '../../src/hosts/inference/network.ts'
import { modelOfNetwork } from '../../src/onnx/fromModel.ts'
import { countParameters } from '../../src/zoo/count.ts'
import { NETWORKS } from '../../src/zoo/networks.ts'
import { packManifest } from '../support/inferenceFixtures.ts'
import { apart, expectMap, MAP_TOLERANCE, type StoredMap } from '../support/mapGolden.ts'
import { MODES, scoreCamOfZoo, type ScoreCamCase } from '../support/scoreCam.ts'

interface Golden extends ScoreCamCase {
	/** By the label's place and the definition. */
	maps: Record<string, Record<CamMode, StoredMap>>
}

const { zoo } = JSON.parse(readFileSync(new URL('../golden/scorecam.json', import.meta.url), 'utf8')) as { zoo: Golden[] }

/** Each way of masking is a session of its own, and one of VGG19 takes half a gigabyte: of it the definitions with the paper's masks are enough. */
const modesOf = ({ name }: Golden) => MODES.filter((mode) => name !== 'vgg19' || JSON.stringify(definitionOf(mode).mask) === JSON.stringify(definitionOf('paper').mask))

describe('Score-CAM of the zoo against the programs that its definitions are named after', () => {
	for (const golden of zoo) {
		it(`${golden.name}, ${golden.layer[0]} channels of ${golden.layer[1]} x ${golden.layer[2]}, ${golden.inputSize} pixels`, async () => {
			const { logits, layer, maps } = await scoreCamOfZoo(golden, modesOf(golden).map(definitionOf))
			expect([layer.channels, layer.height, layer.width]).toEqual(golden.layer)
			for (const [index, logit] of golden.logits.entries()) expect(Math.abs((logits[index] ?? Number.NaN) - logit)).toBeLessThan(1e-4 * golden.gain)
			for (const [label, byMode] of Object.entries(golden.maps)) {
				for (const [index, mode] of modesOf(golden).entries()) expectMap(maps[index]![Number(label)]!, byMode[mode], `${mode}, label ${label}`)
			}
		})
	}
})

describe('packs of the zoo', () => {
	const networks = NETWORKS.map((one) => one.build({ classes: 3, inputSize: 96 })).filter((network) => countParameters(network) < 5e7)

	it.each(networks.map((network) => [network.name, network] as const))('%s has its layers as outputs [batch, channels, height, width], tokens too', (_, network) => {
		const zeros = new Map(network.parameters.map(({ name, dims }) => [name, new Float32Array(dims.reduce((all, size) => all * size, 1))]))
		const camLayers = network.camLayers.map(({ name, output, channels, height, width }) => ({ name, output, channels, height, width }))
		const manifest: ModelManifest = {
			...packManifest,
			input: { ...packManifest.input, name: 'input', height: 96, width: 96 },
			outputs: { logits: 'logits', features: 'features', camLayers, defaultCamLayer: camLayers[0]?.name ?? '' },
		}
		const { graph } = modelOfNetwork(network, zeros)
		expect(() => checkGraph(graph, manifest)).not.toThrow()
		expect(camLayers[0]!.channels).toBeGreaterThan(500)
		expect(camLayers.every(({ height, width }) => height === 3 && width === 3)).toBe(true)
		expect(() => checkGraph(graph, { ...manifest, outputs: { ...manifest.outputs, camLayers: camLayers.map((layer) => ({ ...layer, height: 4 })) } })).toThrow('is not float32')
	})
})

type Change = [mode: CamMode, what: string, change: (definition: ScoreCamDefinition) => Partial<ScoreCamDefinition>]

/** By the network on which they show: the sum of OFA-595's channels is positive everywhere, so that a ReLU does nothing to it. */
const CHANGES: Record<string, Change[]> = {
	'ofa-595': [
		['paper', 'masks corner on corner', ({ mask }) => ({ mask: { ...mask, coordinates: 'align_corners' } })],
		['paper', 'masks stretched before the upsampling', ({ mask }) => ({ mask: { ...mask, stretched: 'before upsampling' } })],
		['paper', 'no softmax over channels', () => ({ weight: 'score' })],
		['paper', 'softmax over labels', () => ({ score: 'softmax over labels' })],
		['official', 'masks corner on corner', ({ mask }) => ({ mask: { ...mask, coordinates: 'align_corners' } })],
		['official', 'logits', () => ({ score: 'logit' })],
		['official', 'softmax over channels', () => ({ weight: 'softmax over channels' })],
		['pytorch-grad-cam', 'masks by pixel centres', ({ mask }) => ({ mask: { ...mask, coordinates: 'half_pixel' } })],
		['pytorch-grad-cam', 'not stretched after the upsampling', ({ composition }) => ({ composition: composition.slice(0, -1) })],
		['pytorch-grad-cam', 'no softmax over channels', () => ({ weight: 'score' })],
		['torchcam', 'masks stretched after the upsampling', ({ mask }) => ({ mask: { ...mask, stretched: 'after upsampling' } })],
		['torchcam', 'masks corner on corner', ({ mask }) => ({ mask: { ...mask, coordinates: 'align_corners' } })],
		['torchcam', 'divided by the largest value', () => ({ composition: definitionOf('paper').composition })],
	],
	'visformer-s': [
		['paper', 'no ReLU', ({ composition }) => ({ composition: composition.slice(1) })],
		['official', 'ReLU before the upsampling', ({ composition: [upsample, relu, stretch] }) => ({ composition: [relu!, upsample!, stretch!] })],
	],
}

describe.each(Object.entries(CHANGES))('a definition with one thing changed, on %s', (name, changes) => {
	it('gives other maps than the program', async () => {
		const golden = zoo.find((one) => one.name === name)
		if (!golden) throw new Error(`There is no golden map of ${name}.`)
		const { maps } = await scoreCamOfZoo(golden, changes.map(([mode, , change]) => ({ ...definitionOf(mode), ...change(definitionOf(mode)) })))
		for (const [index, [mode, what]] of changes.entries()) {
			const furthest = Math.max(...Object.entries(golden.maps).map(([label, byMode]) => apart(maps[index]![Number(label)]!, byMode[mode])))
			expect(furthest, `${mode}, ${what}`).toBeGreaterThan(2 * MAP_TOLERANCE)
		}
	})
})
