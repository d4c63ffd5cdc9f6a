import { createHash } from 'node:crypto'
import type { CamState, Gate, Prediction } from '../../common/contract/analysis.ts'
import { energyInside } from '../../common/cam/energy.ts'
import type { LungPack } from '../../common/contract/lungs.ts'
import type { FilmRegion } from '../../common/contract/primitives.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostImplementation } from '../serve.ts'
import { readAnswer } from './answer.ts'
import { explainImage } from './explain.ts'
import { measureFaithfulness } from './faithfulness.ts'
import { addLikenessCheck, distanceOf, negativeOf } from './likeness.ts'
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
			const { logits } = await run(network, rampInput(manifest.input))
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
			const tensor = await explained(network, prepared, answered)
			const placed = (state: CamState): CamState => (region ? { ...state, region } : state)
			const state = await explainImage(network, { tensor, layer, mode }, { signal, progress: (now) => progress(placed(now)), yieldTurn: priority.yieldTurn })
			return withLungs(placed(state), prepared)
		},

		camBatch: async ({ modelSha256 }) => ({ images: loaded(modelSha256).camBatch.found() }),

		async faithfulness({ modelSha256, framePath, region, ...request }, { signal, progress }) {
			const network = loaded(modelSha256)
			const tensor = await explained(network, await prepare(framePath, network.manifest, await lungs.reader), region)
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
async function explained(network: Network, prepared: Prepared, answered: FilmRegion | null | undefined): Promise<Float32Array> {
	const { tensor, region } = prepared
	const { gate } = await judge(network, prepared)
	if (!tensor || !gate.ok) throw new UserError(`There is no map of this image. ${gate.reasons.join(' ')}`)
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

/** Logits of one image, and how far it is from the training images (null where the pack does not say what these are like). */
async function run({ session, manifest, likeness }: Network, tensor: Float32Array): Promise<{ logits: number[]; distance: number | null }> {
	const { input, outputs, labels } = manifest
	const feeds = { [input.name]: { values: tensor, dims: [1, 3, input.height, input.width] } }
	const layer = likeness ? { [likeness.output]: [1, likeness.shape.channels, likeness.shape.height, likeness.shape.width] } : {}
	const results = await runChecked(session, feeds, { [outputs.logits]: [1, labels.length], ...layer })
	const activations = likeness && results[likeness.output]
	return { logits: Array.from(results[outputs.logits] ?? []), distance: likeness && activations ? distanceOf(activations, likeness) : null }
}

/** The whole gate on a prepared Frame, and the network's logits where it was asked; they count only where the gate is open. */
async function judge(network: Network, { gate, tensor }: Prepared): Promise<{ gate: Gate; logits: number[]; milliseconds: number }> {
	const { manifest, likeness } = network
	const limit = likeness?.limit ?? null
	if (!tensor) return { gate: addLikenessCheck(gate, null, limit), logits: [], milliseconds: 0 }
	const started = performance.now()
	const { logits, distance } = await run(network, tensor)
	const milliseconds = performance.now() - started
	// The negative of stained tissue is nothing that anybody would open.
	const negative = distance !== null && manifest.domain === 'chest-radiograph' ? (await run(network, negativeOf(tensor, manifest.input))).distance : null
	return { gate: addLikenessCheck(gate, distance === null ? null : { image: distance, negative }, limit), logits, milliseconds }
}

/** The network's answer on a prepared Frame, and what its logits mean. */
async function answerOn(network: Network, prepared: Prepared, decodeMilliseconds: number): Promise<Prediction> {
	const { manifest } = network
	const { tensor, inputSha256, lungs, region } = prepared
	const started = performance.now()
	const { gate, logits, milliseconds: ran } = await judge(network, prepared)
	const about = { model: { id: manifest.id, version: manifest.version, sha256: manifest.sha256 }, inputSha256, gate, lungs, region, abstentionThreshold: manifest.abstention.threshold }
	const milliseconds = () => ({ decode: decodeMilliseconds, preprocess: prepared.preprocess, run: ran, total: prepared.total + performance.now() - started })
	// Fail closed: where the gate refuses, no number of the network leaves this host.
	if (!tensor || !gate.ok) return { ...about, tensorSha256: null, labels: [], abstained: false, milliseconds: milliseconds() }
	const tensorSha256 = createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex')
	return { ...about, tensorSha256, ...readAnswer(logits, manifest), milliseconds: milliseconds() }
}
