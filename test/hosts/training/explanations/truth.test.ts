import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { listKnownSets } from '../../../../src/hosts/training/explanations/truth/knownSets.ts'
import { listManifestTruth } from '../../../../src/hosts/training/explanations/truth/manifestTruth.ts'
import { readMask } from '../../../../src/hosts/training/explanations/truth/maskFile.ts'
import { maskOfRegion, regionsByLabel } from '../../../../src/hosts/training/explanations/truth/regionMask.ts'
import { listTruth } from '../../../../src/hosts/training/explanations/truth/listTruth.ts'
import type { TruthRegion } from '../../../../src/hosts/training/explanations/truth/truthFilm.ts'
import { parseCsv } from '../../../support/csv.ts'
import { sharedData } from '../../../support/sharedData.ts'
import { newFolder, writeTree } from '../../../support/trees.ts'

const grey = (values: readonly number[], width: number) => sharp(Uint8Array.from(values), { raw: { width, height: values.length / width, channels: 1 } }).toColourspace('b-w')

const box = (x: number) => ({ kind: 'boxes' as const, boxes: [{ x, y: 0, width: 1, height: 1 }], frame: null })

describe('masks', () => {
	const film = { width: 4, height: 2 }
	it('are inside where they are not 0, whatever the value, and may be of another size than the film', async () => {
		const folder = await writeTree(await newFolder(), { 'mask.png': await grey([0, 1, 2, 0, 0, 0, 255, 0], 4).png().toBuffer() })
		const { mask } = await readMask(join(folder, 'mask.png'), { width: 400, height: 200 })
		expect(mask).toEqual({ width: 4, height: 2, values: Uint8Array.of(0, 1, 1, 0, 0, 0, 1, 0) })
	})
	it('are refused in words where they are not there, damaged, of another shape, a picture, coloured or too large', async () => {
		const whole = await grey([0, 1, 1, 0, 0, 0, 1, 0], 4).png().toBuffer()
		const noise = Uint8Array.from({ length: 64 * 32 }, (_, index) => (index * 37) % 251)
		const folder = await writeTree(await newFolder(), {
			'damaged.png': whole.subarray(0, whole.length - 20),
			'text.png': 'not an image',
			'square.png': await grey([0, 1, 1, 0], 2).png().toBuffer(),
			'picture.png': await grey(Array.from(noise), 64).png().toBuffer(),
			'coloured.png': await sharp({ create: { width: 4, height: 2, channels: 3, background: { r: 255, g: 0, b: 0 } } }).png().toBuffer(),
			'large.png': await sharp({ create: { width: 5000, height: 10, channels: 3, background: { r: 0, g: 0, b: 0 } } }).toColourspace('b-w').png().toBuffer(),
		})
		for (const [name, reason] of [
			['missing.png', 'not there'], ['damaged.png', 'damaged'], ['text.png', 'no image'], ['square.png', '2 x 2 pixels and its film 4 x 2'], ['picture.png', 'more than 8 grey values'], ['coloured.png', 'colour image'],
			['large.png', '5000 x 10 pixels'],
		] as const) await expect(readMask(join(folder, name), film), name).rejects.toThrow(reason)
	})
	it('say which file is wrong', async () => {
		const folder = await newFolder()
		await expect(maskOfRegion({ kind: 'mask', id: 'masks/a.png', path: join(folder, 'a.png') }, film)).rejects.toThrow('masks/a.png: The mask is not there.')
	})
})

