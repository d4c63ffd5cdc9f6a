import { create } from 'zustand'
import type { Analysis } from '../../../../common/contract/analysis.ts'
import type { Client } from '../../../app/client.ts'
import type { LightBox } from '../../readingStore.ts'
import { runKey } from './answers.ts'

export type Run = { phase: 'running' } | { phase: 'done' } | { phase: 'failed'; reason: string; detail: string }

/** Runs by image and students (see runKey), so that a slow one never shows beside another film. */
export const useRuns = create<{ runs: Record<string, Run> }>(() => ({ runs: {} }))

export function forgetRuns(): void {
	useRuns.setState({ runs: {} })
}

/**
 * Asks for the analysis of an image and hands it on; a second request while one is on its way does nothing. A failure is
 * kept with its reason for the panel.
 */
export async function runAnalysis(
	client: Pick<Client, 'call'>,
	image: LightBox,
	status: Parameters<typeof runKey>[1],
	again: boolean,
	place: (analysis: Analysis) => void,
): Promise<void> {
	const key = runKey(image, status)
	if (useRuns.getState().runs[key]?.phase === 'running') return
	const mark = (run: Run) => useRuns.setState((state) => ({ runs: { ...state.runs, [key]: run } }))
	mark({ phase: 'running' })
	try {
		place(await client.call('analysis.run', { instanceId: image.instanceId, frameIndex: image.frameIndex, again }))
		mark({ phase: 'done' })
	} catch (error) {
		mark({
			phase: 'failed',
			reason: error instanceof Error ? error.message : String(error),
			detail: error instanceof Error && 'detail' in error ? String(error.detail) : '',
		})
	}
}
