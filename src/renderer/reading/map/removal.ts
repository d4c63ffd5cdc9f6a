import type { Faithfulness } from '../../../common/contract/explanation.ts'
import type { MapView, Removal } from '../readingStore.ts'
import { measurable, measurementKey, type Measurement } from './faithfulness.ts'

/** A share of the pixels as it was really measured: a step of the deletion curve. */
export interface ShownRemoval {
	/** 0 to 1. */
	share: number
	/** The label's probability with these pixels removed. */
	probability: number
	/** With none removed. */
	before: number
	/** Size at which pixels are ranked. */
	width: number
	height: number
}

/** The measured step that lies nearest to a percentage: what is shown was measured, never interpolated. */
export function stepAt({ deletion: { probabilities }, width, height }: Faithfulness, percent: number): ShownRemoval {
	const steps = probabilities.length - 1
	const step = Math.min(steps, Math.max(0, Math.round((percent / 100) * steps)))
	return { share: step / steps, probability: probabilities[step] as number, before: probabilities[0] as number, width, height }
}

/** The cover over a film whose hottest pixels the reader has removed; null where none are. */
export function removalOf(map: MapView, removal: Removal | null, measurements: Record<string, Measurement>): ShownRemoval | null {
	const measured = measurable(map)
	if (!measured || !removal || removal.percent <= 0 || removal.key !== measurementKey(measured)) return null
	const measurement = measurements[removal.key]
	return measurement?.phase === 'done' ? stepAt(measurement.faithfulness, removal.percent) : null
}

/** A share in whole per cent, with decimals only where there are some. */
export function percentWords(share: number): string {
	return `${Number((100 * share).toFixed(1))} %`
}

const STEP = 1
const LONG_STEP = 10

/** The percentage that a key moves to, as the ARIA pattern of sliders has it, with Shift ten at a time; null for every other key. */
export function percentAfterKey(key: string, shift: boolean, percent: number): number | null {
	const step = shift ? LONG_STEP : STEP
	const target = { ArrowRight: percent + step, ArrowUp: percent + step, ArrowLeft: percent - step, ArrowDown: percent - step, PageUp: percent + LONG_STEP, PageDown: percent - LONG_STEP, Home: 0, End: 100 }[key]
	return target === undefined ? null : Math.min(100, Math.max(0, target))
}
