import { z } from 'zod'

const labelSchema = z.string().min(1).max(200)
const fractionSchema = z.number().min(0).max(0.9)
const columnSchema = z.string().min(1).max(200)

/** An image of a data set: its path from the set's folder, parts joined by /. It leads nowhere else. */
export const imageIdSchema = z.string().min(1).max(1024).refine((id) => !id.startsWith('/') && !id.split('/').includes('..'), { error: 'It leads out of the data set\'s folder.' })

/** ChestX-ray14 in the order of CheXNet's lists. */
export const CHESTXRAY14_LABELS = [
	'Atelectasis', 'Cardiomegaly', 'Effusion', 'Infiltration', 'Mass', 'Nodule', 'Pneumonia', 'Pneumothorax', 'Consolidation', 'Edema', 'Emphysema', 'Fibrosis',
	'Pleural_Thickening', 'Hernia',
] as const

/** CheXpert in the order of its CSV. */
export const CHEXPERT_LABELS = [
	'No Finding', 'Enlarged Cardiomediastinum', 'Cardiomegaly', 'Lung Opacity', 'Lung Lesion', 'Edema', 'Consolidation', 'Pneumonia', 'Atelectasis', 'Pneumothorax',
	'Pleural Effusion', 'Pleural Other', 'Fracture', 'Support Devices',
] as const

/** PadChest's nineteen differential diagnoses. */
export const PADCHEST_LABELS = [
	'pneumonia', 'atypical pneumonia', 'tuberculosis', 'tuberculosis sequelae', 'lung metastasis', 'lymphangitis carcinomatosa', 'lepidic adenocarcinoma', 'pulmonary fibrosis',
	'post radiotherapy changes', 'asbestosis signs', 'emphysema', 'COPD signs', 'heart insufficiency', 'respiratory distress', 'pulmonary hypertension', 'pulmonary artery hypertension',
	'pulmonary venous hypertension', 'pulmonary edema', 'bone metastasis',
] as const

export const COVID_QU_EX_LABELS = ['COVID-19', 'Non-COVID', 'Normal'] as const
export const LC25000_LABELS = ['lung_aca', 'lung_n', 'lung_scc', 'colon_aca', 'colon_n'] as const

/**
 * What an uncertain label (-1) counts as: ignored (the truth is not known), 0, 1, or smoothed: 0.7, the middle of the interval 0.55 to 0.85
 * that Pham et al. (2021) draw from.
 */
export const uncertaintySchema = z.enum(['ignore', 'zeros', 'ones', 'smoothed'])
export type Uncertainty = z.infer<typeof uncertaintySchema>

const uncertainLabels = {
	uncertainty: uncertaintySchema.default('ignore'),
	/** For single labels, by their name in the recipe. */
	uncertaintyOf: z.record(labelSchema, uncertaintySchema).default({}),
}

/** Where splits come from. Groups are never cut: all images of a patient stand in one split. */
export const splitsSchema = z.strictObject({
	/**
	 * data: as the data says; images that it gives no split, and a split that it does not have, are drawn.
	 * draw: all drawn anew. test: every image stands in the test split, to evaluate on all of them.
	 */
	from: z.enum(['data', 'draw', 'test']).default('data'),
	/** Shares of the images for a split that is drawn, roughly kept for every label. */
	validation: fractionSchema.default(0.15),
	test: fractionSchema.default(0.15),
	seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
}).refine(({ validation, test }) => validation + test <= 0.95, { error: 'The validation and test shares leave nothing to train on.', path: ['test'] })
export type Splits = z.infer<typeof splitsSchema>

/** Which images an epoch shows, and how often. */
export const samplingSchema = z.strictObject({
	/**
	 * shuffle: each image once. class: classes equally often. source: sources equally often, and classes equally often within each.
	 * As many as the split has: each class gets its quota, and its images take turns in it. An image with several labels counts under the rarest.
	 */
	by: z.enum(['shuffle', 'class', 'source']).default('shuffle'),
	/** 1: fully balanced, 0: as the data is; between them n^(1 - balance). */
	balance: z.number().min(0).max(1).default(1),
})
export type Sampling = z.infer<typeof samplingSchema>

/** More than a person corrects by hand; for whole sources or labels there are `leaveOut` and `mapping`. */
const MOST_CORRECTIONS = 20_000

export const correctionSchema = z.strictObject({ image: imageIdSchema, labels: z.array(labelSchema).max(200).nullable() })
export type Correction = z.infer<typeof correctionSchema>

