import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { phantomDicomFile } from '../src/common/imaging/phantomDicom.ts'
import { frameParts } from '../src/common/imaging/frameFile.ts'
import { displayGrey } from '../src/common/imaging/window.ts'
import { createInferenceEngine } from '../src/hosts/inference/engine.ts'
import { pillowResize } from '../src/hosts/inference/pillowResize.ts'
import { openLungNetwork } from '../src/hosts/inference/lungs.ts'
import { prepareFrame } from '../src/hosts/inference/prepared.ts'
import { decodeFrameOf, sha256Of } from '../src/hosts/imaging/decodeFrame.ts'
import { writeWhole } from '../src/hosts/imaging/writeWhole.ts'
import { readLungPack, readPack } from '../src/main/models/pack.ts'
import { compare, type BenchRow, type Say } from './harness/compare.ts'

const RUNS = 41

/**
 * The student's answer from the bytes of a file (decode, Frame file, gate, window, resize, tensor, network, hash, calibration) against the least that
 * any program must do for it: the same decode and display value, the same resizes, and a bare session.run of both networks on the same tensors. Goal: at most 1.15.
 */
export async function predict(say: Say): Promise<BenchRow[]> {
	const pack = readPack(resolve(import.meta.dirname, '../test/packs/cxr3-ofa595-bootstrap'), 'built-in', new Map())
	if (pack.state !== 'ready') throw new Error(pack.reason)
	const { manifest, directory } = pack
	const lungs = readLungPack(resolve(import.meta.dirname, '../resources/models/lungs'), new Map())
	if ('fault' in lungs) throw new Error(lungs.fault)
	const { input: { name: lungInput, side }, output: lungOutput } = lungs.manifest
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-bench-'))
	try {
		const engine = createInferenceEngine()
		const quiet = { progress: () => {}, signal: new AbortController().signal }
		await engine.load({ directory, manifest, lungs }, quiet)
		const lungNetwork = await openLungNetwork(lungs.directory, lungs.manifest)
		const bareLungs = await InferenceSession.create(join(lungs.directory, 'model.onnx'), { logSeverityLevel: 3 })
		const bare = await InferenceSession.create(join(directory, 'model.onnx'), { logSeverityLevel: 3 })
		const rows: BenchRow[] = []
		for (const [name, bytes] of images(say)) {
			const sha256 = sha256Of(bytes)
			const frame = await decodeFrameOf(bytes, sha256, 0)
			const { tensor, gate } = await prepareFrame(frame, manifest, lungNetwork)
			if (!tensor) throw new Error(gate.reasons.join(' '))
			const lungTensor = new Float32Array(3 * side * side)
			const dims = [1, manifest.input.channels, manifest.input.height, manifest.input.width]
			const plane = displayGrey(frame)
			rows.push(await compare(`lungs alone beside the bare classifier, ${name}`, {
				async ours() {
					await lungNetwork.find(plane, frame.header.columns, frame.header.rows)
				},
				async reference() {
					await bare.run({ [manifest.input.name]: new Tensor('float32', tensor, dims) }, [manifest.outputs.logits])
				},
			}, { runs: RUNS, warmUps: 6 }))
			let film = 0
			rows.push(await compare(`student answer, ${name}, ${frame.header.columns} x ${frame.header.rows}`, {
				async ours() {
					// A new file each time: nothing is taken from an earlier answer.
					const framePath = join(folder, `${++film}.frame`)
					const started = performance.now()
					const decoded = await decodeFrameOf(bytes, sha256, 0)
					const decodeMilliseconds = performance.now() - started
					writeWhole(framePath, frameParts(decoded))
					await engine.predict({ modelSha256: manifest.sha256, framePath, decodeMilliseconds }, quiet)
					const milliseconds = performance.now() - started
					rmSync(framePath)
					return milliseconds
				},
				async reference() {
					const decoded = await decodeFrameOf(bytes, sha256, 0)
					const shown = displayGrey(decoded)
					pillowResize(shown, decoded.header.columns, decoded.header.rows, side, side)
					await bareLungs.run({ [lungInput]: new Tensor('float32', lungTensor, [1, 3, side, side]) }, [lungOutput.name])
					pillowResize(shown, decoded.header.columns, decoded.header.rows, manifest.input.width, manifest.input.height)
					await bare.run({ [manifest.input.name]: new Tensor('float32', tensor, dims) }, [manifest.outputs.logits])
				},
			}, { runs: RUNS, warmUps: 6 }))
		}
		return rows
	} finally {
		rmSync(folder, { recursive: true, force: true })
	}
}

/** The phantom, and where they are there, a real JPEG film and a real DICOM film in JPEG 2000. */
function* images(say: Say): Generator<[string, Uint8Array]> {
	yield ['phantom, DICOM', phantomDicomFile()]
	const data = resolve(import.meta.dirname, '../../shared/data')
	for (const [name, file] of [['film, JPEG', 'cxr3/normal/cxr3_00008.jpg'], ['film, DICOM in JPEG 2000', 'dicom/cr_dx/dicom-test-files__RG1_J2KI.dcm']] as const) {
		const path = join(data, file)
		if (existsSync(path)) yield [name, new Uint8Array(readFileSync(path))]
		else say(`Not measured: ${name}, because ../shared/data is not there.`)
	}
}
