import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CamMap } from '../../common/cam/camMap.ts'
import { compareMaps } from '../../common/cam/compareMaps.ts'
import type { CamMode } from '../../common/contract/analysis.ts'
import type { ModelManifest } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { modelOfNetwork, networkOfModel } from '../../onnx/fromModel.ts'
import { readModel, writeModel } from '../../onnx/model.ts'
import type { Network as Architecture, Weights } from '../../onnx/network.ts'
import { forgetParameters, stagesFromScores } from '../../onnx/randomise.ts'
import { explainImage } from './explain.ts'
import { openNetwork, type Network } from './network.ts'

/** The last layer alone, then a quarter of the others with each. */
const STAGES = 5
const SEED = 1

export interface RandomisationRequest {
	network: Network
	/** File of the network's graph. */
	graph: string
	layer: string
	mode: CamMode
	films: readonly RandomisedFilm[]
}

/** A film with the map of one label by the trained network. */
export interface RandomisedFilm {
	label: string
	map: CamMap
	/** [1, 3, height, width], asked for once in each stage. */
	tensor(): Promise<Float32Array>
}

export interface RandomisationContext {
	signal: AbortSignal
	progress(value: { done: number; of: number }): void
	yieldTurn(): Promise<void>
}

/** What is left of the maps when all parameters from the scores down to a layer are random. */
export interface RandomisedStage {
	/** In words: 1 of 62 layers. */
	stage: string
	/** Layers that are random so far, counted from the scores, and of how many. */
	layers: number
	of: number
	/** For each film: rank correlation of its map with the trained network's; null where one of them is constant or the random network gave no finite number. */
	rankCorrelations: (number | null)[]
}

/**
 * Parameter-randomisation check (Adebayo et al. 2018, cascading): Score-CAM of a network whose parameters are random from the scores downwards, stage by
 * stage. A map that stays as it was does not show what the network has learnt.
 * @throws UserError when the graph's parameters cannot be told apart, or the signal aborts (at the next batch).
 */
export async function checkRandomisation(request: RandomisationRequest, context: RandomisationContext): Promise<RandomisedStage[]> {
	const { network: { manifest }, films } = request
	const { network, weights } = parametersOf(manifest, request.graph)
	const stages = stagesFromScores(network, STAGES)
	const random = new Set<string>()
	const found: RandomisedStage[] = []
	const of = stages.reduce((sum, { layers }) => sum + layers, 0)
	let layers = 0
	for (const stage of stages) {
		for (const name of stage.parameters) random.add(name)
		layers += stage.layers
		const rankCorrelations = await withNetwork(network, forgetParameters(network, weights, random, SEED), manifest, async (randomised) => {
			const correlations: (number | null)[] = []
			for (const film of films) {
				correlations.push(await correlationOf(randomised, film, request, context))
				context.progress({ done: found.length * films.length + correlations.length, of: stages.length * films.length })
			}
			return correlations
		})
		found.push({ stage: `${layers} of ${of} layers`, layers, of, rankCorrelations })
	}
	return found
}

async function correlationOf(randomised: Network, { label, map, tensor }: RandomisedFilm, { layer, mode }: RandomisationRequest, { signal, yieldTurn }: RandomisationContext): Promise<number | null> {
	const image = await tensor()
	const state = await explainImage(randomised, { tensor: image, layer, mode }, { signal, yieldTurn, progress: () => undefined }).catch((error: unknown) => {
		// Activations of a random network may grow past what a float32 holds.
		if (error instanceof UserError || !(error instanceof Error) || !/not a number/.test(error.message)) throw error
		return null
	})
	const values = state?.maps[label]
	return state && values ? compareMaps(map, { height: state.height, width: state.width, values }).rankCorrelation : null
}

function parametersOf(manifest: ModelManifest, graph: string): { network: Architecture; weights: Weights } {
	try {
		const { input, outputs } = manifest
		return networkOfModel(readModel(readFileSync(graph)), { name: manifest.id, title: manifest.title, input: input.name, logits: outputs.logits, inputSize: input.height, camLayers: outputs.camLayers })
	} catch (error) {
		throw new UserError(`The parameters of ${manifest.title} cannot be made random: its graph cannot be taken apart.`, String(error))
	}
}

/** Opens a network with these weights for as long as the work takes. */
async function withNetwork<Result>(network: Architecture, weights: Weights, manifest: ModelManifest, work: (opened: Network) => Promise<Result>): Promise<Result> {
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-randomised-'))
	try {
		const graph = writeModel(modelOfNetwork(network, weights))
		writeFileSync(join(folder, 'model.onnx'), graph)
		const outputs = { ...manifest.outputs, logits: 'logits', features: 'features', camLayers: network.camLayers }
		const opened = await openNetwork(folder, { ...manifest, sha256: createHash('sha256').update(graph).digest('hex'), input: { ...manifest.input, name: 'input' }, outputs })
		try {
			return await work(opened)
		} finally {
			await opened.session.release()
		}
	} finally {
		rmSync(folder, { recursive: true, force: true })
	}
}
