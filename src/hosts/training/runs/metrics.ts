import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { UserError } from '../../../common/contract/procedures.ts'
import type { MetricEvent } from '../../../common/contract/training/run.ts'
import { diskFault } from './durable.ts'

/** metrics.jsonl of a run, open for writing. */
export interface MetricsFile {
	append(event: MetricEvent): void
	/** Puts all lines so far on the disk. @returns the length of the file. */
	flush(): number
	close(): void
}

/**
 * Opens metrics.jsonl and cuts off what was written after the checkpoint that the run goes on from.
 * @param bytes its length at that checkpoint; 0 for a new run.
 * @throws UserError where lines are missing that the checkpoint has seen.
 */
export function openMetrics(path: string, bytes: number): MetricsFile {
	const descriptor = openSync(path, bytes === 0 ? 'w' : 'r+', 0o600)
	let length = bytes
	try {
		if (fstatSync(descriptor).size < bytes) throw new UserError(`${path} is shorter than its checkpoint says: lines were taken from it.`)
		ftruncateSync(descriptor, bytes)
	} catch (error) {
		closeSync(descriptor)
		throw error
	}
	return {
		append(event) {
			const line = new TextEncoder().encode(`${JSON.stringify(event)}\n`)
			try {
				for (let written = 0; written < line.length;) written += writeSync(descriptor, line, written, line.length - written, length + written)
			} catch (error) {
				throw diskFault(error, path)
			}
			length += line.length
		},
		flush() {
			fsyncSync(descriptor)
			return length
		},
		close: () => closeSync(descriptor),
	}
}
