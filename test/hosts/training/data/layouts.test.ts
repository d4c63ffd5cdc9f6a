import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataRecipeSchema, type LabelledDataRecipe } from '../../../../src/common/contract/training/data.ts'
import { listImages } from '../../../../src/hosts/training/data/layouts/list.ts'
import { ageGroup, type Listing } from '../../../../src/hosts/training/data/layouts/listing.ts'
import { pythonStrings } from '../../../../src/hosts/training/data/layouts/padchest.ts'
import { resolveTruth } from '../../../../src/hosts/training/data/truth.ts'
import { newFolder, writeTree } from '../../../support/trees.ts'

async function listed(files: Record<string, string>, own: object): Promise<{ listing: Listing; recipe: LabelledDataRecipe; folder: string }> {
	const folder = await writeTree(await newFolder(), files)
	const recipe = dataRecipeSchema.parse({ folder, ...own }) as LabelledDataRecipe
	return { listing: await listImages(recipe, folder), recipe, folder }
}

function truths({ listing, recipe }: { listing: Listing; recipe: LabelledDataRecipe }): { labels: string[]; rows: Record<string, (number | null)[]> } {
	const { labels, entries } = resolveTruth(recipe, listing)
	return { labels, rows: Object.fromEntries(entries.map(({ id, values }) => [id, values])) }
}

const csv = (text: string, own: object = {}) => listed({ 'manifest.csv': text }, { layout: 'manifest', ...own })

