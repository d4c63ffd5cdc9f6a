import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { casesOf, resultsOf } from '../../../../src/hosts/training/evaluation/results.ts'
import { readKeptRun } from '../../../../src/hosts/training/results/keptRun.ts'
import { measureRuns, pairedDifference, TABLE_METRICS } from '../../../../src/hosts/training/results/measureRuns.ts'
import { readPredictions } from '../../../../src/hosts/training/results/predictionsTable.ts'
import { readResults } from '../../../../src/hosts/training/results/readResults.ts'
import { ofSplit } from '../../../../src/hosts/training/results/resultRows.ts'
import { resultsDocument } from '../../../../src/hosts/training/results/resultsDocument.ts'
import { resultsIndexSchema, type Role } from '../../../../src/hosts/training/results/resultsIndex.ts'
import { predictionsCsv } from '../../../../src/hosts/training/evaluation/predictionsFile.ts'
import { KEPT_LABELS, madeSamples, packHash, writeMadeRun, type MadeRun } from '../../../support/keptRuns.ts'

let folder: string
let count = 0

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-results-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A results folder with these runs. */
function resultsWith(made: readonly (MadeRun & { role: Role })[], runs: readonly object[] = made.map(({ id, role, seed }) => ({ task: 'films', role, seed, run: id })), task: object = {}): string {
	const own = join(folder, `results${++count}`)
	mkdirSync(join(own, 'runs'), { recursive: true })
	for (const run of made) writeMadeRun(join(own, 'runs'), run)
	const slices = [{ title: 'sources with several classes', column: 'domain', values: ['several classes'] }]
	writeFileSync(join(own, 'index.json'), JSON.stringify({ schemaVersion: 1, tasks: [{ id: 'films', title: 'Films', metric: 'balancedAccuracy', slices, ...task }], runs }))
	return own
}

