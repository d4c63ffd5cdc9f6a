import { describe, expect, it } from 'vitest'
import type { TrainingLive, TrainingRun } from '../../../../src/common/contract/training/desk.ts'
import type { RunRecord } from '../../../../src/common/contract/training/run.ts'
import { bestInWords, lossTitle, paceInWords, progressInWords, runsInWords, shareDone, stateInWords, timeSpent } from '../../../../src/renderer/admin/runs/runWords.ts'

const record: RunRecord = { state: 'paused', reason: '', updatedAt: '2026-11-21T08:00:00Z', step: 1200, steps: 6000, epoch: 2, epochs: 10, loss: 0.5, best: null, seconds: 10, weightsSha256: null }
const live: TrainingLive = { phase: null, step: 30, steps: 60, epoch: 4, epochs: 10, imagesPerSecond: 119.6, secondsLeft: 300, loss: 0.4, validation: null, givesWay: false }
const run = (changes: Partial<TrainingRun> = {}): TrainingRun => ({
	id: 'a-1', name: 'a', state: 'running', reason: '', place: null, actions: [], createdAt: '2026-11-21T08:00:00Z', record, pack: null, live: null, ...changes,
})

describe('how it stands with a run', () => {
	it('is said with what can be done', () => {
		expect(stateInWords(run({ state: 'paused' }))).toBe('It can be resumed from step 1,200.')
		expect(stateInWords(run({ state: 'cancelled', actions: ['resume'] }))).toBe('It can be resumed from step 1,200, or removed.')
		expect(stateInWords(run({ state: 'cancelled' }))).toBe('')
		expect(stateInWords(run({ state: 'waiting', place: 1 }))).toBe('It is the next to begin.')
		expect(stateInWords(run({ state: 'waiting', place: 3 }))).toBe('Number 3 of those that wait.')
		expect(stateInWords(run({ state: 'failed', reason: 'The disk is full.' }))).toBe('The disk is full.')
		expect(stateInWords(run({ state: 'preparing', record: null }))).toMatch(/before the first step/)
		expect(stateInWords(run({ state: 'preparing' }))).toMatch(/last checkpoint/)
	})

	it('is counted over all', () => {
		expect(runsInWords([{ state: 'finished' }])).toBe('1 run')
		expect(runsInWords([{ state: 'pausing' }, { state: 'waiting' }, { state: 'waiting' }, { state: 'failed' }])).toBe('4 runs, 1 works, 2 wait')
	})
})

describe('how far a run is', () => {
	it('is that of the process that works on it, else of its last checkpoint', () => {
		expect(progressInWords(run({ live }))).toBe('Step 30 of 60, 4 of 10 epochs, 120 images per second, about 5 minutes left')
		expect(shareDone(run({ live }))).toBe(0.5)
		expect(progressInWords(run())).toBe('Step 1,200 of 6,000, 2 of 10 epochs')
		expect(shareDone(run())).toBe(0.2)
		expect(shareDone(run({ record: null }))).toBeNull()
		expect(progressInWords(run({ record: null }))).toBe('')
	})

	it('says what it does besides steps, and what is not known yet is left out', () => {
		const fresh = { ...live, step: 0, steps: 0, imagesPerSecond: null, secondsLeft: null, phase: { name: 'images', done: 1200, of: 5753 } }
		expect(progressInWords(run({ record: null, live: fresh }))).toBe('Images: 1,200 of 5,753')
		expect(progressInWords(run({ live: { ...live, step: 60, phase: { name: 'test images', done: 5, of: 24 } } }))).toBe('Step 60 of 60, 4 of 10 epochs; Test images: 5 of 24')
		expect(progressInWords(run({ live: { ...live, imagesPerSecond: null, secondsLeft: null } }))).toBe('Step 30 of 60, 4 of 10 epochs')
		expect([paceInWords(null), paceInWords(0), paceInWords(3.14), paceInWords(1234.5)]).toEqual(['', '', '3.1 images per second', '1,235 images per second'])
	})

	it('has times that a person can compare', () => {
		expect([42, 300, 12_000].map(timeSpent)).toEqual(['42 s', '5 min', '3 h 20 min'])
	})
})

describe('names', () => {
	it.each([['cross-entropy', 'Cross-entropy'], ['kl', 'KL'], ['kl-2', 'KL 2'], ['focal-binary-cross-entropy', 'Focal-binary-cross-entropy']])('%s is %s', (name, title) => expect(lossTitle(name)).toBe(title))

	it('of the best validation come with its number', () => {
		expect(bestInWords({ step: 6, epoch: 7, metric: 'balancedAccuracy', value: 0.8731 })).toBe('Balanced accuracy 0.873 after epoch 7')
		expect(bestInWords(null)).toBe('')
	})
})
