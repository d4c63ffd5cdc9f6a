import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelManifestSchema, type ModelManifest, type ReadyModel } from '../../../../src/common/contract/model.ts'
import { dataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import type { DataSetSummary } from '../../../../src/common/contract/training/dataSets.ts'
import { recipeSchema } from '../../../../src/common/contract/training/recipe.ts'
import { recipeProblems } from '../../../../src/common/contract/training/recipeProblems.ts'
import { groupOf } from '../../../../src/renderer/admin/newRun/groups.ts'
import { recipeFor, studentFor, withImages, withStudent } from '../../../../src/renderer/admin/newRun/recipe/begin.ts'
import { valueAt, withValue, type Draft } from '../../../../src/renderer/admin/newRun/recipe/fields.ts'
import { dataSetOf, labelsOf, taskOf, written } from '../../../../src/renderer/admin/newRun/recipe/images.ts'
import { fittingKinds, LOSSES, lossPresets, problemsOfLosses } from '../../../../src/renderer/admin/newRun/recipe/losses.ts'
import { LOSS_KINDS, usualLoss } from '../../../../src/renderer/admin/newRun/recipe/usual.ts'
import { augmentationInWords, differenceOfLabels, freezingInWords, imagesInWords, lossesInWords, manyInWords, packInWords, scheduleInWords, studentInWords, teachersInWords } from '../../../../src/renderer/admin/newRun/recipe/words.ts'
import { packDirectory } from '../../../support/inferenceFixtures.ts'

const manifest = modelManifestSchema.parse(JSON.parse(readFileSync(join(packDirectory, 'model.json'), 'utf8')))

function pack(change: Partial<ModelManifest>, selected = false): ReadyModel {
	return { state: 'ready', directory: '/packs', origin: 'user', manifest: { ...manifest, ...change }, selfTestDifference: null, selected, card: '' }
}

const labelled = (names: string[]) => names.map((name) => ({ ...(manifest.labels[0] as ModelManifest['labels'][number]), name, title: `The ${name}`, finding: name !== 'normal' }))
const chest = pack({ id: 'chest', role: 'student', title: 'Chest', labels: labelled(['covid19', 'normal', 'pneumonia']) }, true)
const other = pack({ id: 'other', role: 'student', title: 'Other', labels: labelled(['effusion', 'no effusion']) })
const tissue = pack({ id: 'tissue', role: 'student', title: 'Tissue', domain: 'histology', labels: labelled(['a', 'b']) })
const teacher = pack({ id: 'teacher', role: 'teacher', title: 'Teacher', labels: labelled(['covid19', 'normal', 'pneumonia']) })
const packs = [teacher, tissue, other, chest]

const data = dataRecipeSchema.parse({ layout: 'manifest', folder: '/films', columns: { attributes: ['sex'] }, corrections: [{ image: 'a.png', labels: null }] })
const found = { sha256: 'a'.repeat(64), task: 'multiclass', labels: ['covid19', 'normal', 'pneumonia'], images: 1000, groups: 900, refusal: '' } as DataSetSummary['found']
const summary = { id: 3, title: 'Our films', layout: 'manifest', folder: '/films', found } as DataSetSummary
const known = { packs, dataSets: [summary], zoo: [] }
const draft = recipeFor({ data, title: 'Our films', found, packs })

describe('a recipe for a person\'s own images', () => {
	it('is valid, goes on with the model of the same labels, and writes only what has to be said', () => {
		expect(recipeProblems(draft)).toEqual([])
		expect(draft).toMatchObject({
			name: 'Our films', student: { from: 'pack', pack: 'chest' }, data: { layout: 'manifest', folder: '/films', columns: { attributes: ['sex'] }, corrections: [{ image: 'a.png', labels: null }], sampling: { by: 'class' } },
			pack: { labels: { normal: { title: 'The normal', finding: false } } },
		})
		expect(Object.keys(draft['data'] as object).toSorted()).toEqual(['columns', 'corrections', 'folder', 'layout', 'sampling'])
		expect(dataRecipeSchema.parse(written(data))).toEqual(data)
		expect(valueAt(draft, 'optimisation.averageDecay')).toBeGreaterThan(0.9)
	})

	it('takes a network of the zoo where no model is for such images, and other numbers with it', () => {
		const alone = recipeFor({ data, title: 'Our films', found: null, packs: [] })
		expect(recipeProblems(alone)).toEqual([])
		expect(alone).toMatchObject({ student: { from: 'zoo' }, input: { size: 128 }, epochs: 20, optimisation: { optimiser: { learningRate: 1e-3 } } })
		expect(studentFor(['no effusion', 'effusion'], 'chest-radiograph', packs)).toBe(other)
		expect(studentFor(null, 'chest-radiograph', packs)).toBe(chest)
		expect(studentFor(['x'], 'histology', packs)).toBe(tissue)
		const tiles = recipeFor({ data: dataRecipeSchema.parse({ layout: 'lc25000', folder: '/tiles' }), title: 'Tiles', found: null, packs })
		expect(tiles).toMatchObject({ student: { pack: 'tissue' }, augmentation: { preset: 'histology' }, pack: { domain: 'histology' } })
		expect(recipeProblems(tiles)).toEqual([])
		const several = recipeFor({ data: dataRecipeSchema.parse({ layout: 'chestx-ray14', folder: '/nih' }), title: 'NIH', found: null, packs })
		expect(several).toMatchObject({ validation: { monitor: 'auroc' } })
		expect(valueAt(several, 'data.sampling')).toBeUndefined()
	})

	it('follows another student in what nobody has chosen', () => {
		const zoo = withStudent(draft, { from: 'zoo', name: 'ofa-595' })
		expect(zoo).toMatchObject({ epochs: 20, batch: 32, input: { size: 128 }, optimisation: { optimiser: { learningRate: 1e-3 }, schedule: { warmUpEpochs: 1 } } })
		expect(withStudent(zoo, draft['student'] as Record<string, unknown>)).toEqual(draft)
		expect(withStudent(withValue(draft, 'epochs', 7), { from: 'zoo', name: 'ofa-595' })).toMatchObject({ epochs: 7, batch: 32 })
		expect(withStudent(draft, { from: 'onnx', file: 'a.onnx' })).toMatchObject({ epochs: 5 })
	})

	it('takes other images, keeps the rest, and lets go of losses that are for another kind of truth', () => {
		const changed = withValue(withValue(draft, 'losses', [{ kind: 'cross-entropy' }]), 'threads', 2)
		const same = withImages(changed, { ...data, folder: '/others' }, null, packs)
		expect(same).toMatchObject({ data: { folder: '/others', sampling: { by: 'class' } }, losses: [{ kind: 'cross-entropy' }], threads: 2 })
		expect(valueAt(same, 'pack')).toBeUndefined()
		const several = withImages(changed, dataRecipeSchema.parse({ layout: 'padchest', folder: '/pad' }), null, packs)
		expect(several).toMatchObject({ validation: { monitor: 'auroc' }, threads: 2 })
		expect(valueAt(several, 'losses')).toBeUndefined()
		expect(valueAt(withImages(several, data, found, packs), 'validation')).toBeUndefined()
	})
})

describe('what is known of a draft\'s images', () => {
	it('is their kind of truth, their labels and their data set', () => {
		expect([taskOf(draft), taskOf({ data: { layout: 'lung-masks' } }), taskOf({ data: { layout: 'manifest', task: 'multilabel' } }), taskOf({})]).toEqual(['multiclass', 'segmentation', 'multilabel', null])
		expect(labelsOf(draft, [summary])).toEqual(found?.labels)
		expect(labelsOf(withValue(draft, 'data.labels', ['normal']), [summary])).toEqual(['normal'])
		expect(labelsOf({ data: { layout: 'covid-qu-ex', folder: 'x' } }, [])).toEqual(['COVID-19', 'Non-COVID', 'Normal'])
		expect(labelsOf({ data: { layout: 'folders', folder: 'x' } }, [])).toBeNull()
		expect([dataSetOf(draft, [summary])?.id, dataSetOf(withValue(draft, 'data.layout', 'folders'), [summary])]).toEqual([3, undefined])
	})
})

describe('losses', () => {
	it('have a name and values of their own each', () => {
		for (const kind of LOSS_KINDS) {
			expect(LOSSES[kind].title).not.toBe('')
			expect(usualLoss(kind).kind).toBe(kind)
		}
	})

	it('are offered where they fit truth and teachers, and every preset makes a valid recipe', () => {
		expect(fittingKinds('multiclass', 0)).toEqual(['cross-entropy', 'binary-cross-entropy', 'focal-binary-cross-entropy'])
		expect(fittingKinds('multiclass', 1)).toContain('dkd')
		expect(fittingKinds('multilabel', 1)).not.toContain('kl')
		expect(fittingKinds('segmentation', 0)).toContain('dice')
		const layers = { student: ['s1', 's2', 's3', 's4'], teacher: ['t1', 't2'] }
		for (const [task, layout] of [['multiclass', 'folders'], ['multilabel', 'padchest']] as const) {
			const base: Draft = { schemaVersion: 1, name: 'x', data: { layout, folder: 'x' }, student: { from: 'zoo', name: 'ofa-595' }, teachers: [{ from: 'pack', pack: 'teacher' }] }
			expect(lossPresets(task, 0, null).map(({ id }) => id)).toEqual(['usual'])
			expect(lossPresets(task, 1, null).map(({ id }) => id)).not.toContain('hint')
			for (const { id, losses } of lossPresets(task, 1, layers)) {
				const recipe = withValue(base, 'losses', losses)
				expect([...recipeProblems(recipe), ...problemsOfLosses(recipe, task, 3)], id).toEqual([])
			}
			expect(lossPresets(task, 1, layers).find(({ id }) => id === 'hint')?.losses?.at(-1)).toMatchObject({ layers: [{ student: 's3', teacher: 't1' }, { student: 's4', teacher: 't2' }] })
		}
	})

	it('that do not fit are named by their field', () => {
		const recipe = withValue(draft, 'losses', [{ kind: 'cross-entropy' }, { kind: 'kl' }])
		expect(problemsOfLosses(recipe, 'multiclass', 3)).toEqual([{ field: 'losses[1].kind', message: 'The loss kl needs a teacher, and the run has none' }])
		expect(problemsOfLosses(recipe, null, 3)).toEqual([])
		expect(problemsOfLosses(withValue(draft, 'losses', [{ kind: 'unheard-of' }]), 'multiclass', 3)).toEqual([])
		expect(groupOf('losses[1].kind')).toBe('losses')
		expect([groupOf('optimisation.freeze[0]'), groupOf('optimisation.schedule'), groupOf('namely'), groupOf('')]).toEqual(['freezing', 'schedule', null, null])
	})
})

describe('a draft in words', () => {
	it('says what each part holds', () => {
		expect(imagesInWords(draft, known)).toBe('\u2068Our films\u2069: 1,000 images, 3 labels; classes equally often')
		expect(imagesInWords({}, known)).toBe('No images are chosen')
		expect(studentInWords(draft, known)).toBe('Goes on with \u2068Chest\u2069')
		expect(studentInWords({ student: { from: 'zoo', name: 'vgg19', weights: 'a/b.onnx' } }, known)).toBe('vgg19, from the weights in \u2068b.onnx\u2069')
		expect(studentInWords({ student: 3 }, known)).toBe('Not valid as it is')
		expect(teachersInWords(draft, known)).toBe('None: it learns from the truth alone')
		expect(teachersInWords({ teachers: [{ from: 'pack', pack: 'teacher' }, { from: 'onnx', file: '/x/y.onnx', share: 3 }] }, known)).toBe('\u2068Teacher\u2069 (25 %) and \u2068y.onnx\u2069 (75 %)')
		expect(lossesInWords(draft)).toBe('Cross-entropy')
		expect(lossesInWords({ ...draft, teachers: [{}] })).toBe('0.5 Cross-entropy + 0.5 KL of softened answers (T = 2)')
		expect(lossesInWords({ ...draft, losses: [{ kind: 'x' }] })).toBe('Not valid as it is')
		expect(scheduleInWords(draft)).toBe('5 epochs in batches of 16; AdamW at 0.0001, falling as a cosine')
		expect(scheduleInWords({ epochs: 'many' })).toBe('Not valid as it is')
		expect(scheduleInWords({})).toBe('10 epochs in batches of 32; AdamW at 0.0005, falling as a cosine')
		expect([freezingInWords({}), freezingInWords({ headOnly: true }), freezingInWords({ optimisation: { freeze: ['a.*'] } })]).toEqual(['Nothing: all of the network learns', 'Everything but the last layer', '1 pattern of parameter names'])
		expect([augmentationInWords({}), augmentationInWords({ augmentation: { preset: 'histology', rotation: 1 } }), augmentationInWords({ augmentation: { preset: 'none' } }), augmentationInWords({ augmentation: { rotation: 'x' } })])
			.toEqual(['As for chest films', 'As for tissue, with 1 change', 'None: each image as it is', 'Not valid as it is'])
		expect(packInWords({ pack: { domain: 'histology', title: 'Mine' } })).toBe('A student for tissue, \u2068Mine\u2069')
	})

	it('says how labels differ', () => {
		expect(differenceOfLabels(['b', 'a'], ['a', 'b'])).toBe('')
		expect(differenceOfLabels(['a', 'c'], ['a', 'b'])).toBe('It does not answer b. It answers c, which the images do not have.')
		expect(differenceOfLabels([], ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('It does not answer a, b, c, d, e and 2 others.')
		expect([manyInWords(451_329), manyInWords(4_700_000), manyInWords(1.2e9)]).toEqual(['451,329', '4.7 million', '1.2 billion'])
	})
})

it('every template takes registered images in one step and is a recipe then', () => {
	for (const id of ['cxr3-finetune', 'paper1-covid-qu-ex', 'paper1-lc25000', 'paper2-chestx-ray14', 'paper2-chexpert', 'paper2-padchest']) {
		const template = JSON.parse(readFileSync(join('resources', 'recipes', `${id}.json`), 'utf8')) as Draft
		const changed = withImages(template, data, found, packs)
		expect(recipeSchema.parse(changed).data.folder, id).toBe('/films')
	}
})
