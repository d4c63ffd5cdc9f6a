import { describe, expect, it } from 'vitest'
import { resultsSchema, splitResultsSchema } from '../../../../src/common/contract/training/evaluation.ts'
import type { Sample } from '../../../../src/hosts/training/data/dataSet.ts'
import { predictionsCsv } from '../../../../src/hosts/training/evaluation/predictionsFile.ts'
import { resultsOf, splitResults, type Decision } from '../../../../src/hosts/training/evaluation/results.ts'
import { parseCsv } from '../../../support/csv.ts'
import { casesOf, statisticsGolden } from '../../../support/statisticsGolden.ts'

const decision: Decision = { task: 'multiclass', labels: ['a', 'b'], calibration: { method: 'temperature', temperature: 2 }, operatingPoints: [0.4, 0.9], abstention: 0.7 }

function sample(index: number, change: Partial<Sample>): Sample {
	return { id: `${index}.png`, path: `/nowhere/${index}.png`, truth: [1, 0], split: 'test', group: `patient ${index}`, source: 'south', attributes: { age: '' }, ...change }
}

/** Logits of two classes; the truth is known of all but the last. */
const samples = [sample(0, {}), sample(1, { truth: [0, 1], source: 'north' }), sample(2, { truth: [0, 1], attributes: { age: '40-64' } }), sample(3, { group: 'patient 0' }), sample(4, { truth: [null, null] })]
const logits = Float32Array.of(6, 0, 0, 6, 1, 0, 2, 0, 9, 0)

describe('results of a split', () => {
	it('are the metrics of the cases whose truth is known', () => {
		const results = splitResultsSchema.parse(splitResults('test', { samples, logits }, decision, ['source', 'age']))
		expect(results).toMatchObject({ n: 4, groups: 4, accuracy: 0.75, balancedAccuracy: 0.75, confusion: [[2, 0], [1, 1]] })
		expect(results.labels.map(({ name, positives, negatives, unknown }) => [name, positives, negatives, unknown])).toEqual([['a', 2, 2, 1], ['b', 2, 2, 1]])
		expect(results.intervals.accuracy?.[0]).toBeLessThanOrEqual(0.75)
		expect(results.intervals.accuracy?.[1]).toBeGreaterThanOrEqual(0.75)
	})
	it('come for each value of a column, undefined ones as null', () => {
		const { by } = splitResults('test', { samples, logits }, decision, ['source', 'age'])
		expect(Object.keys(by['source'] ?? {})).toEqual(['north', 'south'])
		expect(by['source']?.['north']).toMatchObject({ n: 1, accuracy: 1, balancedAccuracy: 1, auroc: null, intervals: { accuracy: null } })
		expect(by['source']?.['south']).toMatchObject({ n: 3, accuracy: 2 / 3 })
		expect(Object.keys(by['age'] ?? {})).toEqual(['40-64', 'not stated'])
		expect(by['age']?.['40-64']).toMatchObject({ n: 1, accuracy: 0, macroF1: 0, labels: [{ recall: null, f1: null, precision: 0 }, { recall: 0, specificity: null, precision: null }] })
	})
	it('refuse a column that is not there, or that divides nothing into groups', () => {
		expect(() => splitResults('test', { samples, logits }, decision, ['ward'])).toThrow('The data set has no column ward.')
		const many = Array.from({ length: 101 }, (_, index) => sample(index, { source: `source ${index}` }))
		expect(() => splitResults('test', { samples: many, logits: new Float32Array(202) }, decision, ['source'])).toThrow('The column source has 101 different values; results are given for up to 100.')
	})
	it('compare calibrated with plain probabilities, over the same bins', () => {
		const { reliability } = splitResults('test', { samples, logits }, decision, [])
		for (const { bins } of [reliability.before, reliability.after]) expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(4)
		// Sure and right three times, sure and wrong once: a temperature above 1 helps.
		expect(reliability.after.brier).toBeLessThan(reliability.before.brier ?? 0)
	})
	it('say what the operating points and the abstention give', () => {
		const { operatingPoints, abstention } = splitResults('test', { samples, logits }, decision, [])
		// Probabilities of a at temperature 2: 0.95, 0.05, 0.62, 0.73.
		expect(operatingPoints).toEqual([
			{ label: 'a', threshold: 0.4, sensitivity: 1, specificity: 0.5, precision: 2 / 3 },
			{ label: 'b', threshold: 0.9, sensitivity: 0.5, specificity: 1, precision: 1 },
		])
		// The image without truth is answered too, but neither right nor wrong.
		expect(abstention).toEqual({ threshold: 0.7, coverage: 0.8, accuracy: 1, intervals: { coverage: [0.25, 1], accuracy: null } })
		expect(splitResults('test', { samples, logits }, { ...decision, likeness: 2 }, []).likeness).toBeNull()
		// Of five images one is too far away.
		expect(splitResults('test', { samples, logits, distances: [1, 2, 2.1, 0.5, 1] }, { ...decision, likeness: 2 }, []).likeness).toMatchObject({ limit: 2, share: 0.8, intervals: { share: [expect.any(Number), 1] } })
	})
	it('leave softened and unknown labels out where labels do not exclude each other', () => {
		const several: Decision = { ...decision, task: 'multilabel', calibration: { method: 'platt', labels: [{ slope: 1, offset: 0 }, { slope: 1, offset: 0 }] }, operatingPoints: [0.5, 0.5] }
		const three = [sample(0, { truth: [1, null] }), sample(1, { truth: [0.7, 1] }), sample(2, { truth: [0, 0] })]
		const results = splitResults('test', { samples: three, logits: Float32Array.of(3, 3, -3, 3, 3, -3) }, several, [])
		expect(results.labels.map(({ positives, negatives, unknown }) => [positives, negatives, unknown])).toEqual([[1, 1, 1], [1, 1, 1]])
		expect(results).toMatchObject({ n: 3, accuracy: 0.75, confusion: [[1, 0, 1, 0], [1, 0, 0, 1]] })
	})
	it('are whole for empty sets', () => {
		const results = splitResults('test', { samples: [], logits: new Float32Array(0) }, decision, ['source'])
		expect(splitResultsSchema.parse(results)).toMatchObject({ n: 0, groups: 0, accuracy: null, auroc: null, by: { source: {} }, abstention: { coverage: null } })
	})
	it.each(statisticsGolden.sets.map((set) => [set.name, set] as const))('fit their schema: %s', (_, set) => {
		resultsSchema.parse(resultsOf(casesOf(set), Array.from({ length: set.labels }, (__, label) => `label ${label}`)))
	})
})

describe('predictions.csv', () => {
	it('keeps names as text, in every spreadsheet', () => {
		const names = [sample(0, { id: 'a,"b"\n.png', group: '=1+1', source: '-2' }), sample(1, { truth: [null, 0] })]
		const text = predictionsCsv({ samples: names, logits: Float32Array.of(0.5, -1.25, 2, 3) }, ['a', '=b'])
		expect(parseCsv(text)).toEqual([
			{ id: 'a,"b"\n.png', split: 'test', group: "'=1+1", source: "'-2", 'truth a': '1', 'truth =b': '0', 'logit a': '0.5', 'logit =b': '-1.25' },
			{ id: '1.png', split: 'test', group: 'patient 1', source: 'south', 'truth a': '', 'truth =b': '0', 'logit a': '2', 'logit =b': '3' },
		])
	})
})