describe('manifest', () => {
	it('reads one label per image, splits, groups, sources and attributes, with quotes, a byte order mark and Windows line ends', async () => {
		const found = await listed({
			'manifest.csv': '\ufefffile,label,split,patient_or_group,source,sex\r\n"a,b.png",normal,train,p1,"said ""x""",F\r\nsub\\c.png,covid19,val,p2,s,M\r\nd.png,normal,,,,\r\n',
		}, { layout: 'manifest', columns: { attributes: ['sex'] } })
		expect(found.listing.entries.map(({ id, truth, split, group, source, attributes }) => ({ id, truth, split, group, source, attributes }))).toEqual([
			{ id: 'a,b.png', truth: 'normal', split: 'train', group: 'p1', source: 'said "x"', attributes: { sex: 'F' } },
			{ id: 'sub/c.png', truth: 'covid19', split: 'validation', group: 'p2', source: 's', attributes: { sex: 'M' } },
			{ id: 'd.png', truth: 'normal', split: null, group: null, source: '', attributes: { sex: '' } },
		])
		expect(truths(found)).toEqual({ labels: ['covid19', 'normal'], rows: { 'a,b.png': [0, 1], 'sub/c.png': [1, 0], 'd.png': [0, 1] } })
	})

	it('reads semicolons and tabs', async () => {
		for (const [mark, name] of [[';', 'x.png'], ['\t', 'x.png']] as const) {
			const { listing } = await listed({ 'manifest.csv': `file${mark}label\n${name}${mark}a, b\n` }, { layout: 'manifest' })
			expect(listing.entries[0]).toMatchObject({ id: 'x.png', truth: 'a, b' })
		}
	})

	it('reads a column per label with unknown and uncertain values, by each policy', async () => {
		const files = { 'manifest.csv': 'file,A,B\n1.png,1,0\n2.png,-1,\n3.png,0.0,1.0\n' }
		const rows = async (own: object) => truths(await listed(files, { layout: 'manifest', task: 'multilabel', labels: ['A', 'B'], ...own })).rows
		expect(await rows({})).toEqual({ '1.png': [1, 0], '2.png': [null, null], '3.png': [0, 1] })
		expect((await rows({ uncertainty: 'ones' }))['2.png']).toEqual([1, null])
		expect((await rows({ uncertainty: 'zeros' }))['2.png']).toEqual([0, null])
		expect((await rows({ uncertainty: 'smoothed' }))['2.png']).toEqual([0.7, null])
		expect((await rows({ uncertainty: 'ones', uncertaintyOf: { A: 'zeros' } }))['2.png']).toEqual([0, null])
	})

	it('reads several labels in one column', async () => {
		const found = await listed({ 'manifest.csv': 'file,labels\n1.png,Mass|Edema\n2.png,No Finding\n' }, { layout: 'manifest', task: 'multilabel' })
		expect(truths(found)).toEqual({ labels: ['Edema', 'Mass'], rows: { '1.png': [1, 1], '2.png': [0, 0] } })
	})

	it('maps, joins and leaves out names', async () => {
		const one = await listed({ 'manifest.csv': 'file,label\n1.png,viral\n2.png,bacterial\n3.png,bad\n4.png,normal\n' }, { layout: 'manifest', labels: ['pneumonia', 'normal'], mapping: { viral: 'pneumonia', bacterial: 'pneumonia', bad: null } })
		expect(truths(one)).toEqual({ labels: ['pneumonia', 'normal'], rows: { '1.png': [1, 0], '2.png': [1, 0], '4.png': [0, 1] } })
		expect([...one.listing.filtered]).toEqual([['label bad', 1]])
		const several = await listed({ 'manifest.csv': 'file,A,B\n1.png,1,\n2.png,0,\n3.png,0,0\n' }, { layout: 'manifest', task: 'multilabel', labels: ['AB'], mapping: { A: 'AB', B: 'AB' } })
		expect(truths(several).rows).toEqual({ '1.png': [1], '2.png': [null], '3.png': [0] })
	})

	it('takes names of objects for plain text', async () => {
		const found = await listed({ 'manifest.csv': 'file,label\n1.png,__proto__\n2.png,constructor\n' }, { layout: 'manifest' })
		expect(truths(found).labels).toEqual(['__proto__', 'constructor'])
	})

	it('refuses what leads out of the folder, bad fields and broken rows, one by one', async () => {
		const name = 'x'.repeat(300)
		const { listing } = await listed({
			'manifest.csv': [
				'file,label,split,group', '../../etc/passwd,a,train,g', '/etc/passwd,a,train,g', 'C:\\a.png,a,train,g', 'a/../../b.png,a,train,g', ',a,train,g', 'b.png,,train,g', `c.png,${name},train,g`,
				'd.png,a,tomorrow,g', `e.png,a,train,${name}`, 'f.png,a', 'g.png,a,train,g,more', '=cmd|\'/c calc\'!A1,=1+1,train,@SUM(1)', 'h.png,a,train,g,,',
			].join('\n'),
		}, { layout: 'manifest' })
		expect(listing.refused.map(({ reason }) => reason)).toEqual([
			'manifest.csv, line 2: Its path leads out of the data set\'s folder.',
			'manifest.csv, line 3: Its path is absolute; files are named from the data set\'s folder.',
			'manifest.csv, line 4: Its path is absolute; files are named from the data set\'s folder.',
			'manifest.csv, line 5: Its path leads out of the data set\'s folder.',
			'manifest.csv, line 6: It names no file.',
			'manifest.csv, line 8: its label is too long.',
			'manifest.csv, line 9, column split: "tomorrow" is none of train, val and test.',
			'manifest.csv, line 10: a group or source of more than 200 characters.',
			'manifest.csv, line 11: 2 fields, but the header has 4.',
			'manifest.csv, line 12: 5 fields, but the header has 4.',
		])
		expect([...listing.filtered]).toEqual([['no label', 1]])
		// Formulas are text like any other; empty fields at the end are ignored.
		expect(listing.entries.map(({ id, truth, group }) => [id, truth, group])).toEqual([['=cmd|\'/c calc\'!A1', '=1+1', '@SUM(1)'], ['h.png', 'a', 'g']])
	})

	it('names the file and the field of what it cannot read at all', async () => {
		await expect(csv('')).rejects.toThrow('manifest.csv is empty')
		await expect(csv('name,label\n')).rejects.toThrow('manifest.csv has no column file. Its columns are name, label.')
		await expect(csv('file,class\n')).rejects.toThrow('manifest.csv has no column label')
		await expect(csv('file,label\n', { columns: { group: 'patient' } })).rejects.toThrow('data.columns.group: manifest.csv has no column patient')
		await expect(csv('file,label\n', { columns: { attributes: ['age'] } })).rejects.toThrow('data.columns.attributes: manifest.csv has no column age')
		await expect(csv('file,label,label\n')).rejects.toThrow('two columns label')
		await expect(csv('file,A\n', { task: 'multilabel', labels: ['A', 'B'] })).rejects.toThrow('data.labels: manifest.csv has no column B')
		await expect(csv('file,label\na.png,"open')).rejects.toThrow('manifest.csv is not a CSV file that can be read')
		await expect(csv(`file,label\na.png,"${'x'.repeat(2 ** 21)}"\n`)).rejects.toThrow('longer than 1048576 bytes')
		await expect(csv('file,label\n', { manifest: '../other.csv' })).rejects.toThrow('data.manifest ../other.csv')
		await expect(csv('file,label\n', { manifest: 'other.csv' })).rejects.toThrow('other.csv cannot be opened')
		const labels = await csv('file,label\na.png,a\n', { labels: ['a', 'b'] })
		expect(() => truths(labels)).toThrow('data.labels: the data has no label "b". It has a.')
		const mapping = await csv('file,label\na.png,a\n', { mapping: { c: 'a' } })
		expect(() => truths(mapping)).toThrow('data.mapping: the data has no label "c"')
	})

	it('never fails for any text with anything but a sentence', async () => {
		await fc.assert(fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
			const found = await listed({ 'manifest.csv': `file,label,split\n${text}` }, { layout: 'manifest' }).catch((error: Error) => error)
			if (found instanceof Error) expect(found.name).toBe('UserError')
			else for (const { path } of found.listing.entries) expect(path.startsWith(`${found.folder}/`)).toBe(true)
		}), { numRuns: 150 })
	})
})

