import type { MapView } from '../readingStore.ts'

/** How far the map is: "exact", or the share of channels and the bound on what is missing. */
export function badgeText({ state, phase }: Pick<MapView, 'state' | 'phase'>): string {
	// Why it failed stands in the analysis panel, where there is room for it.
	if (phase === 'failed') return 'failed'
	if (!state) return phase === 'queued' ? 'waiting' : phase === 'cancelled' ? 'cancelled' : 'starting'
	if (state.exact) return 'exact'
	const share = `${Math.min(99, Math.round((state.channelsDone / state.channels) * 100))} %`
	const bound = state.errorBound === null ? '' : `, error below ${state.errorBound.toFixed(2)}`
	return `${share}${bound}${phase === 'cancelled' ? ', cancelled' : ''}`
}
