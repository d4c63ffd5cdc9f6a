import type { CamState } from '../../common/contract/analysis.ts'
import { energyInside } from '../../common/cam/energy.ts'
import type { LungPack } from '../../common/contract/lungs.ts'
import type { FilmRegion } from '../../common/contract/primitives.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostImplementation } from '../serve.ts'
import { explainImage } from './explain.ts'
import { measureFaithfulness } from './faithfulness.ts'
import { answerOn, judge, runNetwork } from './judge.ts'
import { openLungReader, type LungReader } from './lungs.ts'
import { openNetwork, PROVIDERS, type Network } from './network.ts'
import { createPreparation, NO_LUNG_NETWORK, type Prepared } from './prepared.ts'
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

	/** Opened once. */
	function useLungs(pack: LungPack): Promise<LungReader> {
		const key = JSON.stringify(pack)
		if (lungs.key !== key) lungs = { key, reader: openLungReader(pack) }
		return lungs.reader
	}

	return {
		async load({ directory, manifest, camBatch, lungs: lungPack }) {
			if (lungPack) await useLungs(lungPack)
			const known = networks.get(manifest.sha256)
			const same = known && JSON.stringify(known.manifest) === JSON.stringify(manifest)
			const network = same ? known : await openNetwork(directory, manifest, { camBatch: camBatch ?? null })
			const { logits } = await runNetwork(network, rampInput(manifest.input))
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
