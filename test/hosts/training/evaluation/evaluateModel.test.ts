import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ModelManifest } from '../../../../src/common/contract/model.ts'
import { evaluationReportSchema, type EvaluationReport } from '../../../../src/common/contract/training/evaluation.ts'
import { packDescriptionSchema } from '../../../../src/common/contract/training/pack.ts'
import { evaluateModel, type EvaluationRequest } from '../../../../src/hosts/training/evaluation/evaluateModel.ts'
import { exportPack } from '../../../../src/hosts/training/pack/exportPack.ts'
import { parseCsv } from '../../../support/csv.ts'
import { packDirectory, packManifest, temporaryFolder } from '../../../support/inferenceFixtures.ts'
import { dataSetOf, LABELS, makePictures, makeQuarterNetwork, PICTURE_INPUT, samplesOf, writeManifest, writePictures } from '../../../support/pictures.ts'
import { sharedData } from '../../../support/sharedData.ts'

const folder = temporaryFolder()
const pictures = makePictures(120)
const pack = join(folder.path, 'pack')
const places = { lungs: { fault: 'No lung network is installed.' }, cache: null }
const context = { signal: new AbortController().signal, progress: () => undefined }
let manifest: ModelManifest
let exported: EvaluationReport

function evaluate(data: string, change: Partial<EvaluationRequest> = {}): Promise<EvaluationReport> {
	return evaluateModel({ graph: join(pack, 'model.onnx'), manifest, folder: data, split: null, by: [], output: null, places, ...change }, context)
}

/** A data set of its own folder with the same pictures. */
function withManifest(name: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
	const data = join(folder.path, name)
	for (const label of LABELS) cpSync(join(folder.path, label), join(data, label), { recursive: true })
	writeManifest(data, header, rows)
	return data
}

beforeAll(async () => {
	await writePictures(folder.path, pictures)
	writeManifest(folder.path, ['id', 'file', 'label', 'patient_or_group', 'split', 'source', 'ward'], pictures.map(({ file, label, group, split, source }, index) => [String(index), file, label, group, split, source, index % 2 === 0 ? 'A' : '']))
	;({ manifest, report: exported } = await exportPack({
		...makeQuarterNetwork(), input: PICTURE_INPUT, training: 'Set by hand.', trainingRun: null, description: packDescriptionSchema.parse({ id: 'quarters', title: 'Quarters' }), dataSet: dataSetOf(samplesOf(folder.path, pictures).toSorted((a, b) => (a.id < b.id ? -1 : 1))),
	}, pack, context))
})
afterAll(() => folder.remove())

