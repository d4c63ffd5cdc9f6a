import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { comparisonReportSchema, FEWEST_GROUPS, type ComparisonProgress, type ComparisonReport, type ComparisonRequest } from '../../../../src/common/contract/promotion.ts'
import { dataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import { phantomDicomFile } from '../../../../src/common/imaging/phantomDicom.ts'
import { compareModels } from '../../../../src/hosts/training/comparison/compareModels.ts'
import { evaluateModel } from '../../../../src/hosts/training/evaluation/evaluateModel.ts'
import { aboutOf, writeComparedPacks, type ComparedPack } from '../../../support/comparedPacks.ts'
import { packManifest, temporaryFolder } from '../../../support/inferenceFixtures.ts'
import { addPack } from '../../../support/packs.ts'
import { phantomWith } from '../../../support/films.ts'
import { writeManifest } from '../../../support/pictures.ts'

const folder = temporaryFolder()
const places = { lungs: { fault: 'No lung network is installed.' }, cache: null, softwareVersion: '0.0.0' }
let data: string
let sharp: ComparedPack
let blunt: ComparedPack

beforeAll(async () => {
	({ data, sharp, blunt } = await writeComparedPacks(folder.path))
})
afterAll(() => folder.remove())

async function compare(change: Partial<ComparisonRequest> = {}, progress: (value: ComparisonProgress) => void = () => undefined, signal = new AbortController().signal): Promise<ComparisonReport> {
	const request: ComparisonRequest = { current: blunt, candidate: sharp, films: { kind: 'folder', folder: data, split: 'all' }, maps: 0, ...change }
	return comparisonReportSchema.parse(await compareModels(request, places, { signal, progress }))
}

async function alone({ directory, manifest }: ComparedPack) {
	const report = await evaluateModel({ graph: join(directory, 'model.onnx'), manifest, folder: data, split: 'all', by: [], output: null, places }, { signal: new AbortController().signal, progress: () => undefined })
	return report.splits[0]
}

describe('a candidate on labelled films', () => {
	it('is better where its whole paired interval lies above 0, and the numbers of each are those of its own evaluation', async () => {
		const report = await compare()
		expect(report.verdict).toMatchObject({ outcome: 'better', metric: 'balancedAccuracy', reason: expect.stringContaining('the whole interval lies above 0') })
		const { labelled, films } = report
		expect(films).toMatchObject({ n: 120, groups: 60, refusedCount: 0 })
		const [one, other] = [await alone(blunt), await alone(sharp)]
		expect(labelled?.overall.balancedAccuracy).toMatchObject({ current: one?.balancedAccuracy, candidate: other?.balancedAccuracy })
		expect(labelled?.results).toEqual({ current: { ...one, by: {} }, candidate: { ...other, by: {} } })
		for (const [label, row] of (labelled?.labels ?? []).entries()) {
			expect(row).toMatchObject({ name: ['bright', 'left', 'top'][label], positives: 40, negatives: 80, positiveGroups: 20, negativeGroups: 40 })
			expect(row.sensitivity).toMatchObject({ current: one?.operatingPoints[label]?.sensitivity, candidate: other?.operatingPoints[label]?.sensitivity })
			expect(row.specificity).toMatchObject({ current: one?.operatingPoints[label]?.specificity, candidate: other?.operatingPoints[label]?.specificity })
			expect(row.operatingPoints).toEqual({ current: blunt.manifest.labels[label]?.operatingPoint, candidate: sharp.manifest.labels[label]?.operatingPoint })
			expect(row.auroc.candidate).toBeCloseTo(other?.labels[label]?.auroc ?? Number.NaN, 12)
		}
		const right = labelled?.right
		expect((right?.both ?? 0) + (right?.onlyCurrent ?? 0) + (right?.onlyCandidate ?? 0) + (right?.neither ?? 0)).toBe(120)
		expect(((right?.both ?? 0) + (right?.onlyCandidate ?? 0)) / 120).toBeCloseTo(other?.accuracy ?? Number.NaN, 12)
		expect(right?.p).toBeLessThan(0.05)
		expect(report.cautions.join('\n')).toContain('not a test split')
		expect(report.cautions.join('\n')).toContain('McNemar')
	})

	it('is worse where the two change places, by the same numbers', async () => {
		const [forth, back] = [await compare(), await compare({ current: sharp, candidate: blunt })]
		expect(back.verdict.outcome).toBe('worse')
		expect(back.labelled?.overall.balancedAccuracy.difference).toBe(-(forth.labelled?.overall.balancedAccuracy.difference ?? Number.NaN))
		expect(back.films.sha256).toBe(forth.films.sha256)
		expect(back.cautions.join('\n')).toMatch(/Sensitivity for \w+ at the operating point is lower with the candidate: -0\.\d{3} \(95 % interval/)
	})

	it('that answers alike shows no difference, and its maps are the same', async () => {
		const twin = join(folder.path, 'packs', 'twin')
		cpSync(sharp.directory, twin, { recursive: true })
		const report = await compare({ current: sharp, candidate: { ...sharp, directory: twin }, maps: 3 })
		expect(report.verdict).toMatchObject({ outcome: 'undecided', reason: expect.stringContaining('No difference was shown') })
		expect(report.labelled?.overall.auroc).toMatchObject({ difference: 0, interval: null })
		expect(report.labelled?.right).toMatchObject({ onlyCurrent: 0, onlyCandidate: 0, p: 1 })
		expect(report.maps).toMatchObject({ films: 3, correlation: { value: expect.closeTo(1, 6) }, topFifthOverlap: { value: 1 } })
		expect(report.latency.runs).toBeGreaterThanOrEqual(3)
		expect(report.latency.ratio).toBeCloseTo(report.latency.candidate / report.latency.current, 12)
	})

	it('is called nothing where one label has too few patients, however large the difference', async () => {
		const few = await compare({ films: { kind: 'folder', folder: data, split: 'test' } })
		expect(few.films.n).toBe(30)
		expect(few.verdict).toMatchObject({ outcome: 'insufficient', reason: expect.stringContaining(`at least ${FEWEST_GROUPS} with`) })
		expect(few.labelled?.labels.map(({ outcome }) => outcome)).toEqual(['insufficient', 'insufficient', 'insufficient'])
		expect(few.cautions.join('\n')).not.toContain('not a test split')
	})

	it('may name its labels in another order', async () => {
		const turned = join(folder.path, 'packs', 'turned')
		cpSync(sharp.directory, turned, { recursive: true })
		// The same graph under a description that turns its labels round: the first output is called what the last one was.
		const manifest = { ...sharp.manifest, labels: sharp.manifest.labels.toReversed() }
		writeFileSync(join(turned, 'model.json'), JSON.stringify(manifest))
		const report = await compare({ candidate: { directory: turned, manifest, about: aboutOf(manifest) } })
		const rows = await compare()
		expect(report.labelled?.labels.map(({ name }) => name)).toEqual(['bright', 'left', 'top'])
		expect(report.labelled?.labels[1]?.auroc).toEqual(rows.labelled?.labels[1]?.auroc)
		expect(report.labelled?.labels[0]?.auroc.candidate).toBeLessThan(0.5)
	})

	it('gives the same numbers on the test split of a data recipe as on the folder', async () => {
		const recipe = dataRecipeSchema.parse({ layout: 'manifest', folder: data, labels: ['top', 'bright', 'left'] })
		const progress: string[] = []
		const [byRecipe, byFolder] = [await compare({ films: { kind: 'data', data: recipe } }, ({ phase }) => void progress.push(phase)), await compare({ films: { kind: 'folder', folder: data, split: 'test' } })]
		expect(byRecipe.labelled?.overall).toEqual(byFolder.labelled?.overall)
		expect(byRecipe.films.sha256).toBe(byFolder.films.sha256)
		expect([...new Set(progress)]).toEqual(['data', 'current', 'candidate', 'latency'])
		await expect(compare({ films: { kind: 'data', data: dataRecipeSchema.parse({ layout: 'lung-masks', folder: data }) } })).rejects.toThrow()
		const trainOnly = join(folder.path, 'train only')
		cpSync(data, trainOnly, { recursive: true })
		writeManifest(trainOnly, ['file', 'label', 'split'], [['bright/0.png', 'bright', 'train'], ['bright/1.png', 'bright', 'val'], ['left/2.png', 'left', 'train']])
		await expect(compare({ films: { kind: 'data', data: dataRecipeSchema.parse({ layout: 'manifest', folder: trainOnly, splits: { test: 0, validation: 0 } }) } })).rejects.toThrow('no test split')
	})

	it('is left alone with films that only one can read, and lists them', async () => {
		const broken = join(folder.path, 'broken')
		cpSync(data, broken, { recursive: true })
		writeFileSync(join(broken, 'bright', '0.png'), 'no picture')
		const report = await compare({ films: { kind: 'folder', folder: broken, split: 'all' } })
		expect(report.films).toMatchObject({ n: 119, refusedCount: 2, refused: [{ id: 'bright/0.png', by: 'current' }, { id: 'bright/0.png', by: 'candidate' }] })
	})

	it('is refused with other labels, another task, other colours, or a graph that is not its own', async () => {
		const other = (change: Partial<ComparedPack['manifest']>) => compare({ candidate: { ...sharp, manifest: { ...sharp.manifest, ...change } } })
		await expect(other({ labels: sharp.manifest.labels.map((label, index) => (index === 0 ? { ...label, name: 'dark' } : label)) })).rejects.toThrow('answers with other labels (dark, left, top) than blunt (bright, left, top)')
		await expect(other({ task: 'multilabel' })).rejects.toThrow('calls several labels per image and blunt one label per image')
		await expect(other({ input: { ...sharp.manifest.input, colour: 'rgb' } })).rejects.toThrow('reads another kind of image')
		await expect(other({ sha256: '0'.repeat(64) })).rejects.toThrow('SHA-256 differs')
		await expect(other({ golden: { ...sharp.manifest.golden, logits: [9, 9, 9] } })).rejects.toThrow('self-test failed')
	})

	it('ends at the next batch when nobody waits any more', async () => {
		const cancel = new AbortController()
		await expect(compare({}, () => cancel.abort(), cancel.signal)).rejects.toThrow('abort')
	})
})

describe('a candidate on films of the library', () => {
	it('is shown by what a reader would see differently, study by study, and never called better', async () => {
		const packs = join(folder.path, 'library packs')
		// The same network, which calls nothing any more.
		const shy = addPack(packs, 'shy', { labels: packManifest.labels.map((label) => ({ ...label, operatingPoint: { ...label.operatingPoint, value: 1 } })), abstention: { ...packManifest.abstention, threshold: 0 } })
		const eager = addPack(packs, 'eager', { labels: packManifest.labels.map((label) => ({ ...label, operatingPoint: { ...label.operatingPoint, value: 0 } })), abstention: { ...packManifest.abstention, threshold: 0 } })
		const films = [phantomDicomFile(), phantomWith([{ tag: 0x00180015, vr: 'CS', value: 'KNEE' }, { tag: 0x00080018, vr: 'UI', value: '2.25.4711' }]), new TextEncoder().encode('Dear colleague')].map((bytes, index) => {
			const path = join(folder.path, `film${index}`)
			writeFileSync(path, bytes)
			return { studyId: index + 1, instanceId: index + 10, frameIndex: 0, group: `p${index}`, path }
		})
		const report = await compare({
			current: { directory: join(packs, 'shy'), manifest: shy, about: aboutOf(shy) }, candidate: { directory: join(packs, 'eager'), manifest: eager, about: aboutOf(eager) }, films: { kind: 'library', films },
		})
		expect(report.verdict).toMatchObject({ outcome: 'insufficient', metric: null })
		expect(report.films).toMatchObject({ n: 2, groups: 2, refusedCount: 1 })
		const { library } = report
		// The lungs were not looked for, so the phantom passes and the knee does not.
		expect(library?.passed).toEqual({ both: 1, onlyCurrent: 0, onlyCandidate: 0, neither: 1 })
		expect(library?.abstained).toEqual({ both: 0, onlyCurrent: 0, onlyCandidate: 0, neither: 1 })
		expect(library?.differs).toMatchObject({ value: 0.5, n: 2 })
		expect(library?.changed).toBe(1)
		expect(library?.changes).toEqual([{ studyId: 1, instanceId: 10, frameIndex: 0, current: { state: 'answered', calls: [], reason: '' }, candidate: { state: 'answered', calls: ['covid19', 'normal', 'pneumonia'], reason: '' } }])
		for (const row of library?.labels ?? []) {
			expect(row.calls).toEqual({ both: 0, onlyCurrent: 0, onlyCandidate: 1, neither: 1 })
			expect(row.difference).toMatchObject({ value: expect.closeTo(0, 6), n: 1 })
			expect(row.current.n).toBe(1)
		}
		await expect(compare({ films: { kind: 'library', films: films.slice(2) } })).rejects.toThrow('None of the 1 films of the library can be read')
	})
})
