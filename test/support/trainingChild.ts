/**
 * A training run in a process of its own, to be killed: node trainingChild.ts start RECIPE RUNS, or resume RUN RUNS. Writes each progress as a line
 * of JSON on the standard output.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { resumeRun, startRun } from '../../src/hosts/training/runs/run.ts'
import { runControl } from './smallRun.ts'

const [what = '', subject = '', runs = ''] = process.argv.slice(2)
const places = { runs, cache: join(runs, '..', 'cache'), models: [], lungs: { fault: 'No lung network is installed.' }, softwareVersion: '0.0.0' }
const pause = new AbortController()
process.on('SIGTERM', () => pause.abort())
const control = runControl({ progress: (value) => void process.stdout.write(`${JSON.stringify(value)}\n`), pause: pause.signal })
const summary = what === 'start'
	? await startRun({ recipe: JSON.parse(readFileSync(subject, 'utf8')), title: subject, base: dirname(subject) }, places, control)
	: await resumeRun(subject, places, control)
process.stdout.write(`${JSON.stringify({ kind: 'ended', state: summary.record.state })}\n`)
