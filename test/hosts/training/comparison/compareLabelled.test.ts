import { describe, expect, it } from 'vitest'
import { FEWEST_GROUPS } from '../../../../src/common/contract/promotion.ts'
import { randomStream } from '../../../../src/common/random.ts'
import { compareLabelled, type Side } from '../../../../src/hosts/training/comparison/compareLabelled.ts'
import { answersInOrder, decisionInOrder } from '../../../../src/hosts/training/comparison/decisionInOrder.ts'
import { isEnough, outcomeOf } from '../../../../src/hosts/training/comparison/verdict.ts'
import type { Sample } from '../../../../src/hosts/training/data/dataSet.ts'
import { truthOf, type Decision } from '../../../../src/hosts/training/evaluation/results.ts'
import type { KeptRun } from '../../../../src/hosts/training/results/keptRun.ts'
import { pairedDifference } from '../../../../src/hosts/training/results/measureRuns.ts'
import { packManifest } from '../../../support/inferenceFixtures.ts'

const LABELS = packManifest.labels.map(({ name }) => name)

function samplesOf(task: Decision['task'], count: number): Sample[] {
	const random = randomStream(3, 'truth', task === 'multiclass' ? 1 : 2)
	return Array.from({ length: count }, (_, index): Sample => {
		const label = random.integer(3)
		const truth = task === 'multiclass' ? LABELS.map((__, place) => Number(place === label)) : LABELS.map(() => (random.uniform() < 0.1 ? null : Number(random.uniform() < 0.3)))
		return { id: `${String(index).padStart(4, '0')}.png`, path: '', truth, split: 'test', group: `patient ${index >> 1}`, source: '', attributes: {} }
	})
}

function sideOf(samples: readonly Sample[], decision: Decision, skill: number, seed: number): Side {
	const random = randomStream(seed, 'logits')
	const logits = Float32Array.from(samples.flatMap(({ truth }) => truth.map((value) => random.normal() + (value === 1 ? skill : 0))))
	const manifest = { ...packManifest, task: decision.task, labels: packManifest.labels.map((label, index) => ({ ...label, operatingPoint: { value: decision.operatingPoints[index] ?? 0.5, rule: '' } })) }
	return { manifest, decision, answers: { samples: [...samples], hashes: samples.map(({ id }) => id), logits, refused: [] } }
}

const multiclass: Decision = { task: 'multiclass', labels: LABELS, calibration: { method: 'temperature', temperature: 0.8 }, operatingPoints: [0.3, 0.5, 0.4], abstention: 0.45 }
const multilabel: Decision = { task: 'multilabel', labels: LABELS, calibration: { method: 'platt', labels: [{ slope: 1.2, offset: -0.4 }, { slope: 0.8, offset: 0 }, { slope: 1, offset: 0.3 }] }, operatingPoints: [0.5, 0.4, 0.6], abstention: 0.6 }

/** What the tables of results would make of the same answers. */
function keptRun(id: string, { answers, decision }: Side): KeptRun {
	return {
		id, predictions: { samples: answers.samples, logits: answers.logits },
		evaluation: { model: { task: decision.task, labels: decision.labels }, calibration: decision.calibration, splits: [{ operatingPoints: decision.operatingPoints.map((threshold) => ({ threshold })) }] },
	} as unknown as KeptRun
}

