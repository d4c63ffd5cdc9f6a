import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepRun } from '../../../../src/hosts/training/results/keepRun.ts'
import { readKept } from '../../../../src/hosts/training/results/keptFiles.ts'
import { readKeptRun } from '../../../../src/hosts/training/results/keptRun.ts'
import { measureRuns, TABLE_METRICS } from '../../../../src/hosts/training/results/measureRuns.ts'
import { ofSplit } from '../../../../src/hosts/training/results/resultRows.ts'
import { startRun } from '../../../../src/hosts/training/runs/run.ts'
import { runControl, smallRecipe, writeSmallData } from '../../../support/smallRun.ts'

/** A path of this machine, which no kept file may name. */
const ELSEWHERE = join(tmpdir(), 'films')

let folder: string
let run: string
let count = 0

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-kept-'))
	// A repository with data beside it, and runs elsewhere.
	mkdirSync(join(folder, 'beside', 'repository'), { recursive: true })
	const parts = await writeSmallData(join(folder, 'beside'))
	const summary = await startRun({ recipe: smallRecipe(parts, { epochs: 1 }), title: 'recipe.json', base: folder }, { runs: join(folder, 'home', 'runs'), cache: join(folder, 'home', 'cache'), models: [], lungs: { fault: 'No lung network is installed.' }, softwareVersion: '0.0.0' }, runControl())
	run = summary.directory
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newKept = () => join(folder, `kept${++count}`)
const keep = (from: string, kept = newKept(), places: [string, string][] = []) => keepRun({ run: from, kept, repository: join(folder, 'beside', 'repository'), places })

/** A copy of the run, with something else in it. */
function copy(change: (directory: string) => void): string {
	const directory = join(folder, `copy${++count}`, 'small-1')
	cpSync(run, directory, { recursive: true })
	change(directory)
	return directory
}

function edit(directory: string, name: string, from: string | RegExp, to: string): void {
	const path = join(directory, name)
	const text = readFileSync(path, 'utf8')
	expect(text).toMatch(from)
	writeFileSync(path, text.replace(from, to))
}

