import { removalOrder } from '../../../common/cam/perturbation.ts'
import { cellsOf, randomMap, seedOf } from '../../../common/cam/randomMaps.ts'
import type { CamMap } from '../../../common/cam/camMap.ts'
import type { CamMode } from '../../../common/contract/analysis.ts'
import type { FilmRegion } from '../../../common/contract/primitives.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { ExplanationMethod } from '../../../common/contract/training/explanationSet.ts'
import { upsampleBilinear } from '../../../common/imaging/overlay.ts'
import { largestOf } from '../../../common/stats/classification.ts'
import { calibrate } from '../../../common/stats/calibration.ts'
import { explainImage } from '../../inference/explain.ts'
import { measureFaithfulness } from '../../inference/faithfulness.ts'
import { runChecked, type Network } from '../../inference/network.ts'
import { reciproCam } from '../../inference/preview.ts'
import { planesTensor } from '../../inference/preprocess.ts'
import type { ShownImage } from '../data/images/openImage.ts'
import type { LungRegions } from './lungRegions.ts'
import type { FaithfulnessRecord, MapsRecord, RecordKey, Records } from './records.ts'

/** A network with how it is explained. */
export interface Explained {
	network: Network
	/** File of its graph. */
	graph: string
	mode: CamMode
	layer: string
	/** Null where the network sees the whole film. */
	lungs: LungRegions | null
}

/** Of the random map that the table has a row of: none of those that a map's own score is compared with. */
const ROW_OF_RANDOM = 1000

export function keyOf({ network, mode, layer, lungs }: Explained, film: Pick<ShownImage, 'sha256'>): RecordKey {
	return { film: film.sha256, model: network.manifest.sha256, mode, layer, ...(lungs ? { lungs: lungs.sha256 } : {}) }
}

/** The part of the film that the network sees; null: all of it. @throws UserError where it sees the lungs alone and they are not found. */
export async function regionFor({ network, lungs }: Pick<Explained, 'network' | 'lungs'>, image: ShownImage): Promise<FilmRegion | null> {
	const { region } = network.manifest.input
	return region && lungs ? lungs.regionOf(image, region.margin) : null
}

/** Whether the network can answer on a film: one on which no lungs are found was refused when the films were measured. */
export async function canSee(explained: Pick<Explained, 'network' | 'lungs'>, image: ShownImage): Promise<boolean> {
	return regionFor(explained, image).then(() => true, (error: unknown) => {
		if (error instanceof UserError) return false
		throw error
	})
}

/** A film as the network gets it. */
export async function tensorOf(explained: Pick<Explained, 'network' | 'lungs'>, image: ShownImage): Promise<Float32Array> {
	return planesTensor(image, explained.network.manifest.input, await regionFor(explained, image))
}

/** The maps of all labels of one film, measured where they were not before. @throws UserError or AbortError when the signal aborts. */
export async function mapsOf(explained: Explained, image: ShownImage, records: Records, signal: AbortSignal): Promise<MapsRecord> {
	const { network, mode, layer } = explained
	const key = keyOf(explained, image)
	const known = records.maps(key)
	if (known) return known
	const region = await regionFor(explained, image)
	const tensor = planesTensor(image, network.manifest.input, region)
	const probabilities = await answerOn(network, tensor)
	const state = await explainImage(network, { tensor, layer, mode }, { signal, progress: () => undefined, yieldTurn })
	const preview = await reciproCam(network, tensor, layer, { signal, yieldTurn })
	await records.keep(key, {
		kind: 'maps', probabilities, height: state.height, width: state.width, scoreCam: state.maps, seconds: state.seconds, ...(region ? { region } : {}),
		reciproCam: preview && { height: preview.height, width: preview.width, maps: preview.maps },
	})
	return records.maps(key) as MapsRecord
}

/** The label that the network gives most probability, the first of several. */
export function calledLabel({ network }: Explained, { probabilities }: MapsRecord): string {
	return network.manifest.labels[largestOf(probabilities, 0, probabilities.length)]?.name ?? ''
}

/** One method's map of a label; null where the method does not work on this layer. */
export function mapBy({ network, layer }: Explained, method: ExplanationMethod, { height, width, region, scoreCam, reciproCam: recipro }: MapsRecord, label: string): CamMap | null {
	if (method === 'recipro-cam') return recipro && { height: recipro.height, width: recipro.width, values: recipro.maps[label] ?? [], region }
	const map: CamMap = { height, width, values: scoreCam[label] ?? [], region }
	const cells = network.manifest.outputs.camLayers.find(({ name }) => name === layer)
	return method === 'random' && cells ? randomMap(cellsOf(map, cells), seedOf(map), ROW_OF_RANDOM) : map
}

/** How faithful one method's map is, measured where it was not before; null where the method does not work on this layer. */
export async function faithfulnessOf(explained: Explained, image: ShownImage, method: ExplanationMethod, label: string, records: Records, signal: AbortSignal): Promise<FaithfulnessRecord | null> {
	const { network, mode, layer } = explained
	const key = keyOf(explained, image)
	const known = records.faithfulness(key, method, label)
	if (known) return known
	const map = mapBy(explained, method, await mapsOf(explained, image, records, signal), label)
	if (!map) return null
	const tensor = await tensorOf(explained, image)
	const measured = await measureFaithfulness(network, { tensor, layer, mode, label, map: { ...map, values: Array.from(map.values) } }, { signal, progress: () => undefined, yieldTurn })
	const answer = await answerOn(network, hotterHalf(tensor, map, network.manifest.input))
	await records.keep(key, { kind: 'faithfulness', method, label, measured, topHalfProbability: answer[network.manifest.labels.findIndex(({ name }) => name === label)] ?? 0 })
	return records.faithfulness(key, method, label)
}

/** The image multiplied by the map, and 0 (the mean colour of the training images) where the map has its colder half of the pixels. */
function hotterHalf(tensor: Float32Array, map: CamMap, { height, width }: { height: number; width: number }): Float32Array {
	const heat = upsampleBilinear(map.values, map.width, map.height, width, height)
	const order = removalOrder(map, height, width)
	for (const pixel of order.subarray(Math.round(order.length / 2))) heat[pixel] = 0
	return tensor.map((value, place) => value * (heat[place % heat.length] as number))
}

/** Calibrated probabilities of an image [1, 3, height, width]. */
async function answerOn({ session, manifest }: Network, image: Float32Array): Promise<number[]> {
	const { input, outputs, labels, task, calibration } = manifest
	const { [outputs.logits]: logits } = await runChecked(session, { [input.name]: { values: image, dims: [1, 3, input.height, input.width] } }, { [outputs.logits]: [1, labels.length] })
	return calibrate(logits ?? [], task, calibration)
}

/** Lets messages in: a cancel, and the parent's end. */
export function yieldTurn(): Promise<void> {
	return new Promise((resolve) => void setImmediate(resolve))
}
