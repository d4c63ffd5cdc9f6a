import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ConnectionState } from '../../../src/renderer/app/client.ts'
import {
	createFaithfulnessService, measurable, measurementKey, useFaithfulness, verdictOf, verdictOn, verdictWords,
} from '../../../src/renderer/reading/map/faithfulness.ts'
import { faithfulnessSentence, shareWords } from '../../../src/renderer/reading/map/faithfulnessWords.ts'
import { percentAfterKey, percentWords, removalOf, stepAt } from '../../../src/renderer/reading/map/removal.ts'
import { NO_MAP, type MapView } from '../../../src/renderer/reading/readingStore.ts'
import { exampleCam, exampleFaithfulness, settle } from '../panels/examples.ts'

const map: MapView = { ...NO_MAP, label: 'covid19', analysisId: 11, instanceId: 5, phase: 'finished', state: exampleCam({ exact: true }) }
const measured = { analysisId: 11, label: 'covid19', layer: 'last', mode: 'paper' } as const
const key = measurementKey(measured)

beforeEach(() => useFaithfulness.setState({ measurements: {} }))

describe('what is measured', () => {
	it('is a finished map that is shown, by its layer and definition', () => {
		expect(measurable(map)).toEqual(measured)
	})

	it('is never a map that is not finished', () => {
		for (const change of [{ phase: 'running' }, { phase: 'cancelled' }, { state: exampleCam() }, { state: exampleCam({ exact: true, preview: 'recipro-cam' }) }, { label: null }] as const) {
			expect(measurable({ ...map, ...change })).toBeNull()
			expect(verdictOn({ ...map, ...change }, { [key]: { phase: 'done', faithfulness: exampleFaithfulness() } })).toBeNull()
		}
	})

	it('is told apart by analysis, layer, definition and label', () => {
		const keys = [measured, { ...measured, analysisId: 12 }, { ...measured, label: 'normal' }, { ...measured, layer: 'other' }, { ...measured, mode: 'torchcam' as const }].map(measurementKey)
		expect(new Set(keys).size).toBe(5)
	})
})

function world() {
	const calls: { input: unknown; answer(output: unknown): void; refuse(error: Error): void }[] = []
	const connections: ((state: ConnectionState) => void)[] = []
	const service = createFaithfulnessService({
		call: (_name: string, input: unknown) => new Promise((answer, refuse) => calls.push({ input, answer, refuse })),
		onConnection(listener: (state: ConnectionState) => void) {
			connections.push(listener)
			return () => {}
		},
	} as never)
	const connect = (state: ConnectionState) => {
		for (const listener of connections) listener(state)
	}
	return { service, calls, connect, known: () => useFaithfulness.getState().measurements[key] }
}

describe('createFaithfulnessService', () => {
	it('asks once, says that it is being measured, and keeps the answer', async () => {
		const { service, calls, known } = world()
		void service.measure(measured)
		void service.measure(measured)
		expect(calls.map(({ input }) => input)).toEqual([measured])
		expect(known()).toEqual({ phase: 'measuring' })
		calls[0]?.answer(exampleFaithfulness())
		await settle()
		expect(known()?.phase).toBe('done')
		void service.measure(measured)
		expect(calls).toHaveLength(1)
	})

	it('says why it failed, and tries again when asked', async () => {
		const { service, calls, known } = world()
		void service.measure(measured)
		calls[0]?.refuse(new Error('The inference process stopped.'))
		await settle()
		expect(known()).toEqual({ phase: 'failed', reason: 'The inference process stopped.' })
		expect(verdictOf(known())).toBe('unknown')
		void service.measure(measured)
		expect(calls).toHaveLength(2)
		expect(known()).toEqual({ phase: 'measuring' })
	})

	it('asks again by itself when the connection that was lost is back', async () => {
		const { service, calls, connect, known } = world()
		connect('open')
		void service.measure(measured)
		connect('lost')
		calls[0]?.refuse(new Error('The connection was lost.'))
		await settle()
		connect('open')
		expect(calls).toHaveLength(2)
		calls[1]?.answer(exampleFaithfulness())
		await settle()
		expect(known()?.phase).toBe('done')
		connect('lost')
		connect('open')
		expect(calls).toHaveLength(2)
	})

	it('leaves no queue behind a reader who goes through the labels', async () => {
		const { service, calls } = world()
		const labels = ['covid19', 'normal', 'pneumonia', 'effusion'].map((label) => ({ ...measured, label }))
		for (const label of labels) service.follow([label])
		expect(calls.map(({ input }) => input)).toEqual([labels[0]])
		calls[0]?.answer(exampleFaithfulness())
		await settle()
		expect(calls.map(({ input }) => input)).toEqual([labels[0], labels[3]])
		calls[1]?.answer(exampleFaithfulness())
		await settle()
		service.follow([labels[0] as typeof measured])
		expect(calls).toHaveLength(2)
	})

	it('measures both maps that are compared, one after the other', async () => {
		const { service, calls } = world()
		const teacher = { ...measured, analysisId: 12 }
		service.follow([measured])
		service.follow([measured, teacher])
		expect(calls).toHaveLength(1)
		calls[0]?.answer(exampleFaithfulness())
		await settle()
		expect(calls.map(({ input }) => input)).toEqual([measured, teacher])
	})

	it('tries a map that failed again only when it is shown anew', async () => {
		const { service, calls } = world()
		service.follow([measured])
		calls[0]?.refuse(new Error('The inference process stopped.'))
		await settle()
		service.follow([measured])
		await settle()
		expect(calls).toHaveLength(1)
		service.follow([])
		service.follow([measured])
		expect(calls).toHaveLength(2)
	})

	it('does not grow without end', async () => {
		const { service, calls } = world()
		for (let analysisId = 0; analysisId < 300; analysisId++) void service.measure({ ...measured, analysisId })
		for (const call of calls) call.answer(exampleFaithfulness())
		await settle()
		expect(Object.keys(useFaithfulness.getState().measurements).length).toBeLessThan(110)
	})
})