describe('an evaluation', () => {
	it('finds on the test split what the pack states, and tells how far it is', async () => {
		const seen: number[] = []
		const request = { graph: join(pack, 'model.onnx'), manifest, folder: folder.path, split: null, by: ['source'], output: null, places }
		const report = evaluationReportSchema.parse(await evaluateModel(request, { ...context, progress: ({ done }) => seen.push(done) }))
		const { by, ...results } = report.splits[0]!
		expect({ ...results, by }).toEqual(exported.splits[1])
		expect(seen.at(-1)).toBe(30)
		expect(report.data.refused).toEqual([])
	})
	it('takes another split, or all of them', async () => {
		expect((await evaluate(folder.path, { split: 'validation' })).splits[0]).toMatchObject({ split: 'validation', n: 30, accuracy: exported.splits[0]?.accuracy })
		expect((await evaluate(folder.path, { split: 'all' })).splits[0]).toMatchObject({ split: 'all', n: 120 })
	})
	it('gives results by any column, with images that do not state it apart', async () => {
		const { by } = (await evaluate(folder.path, { by: ['ward', 'source'] })).splits[0]!
		expect(Object.entries(by).map(([column, values]) => [column, Object.entries(values).map(([value, { n }]) => [value, n])])).toEqual([['ward', [['A', 15], ['not stated', 15]]], ['source', [['north', 6], ['south', 24]]]])
		await expect(evaluate(folder.path, { by: ['hospital'] })).rejects.toThrow('manifest.csv has no column hospital')
	})
	it('writes the report and every logit', async () => {
		const output = join(folder.path, 'out', 'a')
		const report = await evaluate(folder.path, { output })
		expect(readdirSync(output).toSorted()).toEqual(['evaluation.json', 'predictions.csv'])
		expect(JSON.parse(readFileSync(join(output, 'evaluation.json'), 'utf8'))).toEqual(report)
		const rows = parseCsv(readFileSync(join(output, report.predictions ?? ''), 'utf8'))
		const right = rows.filter((row) => {
			const logits = LABELS.map((label) => Number(row[`logit ${label}`]))
			return row[`truth ${LABELS[logits.indexOf(Math.max(...logits))]}`] === '1'
		})
		expect(right.length / rows.length).toBe(report.splits[0]?.accuracy)
	})
	it('is the same whatever the order of the rows, and another for another truth', async () => {
		const rows = pictures.map(({ file, label, group, split }) => [file, label, group, split])
		const header = ['file', 'label', 'patient_or_group', 'split']
		const first = await evaluate(withManifest('ordered', header, rows))
		const turned = await evaluate(withManifest('turned', header, rows.toReversed()))
		expect(turned.splits).toEqual(first.splits)
		expect(turned.data.sha256).toBe(first.data.sha256)
		const changed = await evaluate(withManifest('changed', header, rows.map(([file, label, ...rest], index) => [file!, index === 7 ? 'top' : label!, ...rest])))
		expect(changed.data.sha256).not.toBe(first.data.sha256)
	})
})

describe('the manifest of an evaluation', () => {
	it('may have a column per class, no split and no groups', async () => {
		const data = withManifest('columns', ['file', ...LABELS], pictures.map(({ file, label }) => [file, ...LABELS.map((name) => (name === label ? '1' : '0'))]))
		const report = await evaluate(data)
		expect(report.splits[0]).toMatchObject({ split: 'all', n: 120, groups: 120 })
		expect(report.splits[0]?.accuracy).toBe((await evaluate(folder.path, { split: 'all' })).splits[0]?.accuracy)
	})
	it('may name labels in other letters, and hold one class only', async () => {
		const data = withManifest('one', ['file', 'label'], pictures.filter(({ label }) => label === 'left').map(({ file }) => [file, 'LEFT']))
		const { splits } = await evaluate(data)
		expect(splits[0]).toMatchObject({ n: 40, auroc: null, labels: [{ positives: 0, recall: null, f1: null }, { positives: 40, specificity: null }, { positives: 0 }] })
		expect(splits[0]?.balancedAccuracy).toBe(splits[0]?.labels[1]?.recall)
	})
	it('may hold rows that cannot be used, which are listed', async () => {
		writeFileSync(join(folder.path, 'broken.png'), 'no picture')
		const data = withManifest('hostile', ['file', 'label', 'split'], [
			...pictures.slice(0, 12).map(({ file, label }) => [file, label, 'test']), ['../pack/model.onnx', 'left', 'test'], ['/etc/passwd', 'left', 'test'], ['gone.png', 'left', 'test'],
			['left/40.png', 'tumour', 'test'], [pictures[0]!.file, 'left', 'test'], ['bright/1.png', 'left', 'holdout'], ['left/8.png'], ['=cmd|calc', 'top', 'test'],
		])
		const { splits, data: about } = await evaluate(data)
		expect(splits[0]?.n).toBe(12)
		const reasons = Object.fromEntries(about.refused.map(({ id, reason }) => [id, reason]))
		expect(reasons).toMatchObject({
			'../pack/model.onnx': "manifest.csv, line 14: Its path leads out of the data set's folder.", '/etc/passwd': "manifest.csv, line 15: Its path is absolute; files are named from the data set's folder.",
			'gone.png': 'The file is not there.', 'label tumour': 'The model does not have this label: 1 image was left out.', 'bright/0.png': 'The image is listed twice.',
			'bright/1.png': 'manifest.csv, line 19, column split: "holdout" is none of train, val and test.', 'left/8.png': 'manifest.csv, line 20: 1 fields, but the header has 3.', '=cmd|calc': 'The file is not there.',
		})
		expect(about.refused).toHaveLength(8)
	})
	it('is refused where nothing in it fits', async () => {
		await expect(evaluate(join(folder.path, 'nowhere'))).rejects.toThrow('manifest.csv cannot be opened')
		await expect(evaluate(withManifest('strange', ['file', 'label'], [['left/2.png', 'tumour']]))).rejects.toThrow('the model\'s labels are bright, left, top. label tumour: The model does not have this label: 1 image was left out.')
		await expect(evaluate(withManifest('unlabelled', ['file', 'split'], [['left/2.png', 'test']]))).rejects.toThrow('manifest.csv has no column label')
		await expect(evaluate(withManifest('untested', ['file', 'label', 'split'], [['left/2.png', 'left', 'train']]), { split: 'test' })).rejects.toThrow('no images of the split test')
		await expect(evaluate(withManifest('empty', ['file', 'label', 'split'], [['gone.png', 'left', 'test']]))).rejects.toThrow('None of the 1 images can be read. gone.png: The file is not there.')
	})
})

