import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { RunLogTail } from '../../../common/contract/training/review.ts'
import { runLogLineSchema, type RunLogLine } from '../../../common/contract/training/run.ts'
import { LOG } from '../runs/log.ts'

/** Of a long log the end is shown. */
const MOST_BYTES = 256 * 1024

/** The last lines of a run's log; runs of before have none. A line that cannot be read is left out. */
export function readLogTail(directory: string): RunLogTail {
	const path = join(directory, LOG)
	if (!existsSync(path)) return { lines: [], cut: false }
	const descriptor = openSync(path, 'r')
	try {
		const { size } = fstatSync(descriptor)
		const start = Math.max(0, size - MOST_BYTES)
		const bytes = new Uint8Array(size - start)
		const count = readSync(descriptor, bytes, 0, bytes.length, start)
		const texts = new TextDecoder().decode(bytes.subarray(0, count)).split('\n')
		return { lines: texts.slice(start === 0 ? 0 : 1).flatMap(lineOf), cut: start > 0 }
	} finally {
		closeSync(descriptor)
	}
}

function lineOf(text: string): RunLogLine[] {
	try {
		return [runLogLineSchema.parse(JSON.parse(text))]
	} catch {
		return []
	}
}
