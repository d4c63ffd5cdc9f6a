import { useEffect, useState } from 'react'
import type { CamState } from '../../../../common/contract/analysis.ts'
import { client } from '../../../app/client.ts'

/** How far the map of an image is. */
export type RunMapState =
	| { phase: 'waiting' }
	| { phase: 'working'; done: number; of: number }
	| { phase: 'finished'; map: CamState }
	| { phase: 'stopped' }
	| { phase: 'failed'; reason: string }

export interface RunMapOf {
	state: RunMapState
	/** Begins again after it was stopped or has failed. */
	begin(): void
	stop(): void
}

/** Who goes quickly from image to image asks for no map of those between. */
const WAIT_MILLISECONDS = 250

/** The map of an image by the pack of a run: made when the image is looked at, and ended when it is left. Used under a key of both. */
export function useRunMap(id: string, image: string): RunMapOf {
	const [state, setState] = useState<RunMapState>({ phase: 'waiting' })
	const [wanted, setWanted] = useState<{ isWanted: boolean; attempt: number }>({ isWanted: true, attempt: 0 })
	useEffect(() => {
		if (!wanted.isWanted) return
		const jobId = `map-${crypto.randomUUID()}`
		let isOver = false
		const tell = (next: RunMapState) => !isOver && setState(next)
		const ends = client.on('training.job', ({ jobId: own, done, of }) => own === jobId && tell({ phase: 'working', done, of }))
		const timer = setTimeout(() => {
			client.call('training.map', { jobId, id, image }).then(
				(map) => tell({ phase: 'finished', map }),
				(error: unknown) => tell({ phase: 'failed', reason: error instanceof Error ? error.message : String(error) }),
			)
		}, wanted.attempt === 0 ? WAIT_MILLISECONDS : 0)
		return () => {
			isOver = true
			clearTimeout(timer)
			ends()
			void client.call('training.cancelMap', { jobId }).catch(() => {})
		}
	}, [id, image, wanted])
	return {
		state,
		begin() {
			setState({ phase: 'waiting' })
			setWanted(({ attempt }) => ({ isWanted: true, attempt: attempt + 1 }))
		},
		stop() {
			setState({ phase: 'stopped' })
			setWanted(({ attempt }) => ({ isWanted: false, attempt }))
		},
	}
}

/** "exact, 64 channels", "37 %"; why it failed has more room elsewhere. */
export function runMapInWords(state: RunMapState): string {
	switch (state.phase) {
		case 'waiting': return 'starting'
		case 'working': return state.of === 0 ? 'starting' : `${Math.min(99, Math.floor((100 * state.done) / state.of))} % of the channels`
		case 'finished': return 'exact'
		case 'stopped': return 'stopped'
		case 'failed': return 'no map'
	}
}
