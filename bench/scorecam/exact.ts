import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { createInferenceEngine } from '../../src/hosts/inference/engine.ts'
import { compare, median, timed, type BenchRow, type Say } from '../harness/compare.ts'
import { frameFileOf, tensorOf, type Film } from './films.ts'
import type { Pack } from './students.ts'

const BATCHES = [1, 2, 4, 8, 16, 32, 64]
const SWEEP_RUNS = 5

/**
 * The exact Score-CAM of every channel of each layer, all labels, from the Frame to the final map, against as many images through the bare network,
 * in batches of the size that is fastest per image, in turn in the same process. Goal: at most 1.15.
 */
export async function exactAgainstBare(pack: Pack, film: Film, { layers, runs }: { layers: readonly string[]; runs: number }, folder: string, say: Say): Promise<BenchRow[]> {
	const { manifest, directory } = pack
	const { input, outputs } = manifest
	const framePath = await frameFileOf(film, folder)
	const tensor = await tensorOf(film, manifest)
	const engine = createInferenceEngine()
	const quiet = { progress: () => {}, signal: new AbortController().signal }
	await engine.load({ directory, manifest }, quiet)
	const bare = await InferenceSession.create(join(directory, 'model.onnx'), { logSeverityLevel: 3 })
	const inputs = BATCHES.map((size) => {
		const images = new Float32Array(size * tensor.length)
		for (let image = 0; image < size; image++) images.set(tensor, image * tensor.length)
		return { size, feeds: { [input.name]: new Tensor('float32', images, [size, input.channels, input.height, input.width]) } }
	})
	const medians: number[] = []
	for (const { size, feeds } of inputs) {
		const times: number[] = []
		for (let run = -1; run < SWEEP_RUNS; run++) {
			const time = (await timed(() => bare.run(feeds, [outputs.logits]))) / size
			if (run >= 0) times.push(time)
		}
		medians.push(median(times))
	}
	const best = inputs[medians.indexOf(Math.min(...medians))] as (typeof inputs)[number]
	say(`Bare network at ${input.height}: ${inputs.map(({ size }, index) => `${medians[index]?.toFixed(2)} ms per image in batches of ${size}`).join(', ')}.`)

	const rows: BenchRow[] = []
	for (const layer of outputs.camLayers) {
		if (!layers.includes(layer.name)) continue
		rows.push(await compare(`exact map at ${input.height}, ${layer.name}, ${layer.channels} channels, against bare forwards`, {
			ours: () => engine.explain({ modelSha256: manifest.sha256, framePath, layer: layer.name, mode: 'paper' }, quiet),
			async reference() {
				for (let images = 0; images < layer.channels; images += best.size) await bare.run(best.feeds, [outputs.logits])
			},
		}, { runs, warmUps: 1 }))
	}
	return rows
}
