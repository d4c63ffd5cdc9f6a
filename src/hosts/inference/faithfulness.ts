import { upsamples } from '../../common/cam/compose.ts'
import { definitionOf } from '../../common/cam/definitions.ts'
import { areaUnder, changedPixels, removalOrder } from '../../common/cam/perturbation.ts'
import { rangeOf, type CamMap } from '../../common/cam/camMap.ts'
import { cellsOf, randomMap, seedOf } from '../../common/cam/randomMaps.ts'
import type { CamMode } from '../../common/contract/analysis.ts'
import type { Faithfulness } from '../../common/contract/explanation.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { gaussianBlur } from '../../common/imaging/blur.ts'
import { upsampleBilinear } from '../../common/imaging/overlay.ts'
import { calibrate } from '../../common/stats/calibration.ts'
import { runChecked, type Network } from './network.ts'

/** Steps of the curves that are shown, of one per cent each (Petsiuk et al. 2018). */
const FINE_STEPS = 100
/** Steps of the curves that the map and the random ones are compared by. */
const COARSE_STEPS = 10
/** With 19, a map that beats all of them has a chance of 1 in 20. */
const RANDOM_MAPS = 19
const LARGEST_CHANCE = 0.05
/** Scores this close are equal: the same image in a batch of another size may give another last digit. */
const TIE = 1e-6
/** Standard deviation of the blur that insertion starts from, as a share of the input's height and width. */
const BLUR = 0.1

export interface FaithfulnessRequest {
	/** [1, 3, height, width], as the network saw the image. */
	tensor: Float32Array
	layer: string
	mode: CamMode
	label: string
	map: { height: number; width: number; values: readonly number[] }
}

export interface FaithfulnessContext {
	signal: AbortSignal
	progress(value: { done: number; of: number }): void
	/** Called between batches. */
	yieldTurn(): Promise<void>
}

/** Writes one changed image, three planes of the input's size. */
type Picture = (target: Float32Array) => void

/**
 * Deletion, insertion, average drop and increase in confidence of one map, beside maps with the same values in random places (docs/explanations.md).
 * @throws UserError when the label or the layer is unknown or the signal aborts (at the next batch).
 */
export async function measureFaithfulness(network: Network, request: FaithfulnessRequest, context: FaithfulnessContext): Promise<Faithfulness> {
	const started = performance.now()
	const { manifest } = network
	const { height, width } = manifest.input
	const label = manifest.labels.findIndex(({ name }) => name === request.label)
	if (label < 0) throw new UserError(`The network has no label "${request.label}"; it has ${manifest.labels.map(({ name }) => name).join(', ')}.`)
	const layer = manifest.outputs.camLayers.find(({ name }) => name === request.layer)
	if (!layer) throw new UserError(`The network has no layer "${request.layer}"; it has ${manifest.outputs.camLayers.map(({ name }) => name).join(', ')}.`)
	const empty = rangeOf(request.map).most === 0
	const cells = upsamples(definitionOf(request.mode)) ? cellsOf(request.map, layer) : request.map
	const pictures = createPictures(request.tensor, height, width)
	const randomMaps = empty ? 0 : RANDOM_MAPS
	const of = 4 + 2 * (FINE_STEPS - 1) + randomMaps * 2 * (COARSE_STEPS - 1)

	function* all(): Generator<Picture> {
		yield pictures.whole
		yield pictures.gone
		yield pictures.blurred
		yield pictures.masked(request.map)
		yield* pictures.curves(request.map, FINE_STEPS)
		const seed = seedOf(request.map)
		for (let index = 0; index < randomMaps; index++) yield* pictures.curves(randomMap(cells, seed, index), COARSE_STEPS)
	}

	const probabilities = await answer(network, label, all(), { ...context, progress: (done) => context.progress({ done, of }) })
	const next = (count: number) => probabilities.splice(0, count)
	const [probability, gone, blurred, maskedProbability] = next(4) as [number, number, number, number]
	const curves = (steps: number) => ({ deletion: [probability, ...next(steps - 1), gone], insertion: [blurred, ...next(steps - 1), probability] })
	const own = curves(FINE_STEPS)
	const everyTenth = (curve: number[]) => curve.filter((_, step) => step % (FINE_STEPS / COARSE_STEPS) === 0)
	const score = scoreOf({ deletion: everyTenth(own.deletion), insertion: everyTenth(own.insertion) })
	const randomScores = Array.from({ length: randomMaps }, () => scoreOf(curves(COARSE_STEPS)))
	const chance = (1 + randomScores.filter((random) => random >= score - TIE).length) / (1 + randomScores.length)
	return {
		layer: request.layer,
		mode: request.mode,
		label: request.label,
		height,
		width,
		deletion: { probabilities: own.deletion, area: areaUnder(own.deletion) },
		insertion: { probabilities: own.insertion, area: areaUnder(own.insertion) },
		probability,
		maskedProbability,
		drop: probability > 0 ? Math.max(0, probability - maskedProbability) / probability : 0,
		increased: maskedProbability > probability,
		score,
		randomScores,
		chance,
		verdict: empty ? 'empty' : chance <= LARGEST_CHANCE ? 'better' : 'no better than chance',
		seconds: (performance.now() - started) / 1000,
	}
}

