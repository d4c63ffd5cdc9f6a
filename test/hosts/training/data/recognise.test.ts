import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { phantomDicomFile } from '../../../../src/common/imaging/phantomDicom.ts'
import { CHESTXRAY14_LABELS, CHEXPERT_LABELS } from '../../../../src/common/contract/training/data.ts'
import { recognitionSchema, type Recognition } from '../../../../src/common/contract/training/dataSets.ts'
import { listImages } from '../../../../src/hosts/training/data/layouts/list.ts'
import { peekInto } from '../../../../src/hosts/training/data/recognise/peek.ts'
import { recogniseDataSet } from '../../../../src/hosts/training/data/recognise/recognise.ts'
import { resolveTruth } from '../../../../src/hosts/training/data/truth.ts'
import { sharedData } from '../../../support/sharedData.ts'
import { newFolder, writeTree } from '../../../support/trees.ts'

async function recognise(files: Record<string, string | Uint8Array>): Promise<Recognition> {
	return recognitionSchema.parse(await recogniseDataSet(await writeTree(await newFolder(), files)))
}

const real = (name: string) => recogniseDataSet(join(sharedData ?? '', name))
const openManifests = () => readdirSync('/proc/self/fd').map((name) => (existsSync(`/proc/self/fd/${name}`) ? readlinkSync(`/proc/self/fd/${name}`) : '')).filter((path) => path.endsWith('manifest.csv'))
const quoted = (fields: string[]) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')
const covid = (top: string) => ({ [`${top}Train/COVID-19/images/1.png`]: '', [`${top}Train/COVID-19/lung masks/1.png`]: '', [`${top}Val/Non-COVID/images/2.png`]: '' })
const layouts = ({ candidates }: Recognition) => candidates.map(({ recipe }) => recipe.layout)

/** What the best recipe reads: labels and truths of the images. */
async function readBest({ folder, candidates }: Recognition): Promise<{ labels: string[]; rows: [string, (number | null)[]][] }> {
	const [best] = candidates
	if (!best) throw new Error('Nothing was recognised.')
	const { labels, entries } = resolveTruth(best.recipe, await listImages(best.recipe, folder))
	return { labels, rows: entries.map(({ id, values }) => [id, values]) }
}

