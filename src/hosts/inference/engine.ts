import { createHash } from 'node:crypto'
import type { CamState, Prediction } from '../../common/contract/analysis.ts'
import { energyInside } from '../../common/cam/energy.ts'
import type { LungPack } from '../../common/contract/lungs.ts'
import type { FilmRegion } from '../../common/contract/primitives.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostImplementation } from '../serve.ts'
import { readAnswer } from './answer.ts'
import { explainImage } from './explain.ts'
import { measureFaithfulness } from './faithfulness.ts'
import { openLungNetwork } from './lungs.ts'
import { openNetwork, PROVIDERS, runChecked, type Network } from './network.ts'
import { createPreparation, NO_LUNG_NETWORK, type LungReader, type Prepared } from './prepared.ts'
import { createPriority } from './priority.ts'
import { rampInput, selfTestDifference } from './selfTest.ts'

/** The methods of the inference host; everything that it holds in memory is in here. */
export function createInferenceEngine(): HostImplementation<'inference'> {
	const networks = new Map<string, Network>()
	const priority = createPriority()
	const prepare = createPreparation()
	let lungs: { key: string; reader: Promise<LungReader> } = { key: '', reader: Promise.resolve(NO_LUNG_NETWORK) }

	function loaded(sha256: string): Network {
		const network = networks.get(sha256)
		if (!network) throw new Error('The network was not loaded.')
		return network
	}

	/** Opened once; a pack that cannot be used is no reason against an answer of a network that sees the whole film. */
	function useLungs(pack: LungPack): Promise<LungReader> {
		const key = JSON.stringify(pack)
		if (lungs.key !== key) lungs = { key, reader: readerOf(pack) }
		return lungs.reader
	}

	return {
		async load({ directory, manifest, camBatch, lungs: lungPack }) {
			if (lungPack) await useLungs(lungPack)
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
			priority.first(async () => {
				const network = loaded(modelSha256)
				return answerOn(network, await prepare(framePath, network.manifest, await lungs.reader), decodeMilliseconds)
			}),

		async explain({ modelSha256, framePath, layer, mode, region: answered }, { signal, progress }) {
			const network = loaded(modelSha256)
			const prepared = await prepare(framePath, network.manifest, await lungs.reader)
			const { region } = prepared
			const tensor = explained(prepared, answered)
			const placed = (state: CamState): CamState => (region ? { ...state, region } : state)
			const state = await explainImage(network, { tensor, layer, mode }, { signal, progress: (now) => progress(placed(now)), yieldTurn: priority.yieldTurn })
			return withLungs(placed(state), prepared)
		},

		camBatch: async ({ modelSha256 }) => ({ images: loaded(modelSha256).camBatch.found() }),

		async faithfulness({ modelSha256, framePath, region, ...request }, { signal, progress }) {
			const network = loaded(modelSha256)
			const tensor = explained(await prepare(framePath, network.manifest, await lungs.reader), region)
			return measureFaithfulness(network, { tensor, ...request }, { signal, progress, yieldTurn: priority.yieldTurn })
		},
	}
}

async function readerOf(pack: LungPack): Promise<LungReader> {
	if ('fault' in pack) return pack
	try {
		return await openLungNetwork(pack.directory, pack.manifest)
	} catch (error) {
		return { fault: error instanceof UserError ? error.message : `The lung network ${pack.manifest.title} cannot be loaded.` }
	}
}

/**
 * The tensor that a map is made of.
 * @param answered The part of the film that the answer was given on; undefined where nobody says.
 * @throws UserError where the gate refuses, or the network would see another part of the film than when it answered.
 */
function explained({ gate, tensor, region }: Prepared, answered: FilmRegion | null | undefined): Float32Array {
	if (!tensor) throw new UserError(`There is no map of this image. ${gate.reasons.join(' ')}`)
	const same = answered === undefined || answered === region || (answered && region && EDGES.every((edge) => answered[edge] === region[edge]))
	if (!same) throw new UserError('The network would see another part of the film than when it answered. Analyse the image again.')
	return tensor
}

const EDGES = ['left', 'top', 'right', 'bottom'] as const

/** Finished maps with how much of each lies inside the lungs. */
function withLungs(state: CamState, { found, lungs }: Prepared): CamState {
	if (!found || !lungs) return state
	const { height, width, region } = state
	const mask = { width: found.side, height: found.side, values: found.mask }
	const inside = Object.entries(state.maps).flatMap(([label, values]) => {
		const energy = energyInside({ height, width, values, region }, mask)
		return energy ? [[label, { energyShare: energy.energyShare, areaShare: energy.areaShare }] as const] : []
	})
	const { model, dice } = lungs
	return { ...state, lungs: { model, dice, inside: Object.fromEntries(inside) } }
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
	const { gate, tensor, inputSha256, lungs, region } = prepared
	const about = { model: { id: manifest.id, version: manifest.version, sha256: manifest.sha256 }, inputSha256, gate, lungs, region, abstentionThreshold: manifest.abstention.threshold }
	const started = performance.now()
	const milliseconds = (run: number) => ({ decode: decodeMilliseconds, preprocess: prepared.preprocess, run, total: prepared.total + performance.now() - started })
	if (!tensor) return { ...about, tensorSha256: null, labels: [], abstained: false, milliseconds: milliseconds(0) }
	const logits = await runLogits(network, tensor)
	const run = performance.now() - started
	const tensorSha256 = createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex')
	return { ...about, tensorSha256, ...readAnswer(logits, manifest), milliseconds: milliseconds(run) }
}
