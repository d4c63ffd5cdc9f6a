import { composeMap, largestScore, weightedSum, type ComposedMap } from './compose.ts'
import { planPasses, type LayerActivations } from './passes.ts'

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
	 * The maps as far as they are known. Scores that are missing are estimated from those of channels that look alike.
	 * errorBound is 0 when every channel is in. Before that it bounds the largest difference of any label's map to its exact map
	 * under one assumption, that every missing score lies in the range of the scores seen, widened by a quarter of that range on both sides;
	 * null before an eighth of the passes is in, and where the bound would say nothing (1 or more).
	 */
	maps(): ProgressiveMaps
}

/** How much the range of seen scores is widened on each side for the bound. */
const WIDENED_BY = 0.25
/** Sharpness of the estimate: weight of a seen channel = exp(SHARPNESS * correlation). */
const SHARPNESS = 6

export function startProgressiveCam(layer: LayerActivations, labels: number): ProgressiveCam {
	const passes = planPasses(layer)
	const scores = Array.from({ length: labels }, () => new Float64Array(layer.channels).fill(Number.NaN))
	const shapes = standardisedChannels(layer)
	const size = layer.height * layer.width
	const passDone = passes.map(() => false)
	let passesDone = 0
	let channelsDone = 0
	// Kernel regression of missing scores, kept up to date with every score that comes in.
	const similarity = new Float64Array(passes.length)
	const weighted = Array.from({ length: labels }, () => new Float64Array(passes.length))

	function learn(pass: number, logits: ArrayLike<number>): void {
		const seen = (passes[pass]?.[0] ?? 0) * size
		for (let other = 0; other < passes.length; other++) {
			if (passDone[other]) continue
			const start = (passes[other]?.[0] ?? 0) * size
			let correlation = 0
			for (let index = 0; index < size; index++) correlation += (shapes[seen + index] as number) * (shapes[start + index] as number)
			const weight = Math.exp(SHARPNESS * (correlation - 1))
			similarity[other] = (similarity[other] as number) + weight
			for (let label = 0; label < labels; label++) {
				const sums = weighted[label] as Float64Array
				sums[other] = (sums[other] as number) + weight * (logits[label] as number)
			}
		}
	}

	function estimated(label: number): Float64Array {
		const full = Float64Array.from(scores[label] as Float64Array)
		const sums = weighted[label] as Float64Array
		for (const [pass, group] of passes.entries()) {
			if (passDone[pass]) continue
			const estimate = passesDone === 0 ? 0 : (sums[pass] as number) / (similarity[pass] as number)
			for (const channel of group) full[channel] = estimate
		}
		return full
	}

	function bound(maps: ComposedMap[]): number | null {
		if (passesDone * 8 < passes.length) return null
		const missing = passes.flatMap((group, pass) => (passDone[pass] ? [] : group))
		let worst = 0
		for (const [label, map] of maps.entries()) worst = Math.max(worst, missingBound(layer, scores[label] as Float64Array, missing, map.values))
		return worst < 1 ? worst : null
	}

	return {
		passes,
		add(pass, logits) {
			const group = passes[pass]
			if (!group || passDone[pass]) throw new Error(`Pass ${pass} of the class activation map came twice or is not planned.`)
			passDone[pass] = true
			for (let label = 0; label < labels; label++) {
				const score = logits[label] as number
				if (!Number.isFinite(score)) throw new Error('The network gave a score that is not a number.')
				for (const channel of group) (scores[label] as Float64Array)[channel] = score
			}
			passesDone++
			channelsDone += group.length
			if (passesDone < passes.length) learn(pass, logits)
		},
		maps() {
			const exact = passesDone === passes.length
			const maps = scores.map((known, label) => composeMap(layer, exact ? known : estimated(label)))
			return { maps, errorBound: exact ? 0 : bound(maps), channelsDone, exact }
		},
	}
}

/**
 * Largest possible difference between `map` and the exact map when each missing score may be anything in the widened range of the known ones:
 * every pixel's sum lies between a lower and an upper one, and so does the largest value that it is divided by.
 */
function missingBound(layer: LayerActivations, known: Float64Array, missing: number[], map: number[]): number {
	const top = largestScore(known)
	let bottom = Number.POSITIVE_INFINITY
	for (const score of known) if (score < bottom) bottom = score
	const margin = (top - bottom) * WIDENED_BY
	const heaviest = Math.exp(margin)
	const lightest = Math.exp(bottom - margin - top)
	const lower = weightedSum(layer, known, top)
	const upper = Float64Array.from(lower)
	const size = lower.length
	for (const channel of missing) {
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

/** Every channel with mean 0 and length 1 (0 where it is constant), so that a dot product is a correlation. */
function standardisedChannels(layer: LayerActivations): Float32Array {
	const size = layer.height * layer.width
	const shapes = new Float32Array(layer.values.length)
	for (let start = 0; start < shapes.length; start += size) {
		let mean = 0
		for (let index = 0; index < size; index++) mean += (layer.values[start + index] as number) / size
		let squares = 0
		for (let index = 0; index < size; index++) squares += ((layer.values[start + index] as number) - mean) ** 2
		const length = Math.sqrt(squares)
		if (length === 0) continue
		for (let index = 0; index < size; index++) shapes[start + index] = ((layer.values[start + index] as number) - mean) / length
	}
	return shapes
}