describe('a manifest is recognised', () => {
	it('by its usual columns, with what it lacks in words', async () => {
		const found = await recognise({ 'manifest.csv': 'file,label,split\n1.png,a,train\n2.png,b,val\n', '1.png': '', '2.png': '' })
		expect(found.candidates[0]).toMatchObject({
			recipe: { layout: 'manifest', folder: found.folder, task: 'multiclass', manifest: 'manifest.csv', columns: { attributes: [] } },
			why: 'manifest.csv names one label for each image, in the column label. It gives splits (split) too. No column names a patient, so each image counts as one of its own.',
		})
		expect(found.tables).toEqual([{ file: 'manifest.csv', columns: [{ name: 'file', values: ['1.png', '2.png'], more: false }, { name: 'label', values: ['a', 'b'], more: false }, { name: 'split', values: ['train', 'val'], more: false }] }])
		expect(await readBest(found)).toEqual({ labels: ['a', 'b'], rows: [['1.png', [1, 0]], ['2.png', [0, 1]]] })
	})

	it('by another name, with other names of columns, and columns to look at results for', async () => {
		const found = await recognise({ 'films.csv': 'Image Path;Diagnosis;Patient ID;Fold;Hospital;Sex\nfilms/1.png;ill;7;Train;north;F\nfilms/2.png;well;8;Test;south;M\n', 'films/1.png': '', 'films/2.png': '' })
		expect(found.candidates[0]?.recipe).toMatchObject({
			manifest: 'films.csv', task: 'multiclass', columns: { file: 'Image Path', label: 'Diagnosis', group: 'Patient ID', split: 'Fold', source: 'Hospital', attributes: ['Sex'] },
		})
		expect((await readBest(found)).rows).toEqual([['films/1.png', [1, 0]], ['films/2.png', [0, 1]]])
	})

	it('with a column per label, a rare one among them, or with several labels in one', async () => {
		const flags = await recognise({ 'manifest.csv': 'file,labels,Mass,Hernia,Edema,urgent\n1.png,Mass|Edema,1,0,1,1\n2.png,Mass,1,0,0,0\n', '1.png': '', '2.png': '' })
		expect(flags.candidates[0]?.recipe).toMatchObject({ task: 'multilabel', labels: ['Mass', 'Hernia', 'Edema'] })
		const joined = await recognise({ 'manifest.csv': 'file,labels\n1.png,Mass|Edema\n2.png,Mass\n', '1.png': '', '2.png': '' })
		expect(await readBest(joined)).toEqual({ labels: ['Edema', 'Mass'], rows: [['1.png', [1, 1]], ['2.png', [0, 1]]] })
	})

	it('as this program exports what readers decided: every label that is known goes first', async () => {
		const found = await recognise({ 'manifest.csv': 'file,label,covid19,normal,patient_or_group,source\n1.png,covid19,1,,p1,negatoscope\n2.png,,0,,p2,negatoscope\n', '1.png': '', '2.png': '' })
		expect(found.candidates.map(({ recipe }) => recipe.layout === 'manifest' && [recipe.task, recipe.labels])).toEqual([['multilabel', ['covid19']], ['multiclass', undefined]])
	})

	it('not where its files are elsewhere, nobody labels them or it cannot be read, which is said', async () => {
		expect((await recognise({ 'manifest.csv': 'file,label\nold/1.png,a\n' })).refusal).toMatch(/^No data set is recognised in .*: .* manifest\.csv names files that are not in the folder, old\/1\.png for example\.$/)
		expect((await recognise({ 'a.csv': 'file,size\n1.png,7\n', '1.png': '' })).refusal).toContain('a.csv names images, but no column of it is a label.')
		expect((await recognise({ 'a.csv': 'name,label\nx,7\n' })).refusal).toContain('No column of a.csv names files in the folder.')
		expect((await recognise({ 'a.csv': 'file,label\n1.png,"open' })).refusal).toContain('a.csv is not a CSV file that can be read')
		expect((await recognise({ 'manifest.csv': 'file,label\n../secret.png,a\n/etc/passwd,a\n' })).candidates).toEqual([])
		await expect(recogniseDataSet(join(await newFolder(), 'none'))).rejects.toThrow('cannot be read.')
	})

	it.skipIf(process.platform !== 'linux')('by its beginning, and the file is let go', async () => {
		const found = await recognise({ 'manifest.csv': `file,label\n${'1.png,a\n'.repeat(200_000)}`, '1.png': '' })
		expect(layouts(found)).toEqual(['manifest'])
		await expect.poll(openManifests).toEqual([])
	})

	it('or not, whatever a table says', async () => {
		const cell = fc.oneof(fc.constantFrom('1.png', '2.png', '0', '1', '-1', 'a', 'a|b', 'train', '', 'x'.repeat(300), '__proto__'), fc.string({ maxLength: 12 }))
		const name = fc.oneof(fc.constantFrom('file', 'label', 'split', 'group', 'sex', 'a', 'b', 'y'.repeat(300), '__proto__'), fc.string({ maxLength: 8 }))
		await fc.assert(fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), fc.array(fc.array(cell, { minLength: 1, maxLength: 6 }), { maxLength: 5 }), async (header, rows) => {
			const found = await recognise({ 'manifest.csv': [header, ...rows].map(quoted).join('\n'), '1.png': '', '2.png': '' })
			expect(found.refusal === '').toBe(found.candidates.length > 0)
			// What is proposed can be read.
			for (const { recipe } of found.candidates) await listImages(recipe, found.folder)
		}), { numRuns: 150 })
	})
})

describe('a published data set is recognised', () => {
	const images = { 'images_001/images/00000001_000.png': '' }
	const padchest = 'ImageID,ImageDir,StudyDate_DICOM,PatientID,PatientBirth,PatientSex_DICOM,Projection,MethodLabel,Labels'

	it.each<[string, string[], Record<string, string>]>([
		['CheXpert', ['chexpert'], { 'CheXpert-small/train.csv': `Path,Sex,Age,Frontal/Lateral,AP/PA,${CHEXPERT_LABELS.join(',')}\n` }],
		['PadChest', ['padchest'], { 'PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv': `,${padchest}\n`, '0/1.png': '' }],
		['ChestX-ray14', ['chestx-ray14'], { 'Data_Entry_2017_v2020.csv': 'Image Index,Finding Labels,Patient ID\n00000001_000.png,Mass,1\n', ...images }],
		['COVID-QU-Ex', ['covid-qu-ex'], covid('Lung Segmentation Data/Lung Segmentation Data/')],
		['COVID-QU-Ex with both trees', ['covid-qu-ex', 'covid-qu-ex'], { ...covid('Lung Segmentation Data/'), ...covid('Infection Segmentation Data/') }],
		['LC25000', ['lc25000'], { 'lung_colon_image_set/lung_image_sets/lung_aca/1.jpeg': '', 'lung_colon_image_set/colon_image_sets/colon_n/1.jpeg': '' }],
		['LC25000 with a manifest of its tiles', ['manifest', 'lc25000'], { 'manifest.csv': 'file,label,group\nlung_aca/1.jpeg,lung_aca,t1\n', 'lung_aca/1.jpeg': '', 'lung_n/1.jpeg': '' }],
	])('%s', async (_, expected, files) => {
		expect(layouts(await recognise(files))).toEqual(expected)
	})

	it('not by half of it', async () => {
		expect(layouts(await recognise({ 'train.csv': 'Path,Sex\n' }))).toEqual([])
		expect(layouts(await recognise({ 'Data_Entry_2017_v2020.csv': 'Image Index,Finding Labels,Patient ID\n' }))).toEqual([])
		expect(layouts(await recognise({ 'lung_aca/1.jpeg': '' }))).toEqual([])
		// Images and masks of another collection, of which one class is called as in COVID-QU-Ex.
		expect(layouts(await recognise({ 'Normal/images/1.png': '', 'Normal/masks/1.png': '', 'COVID/images/1.png': '', 'COVID/masks/1.png': '' }))).toEqual([])
	})
})

