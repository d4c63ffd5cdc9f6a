import { z } from 'zod'
import { idSchema, instantSchema, sha256Schema } from '../primitives.ts'
import { correctionSchema, imageIdSchema, labelledDataRecipeSchema } from './data.ts'

const countSchema = z.number().int().nonnegative()
export const splitSchema = z.enum(['train', 'validation', 'test'])

/** The first of a list that may be long, and how many there are. */
function someOf<Item extends z.ZodType>(item: Item) {
	return z.object({ total: countSchema, first: z.array(item).max(SHOWN) })
}
/** Entries of a list that a survey tells one by one. */
export const SHOWN = 500

const reasonSchema = z.object({ id: z.string(), reason: z.string() })

/** Which layouts a folder may be read by. */
export const recognitionSchema = z.object({
	/** Absolute. */
	folder: z.string(),
	/** Recipes that could be used, best first, each with a sentence why. */
	candidates: z.array(z.object({ recipe: labelledDataRecipeSchema, why: z.string() })),
	/** Tables in the folder with some values of each column, for who names the columns himself. */
	tables: z.array(z.object({
		file: z.string(),
		columns: z.array(z.object({ name: z.string(), values: z.array(z.string()), /** Among the rows that were looked at there are others. */ more: z.boolean() })),
	})),
	/** Why none fits, in words; '' where one does. */
	refusal: z.string(),
})
export type Recognition = z.infer<typeof recognitionSchema>

/** Images of a label. */
const labelCountSchema = z.object({ label: z.string(), positive: countSchema, negative: countSchema, unknown: countSchema })

/** Images, groups and labels of a split that has images. */
export const splitCountSchema = z.object({ split: splitSchema, images: countSchema, groups: countSchema, labels: z.array(labelCountSchema) })
export type SplitCount = z.infer<typeof splitCountSchema>

/** Images by the values of a column that results can be given for: the source, or an attribute. */
const columnCountSchema = z.object({
	column: z.string(),
	/** Most images first. */
	values: z.array(z.object({
		value: z.string(), images: countSchema, groups: countSchema, splits: z.object({ train: countSchema, validation: countSchema, test: countSchema }),
		/** Images that show a label, in the order of the labels. */
		positive: z.array(countSchema),
	})),
	/** Values that are not listed, and their images. */
	others: z.object({ values: countSchema, images: countSchema }),
})
export type ColumnCount = z.infer<typeof columnCountSchema>

/** By what a sample may tell a test image to training: its group stands in two splits; its bytes do; another split has nearly the same picture. */
export const leakKindSchema = z.enum(['group', 'identical', 'similar'])
export type LeakKind = z.infer<typeof leakKindSchema>

/** What was found in a data set. */
export const dataSetSurveySchema = z.object({
	/** Of the data set, as a run's environment.json has it. */
	sha256: sha256Schema,
	task: z.enum(['multiclass', 'multilabel']),
	labels: z.array(z.string()),
	images: countSchema,
	groups: countSchema,
	splits: z.array(splitCountSchema),
	columns: z.array(columnCountSchema),
	leaks: z.object({
		/** Groups in more than one split, with the first of their images. */
		groups: someOf(z.object({ group: z.string(), splits: z.array(splitSchema), images: countSchema, ids: z.array(z.string()) })),
		/** Files with the same bytes in more than one split; all but one were left out. */
		identical: someOf(z.object({ kept: z.string(), leftOut: z.array(z.string()) })),
		/** Images in two splits that show nearly the same, most alike first. */
		similar: someOf(z.object({ ids: z.tuple([z.string(), z.string()]), splits: z.tuple([splitSchema, splitSchema]), likeness: z.number() })),
	}),
	/** Images and rows that cannot be used, with the reason. */
	refused: someOf(reasonSchema),
	/** What the recipe leaves out, most images first: "view Lateral", "left out by hand". */
	filtered: someOf(z.object({ what: z.string(), images: countSchema })),
	/** Sentences to read before a run. */
	warnings: z.array(z.string()),
	/** Why no run can begin on it; '' where one can. */
	refusal: z.string(),
})
export type DataSetSurvey = z.infer<typeof dataSetSurveySchema>

/**
 * A line of the file of samples that a survey leaves: JSON, in the order of `id` (by UTF-16 code units). What a person left out stands in it too, and truth is that of
 * the data: what was corrected since, or is taken back, needs no new survey to be shown.
 */
