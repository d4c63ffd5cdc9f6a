import { create } from 'zustand'
import type { CamMode } from '../../../common/contract/analysis.ts'
import type { Faithfulness } from '../../../common/contract/explanation.ts'
import type { Client } from '../../app/client.ts'
import type { MapView } from '../readingStore.ts'
import { isFinished } from './mapWords.ts'

/** What is known of how faithful one map of one label is. */
export type Measurement = { phase: 'measuring' } | { phase: 'done'; faithfulness: Faithfulness } | { phase: 'failed'; reason: string }

/** Which map is measured. */
export interface MeasuredMap {
	analysisId: number
	label: string
	layer: string
	mode: CamMode
}

/** Measurements of this window by measurementKey, oldest first. */
export const useFaithfulness = create<{ measurements: Record<string, Measurement> }>(() => ({ measurements: {} }))

const FORGET_AFTER = 100

export function measurementKey({ analysisId, label, layer, mode }: MeasuredMap): string {
	return JSON.stringify([analysisId, layer, mode, label])
}

/** What there is to measure of a map; null while it is not finished: an unfinished map gets no verdict. */
export function measurable(map: MapView): MeasuredMap | null {
	if (!isFinished(map) || !map.state || map.analysisId === null || map.label === null) return null
	return { analysisId: map.analysisId, label: map.label, layer: map.state.layer, mode: map.state.mode }
}

/** The measurement of the map that is shown; null where it is not finished or has not been asked for. */
export function measurementOf(map: MapView, measurements: Record<string, Measurement>): Measurement | null {
	const measured = measurable(map)
	return measured && (measurements[measurementKey(measured)] ?? null)
}

/** The verdict in words for badge and report; null while nothing is known. */
export type Verdict = Faithfulness['verdict'] | 'measuring' | 'unknown'

export function verdictOf(measurement: Measurement | null): Verdict | null {
	if (!measurement) return null
	if (measurement.phase === 'done') return measurement.faithfulness.verdict
	return measurement.phase === 'measuring' ? 'measuring' : 'unknown'
}

const VERDICT_WORDS: Record<Verdict, string> = {
	measuring: 'faithfulness is being measured',
	unknown: 'faithfulness not measured',
	better: 'better than chance',
	'no better than chance': 'Warning: no better than chance',
	empty: 'empty: no part of the film speaks for it',
}

export function verdictWords(verdict: Verdict): string {
	return VERDICT_WORDS[verdict]
}

function put(key: string, measurement: Measurement): void {
	const others = Object.entries(useFaithfulness.getState().measurements).filter(([known]) => known !== key)
	useFaithfulness.setState({ measurements: { ...Object.fromEntries(others.slice(-FORGET_AFTER)), [key]: measurement } })
}

/** Asks for measurements, one call per map; what was asked for once is kept. */
export function createFaithfulnessService(client: Pick<Client, 'call' | 'onConnection'>) {
	/** Failed because the connection was lost: asked for again when it is back. */
	const lost = new Map<string, MeasuredMap>()
	let connected = true

	/** Measures a map unless that is done or under way; one that failed is tried again. */
	async function measure(map: MeasuredMap): Promise<void> {
		const key = measurementKey(map)
		const known = useFaithfulness.getState().measurements[key]
		if (known && known.phase !== 'failed') return
		put(key, { phase: 'measuring' })
		try {
			put(key, { phase: 'done', faithfulness: await client.call('explanation.faithfulness', { ...map }) })
			lost.delete(key)
		} catch (error) {
			put(key, { phase: 'failed', reason: error instanceof Error ? error.message : String(error) })
			if (!connected) lost.set(key, map)
		}
	}

	client.onConnection((state) => {
		connected = state !== 'lost'
		if (state === 'open') for (const map of lost.values()) void measure(map)
	})

	return { measure }
}
