import { appendFileSync, closeSync, cpSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EvaluationReport } from '../../../../src/common/contract/training/evaluation.ts'
import type { MetricEvent, RunSummary } from '../../../../src/common/contract/training/run.ts'
import { compareRuns } from '../../../../src/hosts/training/review/compare.ts'
import { runCurves } from '../../../../src/hosts/training/review/curves.ts'
import { runDetail } from '../../../../src/hosts/training/review/detail.ts'
import { readLogTail } from '../../../../src/hosts/training/review/logTail.ts'
import { createMetricsReader, MOST_ROWS } from '../../../../src/hosts/training/review/metricsReader.ts'
import { removalOf, removeRun } from '../../../../src/hosts/training/review/removal.ts'
import { worstErrors } from '../../../../src/hosts/training/review/worst.ts'
import { pairedDifference } from '../../../../src/hosts/training/results/measureRuns.ts'
import { readAnswered } from '../../../../src/hosts/training/review/answered.ts'
import { ofSplit } from '../../../../src/hosts/training/results/resultRows.ts'
import { markRun, openRun, readRecord } from '../../../../src/hosts/training/runs/folder.ts'
import { lockRun } from '../../../../src/hosts/training/runs/lock.ts'
import { createRunLog } from '../../../../src/hosts/training/runs/log.ts'
import { startRun } from '../../../../src/hosts/training/runs/run.ts'
import { runControl, smallRecipe, writeSmallData } from '../../../support/smallRun.ts'

let folder: string
let runs: string
let parts: { data: string; student: string }
/** Two finished runs on the same images, the second of another seed and rate. */
let first: RunSummary
let second: RunSummary

const places = () => ({ runs, cache: join(folder, 'cache'), models: [], lungs: { fault: 'No lung network is installed.' }, softwareVersion: '0.0.0' })

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-review-'))
	runs = join(folder, 'runs')
	parts = await writeSmallData(folder)
	const start = (recipe: unknown) => startRun({ recipe, title: 'recipe.json', base: folder }, places(), runControl())
	first = await start(smallRecipe(parts, { epochs: 4 }))
	second = await start(smallRecipe(parts, { epochs: 1, seed: 8, name: 'other', optimisation: { optimiser: { kind: 'adamw', learningRate: 0.002 } } }))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const evaluationOf = ({ directory }: RunSummary) => JSON.parse(readFileSync(join(directory, 'pack', 'evaluation.json'), 'utf8')) as EvaluationReport

/** A copy of a finished run under another name. */
function copyOf(id: string, state?: string): string {
	const directory = join(runs, id)
	cpSync(first.directory, directory, { recursive: true })
	if (state) {
		const path = join(directory, 'state.json')
		writeFileSync(path, readFileSync(path, 'utf8').replace('"finished"', `"${state}"`))
	}
	return directory
}

describe('the detail of a run', () => {
	it('has recipe, environment, hashes and everything that was measured', () => {
		const detail = runDetail(runs, first.id)
		const report = evaluationOf(first)
		expect(detail).toMatchObject({ summary: { id: 'small-1', record: { state: 'finished' } }, recipe: { name: 'small', epochs: 4 }, environment: { seed: 7, data: { labels: ['bright', 'left', 'top'] } }, faults: [] })
		expect(detail.evaluation).toEqual(report)
		expect(detail.hashes).toMatchObject({ data: report.data.sha256, weights: first.record.weightsSha256, graph: report.model.sha256 })
		expect(detail.hashes.recipe).toMatch(/^[0-9a-f]{64}$/)
		expect(detail.metrics.length).toBeGreaterThan(3)
		expect(detail.card).toContain('Research use only')
	})

	it('says what cannot be read, and still has the rest', () => {
		const directory = copyOf('damaged-1')
		writeFileSync(join(directory, 'pack', 'evaluation.json'), '{}')
		const detail = runDetail(runs, 'damaged-1')
		expect(detail).toMatchObject({ evaluation: null, faults: [expect.stringMatching(/evaluation\.json is not valid at "schemaVersion"/)] })
		expect(detail.recipe.name).toBe('small')
		rmSync(directory, { recursive: true })
		expect(() => runDetail(runs, 'none-1')).toThrow('There is no run none-1')
		expect(() => runDetail(runs, '../data')).toThrow('There is no run ../data')
	})
})