export const dataSetSampleSchema = z.object({
	/** Its path from the data set's folder. */
	id: imageIdSchema,
	split: splitSchema,
	group: z.string(),
	source: z.string(),
	attributes: z.record(z.string(), z.string()),
	/** In the order of the labels: 1, 0, between them where it is uncertain, or null where it is not known. */
	truth: z.array(z.number().min(0).max(1).nullable()),
	/** Of the file's bytes. */
	sha256: sha256Schema,
	width: z.number().int().positive(),
	height: z.number().int().positive(),
	leaks: z.array(leakKindSchema),
})
export type DataSetSample = z.infer<typeof dataSetSampleSchema>

export const surveyProgressSchema = z.object({
	/** Images that were looked at. */
	done: countSchema,
	of: countSchema,
	secondsLeft: z.number().nonnegative().nullable(),
})
export type SurveyProgress = z.infer<typeof surveyProgressSchema>

/** A survey that waits, runs, or is the last one that ended since the program was started. */
export const surveyJobSchema = z.object({
	dataSetId: idSchema,
	state: z.enum(['waiting', 'running', 'finished', 'cancelled', 'failed']),
	/** Null before the first image. */
	progress: surveyProgressSchema.nullable(),
	/** Why it failed, in words; '' otherwise. */
	reason: z.string(),
})
export type SurveyJob = z.infer<typeof surveyJobSchema>

/** A data set as it is listed. */
export const dataSetSummarySchema = z.object({
	id: idSchema,
	title: z.string(),
	layout: z.string(),
	/** Absolute. Its images stay there, and nothing is written there. */
	folder: z.string(),
	createdAt: instantSchema,
	corrections: z.object({ leftOut: countSchema, relabelled: countSchema }),
	/** The last survey; null before the first. */
	found: dataSetSurveySchema.pick({ sha256: true, task: true, labels: true, images: true, groups: true, refusal: true }).nullable(),
	surveyedAt: instantSchema.nullable(),
	/** The recipe was changed since, by corrections for example: a new survey tells what is in it now. */
	surveyIsOlder: z.boolean(),
	job: surveyJobSchema.nullable(),
})
export type DataSetSummary = z.infer<typeof dataSetSummarySchema>

/** A data set with the data part of a recipe, as a run takes it, and the whole survey. */
export const registeredDataSetSchema = dataSetSummarySchema.extend({ recipe: labelledDataRecipeSchema, survey: dataSetSurveySchema.nullable() })
export type RegisteredDataSet = z.infer<typeof registeredDataSetSchema>

export const dataSetTitleSchema = z.string().trim().min(1).max(200)

export const sampleQuerySchema = z.object({
	dataSetId: idSchema,
	split: splitSchema.nullable().default(null),
	/** Samples that show it, by what was corrected. */
	label: z.string().nullable().default(null),
	source: z.string().nullable().default(null),
	group: z.string().nullable().default(null),
	/** Words; each must stand in the id, the group, the source or an attribute, in capital or small letters. */
	text: z.string().max(200).default(''),
	/** Those that were corrected by hand alone. */
	corrected: z.boolean().default(false),
	/** Those that stand in a leak alone. */
	leaking: z.boolean().default(false),
	offset: countSchema.default(0),
	limit: z.number().int().min(1).max(500).default(100),
})
export type SampleQuery = z.infer<typeof sampleQuerySchema>

/** Samples of the last survey in the order of their ids, each with what was corrected since or before. */
export const samplePageSchema = z.object({
	rows: z.array(dataSetSampleSchema.extend({ correction: correctionSchema.pick({ labels: true }).nullable() })),
	/** Samples that the query fits. */
	matching: countSchema,
	total: countSchema,
})
export type SamplePage = z.infer<typeof samplePageSchema>

/** Corrections of one call. */
export const MOST_AT_ONCE = 2000

export const correctSamplesSchema = z.object({
	dataSetId: idSchema,
	images: z.array(imageIdSchema).min(1).max(MOST_AT_ONCE),
	change: z.discriminatedUnion('kind', [
		z.object({ kind: z.literal('leave-out') }),
		/** Labels of the data set: one, or those that are present where images may have several. */
		z.object({ kind: z.literal('relabel'), labels: z.array(z.string().min(1).max(200)).max(200) }),
		/** Takes back what was corrected. */
		z.object({ kind: z.literal('undo') }),
	]),
})
export type CorrectSamples = z.infer<typeof correctSamplesSchema>

/** Folders in a folder, for a page that lets a person choose one. */
export const folderListSchema = z.object({
	/** Absolute. */
	folder: z.string(),
	/** Null: there is none above. */
	parent: z.string().nullable(),
	folders: z.array(z.object({ name: z.string(), path: z.string() })),
	/** There are others that are not listed. */
	more: z.boolean(),
	/** Where else a person may begin: the home folder, the root or the drives. */
	places: z.array(z.string()),
})
export type FolderList = z.infer<typeof folderListSchema>
