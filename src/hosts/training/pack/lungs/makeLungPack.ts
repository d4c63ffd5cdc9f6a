import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { lungManifestSchema, type LungManifest } from '../../../../common/contract/lungs.ts'
import { UserError } from '../../../../common/contract/procedures.ts'
import { HALF_PRECISION, type PackDescription } from '../../../../common/contract/training/pack.ts'
import { modelOfNetwork } from '../../../../onnx/fromModel.ts'
import { withoutUnused } from '../../../../onnx/fold.ts'
import { writeModel } from '../../../../onnx/model.ts'
import type { Network, Weights } from '../../../../onnx/network.ts'
import { halfPrecisionWeights } from '../../../../onnx/surgery/half.ts'
import { countMacs, countParameters } from '../../../../zoo/count.ts'
import { openLungNetwork } from '../../../inference/lungs.ts'
import { rampInput } from '../../../inference/selfTest.ts'
import type { DataSet } from '../../data/dataSet.ts'
import { writeDurably, writeJsonDurably } from '../../runs/durable.ts'
import { newPack } from '../newPack.ts'
import { rounded } from '../calibratePack.ts'
import { evaluateMasks, overlapMetrics, type FilmOverlap, type MarkLungs } from './evaluateMasks.ts'
import { lungCard } from './lungCard.ts'
import type { PackOptions } from '../makePack.ts'

/** A trained network and all that its pack says of it but what is measured here. */
export interface LungPackSource {
	network: Network
	weights: Weights
	input: Pick<LungManifest['input'], 'mean' | 'std'>
	/** How it was trained, in words. */
	training: string
	trainingRun: LungManifest['trainingRun']
	description: PackDescription
	dataSet: DataSet
}

const THRESHOLD = 0.5
/** Places of the golden logits. */
const GRID = 8
/** Logits may differ by this much, or this share of the largest, between machines. */
const TOLERANCE = 0.005
const RELATIVE_TOLERANCE = 0.001
const SIDES = 'Sees a film at so few pixels that the thin corners of the lungs are known to two or three of them only.'

/**
 * Makes the pack of a network that marks the lungs: results on validation and test films, golden values, lungs.json, model.onnx, CARD.md and films.json (what each film gave), in a
 * temporary folder, which becomes `directory` when what was written gives the golden values again.
 * @throws UserError where the folder is there already or the disk is full; AbortError; nothing is left behind then.
 */
export async function makeLungPack(source: LungPackSource, directory: string, options: PackOptions): Promise<{ manifest: LungManifest; films: FilmOverlap[] }> {
	if (existsSync(directory)) throw new UserError(`The folder ${directory} is there already; a model pack is never written over.`)
	const { network, description, dataSet } = source
	const half = description.weights === 'float16'
	const graph = graphOf(source, half)
	const session = await InferenceSession.create(graph, { executionProviders: ['cpu'], logSeverityLevel: 3 })
	try {
		const input: LungManifest['input'] = { name: 'input', side: network.inputSize, ...source.input }
		const mark = marking(session, input)
		const films = [...await evaluateMasks(mark, dataSet, 'validation', input, THRESHOLD, options), ...await evaluateMasks(mark, dataSet, 'test', input, THRESHOLD, options)]
		const { weighted, attention } = countMacs(network)
		const manifest = lungManifestSchema.parse({
			schemaVersion: 1, id: description.id, version: description.version, title: description.title,
			architecture: `${network.title}, ${input.side} x ${input.side}${half ? HALF_PRECISION : ''}`, parameters: countParameters(network), macs: weighted + attention,
			input, output: { name: 'logits', threshold: THRESHOLD }, heart: description.heart,
			golden: goldenOf(await mark(ramp(input.side), 1), input.side),
			metrics: overlapMetrics(films), training: source.training, trainingRun: source.trainingRun,
			limitations: [...description.limitations, SIDES], licence: description.licence, sha256: createHash('sha256').update(graph).digest('hex'),
		} satisfies LungManifest)
		const card = lungCard({ manifest, films, dataSet, intendedUse: description.intendedUse, bytes: graph.byteLength })
		options.signal.throwIfAborted()
		await writePack(directory, { graph, manifest, films, card })
		return { manifest, films }
	} finally {
		await session.release()
	}
}

function graphOf({ network, weights }: LungPackSource, half: boolean): Uint8Array {
	const model = modelOfNetwork(network, weights)
	const graph = withoutUnused({ ...model.graph, output: model.graph.output.filter(({ name }) => name === 'logits') })
	return writeModel({ ...model, graph: half ? halfPrecisionWeights(graph) : graph })
}

/** @throws Error where the network does not give a finite logit for each pixel. */
function marking(session: InferenceSession, { name, side }: LungManifest['input']): MarkLungs {
	return async (images, batch) => {
		const { logits } = await session.run({ [name]: new Tensor('float32', images, [batch, 3, side, side]) }, ['logits'])
		if (!(logits?.data instanceof Float32Array) || logits.dims.join() !== `${batch},1,${side},${side}` || !logits.data.every(Number.isFinite)) throw new Error('The network does not give a finite logit for each pixel.')
		return logits.data
	}
}

function ramp(side: number): Float32Array {
	return rampInput({ height: side, width: side, channels: 3 })
}

/** The golden values of a network's answer [1, 1, side, side] to the golden input. */
function goldenOf(logits: Float32Array, side: number): LungManifest['golden'] {
	const pixel = (place: number) => Math.floor(((place + 0.5) / GRID) * side)
	const grid = Array.from({ length: GRID * GRID }, (_, index) => logits[pixel(Math.floor(index / GRID)) * side + pixel(index % GRID)] as number)
	const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length
	const deviation = Math.sqrt(logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / logits.length)
	const largest = Math.max(...grid.map(Math.abs))
	return { input: 'ramp-v1', grid: { rows: GRID, columns: GRID, logits: grid.map((value) => rounded(value, 5)) }, mean: rounded(mean, 5), deviation: rounded(deviation, 5), tolerance: rounded(Math.max(TOLERANCE, RELATIVE_TOLERANCE * largest), 5) }
}

function writePack(directory: string, { graph, manifest, films, card }: { graph: Uint8Array; manifest: LungManifest; films: readonly FilmOverlap[]; card: string }): Promise<void> {
	return newPack(directory, async (folder) => {
		writeDurably(join(folder, 'model.onnx'), [graph])
		writeJsonDurably(join(folder, 'lungs.json'), manifest)
		writeJsonDurably(join(folder, 'films.json'), films.map(({ dice, iou, ...film }) => ({ ...film, dice: Number(dice.toFixed(4)), iou: Number(iou.toFixed(4)) })))
		writeDurably(join(folder, 'CARD.md'), [new TextEncoder().encode(card)])
		// Opened as it will be used: graph, hash and golden values.
		await (await openLungNetwork(folder, manifest)).release()
	})
}