const documentOf = (results: string) => resultsDocument(readResults(results))
const section = (text: string, title: string) => text.split(/\n(?=##)/).find((part) => part.includes(title)) ?? ''
const cells = (text: string, row: RegExp) => (text.split('\n').find((line) => line.startsWith('|') && row.test(line)) ?? '').split('|').map((cell) => cell.trim()).slice(1, -1)

const width = (interval: readonly number[] | null | undefined) => (interval?.[1] ?? Number.NaN) - (interval?.[0] ?? Number.NaN)
const mean = (value: number) => ({ value, interval: [value - 0.1, value + 0.1], n: 60 })
const model = (role: string, id: string) => ({ role, id, version: '1.0.0', title: id, sha256: packHash(id), labels: KEPT_LABELS, layer: { name: 'last', channels: 8, height: 4, width: 4 }, secondsPerMap: 1 })
const seeds = (make: (seed: number) => MadeRun & { role: Role }) => [1, 2, 3].map(make)
const TEACHER = { id: 'teacher-1', role: 'teacher' as const, seed: 1, skill: 3, title: 'Teacher', macs: 20_000_000 }
const alone = seeds((seed) => ({ id: `alone-${seed}`, role: 'alone', seed, skill: 1.5 }))
const distilled = seeds((seed) => ({ id: `distilled-${seed}`, role: 'distilled', seed, skill: 3, half: seed === 1, teachers: [packHash('teacher-1')] }))

describe('docs/results.md of kept runs', () => {
	it('has a row for teacher, student alone and student distilled, with mean, deviation and interval', () => {
		const results = resultsWith([TEACHER, ...alone, ...distilled])
		const text = documentOf(results)
		expect(documentOf(results)).toBe(text)
		const table = section(text, '### Teacher, student alone, student distilled')
		const row = cells(table, /^\| student alone: Network/)
		expect(row.slice(1, 4)).toEqual(['whole image', 'classes equally often', '1, 2, 3'])
		expect(row.slice(14)).toEqual(['7.60 M', '0.001 G', '15.0 MB', '12.3 ms', ''])
		const values = [1, 2, 3].map((seed) => {
			const [, test] = (JSON.parse(readFileSync(join(results, 'runs', `alone-${seed}`, 'evaluation.json'), 'utf8')) as { splits: { balancedAccuracy: number }[] }).splits
			return test?.balancedAccuracy ?? Number.NaN
		})
		const middle = values.reduce((sum, value) => sum + value, 0) / 3
		const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / 2)
		expect(row[7]).toMatch(new RegExp(`^${middle.toFixed(3)} ± ${deviation.toFixed(3)} \\(0\\.\\d{3} to 0\\.\\d{3}\\)$`))
		expect(cells(table, /^\| teacher: Teacher/)[7]).not.toContain('±')
		expect(table).toContain('`alone-1`, `alone-2`, `alone-3`')
		expect(table).toMatch(/at least as good as student alone.*: \*\*yes\*\*, \+\d+\.\d\d points .*The whole interval is above 0\./)
		expect(table).toMatch(/within two points of its teacher.*: \*\*yes\*\*, .* at 5\.0 % of its MACs/)
	})

	it('says whether goals were reached, and what was tried', () => {
		const index = distilled.map(({ id, role, seed }) => ({ task: 'films', role, seed, run: id }))
		const text = documentOf(resultsWith(distilled, index, { goals: [{ metric: 'balancedAccuracy', least: 0.8 }, { metric: 'ece', most: 0.001 }], notes: ['More epochs gave nothing.'] }))
		expect(text).toMatch(/balanced accuracy at least 0\.8: \*\*yes\*\*, 0\.\d{3} ± /)
		expect(text).toMatch(/calibration error after calibration at most 0\.001: \*\*no\*\*/)
		expect(text).toContain('\n\nMore epochs gave nothing.\n\n')
	})

	it('has how alike the maps of student and teacher are, where that was measured', () => {
		const results = resultsWith([TEACHER, ...distilled])
		mkdirSync(join(results, 'explanations'))
		const report = {
			schemaVersion: 1, softwareVersion: '0.1.0', mode: 'paper', models: [model('model', 'distilled-2'), model('teacher', 'teacher-1')],
			data: { split: 'test', films: 60, groups: 30, of: 90, seed: 1, sha256: packHash('films') }, localisation: null, refused: [], leftOut: [],
			interval: { method: 'percentile bootstrap over groups', level: 0.95, resamples: 1000, seed: 1 }, faithfulness: [], located: [], randomisation: [],
			comparison: [{ group: { column: 'all', value: 'all films' }, n: 60, groups: 30, correlation: mean(0.1), rankCorrelation: mean(0.62), topFifthOverlap: mean(0.41), sameCall: mean(0.9) }],
		}
		writeFileSync(join(results, 'explanations', 'films.json'), JSON.stringify(report))
		const table = section(documentOf(results), '### Teacher, student')
		expect(cells(table, /^\| student distilled/).at(-1)).toBe('0.62 (0.52 to 0.72); 0.41 (0.31 to 0.51) (seed 2, Teacher, 64 x 64, 60 images)')
		expect(cells(table, /^\| teacher/).at(-1)).toBe('')
		writeFileSync(join(results, 'explanations', 'films.json'), JSON.stringify({ ...report, models: [model('model', 'another'), model('teacher', 'teacher-1')] }))
		expect(cells(section(documentOf(results), '### Teacher, student'), /^\| student distilled/).at(-1)).toBe('')
	})

	it('says no where the numbers do', () => {
		const worse = distilled.map((run) => ({ ...run, skill: 1, macs: 3_000_000 }))
		const table = section(documentOf(resultsWith([TEACHER, ...alone, ...worse])), '### Teacher')
		expect(table).toMatch(/at least as good as student alone.*: \*\*no\*\*, -\d+\.\d\d points .*The whole interval is below 0\./)
		expect(table).toMatch(/within two points.*: \*\*no\*\*.*at 15\.0 % of its MACs; it loses more than two points; it is not that much cheaper\./)
	})

	it('puts a run into the table that its recipe belongs to', () => {
		const text = documentOf(resultsWith([
			...alone,
			{ id: 'cropped', role: 'shortcut', seed: 1, skill: 2, region: { of: 'lungs', margin: 0.05 }, tones: 'equalised' },
			{ id: 'by-source', role: 'shortcut', seed: 1, skill: 2, sampling: 'source' },
			{ id: 'background', role: 'shortcut', seed: 1, skill: 0, region: { of: 'background', margin: 0.05 } },
			{ id: 'without-east', role: 'shortcut', seed: 1, skill: 0.1, leaveOut: [{ column: 'source', values: ['east'] }] },
		]))
		expect(section(text, '### Teacher, student')).not.toMatch(/cropped|background|left out/)
		const left = section(text, '### A source that training never saw')
		expect(cells(left, /source east/).slice(0, 3)).toEqual(['source east', 'Network, 64 x 64', 'whole image'])
		const background = section(text, '### What the background alone says')
		expect(cells(background, /masked out/)[1]).toBe('background alone, lungs masked out (margin 0.05)')
		expect(cells(background, /masked out/)[6]).toBe('0.33')
		expect(cells(background, /masked out/)[7]).toBe('no')
		const mitigation = section(text, '### Before and after')
		expect([...mitigation.matchAll(/^\| (?!\||---)/gm)]).toHaveLength(4)
		expect(mitigation).toContain('cropped to the lungs (margin 0.05), equalised')
		expect(mitigation).toContain('sources equally often')
		expect(mitigation).toContain('sources with several classes')
	})

	it('gives results of slices and of each value of each column, and says where there is one class', () => {
		const groups = section(documentOf(resultsWith(alone)), '### By source and other groups')
		expect(cells(groups, /^\| source west/).slice(0, 5)).toEqual(['source west', '30', '15', 'covid 30', '1.00'])
		expect(cells(groups, /^\| sources with several classes/)[1]).toBe('60')
		expect(groups).not.toContain('domain several classes')
		expect(groups).not.toContain('CC BY')
	})

	it('says how well two classes are told apart where a source holds several, as counting pairs of images does', () => {
		const results = resultsWith([{ id: 'alone-1', role: 'alone', seed: 1, skill: 0.7 }])
		const pairs = section(documentOf(results), '### Two classes at a time')
		const { samples, logits } = readKeptRun(join(results, 'runs'), 'alone-1').predictions
		const differences = (split: string, label: number) => [...samples.keys()].flatMap((row) => {
			const sample = samples[row]
			return sample?.split === split && sample.attributes['domain'] === 'several classes' && sample.truth[label] === 1 ? [logits[row * 3]! - logits[row * 3 + 2]!] : []
		})
		for (const split of ['validation', 'test']) {
			const [covid, pneumonia] = [differences(split, 0), differences(split, 2)]
			const larger = covid.flatMap((one) => pneumonia.map((other) => Number(one > other)))
			const row = cells(pairs, new RegExp(`covid and pneumonia \\| ${split}`))
			expect(row[3]).toBe(`${covid.length} and ${pneumonia.length}`)
			expect(row[5]).toMatch(new RegExp(`^${(larger.reduce((sum, value) => sum + value, 0) / larger.length).toFixed(3)} \\(`))
		}
		// Three pairs of the test images; of the validation images there is no normal one, so that one pair is left.
		expect([...pairs.matchAll(/^\| sources with several classes \| ([a-z ]+) \| ([a-z]+) /gm)].map(([, classes, split]) => `${classes}, ${split}`)).toEqual([
			'covid and normal, test', 'covid and pneumonia, validation', 'covid and pneumonia, test', 'normal and pneumonia, test',
		])
	})

	it('has no such table where no group is named, or none holds several classes', () => {
		expect(documentOf(resultsWith(alone, undefined, { slices: [] }))).not.toContain('Two classes at a time')
		expect(documentOf(resultsWith(alone, undefined, { slices: [{ title: 'west alone', column: 'source', values: ['west'] }] }))).not.toContain('Two classes at a time')
	})

	it('says so where nothing is kept, and where there is nothing to compare with', () => {
		expect(documentOf(resultsWith([]))).toContain('No run of this task is kept yet.')
		const text = documentOf(resultsWith(distilled))
		expect(text).toContain('no run of the same network alone is kept')
		expect(text).toContain('no run of its teacher is kept')
	})

	it.each([
		['an index that names a run that is not kept', [...alone], [{ task: 'films', role: 'alone', seed: 1, run: 'gone' }, ...alone.map(({ id, role, seed }) => ({ task: 'films', role, seed, run: id }))], /gone/],
		['another seed than the recipe\'s', alone.slice(0, 1), [{ task: 'films', role: 'alone', seed: 9, run: 'alone-1' }], /gives the run alone-1 the seed 9; its recipe has 1/],
		['a distilled run that is called alone', distilled.slice(0, 1), [{ task: 'films', role: 'alone', seed: 1, run: 'distilled-1' }], /calls the run distilled-1 alone; its recipe has a teacher/],
		['a task that is not there', alone.slice(0, 1), [{ task: 'other', role: 'alone', seed: 1, run: 'alone-1' }], /There is no task other/],
		['a run that stands twice', alone.slice(0, 1), [1, 2].map(() => ({ task: 'films', role: 'alone', seed: 1, run: 'alone-1' })), /stands twice/],
		['a way out of the folder', [], [{ task: 'films', role: 'alone', seed: 1, run: '../alone-1' }], /index\.json is not valid/],
		['a kept run that no table would have', alone.slice(0, 1), [], /alone-1 stands in no table/],
	])('refuses %s', (_, made, runs, message) => {
		expect(() => documentOf(resultsWith(made, runs))).toThrow(message)
	})

	it('refuses runs of one row that answered on other images', () => {
		const [first, second] = alone
		if (!first || !second) throw new Error('There are three.')
		expect(() => documentOf(resultsWith([first, { ...second, images: 100 }]))).toThrow(/did not answer on the same images/)
	})

	it('compares what both answered on, where a teacher sees films without lungs too', () => {
		const text = documentOf(resultsWith([TEACHER, ...alone, ...distilled.map((run) => ({ ...run, images: 100, region: { of: 'lungs', margin: 0.1 } }))]))
		expect(text).toMatch(/within two points of its teacher.*; 74 images\)/)
		expect(text).toContain('no run of the same network alone is kept')
	})

	it('has the overlap of networks that mark the lungs, by source, computed from their films', () => {
		const results = resultsWith([])
		const run = join(results, 'runs', 'lungs-1')
		mkdirSync(run)
		const films = Array.from({ length: 40 }, (_, index) => ({ id: `${index}.png`, split: index < 20 ? 'validation' : 'test', group: `p${index >> 1}`, source: index % 2 === 0 ? 'a' : 'b', dice: 0.9 + (index % 10) / 100, iou: 0.8 + (index % 10) / 100 }))
		for (const [name, value] of Object.entries({ 'recipe.json': { seed: 1 }, 'pack.json': { architecture: 'U-Net, 128 x 128', parameters: 300_000, macs: 120_000_000 }, 'films.json': films })) writeFileSync(join(run, name), JSON.stringify(value))
		expect(() => documentOf(results)).toThrow(/lungs-1 stands in no table/)
		writeFileSync(join(results, 'index.json'), JSON.stringify({ schemaVersion: 1, tasks: [], lungs: ['lungs-1'], runs: [] }))
		const part = section(documentOf(results), '## Lungs')
		expect(cells(part, /test \| all/).slice(1, 8)).toEqual(['0.30 M', '0.120 G', 'test', 'all', '20', '10', expect.stringMatching(/^0\.945 \(0\.9/)])
		expect([...part.matchAll(/^\| U-Net/gm)]).toHaveLength(6)
	})

	it('keeps runs of other recipes in rows of their own', () => {
		const [first, second, third] = alone
		if (!first || !second || !third) throw new Error('There are three.')
		const table = section(documentOf(resultsWith([first, second, { ...third, epochs: 9 }])), '### Teacher, student')
		expect([...table.matchAll(/^\| student alone/gm)]).toHaveLength(2)
	})
})

describe('measureRuns', () => {
	it('gives of one run what an evaluation gives, intervals included', () => {
		const results = resultsWith(alone)
		const run = readKeptRun(join(results, 'runs'), 'alone-1')
		const measured = measureRuns([run], ofSplit('test'), TABLE_METRICS)
		const rows = [...run.predictions.samples.keys()].filter((row) => run.predictions.samples[row]?.split === 'test')
		const logits = Float32Array.from(rows.flatMap((row) => [...run.predictions.logits.subarray(row * 3, row * 3 + 3)]))
		const expected = resultsOf(casesOf({ samples: rows.map((row) => run.predictions.samples[row]!), logits }, { task: 'multiclass', labels: KEPT_LABELS, calibration: run.evaluation.calibration, operatingPoints: [0.5, 0.5, 0.5] }), KEPT_LABELS)
		for (const metric of ['accuracy', 'balancedAccuracy', 'macroPrecision', 'macroRecall', 'macroF1', 'auroc', 'ece'] as const) {
			expect(measured?.metrics[metric].mean, metric).toBe(expected[metric])
			expect(measured?.metrics[metric].interval, metric).toEqual(expected.intervals[metric])
		}
	})

	it('reads several labels per image as an evaluation does: Platt\'s scaling, operating points, unknown truth', () => {
		const run = readKeptRun(join(resultsWith(alone.slice(0, 1)), 'runs'), 'alone-1')
		const samples = run.predictions.samples.map((sample, row) => ({ ...sample, truth: [row % 2, row % 5 === 0 ? null : row % 3 === 0 ? 1 : 0, row % 7 === 0 ? 1 : 0] }))
		const { logits } = run.predictions
		const calibration = { method: 'platt' as const, labels: KEPT_LABELS.map((_, label) => ({ slope: 1 + label, offset: -0.3 * label, n: 10, fitted: true })), n: 10, eceBefore: null, eceAfter: null }
		const points = [0.4, 0.5, 0.2]
		const several = { ...run, predictions: { samples, logits }, evaluation: {
			...run.evaluation, calibration, model: { ...run.evaluation.model, task: 'multilabel' as const },
			splits: run.evaluation.splits.map((split) => ({ ...split, operatingPoints: split.operatingPoints.map((point, label) => ({ ...point, threshold: points[label] ?? 0 })) })),
		} }
		const expected = resultsOf(casesOf({ samples, logits }, { task: 'multilabel', labels: KEPT_LABELS, calibration, operatingPoints: points }), KEPT_LABELS)
		const measured = measureRuns([several], () => true, TABLE_METRICS)
		for (const metric of ['accuracy', 'balancedAccuracy', 'macroF1', 'auroc', 'ece'] as const) expect(measured?.metrics[metric].mean, metric).toBe(expected[metric])
		expect(measured?.metrics.eceBefore.mean).not.toBe(measured?.metrics.ece.mean)
	})

	it('has no interval wider than the widest of its runs, and the mean between them', () => {
		const results = resultsWith(alone)
		const runs = alone.map(({ id }) => readKeptRun(join(results, 'runs'), id))
		const together = measureRuns(runs, ofSplit('test'), ['auroc'])?.metrics.auroc
		const each = runs.map((run) => measureRuns([run], ofSplit('test'), ['auroc'])?.metrics.auroc)
		expect(together?.values).toEqual(each.map((one) => one?.mean))
		expect(width(together?.interval)).toBeLessThanOrEqual(Math.max(...each.map((one) => width(one?.interval))) + 0.01)
	})
})

describe('pairedDifference', () => {
	it('is 0 without an interval of a run with itself, and changes its sign with the order', () => {
		const results = resultsWith([...alone, ...distilled])
		const [a, b] = ['alone-1', 'distilled-1'].map((id) => readKeptRun(join(results, 'runs'), id))
		if (!a || !b) throw new Error('Both were made.')
		expect(pairedDifference([[a, a]], 'balancedAccuracy', ofSplit('test'))).toEqual({ mean: 0, pairs: [0], interval: null, n: 90 })
		const there = pairedDifference([[b, a]], 'balancedAccuracy', ofSplit('test'))
		const back = pairedDifference([[a, b]], 'balancedAccuracy', ofSplit('test'))
		expect(there.mean).toBeGreaterThan(0)
		expect(back.mean).toBeCloseTo(-there.mean, 12)
		expect(back.interval?.[0]).toBeCloseTo(-(there.interval?.[1] ?? 0), 2)
	})
})

describe('pairedDifference of several seeds', () => {
	it('has the spread of the seeds in its interval', () => {
		const made = [0.2, 1.5, 4].map((skill, index) => ({ id: `distilled-${index + 1}`, role: 'distilled' as const, seed: index + 1, skill, teachers: [packHash('teacher-1')] }))
		const results = resultsWith([...alone, ...made])
		const pairs = made.map(({ id, seed }) => [readKeptRun(join(results, 'runs'), id), readKeptRun(join(results, 'runs'), `alone-${seed}`)] as const)
		const { pairs: each, interval, mean: middle } = pairedDifference(pairs, 'balancedAccuracy', ofSplit('test'))
		expect(each.map(Math.sign)[0]).toBe(-1)
		expect(each.at(-1)).toBeGreaterThan(0.1)
		// All three draws are of the worst pair, or of the best, in one of 27.
		expect(interval?.[0]).toBeLessThan((each[0] ?? 0) / 2 + middle / 2)
		expect(interval?.[1]).toBeGreaterThan((each.at(-1) ?? 0) / 2 + middle / 2)
	})
})

describe('predictions', () => {
	it('come back as they were written, whatever the names are', () => {
		const name = fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replaceAll('\0', '')).filter((text) => text.trim() !== '' && !text.startsWith('\''))
		const row = fc.record({ id: name, group: name, source: name, column: fc.string({ maxLength: 8 }).filter((text) => !text.startsWith('\'') && !text.includes('\0')), logits: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 2 }), truth: fc.constantFrom([0, 1], [1, 0], [null, 1]) })
		fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
			const samples = rows.map(({ id, group, source, column, truth }) => ({ id, path: '', split: 'test' as const, group, source, truth, attributes: { column } }))
			const logits = Float32Array.from(rows.flatMap((one) => one.logits))
			const read = readPredictions(predictionsCsv({ samples, logits }, ['a', 'b, c'], ['column']), ['a', 'b, c'], 'predictions.csv')
			expect(read.samples).toEqual(samples)
			expect([...read.logits].map((value) => value + 0)).toEqual([...logits].map((value) => value + 0))
		}))
	})

	it.each([
		['other labels', (text: string) => text.replace('truth normal', 'truth other'), /the column \d+ is "truth other" and not "truth normal"/],
		['a split that is none', (text: string) => text.replace('validation', 'all'), /line 2: "all" is no split/],
		['a logit that is no number', (text: string) => text.replace(/,[^,\r]*\r\n$/, ',nan\r\n'), /"nan" is no logit/],
		['a truth that is none', (text: string) => text.replace(/,1,0,0,/, ',7,0,0,'), /"7" is no truth/],
		['a row that is cut off', (text: string) => text.slice(0, -40), /predictions\.csv/],
	])('with %s are refused', (_, change, message) => {
		const samples = madeSamples(4)
		const text = predictionsCsv({ samples, logits: new Float32Array(12) }, KEPT_LABELS, ['domain'])
		expect(() => readPredictions(change(text), KEPT_LABELS, 'predictions.csv')).toThrow(message)
	})
})

it('an index may name no way out', () => {
	expect(resultsIndexSchema.safeParse({ schemaVersion: 1, tasks: [{ id: '../x', title: 'x', metric: 'auroc' }], runs: [] }).success).toBe(false)
})
