import type { RunProgress } from '../common/contract/training/run.ts'
import { endProgress } from './output.ts'

const BAR_WIDTH = 24

const two = (value: number) => String(value).padStart(2, '0')

/** 3661 -> 1:01:01 */
export function clock(seconds: number): string {
	const whole = Math.max(0, Math.round(seconds))
	return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
}

function bar(done: number, of: number): string {
	const filled = of === 0 ? 0 : Math.floor((BAR_WIDTH * done) / of)
	return `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${String(of === 0 ? 0 : Math.floor((100 * done) / of)).padStart(3)} %`
}

/** The line that is written over while a run works, and lines that stay. */
function describe(progress: RunProgress): { line?: string; stays?: string } {
	switch (progress.kind) {
		case 'phase': return { line: `${progress.phase} ${bar(progress.done, progress.of)}` }
		case 'preflight': return {
			stays: progress.preflight.checks.map(({ ok, name, detail }) => `${ok ? 'passed' : 'FAILED'}: ${name}: ${detail}`).join('\n'),
		}
		case 'started': return { stays: `Run ${progress.id} in ${progress.directory}, ${progress.step === 0 ? 'from the beginning' : `from step ${progress.step}`}: ${progress.steps} steps, ${progress.epochs} epochs. Ctrl-C pauses it.` }
		case 'note': return { stays: progress.text }
		case 'checkpoint': return {}
		case 'metric': {
			const { metric, steps, imagesPerSecond, secondsLeft } = progress
			if (metric.event === 'validation') {
				const numbers = Object.entries(metric.metrics).filter(([, value]) => value !== null).map(([name, value]) => `${name} ${(value ?? 0).toFixed(4)}`)
				return { stays: `Epoch ${metric.epoch}: ${numbers.join(', ')}${metric.best ? ' (best so far)' : ''}` }
			}
			return { line: `${bar(metric.step, steps)}  step ${metric.step} of ${steps}  loss ${metric.loss.toFixed(4)}  ${imagesPerSecond.toFixed(1)} images/s  ${clock(secondsLeft)} left` }
		}
	}
}

/** Progress on the standard error: a bar with the time left on a terminal, else a JSON object per line. */
export function printRunProgress(progress: RunProgress): void {
	const { stderr } = process
	if (!stderr.isTTY) {
		stderr.write(`${JSON.stringify(progress)}\n`)
		return
	}
	const { line, stays } = describe(progress)
	if (stays !== undefined) {
		endProgress()
		stderr.write(`${stays}\n`)
	}
	if (line !== undefined) stderr.write(`\r\u001B[K${line.slice(0, Math.max(20, (stderr.columns || 80) - 1))}`)
}
