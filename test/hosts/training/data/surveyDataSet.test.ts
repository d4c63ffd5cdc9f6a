import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../../../src/common/contract/procedures.ts'
import { CHESTXRAY14_LABELS, labelledDataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import { dataSetSampleSchema, dataSetSurveySchema, type DataSetSample, type DataSetSurvey, type SurveyProgress } from '../../../../src/common/contract/training/dataSets.ts'
import { readDataSet } from '../../../../src/hosts/training/data/readDataSet.ts'
import { memoryOf } from '../../../../src/hosts/training/data/survey.ts'
import { surveyDataSet } from '../../../../src/hosts/training/data/surveyDataSet.ts'
import { sharedData } from '../../../support/sharedData.ts'
import { newFolder, pictureFile, writeTree } from '../../../support/trees.ts'

interface Surveyed {
	survey: DataSetSurvey
	samples: DataSetSample[]
	told: SurveyProgress[]
	cache: string
}

async function survey(folder: string, own: object = {}, signal = new AbortController().signal): Promise<Surveyed> {
	const cache = await newFolder()
	const file = join(cache, 'samples.jsonl')
	const told: SurveyProgress[] = []
	const recipe = labelledDataRecipeSchema.parse({ layout: 'manifest', folder, ...own })
	const found = dataSetSurveySchema.parse(await surveyDataSet({ recipe, cache, samples: file }, { signal, progress: (value) => void told.push(value) }))
	const lines = (await readFile(file, 'utf8')).split('\n')
	expect(lines.pop()).toBe('')
	return { survey: found, samples: lines.map((line) => dataSetSampleSchema.parse(JSON.parse(line))), told, cache }
}

const HEADER = 'file,label,split,group,source,sex'
const ROWS = ['1.png,a,train,p1,north,F', '2.png,b,train,p2,north,M', '3.png,a,val,p3,south,F', '4.png,b,val,p4,south,M', '5.png,a,test,p5,north,F', '6.png,b,test,p6,north,']
const made = async (rows: readonly string[] = ROWS, files: Record<string, number | string | Uint8Array> = {}) =>
	writeTree(await newFolder(), { 'manifest.csv': [HEADER, ...rows].join('\n'), '1.png': 1, '2.png': 2, '3.png': 3, '4.png': 4, '5.png': 5, '6.png': 6, ...files })
const BY_SEX = { columns: { attributes: ['sex'] } }

describe('a survey', () => {
	it('counts images by class, split, source and subgroup, and has the hash that a run will have', async () => {
		const folder = await made()
		const { survey: found, samples, told } = await survey(folder, BY_SEX)
		expect(found).toMatchObject({ task: 'multiclass', labels: ['a', 'b'], images: 6, groups: 6, warnings: [], refusal: '', refused: { total: 0 }, filtered: { total: 0 } })
		expect(found.splits.map(({ split, images, groups, labels }) => [split, images, groups, labels.map(({ positive }) => positive)])).toEqual([['train', 2, 2, [1, 1]], ['validation', 2, 2, [1, 1]], ['test', 2, 2, [1, 1]]])
		expect(found.columns).toEqual([
			{
				column: 'source', others: { values: 0, images: 0 },
				values: [{ value: 'north', images: 4, groups: 4, splits: { train: 2, validation: 0, test: 2 }, positive: [2, 2] }, { value: 'south', images: 2, groups: 2, splits: { train: 0, validation: 2, test: 0 }, positive: [1, 1] }],
			},
			{
				column: 'sex', others: { values: 0, images: 0 },
				values: [
					{ value: 'F', images: 3, groups: 3, splits: { train: 1, validation: 1, test: 1 }, positive: [3, 0] }, { value: 'M', images: 2, groups: 2, splits: { train: 1, validation: 1, test: 0 }, positive: [0, 2] },
					{ value: '', images: 1, groups: 1, splits: { train: 0, validation: 0, test: 1 }, positive: [0, 1] },
				],
			},
		])
		const read = await readDataSet(labelledDataRecipeSchema.parse({ layout: 'manifest', folder, ...BY_SEX }), { workers: 0 })
		expect(found.sha256).toBe(read.sha256)
		expect(samples.map(({ id, split, group, source, truth, sha256, width, attributes }) => ({ id, split, group, source, truth, sha256, width, attributes }))).toEqual(
			read.samples.map(({ id, split, group, source, truth, sha256, width, attributes }) => ({ id, split, group, source, truth, sha256, width, attributes })),
		)
		expect(told.at(-1)).toMatchObject({ done: 6, of: 6 })
	})

	it('counts values of a column beyond the hundredth together', async () => {
		const rows = Array.from({ length: 130 }, (_, index) => `${1 + (index % 6)}-${index}.png,a,,p${index},s${index},`)
		const folder = await made(rows, Object.fromEntries(rows.map((row, index) => [row.split(',')[0] ?? '', index])))
		const [source] = (await survey(folder)).survey.columns
		expect([source?.values.length, source?.others]).toEqual([100, { values: 30, images: 30 }])
	})

	it('names what leaks between splits, and answers where a run is refused for it', async () => {
		const copy = await pictureFile(2, 'jpeg')
		const folder = await made(
			[...ROWS.slice(0, 4), '5.png,a,test,p1,north,F', '6.png,b,test,p6,north,', '7.png,a,train,p7,,', '8.jpg,b,test,p8,,'],
			{ '7.png': 3, '8.jpg': copy },
		)
		const { survey: found, samples } = await survey(folder)
		expect(found.refusal).toMatch(/^One patient or group stands in more than one split\. For example p1 in train and test: 1\.png, 5\.png\./)
		expect(found.leaks.groups).toEqual({ total: 1, first: [{ group: 'p1', splits: ['train', 'test'], images: 2, ids: ['1.png', '5.png'] }] })
		expect(found.leaks.identical).toEqual({ total: 1, first: [{ kept: '3.png', leftOut: ['7.png'] }] })
		expect(found.leaks.similar.first.map(({ ids }) => ids)).toEqual([['2.png', '8.jpg']])
		expect(Object.fromEntries(samples.map(({ id, leaks }) => [id, leaks]))).toEqual({ '1.png': ['group'], '2.png': ['similar'], '3.png': ['identical'], '4.png': [], '5.png': ['group'], '6.png': [], '8.jpg': ['similar'] })
	})

	it('lists what cannot be read, however much it is, with what a run would say', async () => {
		const folder = await made(ROWS, { '2.png': 'no picture', '4.png': (await pictureFile(4)).subarray(0, 200) })
		const { survey: found, samples } = await survey(folder)
		expect(found.refused).toMatchObject({ total: 2, first: [{ id: '2.png' }, { id: '4.png', reason: 'The PNG image is damaged or cut off.' }] })
		expect(found.refusal).toMatch(/^2 of 6 images of .* cannot be used, which is more than data\.unreadableShare \(0\.01\) allows\. For example: 2\.png: /)
		expect(samples.map(({ id }) => id)).toEqual(['1.png', '3.png', '5.png', '6.png'])
		expect((await survey(folder, { unreadableShare: 0.5 })).survey.refusal).toBe('Label "b" has no image in the train split.')
	})

	it('keeps what was left out by hand among its samples, and the truth of the data beside the corrected counts', async () => {
		const corrections = [{ image: '1.png', labels: ['b'] }, { image: '6.png', labels: null }]
		const { survey: found, samples } = await survey(await made(), { corrections })
		expect([found.images, found.filtered]).toEqual([5, { total: 1, first: [{ what: 'left out by hand', images: 1 }] }])
		expect(found.splits[0]?.labels.map(({ positive }) => positive)).toEqual([0, 2])
		expect(samples.map(({ id, truth }) => [id, truth])).toEqual([['1.png', [1, 0]], ['2.png', [0, 1]], ['3.png', [1, 0]], ['4.png', [0, 1]], ['5.png', [1, 0]], ['6.png', [0, 1]]])
	})

	it('refuses in words what is no data set, and leaves no file behind where it is given up', async () => {
		const none = await newFolder()
		await expect(survey(none)).rejects.toThrow(UserError)
		const folder = await made()
		const cache = await newFolder()
		const given = new AbortController()
		const work = surveyDataSet({ recipe: labelledDataRecipeSchema.parse({ layout: 'manifest', folder }), cache, samples: join(cache, 'samples.jsonl') }, { signal: given.signal, progress: () => given.abort() })
		await expect(work).rejects.toMatchObject({ name: 'AbortError' })
		expect(await readdir(cache)).not.toContain('samples.jsonl')
	})

	it('remembers what it saw where a run looks for it', async () => {
		const folder = await made()
		const { cache } = await survey(folder)
		expect((await readFile(memoryOf(cache, folder), 'utf8')).trim().split('\n')).toHaveLength(6)
	})
})

describe.skipIf(!sharedData)('a survey of real films', () => {
	it('counts nih14 whole', async () => {
		const { survey: found, samples } = await survey(join(sharedData ?? '', 'nih14'), { task: 'multilabel', labels: CHESTXRAY14_LABELS, columns: { attributes: ['sex', 'view'] } })
		expect([found.images, found.splits.map(({ split, images }) => [split, images])]).toEqual([919, [['train', 718], ['validation', 102], ['test', 99]]])
		expect(found.columns.map(({ column }) => column)).toEqual(['source', 'sex', 'view', 'licence'])
		expect(found.columns[1]?.values.reduce((sum, { images }) => sum + images, 0)).toBe(919)
		expect([found.refused.total, found.leaks.groups.total, found.refusal]).toEqual([0, 0, ''])
		expect(samples).toHaveLength(919)
		expect(samples.map(({ id }) => id)).toEqual(samples.map(({ id }) => id).toSorted())
	})
})