describe('faithfulness in words', () => {
	it('marks a map that is no better than chance as a warning', () => {
		expect(verdictWords('no better than chance')).toBe('Warning: no better than chance')
		expect(faithfulnessSentence(exampleFaithfulness({ verdict: 'no better than chance', chance: 0.35 }), 'COVID-19'))
			.toBe('No better than chance: 6 of 19 maps with the same values in random places do at least as well. Do not take this map for what moved the network.')
	})

	it('says what the verdict rests on', () => {
		expect(faithfulnessSentence(exampleFaithfulness(), 'COVID-19')).toBe('Better than chance: none of 19 maps with the same values in random places does as well.')
		expect(faithfulnessSentence(exampleFaithfulness({ verdict: 'empty', randomScores: [] }), 'COVID-19')).toMatch(/^The map is empty: no part of the film speaks for COVID-19/)
	})

	it('never rounds a share to nothing or to all', () => {
		expect([0, 0.001, 0.004, 0.25, 0.994, 0.9999, 1].map(shareWords)).toEqual(['0 %', 'below 1 %', 'below 1 %', '25 %', '99 %', 'above 99 %', '100 %'])
	})
})

describe('removing the hottest pixels', () => {
	const measurements = { [key]: { phase: 'done' as const, faithfulness: exampleFaithfulness() } }

	it('stands on a measured step of the curve, never between two', () => {
		expect(stepAt(exampleFaithfulness(), 26)).toEqual({ share: 0.25, probability: 0.5, before: 0.8, width: 4, height: 4 })
		fc.assert(fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 2, max: 301 }), (percent, count) => {
			const probabilities = Array.from({ length: count }, (_, step) => 1 - step / count)
			const { share, probability } = stepAt(exampleFaithfulness({ deletion: { probabilities, area: 0.5 } }), percent)
			expect(probability).toBe(probabilities[Math.round(share * (count - 1))])
			expect(Math.abs(share - percent / 100)).toBeLessThanOrEqual(0.5 / (count - 1) + 1e-9)
		}))
	})

	it('covers nothing but the film whose map was measured', () => {
		expect(removalOf(map, { key, percent: 50 }, measurements)?.share).toBe(0.5)
		expect(removalOf(map, { key, percent: 0 }, measurements)).toBeNull()
		expect(removalOf(map, null, measurements)).toBeNull()
		expect(removalOf({ ...map, label: 'normal' }, { key, percent: 50 }, measurements)).toBeNull()
		expect(removalOf({ ...map, analysisId: 12 }, { key, percent: 50 }, measurements)).toBeNull()
		expect(removalOf(map, { key, percent: 50 }, { [key]: { phase: 'measuring' } })).toBeNull()
	})

	it('moves by one per cent, with Shift by ten, and stays within its ends', () => {
		expect(['ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'].map((name) => percentAfterKey(name, false, 50))).toEqual([51, 51, 49, 49, 60, 40, 0, 100])
		expect(['ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowDown'].map((name) => percentAfterKey(name, true, 50))).toEqual([60, 60, 40, 40])
		expect([percentAfterKey('ArrowLeft', true, 5), percentAfterKey('ArrowRight', true, 95), percentAfterKey('a', false, 5)]).toEqual([0, 100, null])
	})

	it('is said in per cent, with decimals only where there are some', () => {
		expect([0.12, 0.125, 1].map(percentWords)).toEqual(['12 %', '12.5 %', '100 %'])
	})
})
