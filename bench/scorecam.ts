import { join, resolve } from 'node:path'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { phantomDicomFile } from '../src/common/imaging/phantomDicom.ts'
import { encodeFrame } from '../src/common/imaging/frameFile.ts'
import { createInferenceEngine } from '../src/hosts/inference/engine.ts'
import { rampInput } from '../src/hosts/inference/selfTest.ts'
import { decodeFrameOf, sha256Of } from '../src/hosts/imaging/decodeFrame.ts'
import { readPack } from '../src/main/models/pack.ts'
import { compare, median, timed, type BenchRow, type Say } from './harness/compare.ts'

const RUNS = 7
const BATCHES = [1, 2, 4, 8, 16, 32, 64]

/**
 * The exact Score-CAM of every channel of each layer, all labels, from the Frame to the final map, against as many images through the bare network,
 * in batches of the size that is fastest per image, in turn in the same process. Goal: at most 1.2.
 */
export async function scorecam(say: Say): Promise<BenchRow[]> {
	const pack = readPack(resolve(import.meta.dirname, '../resources/models/cxr3-ofa595-bootstrap'), 'built-in', new Map())
	if (pack.state !== 'ready') throw new Error(pack.reason)
	const { manifest, directory } = pack
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-bench-'))
	try {
		const file = phantomDicomFile()
		const framePath = join(folder, 'phantom.frame')
		writeFileSync(framePath, encodeFrame(await decodeFrameOf(file, sha256Of(file), 0)))
		const engine = createInferenceEngine()
		const quiet = { progress: () => {}, signal: new AbortController().signal }
		await engine.load({ directory, manifest }, quiet)
		const bare = await InferenceSession.create(join(directory, 'model.onnx'), { logSeverityLevel: 3 })
		const ramp = rampInput(manifest.input)
		const inputs = BATCHES.map((size) => {
			const images = new Float32Array(size * ramp.length)
			for (let image = 0; image < size; image++) images.set(ramp, image * ramp.length)
			return { size, feeds: { [manifest.input.name]: new Tensor('float32', images, [size, 3, manifest.input.height, manifest.input.width]) } }
		})
		const medians: number[] = []
		for (const input of inputs) {
			const times: number[] = []
			for (let run = 0; run < 8; run++) times.push((await timed(() => bare.run(input.feeds, [manifest.outputs.logits]))) / input.size)
			medians.push(median(times))
		}
		const best = inputs[medians.indexOf(Math.min(...medians))] as (typeof inputs)[number]
		say(`Bare network: ${inputs.map(({ size }, index) => `${medians[index]?.toFixed(2)} ms per image in batches of ${size}`).join(', ')}.`)

		const rows: BenchRow[] = []
		for (const layer of manifest.outputs.camLayers) {
			rows.push(await compare(`exact Score-CAM, ${layer.name}, ${layer.channels} channels`, {
				ours: () => engine.explain({ modelSha256: manifest.sha256, framePath, layer: layer.name, mode: 'paper' }, quiet),
				async reference() {
					for (let images = 0; images < layer.channels; images += best.size) await bare.run(best.feeds, [manifest.outputs.logits])
				},
			}, { runs: RUNS, warmUps: 1 }))
		}
		return rows
	} finally {
		rmSync(folder, { recursive: true, force: true })
	}
}
