import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import { addStep, noSteps, validationOf, type RunMetrics, type StepColumns, type Validation } from '../../../common/contract/training/review.ts'
import { metricEventSchema, type MetricEvent } from '../../../common/contract/training/run.ts'
import { METRICS } from '../runs/folder.ts'

/** metrics.jsonl of runs, as columns. What was read of a file is remembered, so that only what was added is read again. */
export interface MetricsReader {
	/**
	 * Rows after a step, at most MOST_ROWS, and validations after so many. A run's file is read while it is written: half a line at its end waits.
	 * @throws UserError where the file is damaged.
	 */
	read(directory: string, after: { afterStep: number; afterValidations: number }): RunMetrics
}

/** Rows of an answer. */
export const MOST_ROWS = 10_000
/** A hundred thousand steps have about 25 MB. */
const LARGEST_FILE = 1024 ** 3
const CHUNK = 4 * 1024 ** 2
/** Runs whose metrics are remembered. */
const MOST_REMEMBERED = 8

interface Known {
	/** Whole lines that were read. */
	bytes: number
	steps: StepColumns
	validations: Validation[]
}

export function createMetricsReader(): MetricsReader {
	const runs = new Map<string, Known>()

	function refresh(directory: string): Known {
		const path = join(directory, METRICS)
		const known = runs.get(directory) ?? nothing()
		// Of the runs that are remembered the one that was asked for longest ago goes.
		runs.delete(directory)
		if (!existsSync(path)) return nothing()
		// A resumed run cuts its file back to the last checkpoint; what is added then need not begin where the reading ended.
		const now = readOn(path, known) ?? readOn(path, nothing())
		if (!now) throw new UserError(`${path} is damaged: it has a line that is no metric.`)
		runs.set(directory, now)
		for (const key of [...runs.keys()].slice(0, -MOST_REMEMBERED)) runs.delete(key)
		return now
	}

	return {
		read(directory, { afterStep, afterValidations }) {
			const { steps, validations } = refresh(directory)
			const start = firstAfter(steps.step, afterStep)
			const end = Math.min(steps.step.length, start + MOST_ROWS)
			const more = end < steps.step.length
			return {
				steps: slice(steps, start, end), validations: validations.slice(afterValidations).filter(({ step }) => !more || step <= (steps.step[end - 1] ?? 0)),
				total: { steps: steps.step.length, validations: validations.length }, more,
			}
		},
	}
}

function nothing(): Known {
	return { bytes: 0, steps: noSteps(), validations: [] }
}

/** Adds what stands behind the known lines. @returns null where it is not their continuation. */
function readOn(path: string, known: Known): Known | null {
	const descriptor = openSync(path, 'r')
	try {
		const { size } = fstatSync(descriptor)
		if (size > LARGEST_FILE) throw new UserError(`${path} is larger than 1 GiB.`)
		if (size < known.bytes) return null
		const chunk = new Uint8Array(Math.min(CHUNK, size - known.bytes))
		let rest: Uint8Array<ArrayBufferLike> = new Uint8Array()
		for (let position = known.bytes; position < size;) {
			const count = readSync(descriptor, chunk, 0, Math.min(chunk.length, size - position), position)
			if (count === 0) break
			position += count
			const bytes = rest.length === 0 ? chunk.subarray(0, count) : Buffer.concat([rest, chunk.subarray(0, count)])
			const end = bytes.lastIndexOf(10) + 1
			for (const line of new TextDecoder().decode(bytes.subarray(0, end)).split('\n')) if (line !== '' && !take(known, line)) return null
			known.bytes += end
			rest = bytes.slice(end)
		}
		return known
	} finally {
		closeSync(descriptor)
	}
}

/** @returns false where the line does not follow. */
function take({ steps, validations }: Known, line: string): boolean {
	const event = eventOf(line)
	const last = steps.step.at(-1) ?? 0
	if (!event) return false
	if (event.event === 'validation') {
		validations.push(validationOf(event))
		return event.step === last
	}
	if (event.step !== last + 1) return false
	addStep(steps, event)
	return true
}

function eventOf(line: string): MetricEvent | null {
	try {
		return metricEventSchema.parse(JSON.parse(line))
	} catch {
		return null
	}
}

/** Position of the first step after a given one; steps rise. */
function firstAfter(steps: readonly number[], after: number): number {
	let low = 0, high = steps.length
	while (low < high) {
		const middle = (low + high) >> 1
		if (steps[middle]! <= after) low = middle + 1
		else high = middle
	}
	return low
}

function slice({ step, loss, parts, learningRate, gradientNorm }: StepColumns, start: number, end: number): StepColumns {
	return {
		step: step.slice(start, end), loss: loss.slice(start, end), parts: Object.fromEntries(Object.entries(parts).map(([name, values]) => [name, values.slice(start, end)])),
		learningRate: learningRate.slice(start, end), gradientNorm: gradientNorm.slice(start, end),
	}
}
