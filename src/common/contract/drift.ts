import { z } from 'zod'
import { modelManifestSchema, modelReferenceSchema } from './model.ts'
import { gateCheckNameSchema } from './analysis.ts'

const countSchema = z.number().int().nonnegative()

/** Images that a week needs before it is held against the validation. */
export const FEWEST_IMAGES = 30

/** found of `of`, with Wilson's 95 % interval (src/common/stats/wilson.ts); value and interval null of none. */
export const shareSchema = z.strictObject({ found: countSchema, of: countSchema, value: z.number().nullable(), interval: z.tuple([z.number(), z.number()]).nullable() })
export type Share = z.infer<typeof shareSchema>

/** What one model said in one week. An image counts once per model, in the week of its first analysis by it. */
export const driftWeekSchema = z.object({
	/** ISO 8601, in UTC: 2026-W47. */
	week: z.string(),
	/** Its Monday, YYYY-MM-DD. */
	monday: z.string(),
	modelSha256: z.string(),
	images: countSchema,
	refused: shareSchema,
	/** By check of the input gate, the most first. */
	refusals: z.array(z.object({ check: gateCheckNameSchema, images: countSchema })),
	/** Of the images that pass the gate. */
	abstained: shareSchema,
	labels: z.array(z.object({
		name: z.string(), title: z.string(), finding: z.boolean(),
		/** Of the images that pass the gate. */
		calls: shareSchema,
		/** Mean calibrated probability on these. */
		probability: z.number().nullable(),
		/** Suggestions of this week's analyses that readers rejected, of those that they decided. */
		rejected: shareSchema,
		/** Findings that readers wrote themselves and that begin with the label's words, in studies of this week. */
		added: countSchema,
	})),
	/** Further findings that readers wrote themselves. */
	addedOthers: countSchema,
	/** Which shares differ from the model's own validation, each with a sentence (the rule: DRIFT_RULE). */
	differs: z.array(z.object({ share: z.enum(['abstained', 'unlike']), sentence: z.string() })),
})
export type DriftWeek = z.infer<typeof driftWeekSchema>

export const driftModelSchema = z.object({
	model: modelReferenceSchema.extend({ title: z.string() }),
	role: modelManifestSchema.shape.role,
	/** Shares of its validation images, from its pack; null where it does not state them, or is not installed. */
	validation: z.object({ abstained: shareSchema.nullable(), unlike: shareSchema.nullable() }),
})
export type DriftModel = z.infer<typeof driftModelSchema>

export const driftSchema = z.object({
	/** Newest first. */
	weeks: z.array(driftWeekSchema),
	models: z.array(driftModelSchema),
	rule: z.string(),
})
export type Drift = z.infer<typeof driftSchema>