describe('folders of images by label are recognised', () => {
	it('with splits and patients, or without', async () => {
		const plain = await recognise({ 'ill/1.png': '', 'well/2.jpg': '', 'notes/readme.txt': '' })
		expect(plain.candidates).toMatchObject([{ recipe: { layout: 'folders' }, why: 'Its folders ill and well are taken for labels. Nothing names a patient, so each image counts as one of its own.' }])
		const split = await recognise({ 'train/ill/p1/1.png': '', 'train/well/p2/2.png': '', 'test/ill/p3/3.png': '' })
		expect(split.candidates[0]?.why).toBe('Its folders test and train are splits, and in them ill and well are taken for labels. Folders inside these are taken for patients.')
	})

	it('with DICOM files without an ending, through links, and not by files that are no images', async () => {
		const folder = await writeTree(await newFolder(), { 'ill/IM0001': phantomDicomFile(), 'store/2.png': '' })
		await symlink(join(folder, 'store'), join(folder, 'well'))
		expect(layouts(await recogniseDataSet(folder))).toEqual(['folders'])
		expect(layouts(await recognise({ 'ill/IM0001': 'text', 'well/Makefile': 'text' }))).toEqual([])
		expect(layouts(await recognise({ 'train/ill/1.png': '', 'train/well/1.png': '', 'other/1.png': '' }))).toEqual([])
	})

	it('through many folders without images, and given up when nobody wants to know any more', async () => {
		const folder = await writeTree(await newFolder(), Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index % 2 ? 'a' : 'b'}/${index}/notes.txt`, ''])))
		await writeTree(folder, { 'a/z/1.png': '', 'b/z/1.png': '' })
		expect(layouts(await recogniseDataSet(folder))).toEqual(['folders'])
		await expect(recogniseDataSet(folder, AbortSignal.abort())).rejects.toThrow('abort')
	})

	it('by a bounded look at a folder of very many files', async () => {
		const folder = await newFolder()
		for (let index = 0; index < 20_100; index++) writeFileSync(join(folder, `${index}.txt`), '')
		writeFileSync(join(folder, 'manifest.csv'), 'file,label\n1.txt,a\n')
		expect((await (await peekInto(folder)).contents('')).files).toHaveLength(20_000)
		// It is asked for by its name, wherever it stands.
		expect(layouts(await recogniseDataSet(folder))).toEqual(['manifest'])
	})
})

describe.skipIf(!sharedData)('real folders', () => {
	it('are recognised by their manifests, with their subgroups', async () => {
		const cxr3 = await real('cxr3')
		expect(cxr3.candidates[0]?.recipe).toMatchObject({ layout: 'manifest', task: 'multiclass', columns: { attributes: ['age_group', 'eval_domain'] } })
		expect(layouts(cxr3)).toEqual(['manifest', 'folders'])
		const nih14 = await real('nih14')
		expect(nih14.candidates.map(({ recipe }) => recipe)).toMatchObject([{ layout: 'manifest', task: 'multilabel', labels: CHESTXRAY14_LABELS, columns: { attributes: ['sex', 'view'] } }])
		expect(layouts(await real('lc25000'))).toEqual(['manifest', 'lc25000'])
		expect(layouts(await real(join('cxr_loc', 'covid_qu_ex12')))).toEqual(['covid-qu-ex'])
	})
})
