import { z } from 'zod'
import { camModeSchema } from './camMode.ts'
import { sha256Schema } from './primitives.ts'

const countSchema = z.number().int().nonnegative()

/** A mean over films with its 95 % interval over patients; n films have the number. Null where none has, and where too few patients do for an interval. */
export const meanSchema = z.strictObject({ value: z.number().nullable(), interval: z.tuple([z.number(), z.number()]).nullable(), n: countSchema })
export type Mean = z.infer<typeof meanSchema>

/** random: a map with the same values as score-cam's in random places. */
export const explanationMethodSchema = z.enum(['score-cam', 'recipro-cam', 'random'])
export type ExplanationMethod = z.infer<typeof explanationMethodSchema>

/** lungs: the map of the called label inside the lungs; finding: the map of a finding's own label inside its mask or boxes. */
export const localisationTruthSchema = z.enum(['lungs', 'finding'])

/** How alike the Score-CAMs of the trained network are to those of the same network with random parameters, from the scores downwards. */
export const randomisedStageSchema = z.strictObject({
	/** In words: 1 of 62 layers. */
	stage: z.string(),
	n: countSchema,
	/** Spearman's, -1 to 1. */
	rankCorrelation: meanSchema,
	/** Over the films; of the rank correlations and of their absolute values. Null where no film has one. */
	median: z.number().nullable(),
	medianAbsolute: z.number().nullable(),
})

/** How far the maps of a model may be trusted, as `negatoscope explain-set` measured it; definitions: docs/explanations.md. */
export const modelExplanationsSchema = z.strictObject({
	mode: camModeSchema,
	layer: z.string(),
	/** Of the films that were measured: their split, how many, of how many patients or other groups, and their hash. */
	data: z.strictObject({ split: z.string(), films: countSchema, groups: countSchema, sha256: sha256Schema }),
	softwareVersion: z.string(),
	/** Areas 0 to 1; drop, increase and better in per cent. */
	faithfulness: z.array(z.strictObject({
		method: explanationMethodSchema,
		deletion: meanSchema, insertion: meanSchema, overRandom: meanSchema, drop: meanSchema, increase: meanSchema, better: meanSchema,
	})),
	/** Of Score-CAM; shares of 0 to 1. */
	located: z.array(z.strictObject({
		set: z.string(), truth: localisationTruthSchema,
		/** Films of the train split may have been seen in training. Null: the data does not say. */
		split: z.enum(['train', 'validation', 'test']).nullable(),
		energy: meanSchema, area: meanSchema, hits: meanSchema,
	})),
	randomisation: z.array(randomisedStageSchema),
})
export type ModelExplanations = z.infer<typeof modelExplanationsSchema>
