import { z } from 'zod'
import { camModeSchema } from './analysis.ts'

/** How the label's probability changes while pixels are changed in the order of a map, in even steps from none to all of them. */
export const perturbationCurveSchema = z.object({
	/** Calibrated, as the answer has it; the first before any pixel was changed, the last after all were. */
	probabilities: z.array(z.number().min(0).max(1)).min(2),
	/** Under the curve over the share of the pixels, trapezoids; 0 to 1. */
	area: z.number().min(0).max(1),
})
export type PerturbationCurve = z.infer<typeof perturbationCurveSchema>

/** How far one map of one label may be trusted; definitions and their sources: docs/explanations.md. */
export const faithfulnessSchema = z.object({
	layer: z.string(),
	mode: camModeSchema,
	label: z.string(),
	/** Of the network's input: pixels are ranked at this size. */
	height: z.number().int().positive(),
	width: z.number().int().positive(),
	/** The hottest pixels are replaced first: low is faithful. */
	deletion: perturbationCurveSchema,
	/** The hottest pixels are put back first: high is faithful. */
	insertion: perturbationCurveSchema,
	/** Of the label on the image, and on the image multiplied by the map. */
	probability: z.number().min(0).max(1),
	maskedProbability: z.number().min(0).max(1),
	/** max(0, probability - maskedProbability) / probability. */
	drop: z.number().min(0).max(1),
	/** maskedProbability > probability. */
	increased: z.boolean(),
	/** Insertion area minus deletion area, on the coarser steps that the random maps are measured with; -1 to 1. */
	score: z.number().min(-1).max(1),
	/** The same of maps with the same values in random places. */
	randomScores: z.array(z.number().min(-1).max(1)),
	/** (1 + how many random maps score at least as high) / (1 + how many there are): the chance to see such a score without knowing anything. */
	chance: z.number().min(0).max(1),
	/** better: chance is at most 0.05. empty: the map is 0 everywhere and ranks nothing. */
	verdict: z.enum(['better', 'no better than chance', 'empty']),
	seconds: z.number().nonnegative(),
})
export type Faithfulness = z.infer<typeof faithfulnessSchema>
