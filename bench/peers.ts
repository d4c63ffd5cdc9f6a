import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import sharp from 'sharp'
import { encodeFrame } from '../src/common/imaging/frameFile.ts'
import { phantomDicomFile } from '../src/common/imaging/phantomDicom.ts'
import { displayGrey } from '../src/common/imaging/window.ts'
import { decodeFrameOf, sha256Of } from '../src/hosts/imaging/decodeFrame.ts'
import { createInferenceEngine } from '../src/hosts/inference/engine.ts'
import { readPack } from '../src/main/models/pack.ts'
import { compare, timed, type BenchRow, type Say } from './harness/compare.ts'
import { pythonWith, startPython } from './harness/python.ts'

const PAUSE_MILLISECONDS = 1000

/**
 * Answer and exact Score-CAM on a PNG of the phantom, against the same written in Python with onnxruntime, Pillow and NumPy (bench/peers/answer.py),
 * same graph, same number of threads, in turn. The answers are compared too: a fast wrong one would be no win.
 */
export async function peers(say: Say): Promise<BenchRow[]> {
	const pack = readPack(resolve(import.meta.dirname, '../test/packs/cxr3-ofa595-bootstrap'), 'built-in', new Map())
	if (pack.state !== 'ready') throw new Error(pack.reason)
	const python = await pythonWith(['numpy', 'onnxruntime==1.30.0', 'pillow<13'], say)
	if (!python) return []
	const { manifest, directory } = pack
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-bench-'))
	const peer = startPython(python, resolve(import.meta.dirname, 'peers/answer.py'), [join(directory, 'model.onnx'), String(availableParallelism())])
	try {
		const image = join(folder, 'phantom.png')
		const film = phantomDicomFile()
		const decoded = await decodeFrameOf(film, sha256Of(film), 0)
		writeFileSync(image, await sharp(displayGrey(decoded), { raw: { width: decoded.header.columns, height: decoded.header.rows, channels: 1 } }).toColourspace('b-w').png().toBuffer())
		const engine = createInferenceEngine()
		const quiet = { progress: () => {}, signal: new AbortController().signal }
		await engine.load({ directory, manifest }, quiet)

		const framePath = join(folder, 'phantom.frame')
		const prepare = async () => {
			const bytes = readFileSync(image)
			writeFileSync(framePath, encodeFrame(await decodeFrameOf(bytes, sha256Of(bytes), 0)))
		}
		// The threads of a network that has just run go on spinning for a while: on a small machine they would slow the other side.
		const afterPause = async (work: () => Promise<unknown>) => {
			await setTimeout(PAUSE_MILLISECONDS)
			return timed(work)
		}
		const ask = async (question: Record<string, string>) => (await peer.ask({ image, ...question })) as { milliseconds: number; logits: number[]; maps: number[][] }
		const rows = [
			await compare('student answer, PNG, 1024 x 1184, against Python', {
				ours: () => afterPause(async () => {
					await prepare()
					await engine.predict({ modelSha256: manifest.sha256, framePath, decodeMilliseconds: 0 }, quiet)
				}),
				async reference() {
					await setTimeout(PAUSE_MILLISECONDS)
					return (await ask({ task: 'predict' })).milliseconds
				},
			}, { runs: 11 }),
		]
		const ours = await engine.predict({ modelSha256: manifest.sha256, framePath, decodeMilliseconds: 0 }, quiet)
		const theirs = await ask({ task: 'predict' })
		say(`Largest difference of the logits: ${Math.max(...ours.labels.map(({ logit }, index) => Math.abs(logit - (theirs.logits[index] ?? Number.NaN)))).toExponential(1)}.`)

		for (const layer of manifest.outputs.camLayers) {
			const explain = () => engine.explain({ modelSha256: manifest.sha256, framePath, layer: layer.name, mode: 'paper' }, quiet)
			rows.push(await compare(`exact Score-CAM, ${layer.name}, ${layer.channels} channels, against Python`, {
				ours: () => afterPause(explain),
				async reference() {
					await setTimeout(PAUSE_MILLISECONDS)
					return (await ask({ task: 'scorecam', layer: layer.output })).milliseconds
				},
			}, { runs: 5, warmUps: 1 }))
			const state = await explain()
			const { maps } = await ask({ task: 'scorecam', layer: layer.output })
			const differences = manifest.labels.flatMap(({ name }, label) => (state.maps[name] ?? []).map((value, at) => Math.abs(value * (state.peaks[name] ?? 0) - (maps[label]?.[at] ?? Number.NaN)) / Math.max(state.peaks[name] ?? 0, 1e-12)))
			say(`${layer.name}: largest difference of the maps, as a part of their range: ${Math.max(...differences).toExponential(1)}.`)
		}
		return rows
	} finally {
		peer.close()
		rmSync(folder, { recursive: true, force: true })
	}
}
