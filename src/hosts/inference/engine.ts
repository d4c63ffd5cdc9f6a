import { createHash } from 'node:crypto'
import type { Prediction } from '../../common/contract/analysis.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostImplementation } from '../serve.ts'
import { readAnswer } from './answer.ts'
import { explainImage } from './explain.ts'
import { measureFaithfulness } from './faithfulness.ts'
import { openNetwork, PROVIDERS, runChecked, type Network } from './network.ts'
import { createPreparation, type Prepared } from './prepared.ts'
import { createPriority } from './priority.ts'
import { rampInput, selfTestDifference } from './selfTest.ts'

/** The methods of the inference host; everything that it holds in memory is in here. */
export function createInferenceEngine(): HostImplementation<'inference'> {
	const networks = new Map<string, Network>()
	const priority = createPriority()
	const prepare = createPreparation()

	function loaded(sha256: string): Network {
		const network = networks.get(sha256)
		if (!network) throw new Error('The network was not loaded.')
		return network
	}

	return {
		async load({ directory, manifest, camBatch }) {
			const known = networks.get(manifest.sha256)
			const same = known && JSON.stringify(known.manifest) === JSON.stringify(manifest)
			const network = same ? known : await openNetwork(directory, manifest, { camBatch: camBatch ?? null })
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

		// async, so that what goes wrong before the run rejects as well.
		predict: async ({ modelSha256, framePath, decodeMilliseconds }) =>
			priority.first(() => {
				const network = loaded(modelSha256)
				return answerOn(network, prepare(framePath, network.manifest), decodeMilliseconds)
			}),

		async explain({ modelSha256, framePath, layer, mode }, { signal, progress }) {
			const network = loaded(modelSha256)
			const { gate, tensor } = prepare(framePath, network.manifest)
			if (!tensor) throw new UserError(`There is no map of this image. ${gate.reasons.join(' ')}`)
			return explainImage(network, { tensor, layer, mode }, { signal, progress, yieldTurn: priority.yieldTurn })
		},

		camBatch: async ({ modelSha256 }) => ({ images: loaded(modelSha256).camBatch.found() }),

		async faithfulness({ modelSha256, framePath, ...request }, { signal, progress }) {
			const network = loaded(modelSha256)
			const { gate, tensor } = prepare(framePath, network.manifest)
			if (!tensor) throw new UserError(`There is no map of this image. ${gate.reasons.join(' ')}`)
			return measureFaithfulness(network, { tensor, ...request }, { signal, progress, yieldTurn: priority.yieldTurn })
		},
	}
}

async function runLogits({ session, manifest }: Network, tensor: Float32Array): Promise<number[]> {
	const { input, outputs, labels } = manifest
	const feeds = { [input.name]: { values: tensor, dims: [1, 3, input.height, input.width] } }
	const { [outputs.logits]: logits } = await runChecked(session, feeds, { [outputs.logits]: [1, labels.length] })
	return Array.from(logits ?? [])
}

/** The network's answer on a prepared Frame, and what its logits mean. */
async function answerOn(network: Network, prepared: Prepared, decodeMilliseconds: number): Promise<Prediction> {
	const { manifest } = network
	const { gate, tensor, inputSha256 } = prepared
	const about = { model: { id: manifest.id, version: manifest.version, sha256: manifest.sha256 }, inputSha256, gate, abstentionThreshold: manifest.abstention.threshold }
	const started = performance.now()
	const milliseconds = (run: number) => ({ decode: decodeMilliseconds, preprocess: prepared.preprocess, run, total: prepared.total + performance.now() - started })
	if (!tensor) return { ...about, tensorSha256: null, labels: [], abstained: false, milliseconds: milliseconds(0) }
	const logits = await runLogits(network, tensor)
	const run = performance.now() - started
	const tensorSha256 = createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex')
	return { ...about, tensorSha256, ...readAnswer(logits, manifest), milliseconds: milliseconds(run) }
}
