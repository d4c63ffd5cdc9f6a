import { useEffect, useState } from 'react'
import { client } from '../../../app/client.ts'
import type { RunMapState } from './errorWords.ts'

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