describe('folders', () => {
	it('takes folders for labels, below splits or without, and a folder below for the patient', async () => {
		const plain = await listed({ 'a/1.png': '', 'a/.hidden.png': '', 'a/notes.txt': '', 'b/p1/2.png': '', 'b/p1/deep/3.jpg': '', '__MACOSX/4.png': '' }, { layout: 'folders' })
		expect(plain.listing.names).toEqual(['a', 'b'])
		expect(plain.listing.entries.map(({ id, truth, split, group }) => [id, truth, split, group])).toEqual([['a/1.png', 'a', null, null], ['b/p1/2.png', 'b', null, 'p1'], ['b/p1/deep/3.jpg', 'b', null, 'p1']])
		const split = await listed({ 'Train/a/1.png': '', 'valid/a/2.png': '', 'TEST/b/3.png': '' }, { layout: 'folders' })
		expect(split.listing.entries.map(({ id, split: own }) => [id, own])).toEqual([['TEST/b/3.png', 'test'], ['Train/a/1.png', 'train'], ['valid/a/2.png', 'validation']])
		await expect(listed({ 'train/a/1.png': '', 'b/2.png': '' }, { layout: 'folders' })).rejects.toThrow('folders of splits (train) beside others (b)')
	})
})

const covidQuExTree = (top: string) => ({
	[`${top}/Train/COVID-19/images/covid_200.png`]: '',
	[`${top}/Train/COVID-19/images/sub-S03047_ses-E07985_run-1_bp-chest_vp-ap.png`]: '',
	[`${top}/Train/COVID-19/lung masks/covid_200.png`]: '',
	[`${top}/Val/Non-COVID/images/non_COVID (170).png`]: '',
	[`${top}/Test/Normal/images/Normal (3935).png`]: '',
})

describe('COVID-QU-Ex', () => {
	const both = { ...covidQuExTree('Lung Segmentation Data/Lung Segmentation Data'), 'Infection Segmentation Data/Infection Segmentation Data/Test/COVID-19/images/covid_200.png': '', 'Infection Segmentation Data/Infection Segmentation Data/Test/COVID-19/infection masks/covid_200.png': '' }

	it.each([['doubled folders', both], ['single folders', covidQuExTree('lung_segmentation_data')], ['the tree itself', covidQuExTree('x')]])('finds the lung tree with %s, without masks', async (_, files) => {
		const { listing } = await listed(files, { layout: 'covid-qu-ex' })
		expect(listing.entries.map(({ id, truth, split, group }) => [id.split('/').at(-1), truth, split, group]).toSorted()).toEqual([
			['Normal (3935).png', 'Normal', 'test', null],
			['covid_200.png', 'COVID-19', 'train', null],
			['non_COVID (170).png', 'Non-COVID', 'validation', null],
			['sub-S03047_ses-E07985_run-1_bp-chest_vp-ap.png', 'COVID-19', 'train', 'bimcv-S03047'],
		])
	})

	it('takes the infection tree alone where it is asked for', async () => {
		const { listing } = await listed(both, { layout: 'covid-qu-ex', tree: 'infection' })
		expect(listing.entries.map(({ id, split }) => [id, split])).toEqual([['Infection Segmentation Data/Infection Segmentation Data/Test/COVID-19/images/covid_200.png', 'test']])
		await expect(listed({ 'other/1.png': '', 'x/2.png': '' }, { layout: 'covid-qu-ex' })).rejects.toThrow('no Lung Segmentation Data')
	})
})

