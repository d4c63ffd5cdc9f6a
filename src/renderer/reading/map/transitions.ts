import type { CamMode, CamState, StoredCam } from '../../../common/contract/analysis.ts'
import type { EventPayload, ProcedureOutput } from '../../../common/contract/procedures.ts'
import { NO_MAP, type MapView } from '../readingStore.ts'

export type MapEvent = EventPayload<'explanation.changed'>

/** The image and analysis that a map belongs to. */
export interface MapSubject {
	id: number
	instanceId: number
	frameIndex: number
}

export function isUnderWay(map: Pick<MapView, 'phase'>): boolean {
	return map.phase === 'queued' || map.phase === 'running'
}

/**
 * Shows the map of one label. All labels come from the same passes: within an analysis this starts nothing that runs or
 * is finished. `start`: a computation must be asked for.
 */
export function showLabel(map: MapView, subject: MapSubject, label: string, stored: StoredCam | null): { map: MapView; start: boolean } {
	const same = map.analysisId === subject.id
	if (same && (map.phase === 'finished' || isUnderWay(map))) return { map: { ...map, label }, start: false }
	const begun: MapView = { ...NO_MAP, label, analysisId: subject.id, instanceId: subject.instanceId, frameIndex: subject.frameIndex }
	if (stored) return { map: { ...begun, phase: 'finished', state: stored.state }, start: false }
	// What a cancelled run had found stays on the film until the next run has something.
	return { map: { ...begun, phase: 'queued', state: same ? map.state : null }, start: true }
}

/** Takes the map from the film; what runs goes on, so that it is there at once when it is wanted again. */
export function hideMap(map: MapView): MapView {
	return { ...map, label: null }
}

/** Whether the map still waits for the answer to its start. */
function awaitsStart(map: MapView, analysisId: number): boolean {
	return map.analysisId === analysisId && map.phase === 'queued' && map.jobId === null
}

export function startAnswered(map: MapView, analysisId: number, reply: ProcedureOutput<'explanation.start'>): MapView {
	if (!awaitsStart(map, analysisId)) return map
	if (reply.finished) return { ...map, phase: 'finished', state: reply.finished.state }
	return { ...map, jobId: reply.jobId }
}

export function startFailed(map: MapView, analysisId: number, reason: string): MapView {
	return awaitsStart(map, analysisId) ? { ...map, phase: 'failed', reason } : map
}

/** An event of another job changes nothing, nor does one that comes after the end of its job. */
export function eventArrived(map: MapView, event: MapEvent): MapView {
	if (map.jobId === null || event.jobId !== map.jobId || !isUnderWay(map)) return map
	return { ...map, phase: event.phase, state: event.state ?? map.state, reason: event.reason }
}

/** The definition whose maps the window shows: the one that a start without a mode computes. */
const SHOWN_MODE: CamMode = 'paper'

/** Of several finished maps the exact one, then the newest; those of other definitions are left where they are. */
export function bestStored(stored: StoredCam[]): StoredCam | null {
	return stored.filter(({ state }) => state.mode === SHOWN_MODE).toSorted((a, b) => Number(b.state.exact) - Number(a.state.exact) || b.id - a.id)[0] ?? null
}

/** Seconds that the rest will take at the pace so far; null while there is no pace yet. */
export function secondsLeft(state: CamState | null): number | null {
	if (!state || state.channelsDone === 0 || state.seconds === 0) return null
	return Math.ceil((state.seconds * (state.channels - state.channelsDone)) / state.channelsDone)
}
