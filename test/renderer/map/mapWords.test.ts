import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFinished, mapWords } from '../../../src/renderer/reading/map/mapWords.ts'
import { exampleCam } from '../panels/examples.ts'

describe('mapWords', () => {
	it('names a preview as what it is', () => {
		expect(mapWords({ state: exampleCam({ preview: 'recipro-cam', passes: 0, channelsDone: 0, errorBound: null }), phase: 'running' })).toBe('preview (Recipro-CAM)')
		expect(mapWords({ state: exampleCam({ preview: 'recipro-cam' }), phase: 'cancelled' })).toBe('preview (Recipro-CAM), stopped')
	})

	it('says how much is in and what may be missing', () => {
		expect(mapWords({ state: exampleCam(), phase: 'running' })).toBe('37 %, error below 0.02')
		expect(mapWords({ state: exampleCam({ errorBound: null }), phase: 'running' })).toBe('37 %')
		expect(mapWords({ state: exampleCam({ errorBound: 0.02 }), phase: 'running' })).toBe('37 %, error below 0.02')
		expect(mapWords({ state: exampleCam({ errorBound: 0.1134 }), phase: 'cancelled' })).toBe('stopped at 37 %, error below 0.12')
	})

	it('says exact only when every channel is in, and never 100 % before', () => {
		expect(mapWords({ state: exampleCam({ channelsDone: 100, exact: true }), phase: 'finished' })).toBe('exact')
		expect(mapWords({ state: exampleCam({ channelsDone: 999, channels: 1000 }), phase: 'running' })).toMatch(/^99 %/)
		expect(mapWords({ state: exampleCam({ channelsDone: 100 }), phase: 'running' })).toMatch(/^99 %/)
	})

	it('has words where there is no state', () => {
		expect(mapWords({ state: null, phase: 'queued' })).toBe('waiting')
		expect(mapWords({ state: null, phase: 'running' })).toBe('starting')
		expect(mapWords({ state: null, phase: 'cancelled' })).toBe('stopped before it began')
		expect(mapWords({ state: null, phase: 'failed' })).toBe('failed')
	})

	it('never claims a smaller error than the bound', () => {
		fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (errorBound) => {
			const shown = Number(mapWords({ state: exampleCam({ errorBound }), phase: 'running' }).split('below ')[1])
			expect(shown).toBeGreaterThanOrEqual(errorBound - 1e-8)
			expect(shown - errorBound).toBeLessThan(0.0101)
		}))
	})
})

describe('isFinished', () => {
	it('takes no preview, no share of the channels and no run that was stopped', () => {
		const exact = exampleCam({ exact: true })
		expect(isFinished({ state: exact, phase: 'finished' })).toBe(true)
		for (const phase of ['idle', 'queued', 'running', 'cancelled', 'failed'] as const) expect(isFinished({ state: exact, phase })).toBe(false)
		expect(isFinished({ state: exampleCam(), phase: 'finished' })).toBe(false)
		expect(isFinished({ state: exampleCam({ exact: true, preview: 'recipro-cam' }), phase: 'finished' })).toBe(false)
		expect(isFinished({ state: null, phase: 'finished' })).toBe(false)
	})
})
