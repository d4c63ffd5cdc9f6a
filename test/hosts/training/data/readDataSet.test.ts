import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { phantomDicomFile } from '../../../../src/common/imaging/phantomDicom.ts'
import { dataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import { checkForTraining, countSplits } from '../../../../src/hosts/training/data/checkForTraining.ts'
import { readDataSet, type ReadOptions, type SeenDataSet } from '../../../../src/hosts/training/data/readDataSet.ts'
import { newFolder, pictureFile, writeTree } from '../../../support/trees.ts'

async function read(files: Record<string, number | string | Uint8Array>, own: object = {}, options: ReadOptions = { workers: 0 }): Promise<SeenDataSet> {
	const folder = await writeTree(await newFolder(), files)
	return await readDataSet(dataRecipeSchema.parse({ layout: 'manifest', folder, ...own }), options)
}

const rows = (...lines: string[]) => ({ 'manifest.csv': ['file,label,split,patient_or_group', ...lines].join('\n') })
const SIX = rows('1.png,a,train,p1', '2.png,b,train,p2', '3.png,a,val,p3', '4.png,b,val,p4', '5.png,a,test,p5', '6.png,b,test,p6')
const sixPictures = { '1.png': 1, '2.png': 2, '3.png': 3, '4.png': 4, '5.png': 5, '6.png': 6 }

describe('a data set', () => {
	it('has samples in order with truth, split, group and hash', async () => {
		const dataSet = await read({ ...SIX, ...sixPictures })
		expect(dataSet.samples.map(({ id, truth, split, group, width, height }) => [id, truth, split, group, width, height])).toEqual([
			['1.png', [1, 0], 'train', 'p1', 48, 40], ['2.png', [0, 1], 'train', 'p2', 48, 40], ['3.png', [1, 0], 'validation', 'p3', 48, 40],
			['4.png', [0, 1], 'validation', 'p4', 48, 40], ['5.png', [1, 0], 'test', 'p5', 48, 40], ['6.png', [0, 1], 'test', 'p6', 48, 40],
		])
		expect(checkForTraining(dataSet)).toEqual([])
		expect(countSplits(dataSet)[0]).toEqual({ split: 'train', images: 2, groups: 2, labels: [{ label: 'a', positive: 1, negative: 1, unknown: 0 }, { label: 'b', positive: 1, negative: 1, unknown: 0 }] })
	})

	it('has a hash that tells labels, truth, splits, groups and bytes, and nothing of where it lies', async () => {
		const { sha256 } = await read({ ...SIX, ...sixPictures })
		expect((await read({ ...SIX, ...sixPictures }, {}, { workers: 2 })).sha256).toBe(sha256)
		const hashes = await Promise.all([
			read({ ...SIX, ...sixPictures, '1.png': 7 }),
			read({ ...SIX, ...sixPictures }, { labels: ['b', 'a'] }),
			read({ 'manifest.csv': SIX['manifest.csv'].replace('1.png,a', '1.png,b'), ...sixPictures }),
			read({ 'manifest.csv': SIX['manifest.csv'].replace('p1', 'p9'), ...sixPictures }),
			read({ 'manifest.csv': SIX['manifest.csv'].replace('val,p3', 'test,p3'), ...sixPictures }),
		])
		expect(new Set([sha256, ...hashes.map((other) => other.sha256)]).size).toBe(6)
	})

	it('leaves a source out: its images are the test, all of them, and nothing else is', async () => {
		const table = { 'manifest.csv': ['file,label,split,patient_or_group,source,age', '1.png,a,train,p1,x,old', '2.png,b,train,p2,y,young', '3.png,a,val,p3,x,old', '4.png,b,val,p4,y,young', '5.png,a,test,p5,x,old', '6.png,b,test,p6,y,young', '7.png,b,train,p2,x,old'].join('\n') }
		const own = { columns: { attributes: ['age'] }, leaveOut: [{ column: 'source', values: ['y'] }] }
		const dataSet = await read({ ...table, ...sixPictures, '7.png': 7 }, own)
		// 7.png is of a patient who is left out with another film.
		expect(dataSet.samples.map(({ id, split }) => [id, split])).toEqual([['1.png', 'train'], ['2.png', 'test'], ['3.png', 'validation'], ['4.png', 'test'], ['6.png', 'test']])
		expect(dataSet.filtered).toEqual({ 'not of what data.leaveOut tests on': 2 })
		const byAge = await read({ ...table, ...sixPictures, '7.png': 7 }, { ...own, leaveOut: [{ column: 'age', values: ['young'] }] })
		expect(byAge.samples.map(({ split }) => split)).toEqual(dataSet.samples.map(({ split }) => split))
		await expect(read({ ...table, ...sixPictures, '7.png': 7 }, { ...own, leaveOut: [{ column: 'source', values: ['z'] }] })).rejects.toThrow('data.leaveOut[0].values: no image has "z" as its source. There are: x, y.')
		await expect(read({ ...table, ...sixPictures, '7.png': 7 }, { ...own, leaveOut: [{ column: 'sex', values: ['z'] }] })).rejects.toThrow('data.leaveOut[0].column')
	})

	it('reads DICOM, PNG and JPEG alike', async () => {
		const { samples } = await read({ 'manifest.csv': 'file,label\na.dcm,x\nb.png,x\nc.jpg,x\n', 'a.dcm': phantomDicomFile(), 'b.png': 1, 'c.jpg': 2 })
		expect(samples.map(({ id }) => id)).toEqual(['a.dcm', 'b.png', 'c.jpg'])
	})

	it('reads a file that has not changed only once, and one that has again', async () => {
		const folder = await writeTree(await newFolder(), { ...SIX, ...sixPictures })
		const memory = join(await newFolder(), 'seen.jsonl')
		const recipe = dataRecipeSchema.parse({ layout: 'manifest', folder })
		const first = await readDataSet(recipe, { memory, workers: 0 })
		// Made worthless without its size and times: whoever reads it again refuses it.
		const { size } = await stat(join(folder, '1.png'))
		expect((await readFile(memory, 'utf8')).trim().split('\n')).toHaveLength(6)
		expect(await readDataSet(recipe, { memory, workers: 0 })).toEqual(first)
		await writeFile(join(folder, '1.png'), new Uint8Array(size))
		await utimes(join(folder, '1.png'), 1, 1)
		await expect(readDataSet(recipe, { memory, workers: 0 })).rejects.toThrow('1.png')
		await writeFile(memory, 'damaged\n[1,2]\n')
		await writeTree(folder, sixPictures)
		expect((await readDataSet(recipe, { memory, workers: 0 })).sha256).toBe(first.sha256)
	})

	it('can be given up', async () => {
		await expect(read({ ...SIX, ...sixPictures }, {}, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
	})
})

describe('bad input', () => {
	it('names a folder that is not there', async () => {
		await expect(readDataSet(dataRecipeSchema.parse({ layout: 'manifest', folder: 'not there' }), { base: '/' })).rejects.toThrow('data.folder: there is no folder /not there.')
	})

	it('lists unreadable images, up to a share', async () => {
		const files = { ...SIX, ...sixPictures, '1.png': 'no picture', '2.png': new Uint8Array() }
		await expect(read(files)).rejects.toThrow(/^2 of 6 images of .* cannot be used, which is more than data\.unreadableShare \(0\.01\) allows\. For example: 1\.png: It looks like a text.* 2\.png: The file is empty\./)
		const { refused, samples } = await read(files, { unreadableShare: 0.5 })
		expect(refused.map(({ id }) => id)).toEqual(['1.png', '2.png'])
		expect(samples).toHaveLength(4)
		const cut = (await pictureFile(1)).subarray(0, 300)
		await expect(read({ ...SIX, ...sixPictures, '1.png': cut })).rejects.toThrow('1.png: The PNG image is damaged or cut off.')
		await expect(read({ ...SIX })).rejects.toThrow('1.png: The file is not there.')
	})

	it('refuses an image that is listed twice with different truths, and takes a plain repetition once', async () => {
		const { refused, samples } = await read({ ...rows('1.png,a,train,p', '1.png,a,train,p', '2.png,a,train,q', '2.png,b,train,q'), '1.png': 1, '2.png': 2 })
		expect(samples.map(({ id }) => id)).toEqual(['1.png'])
		expect(refused).toEqual([{ id: '2.png', reason: 'It is listed more than once, with different labels, splits or groups.' }])
	})

	it('names the class and the split without an image', async () => {
		const dataSet = await read({ ...rows('1.png,a,train,p1', '2.png,b,train,p2', '3.png,a,val,p3', '5.png,a,test,p5', '6.png,b,test,p6'), ...sixPictures })
		expect(() => checkForTraining(dataSet)).toThrow('Label "b" has no image in the validation split.')
		const empty = await read({ ...rows('1.png,a,test,p1'), '1.png': 1 })
		expect(() => checkForTraining(empty)).toThrow('The train split has no image.')
		const several = await read({ 'manifest.csv': 'file,split,A,B\n1.png,train,1,0\n2.png,train,0,1\n3.png,val,1,0\n4.png,val,0,0\n', ...sixPictures }, { task: 'multilabel', labels: ['A', 'B'], splits: { test: 0 } })
		expect(checkForTraining(several)).toEqual(['Label "B" has no image in the validation split: results there say nothing of it.'])
	})

	it('tells of a class without an image in the test split and does not refuse it: a source that is left out holds what it holds', async () => {
		const dataSet = await read({ ...rows('1.png,a,train,p1', '2.png,b,train,p2', '3.png,a,val,p3', '4.png,b,val,p4', '5.png,a,test,p5'), ...sixPictures })
		expect(checkForTraining(dataSet)).toEqual(expect.arrayContaining(['Label "b" has no image in the test split: results there say nothing of it.']))
	})

	it('names a patient in two splits', async () => {
		const dataSet = await read({ 'manifest.csv': SIX['manifest.csv'].replace('p5', 'p1'), ...sixPictures })
		expect(dataSet.leaks.groups).toEqual([{ group: 'p1', splits: ['train', 'test'], ids: ['1.png', '5.png'] }])
		expect(() => checkForTraining(dataSet)).toThrow('One patient or group stands in more than one split. For example p1 in train and test: 1.png, 5.png.')
		expect(() => checkForTraining(dataSet)).toThrow('data.splits.from: "draw"')
	})
})

describe('leaks', () => {
	it('leave the copy in training out where the same file stands in the test split', async () => {
		const dataSet = await read({ ...SIX, ...sixPictures, '1.png': 5, '3.png': 5 })
		expect(dataSet.leaks.identical).toEqual([{ sha256: dataSet.samples.find(({ id }) => id === '5.png')?.sha256, kept: '5.png', leftOut: ['1.png', '3.png'] }])
		expect(dataSet.samples.map(({ id }) => id)).toEqual(['2.png', '4.png', '5.png', '6.png'])
		expect(dataSet.refused[0]).toEqual({ id: '1.png', reason: 'The same image stands in the test split, as 5.png.' })
	})

	it('keep identical files together where splits are drawn', async () => {
		const lines = Array.from({ length: 30 }, (_, index) => `${index}.png,${index % 2 ? 'a' : 'b'}`)
		const files = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${index}.png`, Math.floor(index / 3)]))
		const { samples, leaks } = await read({ 'manifest.csv': ['file,label', ...lines].join('\n'), ...files })
		expect(samples).toHaveLength(30)
		expect(leaks.identical).toEqual([])
		for (const own of Map.groupBy(samples, ({ sha256 }) => sha256).values()) expect(new Set(own.map(({ split, group }) => `${split} ${group}`)).size).toBe(1)
	})

	it.each([['few images', 6], ['many images', 120]])('find a film that was encoded anew, made smaller, brighter and cut a little, among %s', async (_, count) => {
		const lines = Array.from({ length: count }, (_unused, index) => `${index}.png,${index % 2 ? 'a' : 'b'},train,p${index}`)
		const files = Object.fromEntries(Array.from({ length: count }, (_unused, index) => [`${index}.png`, index]))
		const changed = await sharp(await pictureFile(0)).linear(0.9, 5).resize(40, 33).jpeg({ quality: 40 }).toBuffer()
		const other = await pictureFile(1, 'jpeg')
		const { leaks } = await read({ 'manifest.csv': ['file,label,split,patient_or_group', ...lines, 'x.jpg,a,test,q1', 'y.jpg,b,test,q2', 'z.png,a,val,q3'].join('\n'), ...files, 'x.jpg': changed, 'y.jpg': other, 'z.png': 9999 })
		expect(leaks.similar.map(({ ids, splits }) => [ids.toSorted(), splits.toSorted()])).toEqual(expect.arrayContaining([[['0.png', 'x.jpg'], ['test', 'train']], [['1.png', 'y.jpg'], ['test', 'train']]]))
		expect(leaks.similar).toHaveLength(2)
	})
})
