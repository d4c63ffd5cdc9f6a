import type { MapView } from '../readingStore.ts'

/** How far a map is, in the words of its badge; the same on the film, in the legend and in the panel. */
export function mapWords({ state, phase }: Pick<MapView, 'state' | 'phase'>): string {
	// Why it failed stands in the analysis panel, where there is room for it.
	if (phase === 'failed') return 'failed'
	const stopped = phase === 'cancelled'
	if (!state) return phase === 'queued' ? 'waiting' : stopped ? 'stopped before it began' : 'starting'
	if (state.preview) return stopped ? 'preview (Recipro-CAM), stopped' : 'preview (Recipro-CAM)'
	if (state.exact) return 'exact'
	const share = `${Math.min(99, Math.floor((100 * state.channelsDone) / state.channels))} %`
	// Rounded up: the true error is never above the number that is shown. The epsilon keeps 0.02 from becoming 0.03.
	const bound = state.errorBound === null ? '' : `, error below ${(Math.ceil(state.errorBound * 100 - 1e-9) / 100).toFixed(2)}`
	return `${stopped ? 'stopped at ' : ''}${share}${bound}`
}

/** Whether a map is one that can be judged, put into a report and compared: every channel is in, and it is kept with its analysis. */
export function isFinished(map: Pick<MapView, 'state' | 'phase'>): boolean {
	return map.phase === 'finished' && map.state !== null && map.state.exact && !map.state.preview
}