describe('the model of an evaluation', () => {
	it('is refused where it is not what its manifest says', async () => {
		await expect(evaluate(folder.path, { graph: join(pack, 'model.json') })).rejects.toThrow('SHA-256 differs')
		await expect(evaluate(folder.path, { graph: join(folder.path, 'none.onnx') })).rejects.toThrow('cannot be read as a network')
		await expect(evaluate(folder.path, { manifest: { ...manifest, golden: { ...manifest.golden, logits: [9, 9, 9] } } })).rejects.toThrow('Quarters: The network\'s self-test failed')
	})
	it('ends at the next batch when nobody waits any more', async () => {
		const cancel = new AbortController()
		const run = evaluateModel({ graph: join(pack, 'model.onnx'), manifest, folder: folder.path, split: 'all', by: [], output: null, places }, { signal: cancel.signal, progress: () => cancel.abort() })
		await expect(run).rejects.toThrow('abort')
	})
})

describe.skipIf(!sharedData)('the built-in student on real films', () => {
	it('has the accuracy of its own model.json by domain', async () => {
		// The smallest domain whose sources hold several classes; all of them are compared in docs/evaluation.md.
		const rows = parseCsv(readFileSync(join(sharedData ?? '', 'cxr3/manifest.csv'), 'utf8')).filter((row) => row['split'] === 'test' && row['eval_domain'] === 'mixed_case_reports')
		const data = join(folder.path, 'films')
		for (const { file = '' } of rows) cpSync(join(sharedData ?? '', 'cxr3', file), join(data, file), { recursive: true })
		const columns = ['file', 'label', 'patient_or_group', 'split', 'source', 'eval_domain']
		writeManifest(data, columns, rows.map((row) => columns.map((column) => row[column] ?? '')))
		const report = await evaluateModel({ graph: join(packDirectory, 'model.onnx'), manifest: packManifest, folder: data, split: 'test', by: ['eval_domain'], output: null, places }, context)
		const stated = packManifest.metrics.filter(({ split }) => split === 'test, eval_domain mixed_case_reports')
		expect(report.splits[0]?.n).toBe(61)
		expect(report.splits[0]?.balancedAccuracy).toBeCloseTo(stated.find(({ name }) => name === 'balanced accuracy')?.value ?? 0, 4)
		for (const { name, recall } of report.splits[0]?.labels ?? []) expect(recall).toBeCloseTo(stated.find((metric) => metric.name === `recall ${name}`)?.value ?? 0, 4)
	})
})