describe('the curves of a run', () => {
	it('have the areas and intervals of its evaluation, and end where they must', () => {
		const report = evaluationOf(first).splits.find(({ split }) => split === 'test')
		const curves = runCurves(runs, first.id, 'test')
		expect(curves.labels.map(({ name }) => name)).toEqual(['bright', 'left', 'top'])
		for (const [index, label] of curves.labels.entries()) {
			const measured = report?.labels[index]
			expect([label.positives, label.negatives]).toEqual([measured?.positives, measured?.negatives])
			expect(label.auroc.value).toBeCloseTo(measured?.auroc ?? -1, 12)
			expect(label.auprc.value).toBeCloseTo(measured?.auprc ?? -1, 12)
			expect(label.auroc.interval).toEqual(measured?.intervals.auroc)
			expect([label.roc?.x[0], label.roc?.y[0], label.roc?.x.at(-1), label.roc?.y.at(-1)]).toEqual([0, 0, 1, 1])
			expect(label.roc?.band.x).toHaveLength(101)
		}
	})

	it('are refused in words where nothing was answered', () => {
		const directory = copyOf('unfinished-1', 'paused')
		rmSync(join(directory, 'pack'), { recursive: true })
		expect(() => runCurves(runs, 'unfinished-1', 'test')).toThrow('The run unfinished-1 has no results: it is not finished.')
		rmSync(directory, { recursive: true })
	})
})

describe('the worst errors of a run', () => {
	it('are those with the highest loss, with what was said and what is so', () => {
		const { labels, samples } = worstErrors(runs, first.id, 'test', 5)
		const all = worstErrors(runs, first.id, 'test', 200).samples
		expect([samples.length, all.length]).toEqual([5, 24])
		expect(all.map(({ loss }) => loss)).toEqual(all.map(({ loss }) => loss).toSorted((a, b) => b - a))
		for (const { id, path, truth, probabilities, loss, called, group, source } of samples) {
			expect(path).toBe(join(parts.data, id))
			expect(loss).toBeCloseTo(-Math.log(probabilities[truth.indexOf(1)] ?? 0), 12)
			expect(called).toEqual([labels[probabilities.indexOf(Math.max(...probabilities))]])
			expect([group, source].every((text) => text !== '')).toBe(true)
		}
		const wrong = all.filter(({ truth, called }) => called[0] !== labels[truth.indexOf(1)]).length
		expect(1 - wrong / all.length).toBeCloseTo(evaluationOf(first).splits.find(({ split }) => split === 'test')?.accuracy ?? -1, 12)
	})
})

