import { describe, expect, it } from 'vitest'
import type { Faithfulness } from '../../../../src/common/contract/explanation.ts'
import { comparisonRows, faithfulnessRows, localisationRows, type MeasuredFaithfulness } from '../../../../src/hosts/training/explanations/rows.ts'

const sha = 'a'.repeat(64)

function measured(id: string, change: Partial<Faithfulness>, topHalfProbability: number, randomDifference: number | null, more: Partial<MeasuredFaithfulness> = {}): MeasuredFaithfulness {
	const flat = { probabilities: [0.5, 0.5], area: 0.5 }
	const faithfulness: Faithfulness = {
		layer: 'l', mode: 'paper', label: 'a', height: 8, width: 8, deletion: flat, insertion: flat, probability: 0.8, maskedProbability: 0.4, drop: 0.5, increased: false, score: 0, randomScores: [0], chance: 0.5,
		verdict: 'no better than chance', seconds: 1, ...change,
	}
	return {
		id, group: id.slice(0, 1), model: 'model', method: 'score-cam', rowGroups: [{ column: 'all', value: 'all films' }], randomDifference,
		record: { measurement: 1, kind: 'faithfulness', film: sha, model: sha, mode: 'paper', layer: 'l', method: 'score-cam', label: 'a', measured: faithfulness, topHalfProbability }, ...more,
	}
}

const groups = (value: string) => [{ column: 'all', value: 'all films' }, { column: 'truth', value }]
const area = (value: number) => ({ probabilities: [value, value], area: value })

describe('rows of the tables', () => {
	it('are means by arithmetic; an empty map counts, but ranks nothing', () => {
		const [row] = faithfulnessRows([
			measured('a1', { deletion: area(0.2), insertion: area(0.7), drop: 0.5, verdict: 'better' }, 0.2, 0.1),
			measured('b1', { deletion: area(0.4), insertion: area(0.5), drop: 0, increased: true }, 0.9, null),
			measured('b2', { deletion: area(0.9), insertion: area(0.1), drop: 1, verdict: 'empty' }, 0, 0.3),
		])
		expect(row).toMatchObject({ n: 3, groups: 2, empty: 1 })
		const values = Object.fromEntries(Object.entries(row ?? {}).flatMap(([name, mean]) => (typeof mean === 'object' && 'n' in mean ? [[name, [mean.n, Number(mean.value?.toFixed(9))]]] : [])))
		expect(values).toEqual({
			deletion: [2, 0.3], insertion: [2, 0.6], difference: [2, 0.3], overRandom: [1, 0.4], drop: [3, 50], increase: [3, 33.333333333],
			// (0.8 - 0.2) / 0.8, none, and (0.8 - 0) / 0.8.
			dropTopHalf: [3, 58.333333333], increaseTopHalf: [3, 33.333333333], better: [3, 33.333333333],
		})
	})
	it('stand for one model, method and group each: all films first, then by column and value', () => {
		const rows = faithfulnessRows([
			measured('a', {}, 0, 0, { rowGroups: groups('normal') }), measured('b', {}, 0, 0, { rowGroups: groups('covid19') }), measured('b', {}, 0, 0, { rowGroups: groups('covid19'), method: 'random' }),
			measured('b', {}, 0, 0, { rowGroups: groups('covid19'), model: 'teacher' }),
		])
		expect(rows.map(({ model, method, group, n }) => [group.value, model, method, n])).toEqual([
			['all films', 'model', 'score-cam', 2], ['all films', 'model', 'random', 1], ['all films', 'teacher', 'score-cam', 1],
			['covid19', 'model', 'score-cam', 1], ['covid19', 'model', 'random', 1], ['covid19', 'teacher', 'score-cam', 1], ['normal', 'model', 'score-cam', 1],
		])
	})
	it('of localisation never mix sets, splits or kinds of truth, and count empty maps', () => {
		const energy = { energyShare: 0.6, areaShare: 0.2, hit: true }
		const one = { id: 'a', group: 'a', model: 'model', method: 'score-cam', set: 's', truth: 'lungs', split: 'test', energy } as const
		const rows = localisationRows([one, { ...one, id: 'b', group: 'b', energy: { energyShare: 0.2, areaShare: 0.4, hit: false } }, { ...one, id: 'c', energy: null }, { ...one, split: 'train' }, { ...one, truth: 'finding' }, { ...one, set: 't' }])
		expect(rows.map(({ n }) => n)).toEqual([3, 1, 1, 1])
		expect(rows[0]).toMatchObject({ groups: 2, empty: 1, energy: { n: 2 }, hits: { value: 0.5 } })
		expect(rows[0]?.energy.value).toBeCloseTo(0.4, 12)
		expect(rows[0]?.gain.value).toBeCloseTo(0.1, 12)
	})
	it('of two models leave out films whose label the other one does not have', () => {
		const rowGroups = [{ column: 'all', value: 'all films' }]
		const comparison = { correlation: 0.5, rankCorrelation: null, topFifthOverlap: 0.25 }
		const [row] = comparisonRows([{ id: 'a', group: 'a', rowGroups, comparison, sameCall: true }, { id: 'b', group: 'b', rowGroups, comparison: null, sameCall: false }])
		expect(row).toMatchObject({ n: 2, correlation: { value: 0.5, n: 1 }, rankCorrelation: { value: null, n: 0 }, sameCall: { value: 0.5, n: 2 } })
	})
})
