import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { definitionOf } from '../../../src/common/cam/definitions.ts'
import type { LayerActivations } from '../../../src/common/cam/passes.ts'
import { startProgressiveCam } from '../../../src/common/cam/progressive.ts'
import type { CamState } from '../../../src/common/contract/analysis.ts'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { explainImage } from '../../../src/hosts/inference/explain.ts'
import { openNetwork, runChecked, type Network } from '../../../src/hosts/inference/network.ts'
import { NO_LUNG_NETWORK, prepareFrame } from '../../../src/hosts/inference/prepared.ts'
import { SCORE_CAM } from '../../../src/onnx/scoreCamGraph.ts'
import { CAM_SIDE, CONSTANT_CHANNELS, EQUAL_CHANNELS, writeCamPack } from '../../support/camPack.ts'
import { packDirectory, packManifest, syntheticFrame, temporaryFolder } from '../../support/inferenceFixtures.ts'
import { ramp } from '../../support/runGraph.ts'

const CHANNELS = 40
const PAPER = definitionOf('paper')
const folder = temporaryFolder()
let manifest: ModelManifest
beforeAll(() => {
	manifest = writeCamPack(folder.path, CHANNELS)
})
afterAll(() => folder.remove())

const film = (seed: number) => ramp(3 * CAM_SIDE * CAM_SIDE, seed)

async function explain(network: Network, tensor: Float32Array, mode: CamState['mode'] = 'paper'): Promise<CamState[]> {
	const states: CamState[] = []
	const context = { signal: new AbortController().signal, progress: (state: CamState) => void states.push(state), yieldTurn: async () => {} }
	await explainImage(network, { tensor, layer: null, mode }, context)
	return states
}

/** A session that tells of each run how many images went through it. */
function counted<Session extends Network['session']>(session: Session, add: (count: number) => void, input: string): Session {
	return new Proxy(session, {
		get(target, name) {
			if (name !== 'run') return Reflect.get(target, name) as unknown
			return (feeds: Record<string, { dims: readonly number[] }>, ...rest: never[]) => {
				add(feeds[input]?.dims[0] ?? 0)
				return target.run(feeds as never, ...rest)
			}
		},
	})
}

/** Counts the images that go through the network and through its Score-CAM loop. */
function countImages(network: Network): { network: Network; images: { bare: number; loop: number } } {
	const images = { bare: 0, loop: 0 }
	const session = counted(network.session, (count) => (images.bare += count), network.manifest.input.name)
	const scoreCam: Network['scoreCam'] = async (mask) => counted(await network.scoreCam(mask), (count) => (images.loop += count), SCORE_CAM.activations)
	return { images, network: { ...network, session, scoreCam } }
}

/** The logits under each channel's mask, run in this order in batches of this size. */
async function maskedLogits(network: Network, tensor: Float32Array, layer: LayerActivations, order: readonly number[], batch: number): Promise<Float32Array> {
	const { input, outputs, labels } = network.manifest
	const loop = await network.scoreCam(PAPER.mask)
	const size = layer.height * layer.width
	const all = new Float32Array(layer.channels * labels.length)
	for (let start = 0; start < order.length; start += batch) {
		const channels = order.slice(start, start + batch)
		const values = new Float32Array(channels.length * size)
		for (const [index, channel] of channels.entries()) values.set(layer.values.subarray(channel * size, (channel + 1) * size), index * size)
		const feeds = {
			[SCORE_CAM.image]: { values: tensor, dims: [1, 3, input.height, input.width] },
			[SCORE_CAM.activations]: { values, dims: [channels.length, 1, layer.height, layer.width] },
		}
		const { [outputs.logits]: logits } = await runChecked(loop, feeds, { [outputs.logits]: [channels.length, labels.length] })
		for (const [index, channel] of channels.entries()) all.set(logits?.subarray(index * labels.length, (index + 1) * labels.length) ?? [], channel * labels.length)
	}
	return all
}

function mapsOf(network: Network, layer: LayerActivations, logits: Float32Array, order: readonly number[]) {
	const { labels, input } = network.manifest
	const cam = startProgressiveCam(layer, labels.length, PAPER, input)
	const passOf = new Map(cam.passes.map((group, pass) => [group[0] as number, pass]))
	for (const channel of order) {
		const pass = passOf.get(channel)
		if (pass !== undefined) cam.add(pass, logits.subarray(channel * labels.length, (channel + 1) * labels.length))
	}
	return cam.maps()
}

