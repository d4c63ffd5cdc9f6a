import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MetricEvent, RunLogLine, RunProgress } from '../../../common/contract/training/run.ts'
import { metricTitle } from '../../../common/text/metricTitle.ts'

export const LOG = 'log.jsonl'

/** log.jsonl of a run. What is said before the run has a folder is kept until it has one. */
export interface RunLog {
	add(kind: RunLogLine['kind'], text: string): void
	/** Takes down what a run says of itself, but not its steps. */
	follow(progress: RunProgress): void
	/** From here on lines go to this folder. */
	attach(directory: string): void
}

export function createRunLog(directory: string | null = null): RunLog {
	let waiting: string[] = []
	let phase = ''

	function add(kind: RunLogLine['kind'], text: string): void {
		waiting.push(`${JSON.stringify({ at: new Date().toISOString(), kind, text } satisfies RunLogLine)}\n`)
		if (directory === null) return
		try {
			appendFileSync(join(directory, LOG), waiting.join(''), { mode: 0o600 })
		} catch {
			// A full disk stops a run at its next checkpoint, with a sentence; the log is no reason to.
		}
		waiting = []
	}

	function follow(progress: RunProgress): void {
		switch (progress.kind) {
			case 'phase':
				if (progress.phase !== phase) add('phase', `${progress.phase.slice(0, 1).toUpperCase()}${progress.phase.slice(1)}: ${progress.of}`)
				phase = progress.phase
				return
			case 'preflight':
				for (const { ok, name, detail } of progress.preflight.checks) add('check', `${ok ? name : `${name}, failed`}: ${detail}`)
				return
			case 'started':
				add('state', progress.step === 0 ? `Begins: ${progress.steps} steps, ${progress.epochs} epochs.` : `Goes on from step ${progress.step} of ${progress.steps}.`)
				return
			case 'note':
				add('note', progress.text)
				return
			case 'metric':
				if (progress.metric.event === 'validation') add('validation', validationInWords(progress.metric))
		}
	}

	return {
		add,
		follow,
		attach(to) {
			directory = to
		},
	}
}

function validationInWords({ epoch, metrics, best }: Extract<MetricEvent, { event: 'validation' }>): string {
	const numbers = Object.entries(metrics).flatMap(([name, value]) => (value === null ? [] : [`${metricTitle(name)} ${value.toFixed(4)}`]))
	return `Epoch ${epoch}: ${numbers.join(', ')}${best ? ', the best so far' : ''}.`
}