function scoreOf({ deletion, insertion }: { deletion: number[]; insertion: number[] }): number {
	return areaUnder(insertion) - areaUnder(deletion)
}

/** What the network is shown: the image with some of its pixels changed by a map. */
function createPictures(image: Float32Array, height: number, width: number) {
	const size = height * width
	const blur = new Float32Array(image.length)
	for (let channel = 0; channel < 3; channel++) {
		blur.set(gaussianBlur(image.subarray(channel * size, (channel + 1) * size), height, width, { rows: BLUR * height, columns: BLUR * width }), channel * size)
	}

	/** `from`, with the first pixels of the order as in `to`; null is the mean colour of the training images, which is 0. */
	const changed = (from: Float32Array, to: Float32Array | null, order: Uint32Array, step: number, steps: number): Picture => (target) => {
		target.set(from)
		for (const pixel of order.subarray(0, changedPixels(size, step / steps))) {
			for (let place = pixel; place < image.length; place += size) target[place] = to ? to[place]! : 0
		}
	}

	return {
		whole: (target: Float32Array) => target.set(image),
		gone: (target: Float32Array) => void target.fill(0),
		blurred: (target: Float32Array) => target.set(blur),
		masked: (map: CamMap): Picture => (target) => {
			const heat = upsampleBilinear(map.values, map.width, map.height, width, height)
			for (let place = 0; place < image.length; place++) target[place] = image[place]! * heat[place % size]!
		},
		/** Deletion, then insertion, each without its first and its last image: these are the same for every map. */
		*curves(map: CamMap, steps: number): Generator<Picture> {
			const order = removalOrder(map, height, width)
			for (let step = 1; step < steps; step++) yield changed(image, null, order, step, steps)
			for (let step = 1; step < steps; step++) yield changed(blur, image, order, step, steps)
		},
	}
}

/** The label's calibrated probability on each picture, batch by batch; a picture is made only when its batch comes. */
async function answer(
	{ manifest, session, camBatch }: Network,
	label: number,
	pictures: Iterator<Picture>,
	{ signal, progress, yieldTurn }: { signal: AbortSignal; progress(done: number): void; yieldTurn(): Promise<void> },
): Promise<number[]> {
	const { input, outputs, labels, task, calibration } = manifest
	const values = 3 * input.height * input.width
	const probabilities: number[] = []
	for (;;) {
		await yieldTurn()
		if (signal.aborted) throw new UserError('The measurement was cancelled.')
		const batch = take(pictures, camBatch.size())
		if (batch.length === 0) return probabilities
		const tensor = new Float32Array(batch.length * values)
		for (const [index, picture] of batch.entries()) picture(tensor.subarray(index * values, (index + 1) * values))
		const { [outputs.logits]: logits } = await runChecked(session, { [input.name]: { values: tensor, dims: [batch.length, 3, input.height, input.width] } }, { [outputs.logits]: [batch.length, labels.length] })
		if (!logits) throw new Error('The network gave no logits.')
		for (const index of batch.keys()) probabilities.push(calibrate(logits.subarray(index * labels.length, (index + 1) * labels.length), task, calibration)[label]!)
		progress(probabilities.length)
	}
}

function take<Item>(items: Iterator<Item>, count: number): Item[] {
	const taken: Item[] = []
	while (taken.length < count) {
		const next = items.next()
		if (next.done) break
		taken.push(next.value)
	}
	return taken
}