describe('boxes', () => {
	it('are scaled from their frame to the film, and refused where that has another shape', async () => {
		const boxes = [{ x: 64, y: 128, width: 64, height: 64 }]
		const { mask } = await maskOfRegion({ kind: 'boxes', boxes, frame: { width: 256, height: 256 } }, { width: 4, height: 4 })
		expect(Array.from(mask.values)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
		await expect(maskOfRegion({ kind: 'boxes', boxes, frame: { width: 256, height: 256 } }, { width: 4, height: 2 })).rejects.toThrow('not of the same shape')
	})
	it('of one label count together; of two masks it is not known which counts', () => {
		const { regions, unknown } = regionsByLabel([
			{ names: ['Lung Opacity', 'Pneumonia'], region: box(1) }, { names: ['Pneumonia'], region: box(2) }, { names: ['Cardiomegaly'], region: box(3) },
		], ['normal', 'pneumonia'])
		expect([...regions]).toEqual([['pneumonia', { ...box(1), boxes: [box(1).boxes[0], box(2).boxes[0]] }]])
		expect(unknown).toEqual(['Cardiomegaly'])
		const mask = { names: ['pneumonia'], region: { kind: 'mask' as const, id: 'a', path: 'a' } }
		expect(() => regionsByLabel([mask, mask], ['pneumonia'])).toThrow('more than one region of pneumonia')
	})
})

describe('truth in a manifest', () => {
	it('is read from its columns; what leads out of the folder, or says two things, is refused by line and column', async () => {
		const folder = await writeTree(await newFolder(), {
			'manifest.csv': [
				'file,label,split,patient,lungs_mask,finding_mask,finding_box,finding_label',
				'a.png,covid19,test,p1,masks/a.png,masks/a_lesion.png,,',
				'b.png,normal,val,p2,,,1 2 3 4; 5.5 6 7 8,pneumonia',
				'c.png,normal,test,p3,../outside.png,/etc/passwd,,',
				'd.png,normal,test,p4,,x.png,1 2 3 4,',
				'e.png,normal,test,p5,,,1 2 3,',
				'f.png,normal,test,p6,,,1 2 0 4,',
				'g.png,normal,test,p7,,,,',
				'../h.png,normal,test,p8,x.png,,,',
			].join('\n'),
		})
		const { films, refused } = await listManifestTruth(folder)
		expect(films).toMatchObject([
			{ id: 'a.png', split: 'test', group: 'p1', lungs: { id: 'masks/a.png' }, findings: [{ names: ['covid19'], region: { kind: 'mask', id: 'masks/a_lesion.png' } }] },
			{ id: 'b.png', split: 'validation', lungs: null, findings: [{ names: ['pneumonia'], region: { boxes: [{ x: 1, y: 2, width: 3, height: 4 }, { x: 5.5, y: 6, width: 7, height: 8 }] } }] },
		])
		expect(refused.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
			expect.stringContaining('c.png manifest.csv, line 4, column lungs_mask: Its path leads out'), expect.stringContaining('c.png manifest.csv, line 4, column finding_mask: Its path is absolute'),
			expect.stringContaining('d.png manifest.csv, line 5, column finding_box: There is a finding_mask too'), expect.stringContaining('line 6, column finding_box: "1 2 3" is not'), expect.stringContaining('line 7, column finding_box: "1 2 0 4"'),
			expect.stringContaining('column file: Its path leads out'),
		])
	})
	it('is asked of a folder that says nothing', async () => {
		await expect(listTruth(await newFolder())).rejects.toThrow('neither a manifest.csv nor a set of films with masks or boxes that is known')
	})
})

