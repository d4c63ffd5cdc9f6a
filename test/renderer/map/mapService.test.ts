import { describe, expect, it } from 'vitest'
import type { ConnectionState } from '../../../src/renderer/app/client.ts'
import { createMapService } from '../../../src/renderer/reading/map/mapService.ts'
import {
	bestStored, eventArrived, hideMap, secondsLeft, showLabel, startAnswered, startFailed, type MapEvent,
} from '../../../src/renderer/reading/map/transitions.ts'
import { NO_MAP, type MapView } from '../../../src/renderer/reading/readingStore.ts'
import { exampleCam, exampleStored, settle } from '../panels/examples.ts'

const subject = { id: 11, instanceId: 5, frameIndex: 0 }
const other = { id: 12, instanceId: 6, frameIndex: 0 }

function event(phase: MapEvent['phase'], jobId = 'j1', change: Partial<MapEvent> = {}): MapEvent {
	return { jobId, analysisId: 11, phase, state: phase === 'running' ? exampleCam() : null, reason: '', ...change }
}

describe('transitions of the map', () => {
	const running = eventArrived(startAnswered(showLabel(NO_MAP, subject, 'covid19', null).map, 11, { jobId: 'j1', finished: null }), event('running'))

	it('starts once and switches labels without a new start', () => {
		expect(showLabel(NO_MAP, subject, 'covid19', null)).toMatchObject({ start: true, map: { phase: 'queued', label: 'covid19', instanceId: 5 } })
		const switched = showLabel(running, subject, 'normal', null)
		expect(switched.start).toBe(false)
		expect(switched.map).toEqual({ ...running, label: 'normal' })
		const hidden = hideMap(running)
		expect(hidden.phase).toBe('running')
		expect(showLabel(hidden, subject, 'covid19', null)).toEqual({ map: running, start: false })
	})

	it('shows a finished map at once', () => {
		const { map, start } = showLabel(NO_MAP, subject, 'normal', exampleStored())
		expect(start).toBe(false)
		expect(map).toMatchObject({ phase: 'finished', label: 'normal', state: { exact: true } })
	})

	it('keeps what a cancelled run had found, and starts anew', () => {
		const cancelled = eventArrived(running, event('cancelled'))
		expect(cancelled).toMatchObject({ phase: 'cancelled', state: { channelsDone: 37 } })
		const again = showLabel(cancelled, subject, 'covid19', null)
		expect(again).toMatchObject({ start: true, map: { phase: 'queued', jobId: null, state: { channelsDone: 37 } } })
		expect(showLabel(cancelled, other, 'covid19', null).map.state).toBeNull()
	})

	it('takes nothing from another job, nor anything after the end', () => {
		expect(eventArrived(running, event('finished', 'j2'))).toBe(running)
		const finished = eventArrived(running, event('finished', 'j1', { state: exampleCam({ exact: true }) }))
		expect(finished.phase).toBe('finished')
		expect(eventArrived(finished, event('running'))).toBe(finished)
		const restarted = showLabel(eventArrived(running, event('cancelled')), subject, 'covid19', null).map
		expect(eventArrived(restarted, event('cancelled'))).toBe(restarted)
	})

	it('takes the answer to a start only where it is still awaited', () => {
		const queued = showLabel(NO_MAP, subject, 'covid19', null).map
		expect(startAnswered(queued, 12, { jobId: 'j9', finished: null })).toBe(queued)
		expect(startFailed(queued, 11, 'No model.')).toMatchObject({ phase: 'failed', reason: 'No model.' })
		expect(startFailed(running, 11, 'No model.')).toBe(running)
		expect(startAnswered(queued, 11, { jobId: 'j1', finished: exampleStored() }).phase).toBe('finished')
	})

	it('prefers an exact stored map, then the newest', () => {
		const rough = exampleStored({ id: 9, state: exampleCam() })
		expect(bestStored([exampleStored({ id: 2 }), rough, exampleStored({ id: 5 })])?.id).toBe(5)
		expect(bestStored([])).toBeNull()
	})

	it('leaves finished maps of another definition where they are', () => {
		const torchcam = exampleStored({ id: 9, state: exampleCam({ exact: true, mode: 'torchcam' }) })
		expect(bestStored([exampleStored({ id: 2 }), torchcam])?.id).toBe(2)
		expect(bestStored([torchcam])).toBeNull()
	})
})

describe('secondsLeft', () => {
	it('estimates the time left from the pace so far', () => {
		expect(secondsLeft(exampleCam())).toBe(7)
		expect(secondsLeft(exampleCam({ channelsDone: 0 }))).toBeNull()
		expect(secondsLeft(exampleCam({ channelsDone: 100 }))).toBe(0)
	})
})

function fakeWorld() {
	let map: MapView = NO_MAP
	const watchers: ((now: MapView, before: MapView) => void)[] = []
	const calls: { name: string; input: unknown; answer(output: unknown): void; refuse(error: Error): void }[] = []
	const listeners: ((payload: MapEvent) => void)[] = []
	const connections: ((state: ConnectionState) => void)[] = []
	const faults: unknown[] = []
	const client = {
		call: (name: string, input: unknown) => new Promise((answer, refuse) => calls.push({ name, input, answer, refuse })),
		on(_name: string, listener: (payload: MapEvent) => void) {
			listeners.push(listener)
			return () => {}
		},
		onConnection(listener: (state: ConnectionState) => void) {
			connections.push(listener)
			return () => {}
		},
	}
	const service = createMapService(client as never, {
		get: () => map,
		set(next) {
			const before = map
			map = next
			for (const watcher of watchers) watcher(next, before)
		},
		subscribe: (watcher) => void watchers.push(watcher),
	}, (error) => faults.push(error))
	const named = (name: string) => calls.filter((call) => call.name === name)
	function emit(payload: MapEvent): void {
		for (const listener of listeners) listener(payload)
	}
	function connect(state: ConnectionState): void {
		for (const connection of connections) connection(state)
	}
	return { service, calls, named, faults, map: () => map, emit, connect }
}

