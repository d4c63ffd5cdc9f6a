import { composeMap, labelScores, largestScore, weightedSum, type ComposedMap, type MapSize } from './compose.ts'
import type { ScoreCamDefinition } from './definitions.ts'
import { planPasses, type LayerActivations } from './passes.ts'
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
	/** See planPasses. */
	passes: readonly number[][]
	/** The logits [labels] of the network under the mask of passes[pass]. */
	add(pass: number, logits: ArrayLike<number>): void
	/**
	 * The maps as far as they are known; scores that are missing are foretold from those that are in.
	 * errorBound is 0 when every channel is in. Before that it bounds the largest difference of any label's map to its exact map
	 * under one assumption: that no missing score is further from its forecast than one and a half times the largest miss of all forecasts so far, each
	 * of which was made before its score came in. Null before 64 forecasts were put to the test, and where the bound would say nothing (1 or more).
	 */
	maps(): ProgressiveMaps
}

/** How much further than the largest miss so far a missing score may be from its forecast, for the bound. */
const SAFETY = 1.5
/** Scores that come in before forecasts are put to the test, and forecasts that must have been tested before there is a bound. */
const LEARN_FIRST = 32
const TEST_FIRST = 64

/** @param input Size of the network's input, which maps of some definitions have. */
export function startProgressiveCam(layer: LayerActivations, labels: number, definition: ScoreCamDefinition, input: MapSize): ProgressiveCam {
	const passes = planPasses(layer)
	const scores = Array.from({ length: labels }, () => new Float64Array(layer.channels).fill(Number.NaN))
	const predictor = createScorePredictor(layer, passes.map((group) => group[0] as number), labels)
	const passDone = passes.map(() => false)
	const largestMiss = new Float64Array(labels)
	let passesDone = 0
	let channelsDone = 0

	/** The known scores, and forecasts in the places of the others. */
	function completed(label: number): Float64Array {
		const full = Float64Array.from(scores[label] as Float64Array)
		for (const [pass, group] of passes.entries()) {
			if (passDone[pass]) continue
			const forecast = predictor.predict(pass, label)
			for (const channel of group) full[channel] = forecast
		}
		return full
	}

	function bound(forecast: Float64Array[], maps: ComposedMap[]): number | null {
		// The bound is of maps that are the ReLU of a softmax-weighted sum, divided by its largest value.
		if (definition.mode !== 'paper' || passesDone < LEARN_FIRST + TEST_FIRST) return null
		const missing = passes.flatMap((group, pass) => (passDone[pass] ? [] : group))
		const bounds = maps.map((map, label) => missingBound(layer, scores[label] as Float64Array, forecast[label] as Float64Array, missing, SAFETY * (largestMiss[label] as number), map.values))
		const worst = Math.max(...bounds)
		return worst < 1 ? worst : null
	}

	return {
		passes,
		add(pass, logits) {
			const group = passes[pass]
			if (!group || passDone[pass]) throw new Error(`Pass ${pass} of the class activation map came twice or is not planned.`)
			const known = labelScores(definition, logits)
			for (let label = 0; label < labels; label++) {
				const score = known[label] as number
				if (!Number.isFinite(score)) throw new Error('The network gave a score that is not a number.')
				if (passesDone >= LEARN_FIRST) largestMiss[label] = Math.max(largestMiss[label] as number, Math.abs(score - predictor.predict(pass, label)))
				for (const channel of group) (scores[label] as Float64Array)[channel] = score
			}
			passDone[pass] = true
			passesDone++
			channelsDone += group.length
			predictor.learn(pass, known)
		},
		maps() {
			const exact = passesDone === passes.length
			const full = exact ? scores : scores.map((_, label) => completed(label))
			const maps = full.map((known) => composeMap(layer, known, definition, input))
			return { maps, errorBound: exact ? 0 : bound(full, maps), channelsDone, exact }
		},
	}
}

/**
 * Largest possible difference between `map` and the exact map when each missing score may be up to `margin` away from its forecast:
 * every pixel's sum lies between a lower and an upper one, and so does the largest value that it is divided by.
 */
function missingBound(layer: LayerActivations, known: Float64Array, forecast: Float64Array, missing: number[], margin: number, map: number[]): number {
	const shift = largestScore(forecast)
	const lower = weightedSum(layer, known, shift)
	const upper = Float64Array.from(lower)
	const size = lower.length
	for (const channel of missing) {
		const heaviest = Math.exp((forecast[channel] as number) + margin - shift)
		const lightest = Math.exp((forecast[channel] as number) - margin - shift)
		for (let index = 0; index < size; index++) {
			const value = layer.values[channel * size + index] as number
			lower[index] = (lower[index] as number) + value * (value > 0 ? lightest : heaviest)
			upper[index] = (upper[index] as number) + value * (value > 0 ? heaviest : lightest)
		}
	}
	const smallestMaximum = lower.reduce((most, value) => Math.max(most, value), 0)
	const largestMaximum = upper.reduce((most, value) => Math.max(most, value), 0)
	if (smallestMaximum === 0) return largestMaximum === 0 ? 0 : 1
	let worst = 0
	for (let index = 0; index < size; index++) {
		const low = Math.max(lower[index] as number, 0) / largestMaximum
		const high = Math.min(Math.max(upper[index] as number, 0) / smallestMaximum, 1)
		worst = Math.max(worst, high - (map[index] as number), (map[index] as number) - low)
	}
	return worst
}