describe('runs side by side', () => {
	it('have the fields in which they differ, their own results, and paired differences on the same images', () => {
		const compared = compareRuns(runs, [second.id, first.id], 'test')
		const values = new Map(compared.fields.map(({ field, values: own }) => [field, own]))
		expect(values.get('seed')).toEqual(['8', '7'])
		expect(values.get('epochs')).toEqual(['1', '4'])
		expect(values.get('optimisation.optimiser.learningRate')).toEqual(['0.002', '0.01'])
		expect(values.has('batch')).toBe(false)
		const report = evaluationOf(first).splits.find(({ split }) => split === 'test')
		expect(compared.runs[1]?.results?.metrics['auroc']).toEqual({ value: report?.auroc, interval: report?.intervals.auroc })
		expect(compared.reason).toBe('')
		expect(compared.common).toMatchObject({ n: 24, groups: report?.groups })
		const [theirs, ours] = compared.common?.runs ?? []
		expect(theirs?.differences).toBeNull()
		expect(ours?.metrics.balancedAccuracy.value).toBeCloseTo(report?.balancedAccuracy ?? -1, 12)
		expect(ours?.metrics.balancedAccuracy.interval).toEqual(report?.intervals.balancedAccuracy)
		// The same arithmetic as in the results document.
		const paired = pairedDifference([[readAnswered(openRun(runs, first.id)), readAnswered(openRun(runs, second.id))]], 'auroc', ofSplit('test'))
		expect(ours?.differences?.auroc).toEqual({ value: paired.mean, interval: paired.interval })
		expect(paired.mean).not.toBe(0)
	})

	it('are compared on what all of them answered', () => {
		const directory = copyOf('fewer-1')
		const path = join(directory, 'predictions.csv')
		const lines = readFileSync(path, 'utf8').trimEnd().split('\r\n')
		writeFileSync(path, `${lines.slice(0, -4).join('\r\n')}\r\n`)
		const compared = compareRuns(runs, [first.id, 'fewer-1'], 'test')
		expect(compared.common?.n).toBe(20)
		expect(compared.common?.runs[1]?.differences?.accuracy).toEqual({ value: 0, interval: null })
		rmSync(directory, { recursive: true })
	})

	it('say why they cannot be compared, and still stand beside each other', () => {
		const elsewhere = copyOf('elsewhere-1')
		const edit = (name: string, from: RegExp, to: string) => writeFileSync(join(elsewhere, name), readFileSync(join(elsewhere, name), 'utf8').replace(from, to))
		edit('recipe.json', /"folder": "[^"]*"/, '"folder": "/films"')
		edit('environment.json', /"data": \{\s*"sha256": "[0-9a-f]{64}"/, `"data": {"sha256": "${'0'.repeat(64)}"`)
		expect(compareRuns(runs, [first.id, 'elsewhere-1'], 'test')).toMatchObject({ common: null, reason: 'elsewhere-1 and small-1 are of different data sets.', runs: [{ id: 'small-1' }, { id: 'elsewhere-1' }] })
		edit('environment.json', /"left"/, '"right"')
		expect(compareRuns(runs, [first.id, 'elsewhere-1'], 'test').reason).toBe('elsewhere-1 has other labels than small-1.')
		rmSync(elsewhere, { recursive: true })
		const paused = copyOf('paused-1', 'paused')
		rmSync(join(paused, 'pack'), { recursive: true })
		expect(compareRuns(runs, [first.id, 'paused-1'], 'test')).toMatchObject({ common: null, reason: 'The run paused-1 has no results: it is not finished.', runs: [{ results: { n: 24 } }, { state: 'paused', results: null }] })
		rmSync(paused, { recursive: true })
	})
})

const step = (number: number): MetricEvent => ({ event: 'step', step: number, epoch: 1, size: 32, loss: 1 / number, parts: number % 2 === 0 ? { kl: number } : { kl: number, hint: 1 }, learningRate: 0.1, gradientNorm: 2 })
const validation = (number: number): MetricEvent => ({ event: 'validation', step: number, epoch: 1, size: 32, weights: 'trained', metrics: { auroc: null }, best: true })
const linesOf = (...events: MetricEvent[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('')
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('the metrics reader', () => {
	let count = 0
	const newFile = (content: string) => {
		const directory = join(folder, `metrics${++count}`)
		mkdirSync(directory)
		const path = join(directory, 'metrics.jsonl')
		writeFileSync(path, content)
		return { directory, path }
	}
	const all = { afterStep: 0, afterValidations: 0 }

	it('gives columns, with nothing where a step lacks a part, and what was added', () => {
		const { directory, path } = newFile(linesOf(step(1), step(2), validation(2)))
		const reader = createMetricsReader()
		expect(reader.read(directory, all)).toMatchObject({ steps: { step: [1, 2], loss: [1, 0.5], parts: { kl: [1, 2], hint: [1, null] } }, validations: [{ step: 2, metrics: { auroc: null } }], total: { steps: 2, validations: 1 }, more: false })
		appendFileSync(path, `${linesOf(step(3))}{"event":"step","st`)
		expect(reader.read(directory, { afterStep: 2, afterValidations: 1 })).toMatchObject({ steps: { step: [3] }, validations: [], total: { steps: 3, validations: 1 } })
		appendFileSync(path, linesOf(step(4)).slice('{"event":"step","st'.length))
		expect(reader.read(directory, { afterStep: 2, afterValidations: 1 }).steps.step).toEqual([3, 4])
	})

	it('begins anew where a resumed run has cut its file and gone on otherwise', () => {
		const { directory, path } = newFile(linesOf(...range(1, 9).map(step)))
		const reader = createMetricsReader()
		expect(reader.read(directory, all).total.steps).toBe(9)
		truncateSync(path, linesOf(...range(1, 4).map(step)).length)
		expect(reader.read(directory, { afterStep: 9, afterValidations: 0 })).toMatchObject({ steps: { step: [] }, total: { steps: 4 } })
		appendFileSync(path, linesOf(...range(5, 12).map((number) => ({ ...step(number), size: 64, loss: 7 }) as MetricEvent)))
		expect(reader.read(directory, all).steps.loss.slice(4)).toEqual(Array.from({ length: 8 }, () => 7))
		// Cut and longer again between two readings.
		truncateSync(path, linesOf(...range(1, 4).map(step)).length)
		appendFileSync(path, linesOf(...range(5, 40).map((number) => ({ ...step(number), loss: 8 }) as MetricEvent)))
		expect(reader.read(directory, all).steps.step).toEqual(range(1, 40))
	})

	it('gives a hundred thousand steps in bounded answers, and reads each line once', () => {
		const { directory } = newFile(linesOf(...range(1, 100_000).flatMap((number) => (number % 10_000 === 5000 ? [step(number), validation(number)] : [step(number)]))))
		const reader = createMetricsReader()
		const got: number[] = []
		let validations = 0
		for (let more = true; more;) {
			const answer = reader.read(directory, { afterStep: got.at(-1) ?? 0, afterValidations: validations })
			expect(answer.steps.step.length).toBeLessThanOrEqual(MOST_ROWS)
			got.push(...answer.steps.step)
			validations += answer.validations.length
			more = answer.more
		}
		expect(got).toEqual(range(1, 100_000))
		expect(validations).toBe(10)
		// What was read is not looked at again.
		const path = join(directory, 'metrics.jsonl')
		const descriptor = openSync(path, 'r+')
		writeSync(descriptor, 'x', 0)
		closeSync(descriptor)
		expect(reader.read(directory, { afterStep: 99_999, afterValidations: 10 }).steps.step).toEqual([100_000])
		expect(() => createMetricsReader().read(directory, all)).toThrow('is damaged')
	})

	it('refuses a file that is damaged, and knows a run without one', () => {
		const { directory, path } = newFile(`${linesOf(step(1))}nonsense\n`)
		expect(() => createMetricsReader().read(directory, all)).toThrow(`${path} is damaged`)
		writeFileSync(path, linesOf(step(1), step(3)))
		expect(() => createMetricsReader().read(directory, all)).toThrow(`${path} is damaged`)
		rmSync(path)
		expect(createMetricsReader().read(directory, all)).toMatchObject({ total: { steps: 0, validations: 0 }, more: false })
	})
})

describe('the log of a run', () => {
	it('is read from its end, damaged lines left out', () => {
		const directory = join(folder, 'log')
		mkdirSync(directory)
		expect(readLogTail(directory)).toEqual({ lines: [], cut: false })
		const log = createRunLog()
		log.add('note', 'before it had a folder')
		log.attach(directory)
		log.follow({ kind: 'phase', phase: 'images', done: 1, of: 20 })
		log.follow({ kind: 'phase', phase: 'images', done: 20, of: 20 })
		appendFileSync(join(directory, 'log.jsonl'), '{"at":\n')
		log.add('state', 'after')
		expect(readLogTail(directory).lines.map(({ kind, text }) => [kind, text])).toEqual([['note', 'before it had a folder'], ['phase', 'Images: 20'], ['state', 'after']])
		for (let line = 0; line < 3000; line++) log.add('note', `${line} ${'x'.repeat(100)}`)
		const { lines, cut } = readLogTail(directory)
		expect(cut).toBe(true)
		expect(lines.length).toBeLessThan(2000)
		expect(lines.at(-1)?.text).toMatch(/^2999 /)
	})
})

describe('a run that nobody works on', () => {
	it('is marked, but not while a process works on it or when it is finished', () => {
		const directory = copyOf('marked-1', 'running')
		expect(readRecord(directory).state).toBe('interrupted')
		const unlock = lockRun(directory, 'marked-1')
		expect(() => markRun(runs, 'marked-1', 'cancelled', '')).toThrow('The run marked-1 is being worked on by another process.')
		unlock()
		expect(markRun(runs, 'marked-1', 'failed', 'The memory was used up.').record).toMatchObject({ state: 'failed', reason: 'The memory was used up.' })
		expect(readLogTail(directory).lines.at(-1)).toMatchObject({ kind: 'state', text: 'Failed: The memory was used up.' })
		expect(() => markRun(runs, first.id, 'cancelled', '')).toThrow('is finished')
		rmSync(directory, { recursive: true })
	})

	it('is removed when it has ended and no other needs its pack', () => {
		const directory = copyOf('old-1')
		const learner = copyOf('learner-1', 'paused')
		expect(() => removalOf(runs, 'learner-1')).toThrow('The run learner-1 is paused. Cancel it first')
		const path = join(learner, 'recipe.json')
		writeFileSync(path, readFileSync(path, 'utf8').replace('"teachers": []', `"teachers": [{ "from": "pack", "pack": ${JSON.stringify(join(directory, 'pack'))} }]`))
		expect(() => removeRun(runs, 'old-1')).toThrow('The run learner-1 is paused and needs the model pack of old-1, which was not removed.')
		rmSync(learner, { recursive: true })
		const { lost, bytes, graph } = removalOf(runs, 'old-1')
		expect(lost.join(' ')).toMatch(/^The model pack "Small" with its weights, results and card \(balanced accuracy \d\.\d{3} on 24 test images\)\. Recipe, log/)
		expect(bytes).toBeGreaterThan(10_000)
		expect(graph).toBe(evaluationOf(first).model.sha256)
		// Left by a process that was ended in the middle.
		mkdirSync(join(runs, '.unfinished-removed-before'))
		removeRun(runs, 'old-1')
		expect(existsSync(directory)).toBe(false)
		expect(readdirSync(runs).filter((name) => name.startsWith('.'))).toEqual([])
	})
})
