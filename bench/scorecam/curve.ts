import { compareMaps } from '../../src/common/cam/compareMaps.ts'
import type { ComposedMap, MapSize } from '../../src/common/cam/compose.ts'
import { definitionOf } from '../../src/common/cam/definitions.ts'
import { startProgressiveCam, type ProgressiveMaps } from '../../src/common/cam/progressive.ts'
import { median } from '../harness/compare.ts'
import type { FilmScores } from './scores.ts'

/** Shares of the passes, in per cent, at which a map is compared with the exact one. */
export const SHARES = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100]

/** Spearman's coefficient of one label's map with the exact one, for each share. */
export interface FilmCurves {
	/** Of the label with the highest score, whose map a reader sees first. */
	shown: number[]
	/** Of every label. */
	all: number[][]
	/** Of the shown label again, if the channels came in the network's order and those to come were left out: what a program without forecasts would have. */
	inOrder: number[]
	/** Of the states before the exact one: how many came with a bound on what is missing, and in how many of those no label's map was further from the exact one. */
	bounds: { given: number; held: number }
}

export function filmCurves({ layer, logits, scores }: FilmScores, input: MapSize): FilmCurves {
	const labels = logits.length
	const shown = logits.indexOf(Math.max(...logits))
	const cam = startProgressiveCam(layer, labels, definitionOf('paper'), input)
	const scoresUnder = (channel: number) => scores.subarray(channel * labels, (channel + 1) * labels)
	const [constant] = cam.constant
	if (constant !== undefined) cam.addEmpty(scoresUnder(constant))
	const wanted = SHARES.map((share) => Math.max(1, Math.floor((share / 100) * cam.passes.length)))
	const states: ProgressiveMaps[] = []
	for (const [pass, group] of cam.passes.entries()) {
		cam.add(pass, scoresUnder(group[0] as number))
		while (wanted[states.length] === pass + 1) states.push(cam.maps())
	}
	const exact = cam.maps().maps
	const agreement = (maps: readonly ComposedMap[], label: number) => spearman(maps[label] as ComposedMap, exact[label] as ComposedMap)
	const bounded = states.filter(({ errorBound, exact: last }) => errorBound !== null && !last)
	return {
		shown: states.map(({ maps }) => agreement(maps, shown)),
		all: exact.map((_, label) => states.map(({ maps }) => agreement(maps, label))),
		bounds: { given: bounded.length, held: bounded.filter(({ maps, errorBound }) => maps.every((map, label) => largestDifference(map, exact[label] as ComposedMap) <= (errorBound ?? 0))).length },
		inOrder: SHARES.map((share) => spearman(firstChannels(layer, scores, shown, labels, Math.max(1, Math.floor((share / 100) * layer.channels))), exact[shown] as ComposedMap)),
	}
}

/** As maps are drawn. Two empty maps agree; an empty one and another do not. */
function spearman(first: ComposedMap, second: ComposedMap): number {
	return compareMaps(first, second).rankCorrelation ?? (first.peak === 0 && second.peak === 0 ? 1 : 0)
}

export function largestDifference(first: ComposedMap, second: ComposedMap): number {
	return Math.max(...first.values.map((value, index) => Math.abs(value - (second.values[index] ?? Number.NaN))))
}

/** The paper's map of the first channels alone. */
function firstChannels({ height, width, values }: FilmScores['layer'], scores: Float32Array, label: number, labels: number, count: number): ComposedMap {
	const size = height * width
	const own = Array.from({ length: count }, (_, channel) => scores[channel * labels + label] as number)
	const largest = Math.max(...own)
	const sum = new Float64Array(size)
	for (const [channel, score] of own.entries()) {
		const weight = Math.exp(score - largest)
		for (let index = 0; index < size; index++) sum[index] = (sum[index] as number) + weight * (values[channel * size + index] as number)
	}
	const peak = Math.max(0, ...sum)
	return { height, width, values: Array.from(sum, (value) => (value > 0 ? value / peak : 0)), peak }
}

/** Over the films, for each share: the median, and what a tenth of them is below. */
export function summarise(curves: readonly (readonly number[])[]): { median: number[]; worstTenth: number[] } {
	const column = (index: number) => curves.map((curve) => curve[index] as number)
	return {
		median: SHARES.map((_, index) => median(column(index))),
		worstTenth: SHARES.map((_, index) => column(index).toSorted((a, b) => a - b)[Math.floor(curves.length / 10)] as number),
	}
}

/** The least share of the passes from which on the curve stays at the coefficient or above. */
export function shareReaching(curve: readonly number[], coefficient: number): number {
	const below = curve.findLastIndex((value) => value < coefficient)
	return SHARES[below + 1] ?? 100
}
