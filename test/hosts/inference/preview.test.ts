import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { calibrate, UNCALIBRATED } from '../../../src/common/stats/calibration.ts'
import { openNetwork } from '../../../src/hosts/inference/network.ts'
import { NO_LUNG_NETWORK, prepareFrame } from '../../../src/hosts/inference/prepared.ts'
import { reciproCam } from '../../../src/hosts/inference/preview.ts'
import { CAM_SIDE, camClassifier, LAYER_SIDE, writeCamPack } from '../../support/camPack.ts'
import { packDirectory, packManifest, syntheticFrame, temporaryFolder } from '../../support/inferenceFixtures.ts'
import { ramp, runModel } from '../../support/runGraph.ts'

const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../golden/recipro.json'), 'utf8')) as Record<string, { maps: Record<string, number[]>; peaks: Record<string, number> }>
const folder = temporaryFolder()
afterAll(() => folder.remove())
const context = { signal: new AbortController().signal, yieldTurn: async () => {} }

describe('Recipro-CAM', () => {
	it.each(['last_block', 'final_expand'])('agrees with NumPy on the synthetic image, layer %s', async (layer) => {
		const network = await openNetwork(packDirectory, packManifest)
		const { tensor } = await prepareFrame(syntheticFrame(), packManifest, NO_LUNG_NETWORK)
		const preview = await reciproCam(network, tensor ?? new Float32Array(), layer, context)
		expect(preview).toMatchObject({ height: 4, width: 4 })
		for (const { name } of packManifest.labels) {
			for (const [index, value] of (golden[layer]?.maps[name] ?? []).entries()) expect(preview?.maps[name]?.[index]).toBeCloseTo(value, 4)
			expect(preview?.maps[name]).toHaveLength(16)
			expect(preview?.peaks[name]).toBeCloseTo(golden[layer]?.peaks[name] ?? Number.NaN, 5)
		}
	})

	it('is nothing where the logits do not follow from the layer alone', async () => {
		const manifest = writeCamPack(folder.path, 9, { around: true })
		expect(await reciproCam(await openNetwork(folder.path, manifest), ramp(3 * CAM_SIDE * CAM_SIDE), 'features', context)).toBeNull()
	})

	it('reads labels that do not exclude each other one by one, and large layers in parts', async () => {
		// So many that not all positions go through at once.
		const channels = 1500
		const manifest = { ...writeCamPack(folder.path, channels), task: 'multilabel' as const }
		const network = await openNetwork(folder.path, manifest)
		const tensor = ramp(3 * CAM_SIDE * CAM_SIDE)
		const preview = await reciproCam(network, tensor, 'features', context)
		const { features } = await runModel(camClassifier(channels), { input: { dims: [1, 3, CAM_SIDE, CAM_SIDE], values: tensor } })
		const head = camClassifier(channels)
		const cells = LAYER_SIDE * LAYER_SIDE
		const behind = { ...head, graph: { ...head.graph, node: head.graph.node.slice(3), input: [{ ...head.graph.output[1], name: 'features' }], output: head.graph.output.slice(0, 1) } } as typeof head
		const scores: number[][] = []
		for (let position = 0; position < cells; position++) {
			const masked = Float32Array.from(features?.data as Float32Array, (value, index) => {
				const down = Math.abs(Math.floor((index % cells) / LAYER_SIDE) - Math.floor(position / LAYER_SIDE))
				const across = Math.abs((index % LAYER_SIDE) - (position % LAYER_SIDE))
				return value * (down > 1 || across > 1 ? 0 : 1 / (4 * 2 ** down * 2 ** across))
			})
			const { logits } = await runModel(behind, { features: { dims: [1, channels, LAYER_SIDE, LAYER_SIDE], values: masked } })
			scores.push(calibrate(logits?.data as Float32Array, 'multilabel', UNCALIBRATED))
		}
		for (const [label, { name }] of manifest.labels.entries()) {
			const own = scores.map((score) => score[label] as number)
			const low = Math.min(...own)
			const range = Math.max(...own) - low
			for (const [index, value] of own.entries()) expect(preview?.maps[name]?.[index]).toBeCloseTo((value - low) / range, 4)
			expect(preview?.peaks[name]).toBeCloseTo(range, 5)
		}
	})

	it('refuses a layer that is not there, and ends when it is cancelled', async () => {
		const network = await openNetwork(packDirectory, packManifest)
		const tensor = new Float32Array(3 * 128 * 128)
		await expect(reciproCam(network, tensor, 'stem', context)).rejects.toThrow('has no layer "stem"')
		await expect(reciproCam(network, tensor, 'last_block', { ...context, signal: AbortSignal.abort() })).rejects.toThrow('cancelled')
	})
})
