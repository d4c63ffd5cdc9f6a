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

/** The verdict in words for badge and report. */
export type Verdict = Faithfulness['verdict'] | 'measuring' | 'unknown'

/** What is known of a measurement; one that has not begun is the next. */
export function verdictOf(measurement: Measurement | undefined): Verdict {
	if (measurement?.phase === 'done') return measurement.faithfulness.verdict
	return measurement?.phase === 'failed' ? 'unknown' : 'measuring'
}

/** The verdict on the map that is shown; null while it is not finished. */
export function verdictOn(map: MapView, measurements: Record<string, Measurement>): Verdict | null {
	const measured = measurable(map)
	return measured && verdictOf(measurements[measurementKey(measured)])
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
	let shown: MeasuredMap[] = []
	let isWorking = false

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

	async function work(): Promise<void> {
		if (isWorking) return
		isWorking = true
		for (;;) {
			const next = shown.find((map) => !useFaithfulness.getState().measurements[measurementKey(map)])
			if (!next) break
			// One after the other: a reader who goes through the labels leaves no queue of measurements behind.
			await measure(next)
		}
		isWorking = false
	}

	/** Measures the maps that are shown now, and no other; one that failed before is tried again when it is shown anew. */
	function follow(maps: MeasuredMap[]): void {
		const before = new Set(shown.map(measurementKey))
		shown = maps
		const { measurements } = useFaithfulness.getState()
		const again = maps.map(measurementKey).filter((key) => !before.has(key) && measurements[key]?.phase === 'failed')
		if (again.length > 0) useFaithfulness.setState({ measurements: Object.fromEntries(Object.entries(measurements).filter(([key]) => !again.includes(key))) })
		void work()
	}

	client.onConnection((state) => {
		connected = state !== 'lost'
		if (state === 'open') for (const map of lost.values()) void measure(map)
	})

	return { measure, follow }
}
