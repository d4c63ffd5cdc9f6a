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
import { rowOf, timed, type BenchRow, type Say } from './harness/compare.ts'

const RUNS = 7
const BATCHES = [1, 2, 4, 8, 16, 32, 64]

/**
 * The exact Score-CAM of every channel of each layer, all labels, from the Frame to the final map, against channels x the best bare batched
 * forward per image. Bare forwards of every batch size are measured before and after each map, in the same process; the best median counts. Goal: at most 1.2.
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
		const forward = async ({ size, feeds }: (typeof inputs)[number]) => (await timed(() => bare.run(feeds, [manifest.outputs.logits]))) / size

		const rows: BenchRow[] = []
		for (const layer of manifest.outputs.camLayers) {
			const explain = () => engine.explain({ modelSha256: manifest.sha256, framePath, layer: layer.name, mode: 'paper' }, quiet)
			await explain()
			const perImage = inputs.map(() => [] as number[])
			const maps: number[] = []
			for (const input of inputs) await forward(input)
			for (let run = 0; run < RUNS; run++) {
				for (const [index, input] of inputs.entries()) for (let repeat = 0; repeat < 4; repeat++) perImage[index]?.push(await forward(input))
				maps.push(await timed(explain))
			}
			const medians = perImage.map((values) => values.toSorted((a, b) => a - b)[values.length >> 1] as number)
			const best = medians.indexOf(Math.min(...medians))
			say(`${layer.name}: best bare batch ${BATCHES[best]}, ${medians[best]?.toFixed(3)} ms per image (batch of one: ${medians[0]?.toFixed(3)}).`)
			rows.push(rowOf(`exact Score-CAM, ${layer.name}, ${layer.channels} channels`, 'ms', maps, [(medians[best] as number) * layer.channels]))
		}
		return rows
	} finally {
		rmSync(folder, { recursive: true, force: true })
	}
}
