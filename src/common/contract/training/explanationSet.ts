import { z } from 'zod'
import { camModeSchema } from '../analysis.ts'
import { lungPackSchema } from '../lungs.ts'
import { modelManifestSchema } from '../model.ts'
import { explanationMethodSchema, localisationTruthSchema, meanSchema, randomisedStageSchema } from '../modelExplanations.ts'
import { sha256Schema } from '../primitives.ts'
import { evaluatedSplitSchema } from './evaluation.ts'

export { explanationMethodSchema, type ExplanationMethod, type Mean } from '../modelExplanations.ts'

const countSchema = z.number().int().nonnegative()

/** A network and what its model.json says of it. */
const graphSchema = z.object({ graph: z.string(), manifest: modelManifestSchema })

/** Absolute paths; what explain-set is asked for (docs/explanations.md). */
export const explanationSetRequestSchema = z.object({
	model: graphSchema,
	/** For networks that see the lungs alone. */
	lungs: lungPackSchema.nullish(),
	/** A second model on the same films. */
	teacher: graphSchema.nullable(),
	/** Folder of the films whose maps are measured. */
	folder: z.string(),
	/** Null: test, or all films where the data has no test split. */
	split: evaluatedSplitSchema.nullable(),
	/** Columns that results are given for. */
	by: z.array(z.string()).max(20),
	/** Films that are drawn, balanced by label; null: all. */
	films: z.number().int().positive().nullable(),
	seed: z.number().int().nonnegative(),
	/** Folders with lung masks, finding masks or boxes, beside those that `folder` names. */
	localisation: z.array(z.string()).max(10),
	localisationSplit: evaluatedSplitSchema.nullable(),
	mode: camModeSchema,
	/** Of `model`; null: its default layer. */
	layer: z.string().nullable(),
	/** Films for the parameter-randomisation check; 0: it is not made. */
	randomisation: z.number().int().min(0).max(1000),
	/** Folder that keeps what was measured, film by film, and explanations.json; null: nothing is kept. */
	output: z.string().nullable(),
	/** Folder for index.html and its pictures; null: none. */
	html: z.string().nullable(),
	/** Also into model.json and CARD.md of the pack of `model`. */
	card: z.boolean().optional(),
	/** Of this program; it is written into what is made. */
	softwareVersion: z.string(),
})
export type ExplanationSetRequest = z.infer<typeof explanationSetRequestSchema>

/** Which of the two networks: the one that the command is about, or the one that --teacher names. */
const explainedModelSchema = z.enum(['model', 'teacher'])
export type ExplainedModel = z.infer<typeof explainedModelSchema>

/** Films that a row is about: all, those with a true label, those called by a label, or those with a value of a column. */
const rowGroupSchema = z.strictObject({ column: z.string(), value: z.string() })
export type RowGroup = z.infer<typeof rowGroupSchema>

export const FAITHFULNESS_COLUMNS = ['insertion', 'deletion', 'difference', 'overRandom', 'drop', 'increase', 'dropTopHalf', 'increaseTopHalf', 'better'] as const
const faithfulnessRowSchema = z.strictObject({
	model: explainedModelSchema,
	method: explanationMethodSchema,
	group: rowGroupSchema,
	/** Films, their patients or other groups, and films whose map is 0 everywhere: those rank nothing. */
	n: countSchema,
	groups: countSchema,
	empty: countSchema,
	/** Areas under the curves, 0 to 1. */
	insertion: meanSchema,
	deletion: meanSchema,
	/** Insertion minus deletion of the same film, and how much more that is than its random map's. */
	difference: meanSchema,
	overRandom: meanSchema,
	/** Per cent: average drop and increase in confidence with the whole map, and with the hotter half of its pixels alone. */
	drop: meanSchema,
	increase: meanSchema,
	dropTopHalf: meanSchema,
	increaseTopHalf: meanSchema,
	/** Per cent of the films whose map's verdict is "better" than chance. */
	better: meanSchema,
})
export type FaithfulnessRow = z.infer<typeof faithfulnessRowSchema>

export const LOCALISATION_COLUMNS = ['energy', 'area', 'gain', 'hits'] as const
const localisationRowSchema = z.strictObject({
	model: explainedModelSchema,
	method: explanationMethodSchema,
	/** Where the truth comes from, e.g. ieee_seg. */
	set: z.string(),
	truth: localisationTruthSchema,
	/** Null: the data does not say. */
	split: z.enum(['train', 'validation', 'test']).nullable(),
	n: countSchema,
	groups: countSchema,
	empty: countSchema,
	/** Shares, 0 to 1: of the map inside, of the pixels inside (what a map that knows nothing has inside), their difference, of films whose hottest point is inside. */
	energy: meanSchema,
	area: meanSchema,
	gain: meanSchema,
	hits: meanSchema,
})
export type LocalisationRow = z.infer<typeof localisationRowSchema>

export const COMPARISON_COLUMNS = ['correlation', 'rankCorrelation', 'topFifthOverlap', 'sameCall'] as const
const comparisonRowSchema = z.strictObject({
	group: rowGroupSchema,
	n: countSchema,
	groups: countSchema,
	/** Of the two networks' Score-CAMs of the label that the model calls. */
	correlation: meanSchema,
	rankCorrelation: meanSchema,
	topFifthOverlap: meanSchema,
	/** Share of films that both call by the same label. */
	sameCall: meanSchema,
})
export type ComparisonRow = z.infer<typeof comparisonRowSchema>

/** The stages of each network. */
const randomisationRowSchema = randomisedStageSchema.extend({ model: explainedModelSchema })

const describedModelSchema = z.strictObject({
	role: explainedModelSchema,
	id: z.string(), version: z.string(), title: z.string(), sha256: sha256Schema, labels: z.array(z.string()),
	layer: z.strictObject({ name: z.string(), channels: countSchema, height: countSchema, width: countSchema }),
	/** Of one exact Score-CAM, median over the films. */
	secondsPerMap: z.number().nullable(),
})

/** explanations.json. */
export const explanationSetReportSchema = z.strictObject({
	schemaVersion: z.literal(1),
	softwareVersion: z.string(),
	mode: camModeSchema,
	models: z.array(describedModelSchema).min(1).max(2),
	data: z.strictObject({
		split: evaluatedSplitSchema,
		films: countSchema,
		groups: countSchema,
		/** Films of the split; more than `films` where they were drawn. */
		of: countSchema,
		seed: countSchema.nullable(),
		/** Over ids, labels, groups and image files of the films that were measured, masks included. */
		sha256: sha256Schema,
	}),
	localisation: z.strictObject({ split: evaluatedSplitSchema, films: countSchema }).nullable(),
	refused: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
	/** Films and regions that the tables have no use for, by why. */
	leftOut: z.array(z.strictObject({ what: z.string(), count: countSchema })),
	interval: z.strictObject({ method: z.literal('percentile bootstrap over groups'), level: z.literal(0.95), resamples: countSchema, seed: countSchema }),
	faithfulness: z.array(faithfulnessRowSchema),
	located: z.array(localisationRowSchema),
	comparison: z.array(comparisonRowSchema),
	randomisation: z.array(randomisationRowSchema),
})
export type ExplanationSetReport = z.infer<typeof explanationSetReportSchema>

/** measured: films of `of` for which work was left to do and has been done. */
export const explanationSetProgressSchema = z.object({ phase: z.string(), done: countSchema, of: countSchema, secondsLeft: z.number().nullable() })
export type ExplanationSetProgress = z.infer<typeof explanationSetProgressSchema>