describe('keepRun', () => {
	it('keeps everything but weights, without a path of the machine, and it can be read again', async () => {
		const kept = newKept()
		expect(await keep(run, kept)).toEqual({ id: 'small-1', seed: 7, kind: 'classifier' })
		expect(readdirSync(kept)).toEqual(['small-1'])
		const files = readdirSync(join(kept, 'small-1'))
		expect(files.map((name) => name.replace(/\.gz$/, '')).toSorted()).toEqual(['environment.json', 'evaluation.json', 'metrics.jsonl', 'pack.json', 'predictions.csv', 'recipe.json', 'state.json'])
		for (const name of files) {
			const text = readKept(join(kept, 'small-1'), name.replace(/\.gz$/, ''))
			expect(text, name).not.toContain(folder)
			expect(text, name).not.toContain(tmpdir())
		}
		const recipe = JSON.parse(readKept(join(kept, 'small-1'), 'recipe.json')) as { data: { folder: string }; student: { file: string } }
		expect([recipe.data.folder, recipe.student.file]).toEqual(['../data', '../student.onnx'])
		expect(readKept(join(kept, 'small-1'), 'metrics.jsonl')).toBe(readFileSync(join(run, 'metrics.jsonl'), 'utf8'))

		const again = readKeptRun(kept, 'small-1')
		const report = JSON.parse(readFileSync(join(run, 'pack', 'evaluation.json'), 'utf8')) as { splits: { split: string; n: number; balancedAccuracy: number; auroc: number; intervals: { auroc: [number, number] }; reliability: { before: { ece: number } } }[] }
		for (const expected of report.splits) {
			const measured = measureRuns([again], ofSplit(expected.split as 'test'), TABLE_METRICS)
			expect(measured?.n).toBe(expected.n)
			expect(measured?.metrics.balancedAccuracy.mean).toBeCloseTo(expected.balancedAccuracy, 12)
			expect(measured?.metrics.auroc.mean).toBeCloseTo(expected.auroc, 12)
			expect(measured?.metrics.auroc.interval).toEqual(expected.intervals.auroc)
			expect(measured?.metrics.eceBefore.mean).toBeCloseTo(expected.reliability.before.ece, 12)
		}
		await expect(keep(run, kept)).rejects.toThrow(/is there already/)
	})

	it('makes the predictions of a run that has left none, the same to the byte', async () => {
		const kept = newKept()
		await keep(copy((directory) => rmSync(join(directory, 'predictions.csv'))), kept)
		expect(readKept(join(kept, 'small-1'), 'predictions.csv')).toBe(readFileSync(join(run, 'predictions.csv'), 'utf8'))
	})

	it('names runs beside this one, and places that it is told', async () => {
		const elsewhere = join(folder, 'elsewhere')
		mkdirSync(elsewhere, { recursive: true })
		writeFileSync(join(elsewhere, 'first.onnx'), '')
		const moved = copy((directory) => {
			edit(directory, 'recipe.json', join(folder, 'beside', 'student.onnx'), join(elsewhere, 'first.onnx'))
			sign(directory)
		})
		await expect(keep(moved)).rejects.toThrow(/The recipe's field student\.file names .*first\.onnx, which lies neither in the repository/)
		const kept = newKept()
		await keep(moved, kept, [[elsewhere, 'weights']])
		expect(readKept(join(kept, 'small-1'), 'recipe.json')).toContain('"file": "weights/first.onnx"')
	})

	it.each([
		['a run that is not finished', (directory: string) => edit(directory, 'state.json', '"finished"', '"paused"'), /is paused; only finished runs/],
		['a recipe that is not the pack\'s', (directory: string) => edit(directory, 'recipe.json', '"seed": 7', '"seed": 8'), /not made by this run's recipe\.json/],
		['a path in a text', (directory: string) => edit(directory, 'pack/evaluation.json', '"refused": []', `"refused": [{ "id": "a", "reason": "It is in ${ELSEWHERE}." }]`), new RegExp(`evaluation\\.json names the path ${ELSEWHERE}`)],
		['a path of Windows', (directory: string) => edit(directory, 'pack/model.json', '"licence": "', '"licence": "See C:\\\\films\\\\terms '), /pack\.json names the path C:/],
		['answers that the evaluation is not of', (directory: string) => {
			const path = join(directory, 'predictions.csv')
			const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\r\n')
			writeFileSync(path, [header, ...lines.map((line) => line.replace(/,([^,]*),([^,]*),([^,]*)$/, ',$2,$3,$1'))].join('\r\n'))
		}, /are not those that its evaluation\.json is of/],
		['predictions that are no table', (directory: string) => writeFileSync(join(directory, 'predictions.csv'), 'id,split\r\na,b,c\r\n'), /predictions\.csv/],
		['too much', (directory: string) => writeFileSync(join(directory, 'metrics.jsonl'), Array.from({ length: 400_000 }, () => Math.random().toString(36)).join('\n')), /at most 1000000 are kept/],
	])('refuses %s and leaves nothing behind', async (_, change, message) => {
		const kept = newKept()
		await expect(keep(copy(change), kept)).rejects.toThrow(message)
		expect(existsSync(kept) ? readdirSync(kept) : []).toEqual([])
	})
})

/** The pack says by which recipe it was made. */
function sign(directory: string): void {
	const path = join(directory, 'pack', 'model.json')
	const manifest = JSON.parse(readFileSync(path, 'utf8')) as { trainingRun: { recipeSha256: string } }
	manifest.trainingRun.recipeSha256 = createHash('sha256').update(readFileSync(join(directory, 'recipe.json'))).digest('hex')
	writeFileSync(path, JSON.stringify(manifest))
}
