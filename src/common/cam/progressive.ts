import { composeMap, composeSum, labelScores, largestScore, type ComposedMap, type MapSize } from './compose.ts'
import type { ScoreCamDefinition } from './definitions.ts'
import { groupChannels, type LayerActivations } from './passes.ts'
import { createScorePredictor } from './scorePredictor.ts'

export interface ProgressiveMaps {
	/** One per label. */
	maps: ComposedMap[]
	/** See ProgressiveCam.maps. */
	errorBound: number | null
	channelsDone: number
	exact: boolean
}

/** A Score-CAM that is being computed: takes scores as they come and gives maps of all labels at any time. */
export interface ProgressiveCam {
	/** The channels of each forward pass, the first of them standing for all; in the order in which early passes tell most of the map. */
	passes: readonly number[][]
	/** Channels whose values are all equal: they take no pass, but the score of an empty image. */
	constant: readonly number[]
	/** The logits [labels] of the network on an empty image (zeros), which is what every image is under the mask of a constant channel. */
	addEmpty(logits: ArrayLike<number>): void
	/** The logits [labels] of the network under the mask of passes[pass]. */
	add(pass: number, logits: ArrayLike<number>): void
	/**
	 * The maps as far as they are known; scores that are missing are foretold from those that are in (ScorePredictor).
	 * errorBound is 0 when every channel is in. Before that it is a statistical bound on the largest difference of any label's map to its exact map: the
	 * largest one among maps in which the missing scores are SAFETY times as far from their forecasts as is drawn (ScorePredictor.draws).
	 * docs/explanations.md says how often it held. Null before enough forecasts were put to the test, and where it would say as good as nothing (0.5 or more).
	 */
	maps(): ProgressiveMaps
}

/** How many times as far as drawn a missing score may be from its forecast; chosen on validation films, see docs/explanations.md. */
const SAFETY = 2
/** A larger difference says as good as nothing: the map may yet be another one. */
const LARGEST_BOUND = 0.5

/** @param input Size of the network's input, which maps of some definitions have. */
export function startProgressiveCam(layer: LayerActivations, labels: number, definition: ScoreCamDefinition, input: MapSize): ProgressiveCam {
	const { varied, constant } = groupChannels(layer)
	const predictor = createScorePredictor(layer, varied, labels)
	const passes = predictor.order.map((group) => varied[group] as number[])
	/** Per label; NaN where a score is missing. */
	const scores = Array.from({ length: labels }, () => new Float64Array(layer.channels).fill(Number.NaN))
	const arrived = passes.map((): Float64Array | null => null)
	let learnt = 0
	let passesDone = 0
	let channelsDone = 0

	function enter(channels: readonly number[], logits: ArrayLike<number>): Float64Array {
		const known = labelScores(definition, logits)
		for (const [label, own] of scores.entries()) {
			const score = known[label] as number
			if (!Number.isFinite(score)) throw new Error('The network gave a score that is not a number.')
			for (const channel of channels) own[channel] = score
		}
		channelsDone += channels.length
		return known
	}

	/** The scores of a label with forecasts in the places of those that are missing; their mean for constant channels. */
	function completed(label: number): Float64Array {
		const full = Float64Array.from(scores[label] as Float64Array)
		const forecasts = predictor.forecasts(label)
		const mean = forecasts.reduce((sum, score) => sum + score, 0) / Math.max(1, forecasts.length)
		for (const channel of constant) if (Number.isNaN(full[channel])) full[channel] = mean
		for (const [pass, channels] of passes.entries()) {
			if (arrived[pass]) continue
			for (const channel of channels) full[channel] = forecasts[predictor.order[pass] as number] as number
		}
		return full
	}

	/** Adds the channels of a pass to a sum of channels. */
	function addPass(sum: Float64Array, channels: readonly number[], weight: number): void {
		const start = (channels[0] as number) * sum.length
		for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] as number) + weight * channels.length * (layer.values[start + index] as number)
	}

	/** The largest difference of a label's map to those whose missing scores are drawn. */
	function largestDifference(label: number, map: ComposedMap, full: Float64Array, doubt: number): number {
		const softmax = definition.weight === 'softmax over channels'
		const shift = softmax ? largestScore(full) : 0
		const weigh = (score: number) => (softmax ? Math.exp(score - shift) : score)
		const forecasts = predictor.forecasts(label)
		const size = layer.height * layer.width
		const known = new Float64Array(size)
		const certain = passes.filter((_, pass) => arrived[pass])
		if (constant.length > 0 && definition.constantChannels === 'kept') certain.push(...constant.map((channel) => [channel]))
		for (const channels of certain) addPass(known, channels, weigh(full[channels[0] as number] as number))
		let largest = 0
		for (const draw of predictor.draws) {
			const sum = Float64Array.from(known)
			for (const [pass, channels] of passes.entries()) {
				if (arrived[pass]) continue
				const group = predictor.order[pass] as number
				addPass(sum, channels, weigh((forecasts[group] as number) + SAFETY * doubt * (draw[group] as number)))
			}
			// What a softmax divides by changes no map.
			const { values } = composeSum(sum, layer, definition, input)
			for (const [index, value] of values.entries()) largest = Math.max(largest, Math.abs(value - (map.values[index] as number)))
		}
		return largest
	}

	function bound(maps: readonly ComposedMap[], full: readonly Float64Array[]): number | null {
		let largest = 0
		for (const [label, map] of maps.entries()) {
			const doubt = predictor.doubt(label)
			if (doubt === null) return null
			largest = Math.max(largest, largestDifference(label, map, full[label] as Float64Array, doubt))
		}
		return largest < LARGEST_BOUND ? largest : null
	}

	return {
		passes,
		constant,
		addEmpty: (logits) => {
			if (constant.length === 0 || !Number.isNaN(scores[0]?.[constant[0] as number])) throw new Error('The score of constant channels came twice or is not planned.')
			enter(constant, logits)
		},
		add(pass, logits) {
			const channels = passes[pass]
			if (!channels || arrived[pass]) throw new Error(`Pass ${pass} of the class activation map came twice or is not planned.`)
			arrived[pass] = enter(channels, logits)
			passesDone++
			// The predictor learns in its own order: a score that is before its turn waits.
			for (let next = arrived[learnt]; next; next = arrived[++learnt]) predictor.learn(next)
		},
		maps() {
			const exact = channelsDone === layer.channels
			const full = exact ? scores : scores.map((_, label) => completed(label))
			const maps = full.map((own) => composeMap(layer, own, definition, input))
			return { maps, errorBound: exact ? 0 : bound(maps, full), channelsDone, exact }
		},
	}
}