describe('createMapService', () => {
	it('follows a job through its events', async () => {
		const world = fakeWorld()
		world.service.show(subject, 'covid19')
		world.calls[0]?.answer({ jobId: 'j1', finished: null })
		await settle()
		world.emit(event('running'))
		expect(world.map()).toMatchObject({ phase: 'running', state: { channelsDone: 37 } })
		world.emit(event('finished', 'j1', { state: exampleCam({ exact: true }) }))
		expect(world.map()).toMatchObject({ phase: 'finished', state: { exact: true } })
		expect(world.named('explanation.start')).toHaveLength(1)
	})

	it('loses no event that overtakes the answer to the start', async () => {
		const world = fakeWorld()
		world.service.show(subject, 'covid19')
		world.emit(event('running'))
		world.emit(event('finished', 'j1', { state: exampleCam({ exact: true }) }))
		world.calls[0]?.answer({ jobId: 'j1', finished: null })
		await settle()
		expect(world.map().phase).toBe('finished')
	})

	it('stops a job that nobody waits for: another image, another study', async () => {
		const world = fakeWorld()
		world.service.show(subject, 'covid19')
		world.calls[0]?.answer({ jobId: 'j1', finished: null })
		await settle()
		world.service.show(other, 'covid19')
		expect(world.named('explanation.cancel').map((call) => call.input)).toEqual([{ jobId: 'j1' }])
		expect(world.map().analysisId).toBe(12)
	})

	it('stops a job whose start is answered too late', async () => {
		const world = fakeWorld()
		world.service.show(subject, 'covid19')
		world.service.show(other, 'covid19')
		world.calls[0]?.answer({ jobId: 'j1', finished: null })
		world.calls[1]?.answer({ jobId: 'j2', finished: null })
		await settle()
		expect(world.map()).toMatchObject({ analysisId: 12, jobId: 'j2' })
		expect(world.named('explanation.cancel').map((call) => call.input)).toEqual([{ jobId: 'j1' }])
	})

	it('begins again where the job that it joined was still stopping', async () => {
		const world = fakeWorld()
		world.service.show(subject, 'covid19')
		world.named('explanation.start')[0]?.answer({ jobId: 'j1', finished: null })
		await settle()
		world.service.show(other, 'covid19')
		world.service.show(subject, 'covid19')
		world.named('explanation.start')[2]?.answer({ jobId: 'j1', finished: null })
		await settle()
		world.emit(event('cancelled'))
		expect(world.map()).toMatchObject({ phase: 'queued', jobId: null })
		world.named('explanation.start')[3]?.answer({ jobId: 'j3', finished: null })
		await settle()
		expect(world.map().jobId).toBe('j3')
	})

	it('cancels on demand and waits until the job says so', async () => {
		const world = fakeWorld()
		world.service.show(subject, 'covid19')
		world.calls[0]?.answer({ jobId: 'j1', finished: null })
		await settle()
		world.emit(event('running'))
		world.service.cancel()
		expect(world.service.store.getState().stopping).toBe('j1')
		expect(world.map().phase).toBe('running')
		world.emit(event('cancelled'))
		expect(world.service.store.getState().stopping).toBeNull()
		expect(world.map()).toMatchObject({ phase: 'cancelled', state: { channelsDone: 37 } })
		expect(world.named('explanation.start')).toHaveLength(1)
	})

	it('says why a start or a run failed', async () => {
		const world = fakeWorld()
		world.service.show(subject, 'covid19')
		world.calls[0]?.refuse(new Error('The model is no longer installed.'))
		await settle()
		expect(world.map()).toMatchObject({ phase: 'failed', reason: 'The model is no longer installed.' })
		world.service.show(subject, 'covid19')
		world.named('explanation.start')[1]?.answer({ jobId: 'j2', finished: null })
		await settle()
		world.emit(event('failed', 'j2', { reason: 'The analysis program stopped.' }))
		expect(world.map()).toMatchObject({ phase: 'failed', reason: 'The analysis program stopped.' })
	})

	it('joins again after the connection was lost', async () => {
		const world = fakeWorld()
		world.connect('open')
		world.service.show(subject, 'covid19')
		world.calls[0]?.answer({ jobId: 'j1', finished: null })
		await settle()
		world.connect('lost')
		world.connect('open')
		expect(world.named('explanation.cancel')).toHaveLength(0)
		world.named('explanation.start')[1]?.answer({ jobId: 'j1', finished: exampleStored() })
		await settle()
		expect(world.map().phase).toBe('finished')
	})

	it('shows stored maps without a start', async () => {
		const world = fakeWorld()
		const prepared = world.service.prepare(11)
		world.calls[0]?.answer([exampleStored()])
		await prepared
		world.service.show(subject, 'pneumonia')
		expect(world.map()).toMatchObject({ phase: 'finished', label: 'pneumonia' })
		expect(world.named('explanation.start')).toHaveLength(0)
	})
})