describe('the exact map', () => {
	it('has the same bits whatever the batch size, remainders included', async () => {
		const maps: CamState[] = []
		for (const camBatch of [1, 3, 16, 32]) maps.push((await explain(await openNetwork(folder.path, manifest, { camBatch }), film(1))).at(-1) as CamState)
		const [first, ...others] = maps
		expect(first).toMatchObject({ exact: true, errorBound: 0, channelsDone: CHANNELS })
		for (const other of others) expect({ ...other, seconds: first?.seconds }).toEqual(first)
	})

	it('has the same bits whatever order and batches the masks of the student ran in', async () => {
		const network = await openNetwork(packDirectory, packManifest)
		const { tensor } = await prepareFrame(syntheticFrame(), packManifest, NO_LUNG_NETWORK)
		if (!tensor) throw new Error('The synthetic image was refused.')
		const known = packManifest.outputs.camLayers.find(({ name }) => name === 'last_block')
		if (!known) throw new Error('The student has no last_block.')
		const { output, height, width } = known
		const { [output]: activations } = await runChecked(network.session, { input: { values: tensor, dims: [1, 3, 128, 128] } }, { [output]: [1, known.channels, height, width] })
		// A part of the channels: the same network, fewer passes.
		const channels = 21
		const layer = { channels, height, width, values: Float32Array.from(activations?.subarray(0, channels * height * width) ?? []) }
		const inOrder = Array.from({ length: channels }, (_, channel) => channel)
		const orders = [inOrder, inOrder.toReversed(), inOrder.map((channel) => (channel * 8) % channels)]
		const batches = [16, 1, 5]
		const logits: Float32Array[] = []
		for (const [index, order] of orders.entries()) logits.push(await maskedLogits(network, tensor, layer, order, batches[index] as number))
		for (const other of logits) expect(other).toEqual(logits[0])
		const maps = orders.map((order, index) => mapsOf(network, layer, logits[index] as Float32Array, order))
		expect(maps[0]).toMatchObject({ exact: true, channelsDone: channels })
		for (const other of maps) expect(other).toEqual(maps[0])
	})
})

describe('passes', () => {
	it('are not spent on constant and identical channels; the empty image runs once for all films', async () => {
		const { network, images } = countImages(await openNetwork(folder.path, manifest, { camBatch: 16 }))
		const passes = CHANNELS - CONSTANT_CHANNELS.length - (EQUAL_CHANNELS.length - 1)
		const first = await explain(network, film(1))
		expect(first.at(-1)).toMatchObject({ passes, channels: CHANNELS, channelsDone: CHANNELS, exact: true })
		// The film itself; the empty image runs in the unwrapped session.
		expect(images).toEqual({ bare: 1, loop: passes })
		await explain(network, film(2))
		expect(images).toEqual({ bare: 2, loop: 2 * passes })
	})

	it('of an empty image are made once in a network', async () => {
		const network = await openNetwork(folder.path, manifest)
		const once = network.emptyLogits()
		expect(network.emptyLogits()).toBe(once)
		const { logits } = await runChecked(network.session, { input: { values: new Float32Array(3 * CAM_SIDE * CAM_SIDE), dims: [1, 3, CAM_SIDE, CAM_SIDE] } }, { logits: [1, 3] })
		expect(await once).toEqual(logits)
	})

	it('left out for constant channels change no map: their masks run as others give the same', async () => {
		const network = await openNetwork(folder.path, manifest)
		const layer = { channels: CHANNELS, height: 6, width: 6, values: new Float32Array(CHANNELS * 36).fill(0.25) }
		const masked = await maskedLogits(network, film(3), layer, [0, 1], 2)
		expect(masked.subarray(0, 3)).toEqual(await network.emptyLogits())
		expect(masked.subarray(3, 6)).toEqual(await network.emptyLogits())
	})
})

describe('states', () => {
	it('begin with the preview where the layer allows one, and end with the exact map', async () => {
		const states = await explain(await openNetwork(folder.path, manifest, { camBatch: 4 }), film(4))
		expect(states[0]).toMatchObject({ preview: 'recipro-cam', passes: 0, channelsDone: 0, exact: false, errorBound: null, mode: 'paper', layer: 'features', channels: CHANNELS, height: 6, width: 6 })
		expect(states[1]).toMatchObject({ passes: 4, exact: false })
		expect(states.at(-1)).toMatchObject({ exact: true, errorBound: 0 })
		expect(states.filter((state) => 'preview' in state)).toHaveLength(1)
	})

	it('have no preview where the layer does not allow one', async () => {
		const other = temporaryFolder()
		const network = await openNetwork(other.path, writeCamPack(other.path, CHANNELS, { around: true }))
		const states = await explain(network, film(4))
		expect(states.some((state) => 'preview' in state)).toBe(false)
		expect(states.at(-1)?.exact).toBe(true)
		other.remove()
	})

	it('are those of the definition that was asked for', async () => {
		for (const mode of ['official', 'pytorch-grad-cam', 'torchcam'] as const) {
			const states = await explain(await openNetwork(folder.path, manifest, { camBatch: 8 }), film(5), mode)
			expect(new Set(states.map((state) => state.mode))).toEqual(new Set([mode]))
			expect(states.at(-1)).toMatchObject({ exact: true, channelsDone: CHANNELS })
		}
	})
})