describe('LC25000', () => {
	it('finds the five folders in the original tree and alone', async () => {
		for (const prefix of ['lung_colon_image_set/', '']) {
			const { listing } = await listed({ [`${prefix}${prefix && 'lung_image_sets/'}lung_aca/lungaca1.jpeg`]: '', [`${prefix}${prefix && 'colon_image_sets/'}colon_aca/colonca1.jpeg`]: '' }, { layout: 'lc25000' })
			expect(listing.groupsByLook).toBe(true)
			expect(listing.entries.map(({ truth }) => truth).toSorted()).toEqual(['colon_aca', 'lung_aca'])
		}
	})
})

describe('ChestX-ray14', () => {
	const HEADER = 'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]'
	const rows = [
		'00000001_000.png,Cardiomegaly|Emphysema,0,1,057,M,PA,2682,2749,0.143,0.143', '00000002_000.png,No Finding,0,2,080,F,AP,2500,2048,0.168,0.168',
		'00000003_000.png,Hernia,0,3,74,F,PA,2500,2048,0.168,0.168', '00000004_000.png,Hernia,0,4,74,F,PA,2500,2048,0.168,0.168',
	]
	const files = {
		'Data_Entry_2017_v2020.csv': [HEADER, ...rows].join('\n'), 'images_001/images/00000001_000.png': '', 'images_002/images/00000002_000.png': '', 'images_002/images/00000003_000.png': '',
		'train_val_list.txt': '00000001_000.png\n00000002_000.png\n', 'test_list.txt': '00000003_000.png',
	}

	it('reads label strings, the columns whose names have commas, the official split and patients', async () => {
		const found = await listed(files, { layout: 'chestx-ray14' })
		expect(found.listing.entries.map(({ id, truth, split, group, source, attributes }) => ({ id, split, group, source, attributes, truth: [...(truth as Map<string, number>).keys()] }))).toEqual([
			{ id: 'images_001/images/00000001_000.png', split: 'train', group: '00000001', source: 'nih', attributes: { view: 'PA', sex: 'M', age_group: '40-64' }, truth: ['Cardiomegaly', 'Emphysema'] },
			{ id: 'images_002/images/00000002_000.png', split: 'train', group: '00000002', source: 'nih', attributes: { view: 'AP', sex: 'F', age_group: '65+' }, truth: ['No Finding'] },
			{ id: 'images_002/images/00000003_000.png', split: 'test', group: '00000003', source: 'nih', attributes: { view: 'PA', sex: 'F', age_group: '65+' }, truth: ['Hernia'] },
		])
		expect(found.listing.refused).toEqual([{ id: '00000004_000.png', reason: 'Data_Entry_2017_v2020.csv, line 5: there is no image 00000004_000.png below the folders images*.' }])
		const { labels, rows: truth } = truths(found)
		expect(labels).toHaveLength(14)
		expect(truth['images_001/images/00000001_000.png']?.flatMap((value, index) => (value === 1 ? [labels[index]] : []))).toEqual(['Cardiomegaly', 'Emphysema'])
		expect(truth['images_002/images/00000002_000.png']).toEqual(Array.from({ length: 14 }, () => 0))
	})

	it('reads the older table with its comma at the end and ages in years, a view alone, and CheXNet\'s lists with flags', async () => {
		const found = await listed({
			'Data_Entry_2017.csv': [HEADER, ...rows.map((row) => `${row.replace(',057,', ',057Y,')},`)].join('\r\n'), 'images/00000001_000.png': '', 'images/00000002_000.png': '', 'images/00000003_000.png': '', 'images/00000004_000.png': '',
			'train_list.txt': '00000001_000.png 0 1 0 0 0 0 0 0 0 0 1 0 0 0\n', 'val_list.txt': '00000003_000.png 0 0 0 0 0 0 0 0 0 0 0 0 0 1\n', 'test_list.txt': '00000004_000.png 0 0 0 0 0 0 0 0 0 0 0 0 0 1',
		}, { layout: 'chestx-ray14', views: ['PA'] })
		expect(found.listing.entries.map(({ split, attributes }) => [split, attributes['age_group']])).toEqual([['train', '40-64'], ['validation', '65+'], ['test', '65+']])
		expect([...found.listing.filtered]).toEqual([['view AP', 1]])
	})

	it('refuses an image in two lists, a strange label and a patient that is none', async () => {
		await expect(listed({ ...files, 'test_list.txt': '00000001_000.png' }, { layout: 'chestx-ray14' })).rejects.toThrow('test_list.txt: 00000001_000.png stands in another list too')
		const { listing } = await listed({ ...files, 'Data_Entry_2017_v2020.csv': [HEADER, rows[0]?.replace('Emphysema', 'Empysema'), rows[1]?.replace(',0,2,', ',0,x,')].join('\n') }, { layout: 'chestx-ray14' })
		expect(listing.refused.map(({ reason }) => reason)).toEqual(['Data_Entry_2017_v2020.csv, line 2: "Empysema" is no label of ChestX-ray14.', 'Data_Entry_2017_v2020.csv, line 3: the patient is no number.'])
	})

	it('learns "No Finding" where it is asked for', async () => {
		const found = await listed(files, { layout: 'chestx-ray14', labels: ['No Finding', 'Hernia'] })
		expect(Object.values(truths(found).rows)).toEqual([[0, 0], [1, 0], [0, 1]])
	})
})

