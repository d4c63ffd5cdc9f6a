import { composeMap, labelScores, type ComposedMap, type MapSize } from './compose.ts'
import type { ScoreCamDefinition } from './definitions.ts'
import { groupChannels, type LayerActivations } from './passes.ts'
import { createScorePredictor, DRAWS } from './scorePredictor.ts'

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
	 * largest one among maps in which the missing scores are twice as far from their forecasts as what is drawn from the predictor's doubt.
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

	/** The scores of a label with those that are missing put in, pass by pass. */
	function completed(label: number, missing: (group: number) => number): Float64Array {
		const full = Float64Array.from(scores[label] as Float64Array)
		for (const [pass, channels] of passes.entries()) {
			if (arrived[pass]) continue
			const score = missing(predictor.order[pass] as number)
			for (const channel of channels) full[channel] = score
		}
		return full
	}

	const compose = (full: Float64Array) => composeMap(layer, full, definition, input)

	function bound(maps: readonly ComposedMap[]): number | null {
		let largest = 0
		for (const [label, map] of maps.entries()) {
			const forecasts = predictor.forecasts(label)
			for (let draw = 0; draw < DRAWS; draw++) {
				const deviations = predictor.deviations(label, draw)
				if (!deviations) return null
				const { values } = compose(completed(label, (group) => (forecasts[group] as number) + SAFETY * (deviations[group] as number)))
				for (const [index, value] of values.entries()) largest = Math.max(largest, Math.abs(value - (map.values[index] as number)))
			}
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
			const maps = scores.map((own, label) => compose(exact ? own : completed(label, (group) => predictor.forecasts(label)[group] as number)))
			return { maps, errorBound: exact ? 0 : bound(maps), channelsDone, exact }
		},
	}
}
