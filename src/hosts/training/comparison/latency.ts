import { cpus } from 'node:os'
import type { ComparedLatency } from '../../../common/contract/promotion.ts'
import { medianOf } from '../../../common/stats/median.ts'
import { rampInput } from '../../inference/selfTest.ts'
import type { Classifier } from '../evaluation/classifier.ts'

const WARM_UPS = 3
const RUNS = 31
const LONGEST_MILLISECONDS = 20_000

/**
 * How long one image takes through each of two networks, in turn, so that a busy machine slows both, and with another one first every time: medians of up to 31 runs
 * in up to twenty seconds, after three that do not count. Without reading and preprocessing.
 * @throws AbortError.
 */
export async function measureInTurn(classifiers: Record<'current' | 'candidate', Classifier>, signal: AbortSignal): Promise<ComparedLatency> {
	const inputs = { current: rampInput(classifiers.current.input), candidate: rampInput(classifiers.candidate.input) }
	const times: Record<'current' | 'candidate', number[]> = { current: [], candidate: [] }
	const began = performance.now()
	for (let run = -WARM_UPS; run < RUNS && (run < WARM_UPS || performance.now() - began < LONGEST_MILLISECONDS); run++) {
		signal.throwIfAborted()
		for (const side of run % 2 === 0 ? (['current', 'candidate'] as const) : (['candidate', 'current'] as const)) {
			const started = performance.now()
			await classifiers[side].answer(inputs[side], 1)
			if (run >= 0) times[side].push(performance.now() - started)
		}
	}
	const [current, candidate] = [medianOf(times.current) ?? 0, medianOf(times.candidate) ?? 0]
	const processors = cpus()
	return { current, candidate, ratio: candidate / current, runs: times.current.length, threads: processors.length, processor: processors[0]?.model.trim() ?? '' }
}