const chexpertRow = (path: string, view: string, values: string) => `${path},Female,68,${view},${view === 'Frontal' ? 'AP' : ''},${values}`

describe('CheXpert', () => {
	const HEADER = 'Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung Lesion,Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,Fracture,Support Devices'
	const values = '1.0,,,,,-1.0,0.0,,,,,,,1.0'
	const files = (prefix: string, root: string) => ({
		[`${root}train.csv`]: [HEADER, chexpertRow(`${prefix}train/patient00001/study1/view1_frontal.jpg`, 'Frontal', values), chexpertRow(`${prefix}train/patient00002/study2/view1_lateral.jpg`, 'Lateral', values)].join('\n'),
		[`${root}valid.csv`]: [HEADER, chexpertRow(`${prefix}valid/patient64541/study1/view1_frontal.jpg`, 'Frontal', values.replace('-1.0', '1.0'))].join('\n'),
	})

	it.each([['CheXpert-v1.0-small/', ''], ['', ''], ['CheXpert-v1.0/', 'CheXpert-v1.0/']])('reads paths that begin with "%s" where the tables lie in "%s"', async (prefix, root) => {
		const { listing } = await listed(files(prefix, root), { layout: 'chexpert' })
		expect(listing.entries.map(({ id, split, group, attributes }) => [id, split, group, attributes])).toEqual([
			[`${root}train/patient00001/study1/view1_frontal.jpg`, 'train', 'patient00001', { view: 'AP', sex: 'Female', age_group: '65+' }],
			[`${root}valid/patient64541/study1/view1_frontal.jpg`, 'validation', 'patient64541', { view: 'AP', sex: 'Female', age_group: '65+' }],
		])
		expect([...listing.filtered]).toEqual([['view Lateral', 1]])
	})

	it('settles uncertain and unmentioned labels as the recipe says', async () => {
		const plain = files('', '')
		const edema = async (own: object) => {
			const { labels, rows } = truths(await listed(plain, { layout: 'chexpert', ...own }))
			const first = rows['train/patient00001/study1/view1_frontal.jpg']
			return [first?.[labels.indexOf('Edema')], first?.[labels.indexOf('Consolidation')], first?.[labels.indexOf('Fracture')]]
		}
		expect(await edema({})).toEqual([null, 0, 0])
		expect(await edema({ uncertainty: 'ones', unmentioned: 'ignore' })).toEqual([1, 0, null])
		expect(await edema({ uncertainty: 'zeros' })).toEqual([0, 0, 0])
		expect(await edema({ uncertainty: 'smoothed', uncertaintyOf: { Edema: 'ones' } })).toEqual([1, 0, 0])
	})

	it('refuses paths and values that are none', async () => {
		const { listing } = await listed({ 'train.csv': [HEADER, chexpertRow('../train/patient1/study1/x.jpg', 'Frontal', values), chexpertRow('elsewhere/x.jpg', 'Frontal', values), chexpertRow('train/patient1/study1/x.jpg', 'Frontal', values.replace('-1.0', '2'))].join('\n') }, { layout: 'chexpert' })
		expect(listing.entries).toEqual([])
		expect(listing.refused.map(({ reason }) => reason)).toEqual([
			'train.csv, line 2: Its path leads out of the data set\'s folder.',
			'train.csv, line 3: its path is not train or valid/patient/study/view.',
			'train.csv, line 4: column "Edema": "2" is none of 1.0, 0.0, -1.0 and nothing.',
		])
	})
})