const common = {
	/** Absolute, or relative to the recipe. */
	folder: z.string().min(1).max(4096),
	/** The labels to learn, in this order; where none are given, those of the data set in its own order. */
	labels: z.array(labelSchema).min(1).max(200).refine((labels) => new Set(labels).size === labels.length, { error: 'A label stands twice.' }).optional(),
	/** Name in the data -> label of the recipe; null leaves the images (one label per image) or the label (several) out. */
	mapping: z.record(labelSchema, labelSchema.nullable()).default({}),
	splits: splitsSchema.prefault({}),
	/** Images that cannot be read are left out and listed; more than this share of all is an error. */
	unreadableShare: z.number().min(0).max(1).default(0.01),
	sampling: samplingSchema.prefault({}),
	/**
	 * Images with one of these values are not learned from and not validated on: they are the test split, all of them, and the other images of the data's test
	 * split are passed over. What a model that never saw a source makes of it (leave one source out). column: source, or one of the attributes.
	 */
	leaveOut: z.array(z.strictObject({ column: columnSchema, values: z.array(z.string().max(200)).min(1).max(100) })).max(10).default([]),
	/**
	 * What a person decided of single images: the labels of the recipe that they show, in place of those that the data gives them (one, or several where images may have
	 * several; those not named are absent), or null: the image is left out. Groups and drawn splits stay those of the data, so that no other image changes its split.
	 */
	corrections: z.array(correctionSchema).max(MOST_CORRECTIONS).refine((all) => new Set(all.map(({ image }) => image)).size === all.length, { error: 'An image stands twice.' }).default([]),
}

/** Names that the columns of a manifest usually have. */
export const MANIFEST_COLUMNS = { file: ['file'], label: ['label', 'labels'], split: ['split'], group: ['patient_or_group', 'group', 'patient', 'patient_id'], source: ['source'] } as const

/** What a column of a manifest that is a label may say, in small letters. */
export const TRUTH_VALUES = new Map<string, number | null>([['1', 1], ['1.0', 1], ['true', 1], ['0', 0], ['0.0', 0], ['false', 0], ['-1', -1], ['-1.0', -1], ['', null]])

// Masks have no names: every film shows lungs.
const { labels: _labels, mapping: _mapping, corrections: _corrections, ...withoutLabels } = common

const labelledLayouts = [
	z.strictObject({
		layout: z.literal('manifest'),
		...common,
		...uncertainLabels,
		task: z.enum(['multiclass', 'multilabel']).default('multiclass'),
		/** Within the folder. */
		manifest: z.string().min(1).max(4096).default('manifest.csv'),
		/** Names of the columns. One that is not given has its usual name, and may be missing. */
		columns: z.strictObject({
			/** Usually file. */
			file: columnSchema.optional(),
			/** Usually label, or labels; a|b for several. With several labels per image, a column for every label goes first. */
			label: columnSchema.optional(),
			/** Usually split: train, val or validation, test. */
			split: columnSchema.optional(),
			/** Usually patient_or_group, group, patient or patient_id. */
			group: columnSchema.optional(),
			/** Usually source. */
			source: columnSchema.optional(),
			/** Further columns that results are given for. */
			attributes: z.array(columnSchema).max(20).default([]),
		}).prefault({}),
	}),
	/** <folder>/[split/]label/[patient/]image. */
	z.strictObject({ layout: z.literal('folders'), ...common }),
	z.strictObject({
		layout: z.literal('covid-qu-ex'),
		...common,
		/** The infection tree is a part of the lung tree with other splits, so it is one or the other. */
		tree: z.enum(['lung', 'infection']).default('lung'),
	}),
	/** Groups are found by near-duplicates: its images were made from about 1,250 tiles. */
	z.strictObject({ layout: z.literal('lc25000'), ...common }),
	z.strictObject({ layout: z.literal('chestx-ray14'), ...common, views: z.array(z.enum(['PA', 'AP'])).min(1).default(['PA', 'AP']) }),
	z.strictObject({
		layout: z.literal('chexpert'),
		...common,
		...uncertainLabels,
		views: z.array(z.enum(['Frontal', 'Lateral'])).min(1).default(['Frontal']),
		/** What a label that the report does not mention counts as. */
		unmentioned: z.enum(['negative', 'ignore']).default('negative'),
	}),
	z.strictObject({
		layout: z.literal('padchest'),
		...common,
		projections: z.array(z.string().min(1).max(40)).min(1).default(['PA', 'AP', 'AP_horizontal']),
		/** Who labelled: physicians some of the reports, a network the rest. */
		methods: z.array(z.enum(['Physician', 'RNN_model'])).min(1).default(['Physician', 'RNN_model']),
	}),
] as const

/** A recipe of data whose images have labels. */
export const labelledDataRecipeSchema = z.discriminatedUnion('layout', labelledLayouts)
export type LabelledDataRecipe = z.infer<typeof labelledDataRecipeSchema>

/** The data part of a recipe: which images, which truth, which split. A layout has only the fields that it needs. */
export const dataRecipeSchema = z.discriminatedUnion('layout', [
	...labelledLayouts,
	/** Films with masks of the lungs, to learn where these are: a manifest.csv with a column lungs_mask, or sets whose folders are known. Films without one are passed over. */
	z.strictObject({
		layout: z.literal('lung-masks'),
		...withoutLabels,
		/** Of the sets in the folder these alone: not all draw the lungs alike. Where none are given, all. */
		sets: z.array(z.string().min(1).max(200)).min(1).max(20).optional(),
	}),
])
export type DataRecipe = z.infer<typeof dataRecipeSchema>
export type DataRecipeOf<Layout extends DataRecipe['layout']> = Extract<DataRecipe, { layout: Layout }>
