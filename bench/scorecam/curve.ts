import { compareMaps } from '../../src/common/cam/compareMaps.ts'
import type { ComposedMap } from '../../src/common/cam/compose.ts'
import { definitionOf } from '../../src/common/cam/definitions.ts'
import { startProgressiveCam } from '../../src/common/cam/progressive.ts'
import type { MapSize } from '../../src/common/cam/compose.ts'
import { median } from '../harness/compare.ts'
import type { FilmScores } from './scores.ts'

/** Shares of the passes, in per cent, at which a map is compared with the exact one. */
export const SHARES = [0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100]

/** Spearman's coefficient of one label's map with the exact one, for each share. */
export interface FilmCurves {
	/** Of the label with the highest score, whose map a reader sees first. */
	shown: number[]
	/** Of every label. */
	all: number[][]
	/** Of the shown label again, if the channels came in the network's order and those to come were left out: what a program without forecasts would have. */
	inOrder: number[]
	/** Passes of the whole map. */
	passes: number
}

export function filmCurves({ layer, logits, scores }: FilmScores, input: MapSize): FilmCurves {
	const labels = logits.length
	const shown = logits.indexOf(Math.max(...logits))
	const cam = startProgressiveCam(layer, labels, definitionOf('paper'), input)
	const all = cam.passes.length
	const wanted = SHARES.map((share) => Math.max(1, Math.floor((share / 100) * all)))
	const seen: ComposedMap[][] = []
	for (const [pass, group] of cam.passes.entries()) {
		const channel = group[0] as number
		cam.add(pass, scores.subarray(channel * labels, (channel + 1) * labels))
		while (wanted[seen.length] === pass + 1) seen.push(cam.maps().maps)
	}
	const exact = cam.maps().maps
	const agreement = (maps: readonly ComposedMap[], label: number) => spearman(maps[label] as ComposedMap, exact[label] as ComposedMap)
	return {
		passes: all,
		shown: seen.map((maps) => agreement(maps, shown)),
		all: exact.map((_, label) => seen.map((maps) => agreement(maps, label))),
		inOrder: SHARES.map((share) => spearman(firstChannels(layer, scores, shown, labels, Math.max(1, Math.floor((share / 100) * layer.channels))), exact[shown] as ComposedMap)),
	}
}

/** As maps are drawn. Two empty maps agree; an empty one and another do not. */
function spearman(first: ComposedMap, second: ComposedMap): number {
	return compareMaps(first, second).rankCorrelation ?? (first.peak === 0 && second.peak === 0 ? 1 : 0)
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