const padchestRow = (image: string, labels: string, own: { projection?: string; method?: string; dir?: string } = {}) =>
	`0,${image},${own.dir ?? '0'},20140915,s1,839860488694292331637988235681460987,1930.0,F,POSTEROANTERIOR,${own.projection ?? 'PA'},Manual review of DICOM fields,No,"informe, con comas",${own.method ?? 'Physician'},"${labels}"`

describe('PadChest', () => {
	const HEADER = ',ImageID,ImageDir,StudyDate_DICOM,StudyID,PatientID,PatientBirth,PatientSex_DICOM,ViewPosition_DICOM,Projection,MethodProjection,Pediatric,Report,MethodLabel,Labels'
	const name = 'PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv'

	it('reads list texts, projections and who labelled', async () => {
		const found = await listed({
			[name]: [
				HEADER, padchestRow('1.png', '[\'pulmonary edema\', \' pleural effusion\']'), padchestRow('2.png', '[]', { dir: '54.0' }), padchestRow('3.png', '[\'exclude\']'), padchestRow('4.png', '[\'unchanged\']'), padchestRow('5.png', 'nan'),
				padchestRow('6.png', '[\'normal\']', { projection: 'L' }), padchestRow('7.png', '[\'normal\']', { method: 'RNN_model' }), padchestRow('8.png', '[\'normal\', 1]'), padchestRow('9.png', '[\'suboptimal study\', \'pneumonia\']'), padchestRow('10.png', '[\'normal\']'), padchestRow('../11.png', '[\'normal\']'),
			].join('\n'),
			'0/1.png': '',
		}, { layout: 'padchest', methods: ['Physician'] })
		expect(found.listing.entries.map(({ id, group, attributes }) => [id, group, attributes])).toEqual([
			['0/1.png', '839860488694292331637988235681460987', { view: 'PA', sex: 'F', age_group: '65+', method: 'Physician' }],
			['0/10.png', '839860488694292331637988235681460987', { view: 'PA', sex: 'F', age_group: '65+', method: 'Physician' }],
		])
		expect(Object.fromEntries(found.listing.filtered)).toEqual({ exclude: 1, unchanged: 1, 'no labels': 2, 'projection L': 1, 'labelled by RNN_model': 1, 'suboptimal study': 1 })
		expect(found.listing.refused.map(({ reason }) => reason)).toEqual([`${name}, line 9: Labels is not a list of texts.`, `${name}, line 12: Its path leads out of the data set's folder.`])
		const { labels, rows } = truths(found)
		expect(labels).toHaveLength(19)
		expect(rows['0/1.png']?.flatMap((value, index) => (value === 1 ? [labels[index]] : []))).toEqual(['pulmonary edema'])
	})

	it('learns the labels that a recipe names', async () => {
		const found = await listed({ [name]: [HEADER, padchestRow('1.png', '[\'cardiomegaly\']')].join('\n') }, { layout: 'padchest', labels: ['pleural effusion', 'cardiomegaly'] })
		expect(truths(found)).toEqual({ labels: ['pleural effusion', 'cardiomegaly'], rows: { '1.png': [0, 1] } })
	})

	it('reads Python lists of texts and nothing else', () => {
		expect(pythonStrings('[\'a\', "b\'s", \'c\\\'d\', \' e\',]')).toEqual(['a', 'b\'s', 'c\'d', ' e'])
		expect(pythonStrings(' [ ] ')).toEqual([])
		for (const text of ['', 'a', '[a]', '[\'a\'', '[\'a\' \'b\']', '[\'a\'] x', '[\'a', '[[\'a\']]', '__import__(\'os\')']) expect(pythonStrings(text)).toBeNull()
		fc.assert(fc.property(fc.array(fc.string({ maxLength: 30 })), (strings) => {
			const text = `[${strings.map((each) => `'${each.replace(/[\\']/g, (character) => `\\${character}`)}'`).join(', ')}]`
			expect(pythonStrings(text)).toEqual(strings)
		}))
		fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => {
			const strings = pythonStrings(text)
			expect(strings === null || Array.isArray(strings)).toBe(true)
		}))
	})
})

it('groups ages', () => {
	expect(['058Y', '17', '18', '39.0', '40', '65', '120', '121', '', 'x', '412Y', '003D'].map(ageGroup)).toEqual(['40-64', '0-17', '18-39', '18-39', '40-64', '65+', '65+', '', '', '', '', ''])
})
