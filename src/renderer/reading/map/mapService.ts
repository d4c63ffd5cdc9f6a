import { create } from 'zustand'
import type { StoredCam } from '../../../common/contract/analysis.ts'
import type { Client } from '../../app/client.ts'
import type { MapView } from '../readingStore.ts'
import { bestStored, eventArrived, hideMap, isUnderWay, showLabel, startAnswered, startFailed, type MapEvent, type MapSubject } from './transitions.ts'

/** Where the map lives: the reading store, or a stand-in. */
export interface MapPlace {
	get(): MapView
	set(map: MapView): void
	/** Calls back after every change of the map, whoever made it. */
	subscribe(listener: (map: MapView, before: MapView) => void): void
}

interface MapServiceState {
	/** Finished maps by analysis, read when an analysis is looked at. */
	stored: Record<number, StoredCam>
	/** The job that was asked to stop and has not said so yet. */
	stopping: string | null
}

const FORGET_AFTER = 50

/** Starts, follows and stops maps. At most one runs for this window: a job that nobody waits for any more is stopped. */
export function createMapService(client: Pick<Client, 'call' | 'on' | 'onConnection'>, place: MapPlace, report: (error: unknown) => void) {
	const store = create<MapServiceState>(() => ({ stored: {}, stopping: null }))
	/** Last event of every job while the answer to a start is on its way: events may overtake it. */
	const early = new Map<string, MapEvent>()
	/** Jobs that were stopped because another map was wanted. */
	const abandoned = new Set<string>()
	let pendingStarts = 0
	let wasLost = false

	function abandon(jobId: string): void {
		abandoned.add(jobId)
		client.call('explanation.cancel', { jobId }).catch(report)
	}

	function restart(map: MapView): void {
		if (map.analysisId === null) return
		place.set({ ...map, phase: 'queued', jobId: null })
		void start(map.analysisId)
	}

	async function start(analysisId: number): Promise<void> {
		pendingStarts += 1
		try {
			const reply = await client.call('explanation.start', { analysisId })
			const before = place.get()
			const after = startAnswered(before, analysisId, reply)
			if (after !== before) {
				const event = early.get(reply.jobId)
				place.set(event ? eventArrived(after, event) : after)
			} else if (!reply.finished && before.jobId !== reply.jobId) abandon(reply.jobId)
		} catch (error) {
			place.set(startFailed(place.get(), analysisId, error instanceof Error ? error.message : String(error)))
		} finally {
			pendingStarts -= 1
			if (pendingStarts === 0) early.clear()
		}
	}

	client.on('explanation.changed', (event) => {
		if (pendingStarts > 0) early.set(event.jobId, event)
		const before = place.get()
		const after = eventArrived(before, event)
		const isOver = event.phase !== 'queued' && event.phase !== 'running'
		if (isOver && store.getState().stopping === event.jobId) store.setState({ stopping: null })
		if (isOver && abandoned.delete(event.jobId) && event.phase === 'cancelled' && after !== before) {
			// It was joined again while it was stopping.
			restart(before)
		} else if (after !== before) place.set(after)
	})

	client.onConnection((state) => {
		if (state === 'lost') wasLost = true
		if (state !== 'open' || !wasLost) return
		wasLost = false
		// Events of the time without a connection are gone: join the run again, or get what it has finished.
		const map = place.get()
		if (map.analysisId === null || !isUnderWay(map)) return
		restart(map)
	})

	place.subscribe((map, before) => {
		if (before.jobId === null || before.jobId === map.jobId || !isUnderWay(before)) return
		// The same analysis is being joined anew: its job is still wanted.
		if (map.analysisId !== before.analysisId) abandon(before.jobId)
	})

	return {
		store,
		/** Puts the map of one label on the film. */
		show(subject: MapSubject, label: string): void {
			const { map, start: needed } = showLabel(place.get(), subject, label, store.getState().stored[subject.id] ?? null)
			place.set(map)
			if (needed) void start(subject.id)
		},
		hide(): void {
			place.set(hideMap(place.get()))
		},
		/** Stops the run at its next batch; what it has found so far stays. */
		cancel(): void {
			const { jobId } = place.get()
			if (jobId === null) return
			store.setState({ stopping: jobId })
			client.call('explanation.cancel', { jobId }).catch((error: unknown) => {
				store.setState({ stopping: null })
				report(error)
			})
		},
		/** Reads which maps of an analysis are finished, so that they are there at once; what cannot be read is asked for by a start, which says why. */
		async prepare(analysisId: number): Promise<void> {
			if (store.getState().stored[analysisId]) return
			const best = bestStored(await client.call('explanation.stored', { analysisId }).catch(() => []))
			if (!best) return
			store.setState((state) => {
				const kept = Object.entries(state.stored).slice(-FORGET_AFTER)
				return { stored: { ...Object.fromEntries(kept), [analysisId]: best } }
			})
		},
	}
}
