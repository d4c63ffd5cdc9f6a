import { execFile } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluationReportSchema, type EvaluationReport } from '../../src/common/contract/training/evaluation.ts'
import { packDescriptionSchema } from '../../src/common/contract/training/pack.ts'
import { exportPack } from '../../src/hosts/training/pack/exportPack.ts'
import { temporaryFolder } from '../support/inferenceFixtures.ts'
import { dataSetOf, makePictures, makeQuarterNetwork, PICTURE_INPUT, samplesOf, writeManifest, writePictures } from '../support/pictures.ts'

const CLI = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url))
const folder = temporaryFolder()
const pictures = makePictures(80)
const home = join(folder.path, 'home')
const pack = join(home, 'models', 'quarters')
let exported: EvaluationReport

function negatoscope(...parameters: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	return new Promise((resolve) => {
		execFile(process.execPath, [CLI, ...parameters, '--home', home], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
			resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
		})
	})
}

beforeAll(async () => {
	await writePictures(folder.path, pictures)
	writeManifest(folder.path, ['file', 'label', 'patient_or_group', 'split', 'source'], pictures.map(({ file, label, group, split, source }) => [file, label, group, split, source]))
	const dataSet = dataSetOf(samplesOf(folder.path, pictures).toSorted((a, b) => (a.id < b.id ? -1 : 1)))
	const description = packDescriptionSchema.parse({ id: 'quarters', title: 'Quarters' })
	const source = { ...makeQuarterNetwork(), input: PICTURE_INPUT, training: 'Set by hand.', trainingRun: null, description, dataSet }
	;({ report: exported } = await exportPack(source, pack, { signal: new AbortController().signal, progress: () => undefined }))
})
afterAll(() => folder.remove())

describe('negatoscope evaluate', () => {
	it('prints the metrics with their intervals, pooled and by a column', async () => {
		const { code, stdout, stderr } = await negatoscope('evaluate', 'quarters', folder.path, '--json', '--by', 'source')
		expect(code).toBe(0)
		expect(stderr).toContain('Evaluation: 20 of 20 images')
		const answer = JSON.parse(stdout) as Record<string, unknown>
		expect(answer).toMatchObject({ ...exported.splits[1], interval: exported.interval, calibration: exported.calibration })
		for (const metric of ['n', 'accuracy', 'balancedAccuracy', 'macroF1', 'auroc', 'ece']) expect(answer[metric], metric).toBeTypeOf('number')
		expect(Object.keys((answer['by'] as Record<string, object>)['source'] ?? {})).toEqual(['north', 'south'])
	})
	it('takes the folder of a pack or its ONNX file, writes what it found, and tells a person', async () => {
		const elsewhere = join(folder.path, 'elsewhere')
		cpSync(pack, elsewhere, { recursive: true })
		const out = join(folder.path, 'out')
		const { code, stdout } = await negatoscope('evaluate', join(elsewhere, 'model.onnx'), folder.path, '--split', 'val', '--out', out)
		expect(code).toBe(0)
		expect(stdout).toMatch(/^Quarters \(quarters 1\.0\.0\) on the validation split: /)
		expect(stdout).toMatch(/n 20 \(10 groups\), accuracy 0\.\d{4} \(0\.\d{4} to [01]\.\d{4}\), balancedAccuracy /)
		const report = evaluationReportSchema.parse(JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')))
		expect({ ...report.splits[0], by: {} }).toEqual({ ...exported.splits[0], by: {} })
		expect(readFileSync(join(out, 'predictions.csv'), 'utf8').trim().split('\r\n')).toHaveLength(21)
	})
	it('refuses what is no model, no data and no split, each with a sentence', async () => {
		for (const [parameters, code, reason] of [
			[['quarters', folder.path, '--split', 'most'], 1, '--split takes train, validation, test, all.'],
			[['thirds', folder.path], 2, 'There is no model thirds'],
			[['quarters', join(folder.path, 'nothing')], 2, 'manifest.csv cannot be opened'],
		] as const) {
			const outcome = await negatoscope('evaluate', ...parameters)
			expect(outcome, reason).toMatchObject({ code, stdout: '' })
			expect(outcome.stderr).toContain(reason)
		}
	})
})
