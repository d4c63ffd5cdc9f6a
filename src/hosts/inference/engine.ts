import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Prediction } from '../../common/contract/analysis.ts'
import type { Frame } from '../../common/contract/frame.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { decodeFrame } from '../../common/imaging/frameFile.ts'
import { displaySamples } from '../../common/imaging/window.ts'
import type { HostImplementation } from '../serve.ts'
import { readAnswer } from './answer.ts'
import { explainImage } from './explain.ts'
import { checkInput } from './gate.ts'
import { openNetwork, PROVIDERS, runChecked, type Network } from './network.ts'
import { inputTensor } from './preprocess.ts'
import { createPriority } from './priority.ts'
import { rampInput, selfTestDifference } from './selfTest.ts'

/** The methods of the inference host; everything that it holds in memory is in here. */
export function createInferenceEngine(): HostImplementation<'inference'> {
	const networks = new Map<string, Network>()
	const priority = createPriority()

	function loaded(sha256: string): Network {
		const network = networks.get(sha256)
		if (!network) throw new Error('The network was not loaded.')
		return network
	}

	return {
		async load({ directory, manifest }) {
			const known = networks.get(manifest.sha256)
			const same = known && JSON.stringify(known.manifest) === JSON.stringify(manifest)
			const network = same ? known : await openNetwork(directory, manifest)
			const logits = await runLogits(network, rampInput(manifest.input))
			try {
				const difference = selfTestDifference(logits, manifest.golden)
				networks.set(manifest.sha256, network)
				return { selfTestDifference: difference, providers: PROVIDERS }
			} catch (error) {
				networks.delete(manifest.sha256)
				throw new UserError(error instanceof Error ? error.message : String(error))
			}
		},

		predict: ({ modelSha256, framePath, decodeMilliseconds }) =>
			priority.first(() => predictFrame(loaded(modelSha256), readFrame(framePath), decodeMilliseconds)),

		async explain({ modelSha256, framePath, layer, mode }, { signal, progress }) {
			const network = loaded(modelSha256)
			const frame = readFrame(framePath)
			const shown = displaySamples(frame)
			const gate = checkInput(frame, shown, network.manifest)
			if (!gate.ok) throw new UserError(`There is no map of this image. ${gate.reasons.join(' ')}`)
			const tensor = inputTensor(frame, shown, network.manifest.input)
			return explainImage(network, { tensor, layer, mode }, { signal, progress, yieldTurn: priority.yieldTurn })
		},
	}
}

/** @throws UserError when the file is not a whole Frame. */
function readFrame(path: string): Frame {
	try {
		const bytes = readFileSync(path)
		// A buffer of the file alone: pixels are views of it and need their alignment.
		return decodeFrame(bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : Uint8Array.from(bytes).buffer)
	} catch (error) {
		throw new UserError('The decoded image cannot be read. Open the film again.', String(error))
	}
}

async function runLogits({ session, manifest }: Network, tensor: Float32Array): Promise<number[]> {
	const { input, outputs, labels } = manifest
	const feeds = { [input.name]: { values: tensor, dims: [1, 3, input.height, input.width] } }
	const { [outputs.logits]: logits } = await runChecked(session, feeds, { [outputs.logits]: [1, labels.length] })
	return Array.from(logits ?? [])
}

/** The gate, the tensor, the network and what its logits mean. */
export async function predictFrame(network: Network, frame: Frame, decodeMilliseconds: number): Promise<Prediction> {
	const { manifest } = network
	const started = performance.now()
	const shown = displaySamples(frame)
	const windowed = performance.now()
	const gate = checkInput(frame, shown, manifest)
	const about = {
		model: { id: manifest.id, version: manifest.version, sha256: manifest.sha256 },
		inputSha256: frame.header.sha256,
		gate,
		abstentionThreshold: manifest.abstention.threshold,
	}
	if (!gate.ok) {
		const milliseconds = { decode: decodeMilliseconds, preprocess: 0, run: 0, total: performance.now() - started }
		return { ...about, tensorSha256: null, labels: [], abstained: false, milliseconds }
	}
	const checked = performance.now()
	const tensor = inputTensor(frame, shown, manifest.input)
	const prepared = performance.now()
	const logits = await runLogits(network, tensor)
	const ran = performance.now()
	const tensorSha256 = createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex')
	const answer = readAnswer(logits, manifest)
	const milliseconds = { decode: decodeMilliseconds, preprocess: windowed - started + prepared - checked, run: ran - prepared, total: performance.now() - started }
	return { ...about, tensorSha256, ...answer, milliseconds }
}
