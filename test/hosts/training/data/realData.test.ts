import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { CHESTXRAY14_LABELS, dataRecipeSchema, type LabelledDataRecipe } from '../../../../src/common/contract/training/data.ts'
import { checkForTraining, countSplits } from '../../../../src/hosts/training/data/checkForTraining.ts'
import { listImages } from '../../../../src/hosts/training/data/layouts/list.ts'
import { findNearDuplicates } from '../../../../src/hosts/training/data/nearDuplicates.ts'
import { readDataSet } from '../../../../src/hosts/training/data/readDataSet.ts'
import { assignSplits } from '../../../../src/hosts/training/data/splitting.ts'
import { surveyImages, type Seen } from '../../../../src/hosts/training/data/survey.ts'
import { tissueGroups } from '../../../../src/hosts/training/data/tissueGroups.ts'
import { resolveTruth } from '../../../../src/hosts/training/data/truth.ts'
import { parseCsv } from '../../../support/csv.ts'
import { sharedData } from '../../../support/sharedData.ts'
import { newFolder } from '../../../support/trees.ts'

const folderOf = (name: string) => join(sharedData ?? '', name)

describe.skipIf(!sharedData)('real data sets', () => {
	it('takes a film with a mask of both lungs once, with the split that cxr3 gives it, and no patient twice', async () => {
		const recipe = dataRecipeSchema.parse({ layout: 'lung-masks', folder: folderOf('cxr_loc'), sets: ['ieee_seg', 'v7_lungs'] })
		const { entries, filtered, refused } = await listImages(recipe, recipe.folder)
		expect([entries.length, refused]).toEqual([383, []])
		expect(Object.fromEntries(filtered)).toMatchObject({
			'v7_lungs: lung mask whose film is not in ../cxr3': 30, 'ieee_seg: film without a mask of both lungs': 2, 'v7_lungs: film that another set has too': 53, 'set covid_qu_ex': 12,
		})
		const cxr3 = dataRecipeSchema.parse({ layout: 'manifest', folder: folderOf('cxr3') }) as LabelledDataRecipe
		const splits = new Map((await listImages(cxr3, cxr3.folder)).entries.map(({ group, split }) => [group, split]))
		const known = entries.filter(({ group }) => splits.has(group))
		expect(known.length).toBeGreaterThan(360)
		expect(known.filter(({ group, split }) => splits.get(group) !== split)).toEqual([])
	})

	it('counts films, splits and groups of cxr3 by its manifest', async () => {
		const recipe = dataRecipeSchema.parse({ layout: 'manifest', folder: folderOf('cxr3'), columns: { attributes: ['eval_domain', 'age_group'] } }) as LabelledDataRecipe
		const listing = await listImages(recipe, recipe.folder)
		const { labels, entries } = resolveTruth(recipe, listing)
		expect([labels, listing.refused, entries.length]).toEqual([['covid19', 'normal', 'pneumonia'], [], 5753])
		const samples = entries.map((entry) => ({ ...entry, group: entry.group ?? entry.id }))
		const splits = assignSplits(samples, recipe.splits)
		expect(['train', 'validation', 'test'].map((split) => splits.filter((own) => own === split).length)).toEqual([4423, 664, 666])
		expect(new Set(samples.map(({ group }) => group)).size).toBe(3643)
		// Drawn anew, no group is cut and every class keeps its share.
		const drawn = assignSplits(samples, { ...recipe.splits, from: 'draw' })
		for (const own of Map.groupBy(samples.keys(), (index) => samples[index]?.group).values()) expect(new Set(own.map((index) => drawn[index])).size).toBe(1)
		for (const [label] of labels.entries()) {
			const ofLabel = drawn.filter((_, index) => samples[index]?.values[label] === 1)
			expect(ofLabel.filter((split) => split === 'test').length / ofLabel.length).toBeCloseTo(0.15, 1)
		}
	})

	it('reads nih14 whole, many labels per film, in threads', async () => {
		const dataSet = await readDataSet(dataRecipeSchema.parse({ layout: 'manifest', folder: folderOf('nih14'), task: 'multilabel', labels: CHESTXRAY14_LABELS, columns: { attributes: ['sex', 'view'] } }), { workers: 1 })
		const counts = countSplits(dataSet)
		expect(counts.map(({ split, images }) => [split, images])).toEqual([['train', 718], ['validation', 102], ['test', 99]])
		expect(dataSet.leaks.groups).toEqual([])
		expect(dataSet.refused).toEqual([])
		const rows = parseCsv(await readFile(join(folderOf('nih14'), 'manifest.csv'), 'utf8'))
		for (const label of CHESTXRAY14_LABELS) {
			const positive = counts.reduce((sum, { labels }) => sum + (labels.find((own) => own.label === label)?.positive ?? 0), 0)
			expect(positive).toBe(rows.filter((row) => row[label] === '1').length)
		}
		expect(() => checkForTraining(dataSet)).not.toThrow()
	})

	it('finds nearly all films that were encoded anew, halved, brightened or blurred among 1,000, with hardly a false pair', async () => {
		const recipe = dataRecipeSchema.parse({ layout: 'manifest', folder: folderOf('cxr3') })
		const { entries } = await listImages(recipe, recipe.folder)
		const films = entries.filter((_, index) => index % 6 === 0).slice(0, 900)
		const copies = await newFolder()
		const changes = [
			(own: Sharp) => own.jpeg({ quality: 30 }), (own: Sharp) => own.resize(112, 112, { fit: 'fill' }).png(),
			(own: Sharp) => own.linear(1.15, -10).jpeg({ quality: 80 }), (own: Sharp) => own.blur(2).png(),
		]
		const changed: string[] = []
		for (let index = 0; index < 80; index++) {
			const path = join(copies, `${index}.img`)
			await (changes[index % 4] as (own: Sharp) => Sharp)(sharp(films[index]?.path)).toFile(path)
			changed.push(path)
		}
		expect(await readdir(copies)).toHaveLength(80)
		const seen = await surveyImages([...films.map(({ path }) => path), ...changed], { workers: 1 })
		const pairs = findNearDuplicates(seen.map((own) => thumbnailOf(own)))
		const right = pairs.filter(({ first, second }) => second === first + films.length)
		expect(right.length).toBeGreaterThanOrEqual(76)
		// What is left are films of one patient, or one film in two collections.
		expect(pairs.filter(({ first, second }) => second < films.length && films[first]?.group !== films[second]?.group).length).toBeLessThanOrEqual(3)
	})

	it('groups most copies of a tile of LC25000 that a random split would tear apart', async () => {
		const recipe = dataRecipeSchema.parse({ layout: 'manifest', folder: folderOf('lc25000') })
		const { entries } = await listImages(recipe, recipe.folder)
		const patches = entries.filter(({ truth }) => truth === 'lung_scc').slice(0, 220)
		const looks = (await surveyImages(patches.map(({ path }) => path), { workers: 1, tissue: true })).map((own) => {
			if ('refused' in own || !own.tissue) throw new Error('A patch cannot be read.')
			return own.tissue
		})
		const groups = tissueGroups(looks)
		let together = 0
		let pairs = 0
		for (let a = 0; a < patches.length; a++) {
			for (let b = 0; b < a; b++) {
				if (patches[a]?.group !== patches[b]?.group) continue
				pairs++
				if (groups[a] === groups[b]) together++
			}
		}
		expect(pairs).toBeGreaterThan(40)
		expect(together / pairs).toBeGreaterThan(0.75)
		expect(new Set(groups).size).toBeGreaterThan(patches.length / 3)
	})
})

function thumbnailOf(seen: Seen): Uint8Array {
	if ('refused' in seen) throw new Error(seen.refused)
	return seen.thumbnail
}