describe.each([['classes that exclude each other', multiclass], ['several labels', multilabel]] as const)('two models on films with %s', (_, decision) => {
	const samples = samplesOf(decision.task, 160)
	const [current, candidate] = [sideOf(samples, decision, 0.6, 1), sideOf(samples, { ...decision, operatingPoints: [0.45, 0.35, 0.5] }, 1.4, 2)]
	const compared = compareLabelled('test', { current, candidate })

	it('differ by what the tables of results say of the same answers', () => {
		for (const metric of ['accuracy', 'balancedAccuracy', 'macroF1', 'auroc', 'ece'] as const) {
			const { mean, interval } = pairedDifference([[keptRun('candidate', candidate), keptRun('current', current)]], metric, () => true)
			expect(compared.overall[metric].difference, metric).toBeCloseTo(mean, 12)
			for (const [end, value] of (compared.overall[metric].interval ?? []).entries()) expect(value, metric).toBeCloseTo(interval?.[end] ?? Number.NaN, 12)
		}
	})
	it('count who is right at each one\'s operating point as one does by hand', () => {
		const truth = truthOf(samples, 3)
		for (const [label, row] of compared.labels.entries()) {
			const called = ({ answers, decision: own }: Side, index: number) => {
				const logits = [...answers.logits.subarray(index * 3, index * 3 + 3)]
				const powers = logits.map((logit) => Math.exp(logit / 0.8))
				const { calibration } = own
				const probability = calibration.method === 'platt'
					? 1 / (1 + Math.exp(-(calibration.labels[label]!.slope * logits[label]! + calibration.labels[label]!.offset)))
					: powers[label]! / powers.reduce((sum, power) => sum + power, 0)
				return probability >= own.operatingPoints[label]!
			}
			const known = samples.flatMap((__, index) => (truth[index * 3 + label]! < 0 ? [] : [{ right: truth[index * 3 + label] === 1, one: called(current, index), other: called(candidate, index), is: truth[index * 3 + label] === 1 }]))
			expect(row.right).toMatchObject({
				both: known.filter(({ is, one, other }) => one === is && other === is).length, onlyCurrent: known.filter(({ is, one, other }) => one === is && other !== is).length,
				onlyCandidate: known.filter(({ is, one, other }) => one !== is && other === is).length, neither: known.filter(({ is, one, other }) => one !== is && other !== is).length,
			})
			const positives = known.filter(({ is }) => is)
			expect(row).toMatchObject({ positives: positives.length, negatives: known.length - positives.length })
			expect(row.sensitivity.candidate).toBeCloseTo(positives.filter(({ other }) => other).length / positives.length, 12)
			expect(row.specificity.current).toBeCloseTo(known.filter(({ is, one }) => !is && !one).length / (known.length - positives.length), 12)
		}
	})
	it('are the same with the labels of one in another order', () => {
		const turned = LABELS.toReversed()
		const moved: Side = { ...candidate, answers: answersInOrder(candidate.answers, candidate.decision, turned), decision: decisionInOrder(candidate.decision, turned) }
		const back: Side = { ...moved, answers: answersInOrder(moved.answers, moved.decision, LABELS), decision: decisionInOrder(moved.decision, LABELS) }
		expect(back).toEqual(candidate)
		expect(moved.answers.logits).not.toEqual(candidate.answers.logits)
		expect(() => decisionInOrder(decision, ['else', ...LABELS.slice(1)])).toThrow('same labels')
	})
	it('answer on a share of the films each', () => {
		expect(compared.overall.answered.current).toBe(compared.results.current.abstention.coverage)
		expect(compared.overall.answered.candidate).toBe(compared.results.candidate.abstention.coverage)
		expect(compared.right === null).toBe(decision.task === 'multilabel')
	})
})

describe('an outcome', () => {
	const number = { current: 0.8, candidate: 0.9, difference: 0.1, interval: [0.02, 0.15] as [number, number] }
	it('takes a side only where the whole interval lies on it', () => {
		expect(outcomeOf(number, true)).toBe('better')
		expect(outcomeOf({ ...number, difference: -0.1, interval: [-0.2, -0.01] }, true)).toBe('worse')
		expect(outcomeOf({ ...number, interval: [-0.01, 0.2] }, true)).toBe('undecided')
		expect(outcomeOf({ ...number, interval: [0, 0.2] }, true)).toBe('undecided')
	})
	it('is never a side without enough patients, an interval or a number', () => {
		expect(outcomeOf(number, false)).toBe('insufficient')
		expect(outcomeOf({ ...number, interval: null }, true)).toBe('insufficient')
		expect(outcomeOf({ ...number, difference: null, interval: null }, true)).toBe('insufficient')
		expect(outcomeOf({ ...number, difference: 0, interval: null }, true)).toBe('undecided')
	})
	it('needs so many patients with a label and without', () => {
		expect([isEnough({ positiveGroups: FEWEST_GROUPS, negativeGroups: FEWEST_GROUPS }), isEnough({ positiveGroups: FEWEST_GROUPS - 1, negativeGroups: 500 }), isEnough({ positiveGroups: 500, negativeGroups: FEWEST_GROUPS - 1 })]).toEqual([true, false, false])
	})
})