describe('known sets', () => {
	it('are read as they lie, with films of the data sets beside them', async () => {
		const parent = await writeTree(await newFolder(), {
			'cxr3/manifest.csv': 'id,file,label,patient_or_group,split\nc1,covid19/c1.jpg,covid19,g1,test\n',
			'loc/v7_lungs/manifest.csv': 'mask,cxr3_id,original_file\nc1.png,c1,x\nraw.png,,y\n../c1.png,c1,z\n',
			'loc/ieee_seg/manifest.csv': 'id,finding,patient,split,ggo_px_frac,consol_px_frac\ns1,"COVID-19, ARDS",p1,val,0.1,0.0\ns2,Legionella,p2,,0.0,0.2\ns3,COVID-19,p3,test,0.0,0.0\n',
			'loc/nih_boxes_256px.csv': 'image,origin,finding,x,y,w,h,split\nnih14/images/00000061_012.jpg,RSNA,Lung Opacity,1,2,3,4,test\nnih14/images/00000061_012.jpg,NIH,Pneumonia,5,6,7,8,test\n../../secret.jpg,NIH,Pneumonia,5,6,7,8,test\n',
			'loc/covid_qu_ex12/COVID-19/images/c.png': 1, 'loc/covid_qu_ex12/COVID-19/lung masks/c.png': 1, 'loc/covid_qu_ex12/COVID-19/infection masks/c.png': 1,
			'loc/covid_qu_ex12/Normal/images/n.png': 2, 'loc/covid_qu_ex12/Normal/lung masks/n.png': 2, 'loc/covid_qu_ex12/Normal/infection masks/n.png': 2,
		})
		const { films, refused, leftOut } = await listKnownSets(join(parent, 'loc'))
		expect(films.map(({ set, id, split, group, names, lungs, findings }) => [set, id, split, group, names, lungs?.kind, findings.length])).toEqual([
			['ieee_seg', 'ieee_seg/images/s1.png', 'validation', 'p1', ['COVID-19', 'ARDS'], 'mask', 1],
			['ieee_seg', 'ieee_seg/images/s2.png', null, 'p2', ['Legionella', 'Pneumonia'], 'mask', 1],
			['ieee_seg', 'ieee_seg/images/s3.png', 'test', 'p3', ['COVID-19'], 'mask', 0],
			['v7_lungs', 'cxr3/covid19/c1.jpg', 'test', 'g1', ['covid19'], 'mask', 0],
			['nih_boxes', 'nih14/images/00000061_012.jpg', 'test', 'nih-00000061', ['Lung Opacity', 'Pneumonia'], undefined, 2],
			['covid_qu_ex', 'covid_qu_ex12/COVID-19/images/c.png', null, 'covid_qu_ex/COVID-19/images/c.png', ['COVID-19'], 'mask', 1],
			['covid_qu_ex', 'covid_qu_ex12/Normal/images/n.png', null, 'covid_qu_ex/Normal/images/n.png', ['Normal'], 'mask', 0],
		])
		expect(refused.map(({ reason }) => reason)).toEqual(['column mask: Its path leads out of the data set\'s folder.', 'column image: Its path leads out of the data set\'s folder.'])
		expect([...leftOut]).toEqual([['v7_lungs: lung mask whose film is not in ../cxr3', 1]])
	})
	it.skipIf(!sharedData)('have masks that cover what their table says', async () => {
		const folder = join(sharedData ?? '', 'cxr_loc')
		const table = new Map(parseCsv(readFileSync(join(folder, 'ieee_seg', 'manifest.csv'), 'utf8')).map((row) => [`ieee_seg/images/${row['id']}.png`, row]))
		const { films } = await listKnownSets(folder)
		for (const { id, path, lungs, findings } of films.filter(({ set }, index) => set === 'ieee_seg' && index % 12 === 0)) {
			const row = table.get(id)
			const { width = 0, height = 0 } = await sharp(path).metadata()
			const area = async (region: TruthRegion | null | undefined) => {
				const values = Array.from(region ? (await maskOfRegion(region, { width, height })).mask.values : [0])
				return values.filter((value) => value !== 0).length / values.length
			}
			expect(Math.abs(await area(lungs) - Number(row?.['lung_px_frac'])), id).toBeLessThan(0.002)
			expect(Math.abs(await area(findings[0]?.region) - Number(row?.['ggo_px_frac']) - Number(row?.['consol_px_frac'])), id).toBeLessThan(0.002)
		}
	})
	it.skipIf(!sharedData)('of the real films are all there, each with masks of its shape', async () => {
		const { films, refused, leftOut } = await listKnownSets(join(sharedData ?? '', 'cxr_loc'))
		expect(refused).toEqual([])
		expect(Object.fromEntries([...Map.groupBy(films, ({ set }) => set)].map(([set, own]) => [set, own.length]))).toEqual({ ieee_seg: 93, v7_lungs: 345, nih_boxes: 149, covid_qu_ex: 12 })
		expect([...leftOut.values()]).toEqual([30])
		expect(films.filter(({ set, findings }) => set === 'ieee_seg' && findings.length > 0)).toHaveLength(88)
		for (const film of films.filter((_, index) => index % 60 === 0)) {
			const { width = 0, height = 0 } = await sharp(film.path).metadata()
			for (const region of [film.lungs, ...film.findings.map((finding) => finding.region)]) if (region) await maskOfRegion(region, { width, height })
		}
	})
})
