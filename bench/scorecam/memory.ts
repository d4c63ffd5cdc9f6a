import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { seededRandom } from '../../src/common/stats/interval.ts'
import { plainConstants } from '../../src/onnx/fold.ts'
import { makeNode } from '../../src/onnx/model.ts'
import { weightTensor } from '../../src/onnx/tensor.ts'
import type { BenchRow, Say } from '../harness/compare.ts'
import { frameFileOf, phantom } from './films.ts'
import { modelOf, packLike, type Pack } from './students.ts'

const CHANNELS = [192, 1152, 2208]
const LAYER = 'wide'

/**
 * Peak resident memory of a process that makes one exact map, by the number of channels of the layer. The layer is a 1 x 1 convolution with fixed random weights
 * beside the network's end, so that every pass costs the same whatever its size.
 */
export async function memoryByChannels(pack: Pack, folder: string, say: Say): Promise<BenchRow[]> {
	const framePath = await frameFileOf(phantom, folder)
	const peaks: number[] = []
	for (const channels of CHANNELS) {
		const wide = await widePack(pack, channels, join(folder, `wide-${channels}`))
		const question = join(folder, `wide-${channels}.json`)
		writeFileSync(question, JSON.stringify({ ...wide, framePath }))
		const { stdout } = await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, 'memoryChild.ts'), question], { timeout: 300_000 })
		const { before, after, seconds, passes } = JSON.parse(stdout) as { before: number; after: number; seconds: number; passes: number }
		say(`${channels} channels: at most ${before.toFixed(0)} MiB before the map, ${after.toFixed(0)} after its ${passes} passes (${seconds.toFixed(1)} s).`)
		peaks.push(after)
	}
	const [fewest = 0] = peaks
	return CHANNELS.slice(1).map((channels, index) => {
		const peak = peaks[index + 1] ?? 0
		return { name: `peak memory, exact map at ${pack.manifest.input.height}, ${channels} channels against ${CHANNELS[0] ?? 0}`, unit: 'MiB', ours: peak, reference: fewest, ratio: peak / fewest, runs: 1 }
	})
}

/** The student with another layer for maps, of so many channels of what its last block gives. */
function widePack(pack: Pack, channels: number, directory: string): Promise<Pack> {
	const { manifest } = pack
	const source = manifest.outputs.camLayers.at(-1)
	if (!source) throw new Error('The pack has no layers.')
	const model = modelOf(pack)
	const plain = plainConstants(model.graph)
	const random = seededRandom(channels)
	const weights = Float32Array.from({ length: channels * source.channels }, () => random() * 2 - 1)
	const graph = {
		...plain,
		node: [...plain.node, makeNode('Conv', [source.output, `${LAYER}/weight`], [LAYER])],
		initializer: [...plain.initializer, weightTensor(`${LAYER}/weight`, [channels, source.channels, 1, 1], weights)],
	}
	const outputs = { ...manifest.outputs, camLayers: [{ ...source, name: LAYER, output: LAYER, channels }], defaultCamLayer: LAYER }
	return packLike({ directory: pack.directory, manifest: { ...manifest, outputs } }, { ...model, graph }, directory)
}
