import { z } from 'zod'
import { sha256Schema } from '../primitives.ts'
import { evaluationReportSchema } from './evaluation.ts'
import { recipeSchema } from './recipe.ts'
import { environmentSchema, metricEventSchema, runIdSchema, runLogLineSchema, runSummarySchema, type MetricEvent } from './run.ts'

const countSchema = z.number().int().nonnegative()
const intervalSchema = z.tuple([z.number(), z.number()]).nullable()
/** Null: not defined on these images (docs/evaluation.md). */
const numberSchema = z.number().nullable()
const measuredSchema = z.object({ value: numberSchema, interval: intervalSchema })

/** Steps of a run as columns: a number per step each, in the order of the steps. */
export const stepColumnsSchema = z.object({
	step: z.array(countSchema),
	loss: z.array(z.number()),
	/** By the name of the loss; null in a step that did not have it. */
	parts: z.record(z.string(), z.array(numberSchema)),
	learningRate: z.array(z.number()),
	gradientNorm: z.array(z.number()),
})
export type StepColumns = z.infer<typeof stepColumnsSchema>

export function noSteps(): StepColumns {
	return { step: [], loss: [], parts: {}, learningRate: [], gradientNorm: [] }
}

export function addStep(columns: StepColumns, { step, loss, parts, learningRate, gradientNorm }: Extract<MetricEvent, { event: 'step' }>): void {
	for (const name of Object.keys(parts)) columns.parts[name] ??= columns.step.map(() => null)
	for (const [name, values] of Object.entries(columns.parts)) values.push(parts[name] ?? null)
	columns.step.push(step)
	columns.loss.push(loss)
	columns.learningRate.push(learningRate)
	columns.gradientNorm.push(gradientNorm)
}

export const validationSchema = metricEventSchema.options[1].omit({ event: true })
export type Validation = z.infer<typeof validationSchema>

/** The event without its name. */
export function validationOf({ event: _event, ...validation }: Extract<MetricEvent, { event: 'validation' }>): Validation {
	return validation
}

/** A part of what metrics.jsonl of a run has. */
export const runMetricsSchema = z.object({
	steps: stepColumnsSchema,
	validations: z.array(validationSchema),
	/** All that there are by now. Fewer steps than the caller has: the run went back to a checkpoint, and it asks from the beginning. */
	total: z.object({ steps: countSchema, validations: countSchema }),
	/** True where the answer is full: ask again after its last step. */
	more: z.boolean(),
})
export type RunMetrics = z.infer<typeof runMetricsSchema>

/** The end of a run's log. */
export const runLogSchema = z.object({ lines: z.array(runLogLineSchema), /** Whether earlier lines were left out. */ cut: z.boolean() })
export type RunLogTail = z.infer<typeof runLogSchema>

/** Everything that is known of a run without computing. */
export const runDetailSchema = z.object({
	summary: runSummarySchema,
	recipe: recipeSchema,
	environment: environmentSchema,
	hashes: z.object({
		recipe: sha256Schema,
		/** Of labels, splits, groups and the bytes of every image. */
		data: sha256Schema,
		/** Of the weights of the best validation; null before the run is finished. */
		weights: sha256Schema.nullable(),
		/** Of model.onnx of the pack. */
		graph: sha256Schema.nullable(),
	}),
	/** evaluation.json of the pack; null where the run is not finished, or marks lungs. */
	evaluation: evaluationReportSchema.nullable(),
	/** What the pack says of its results, also of a network that marks lungs. */
	metrics: z.array(z.object({ name: z.string(), split: z.string(), n: countSchema, value: z.number(), interval: intervalSchema, note: z.string() })),
	/** CARD.md of the pack; '' where there is none. */
	card: z.string(),
	/** Files of a finished run that cannot be read, each in a sentence. */
	faults: z.array(z.string()),
})
export type RunDetail = z.infer<typeof runDetailSchema>

/** Splits that a run leaves predictions of. */
export const answeredSplitSchema = z.enum(['validation', 'test'])
export type AnsweredSplit = z.infer<typeof answeredSplitSchema>

const curveSchema = z.object({
	/** Where the curve bends, from the highest threshold on; long ones with some points left out. */
	x: z.array(z.number()), y: z.array(z.number()),
	/** Probability from which on a label is called at that point; null at the beginning of a ROC curve, where nothing is. */
	threshold: z.array(numberSchema),
	/** 95 % interval of y at given x; null where it is not defined. */
	band: z.object({ x: z.array(z.number()), low: z.array(numberSchema), high: z.array(numberSchema) }),
})

/** ROC (x: 1 - specificity, y: sensitivity) and precision-recall curves (x: recall, y: precision) of each label; null without cases of both kinds. */
export const runCurvesSchema = z.object({
	split: answeredSplitSchema,
	labels: z.array(z.object({
		name: z.string(), positives: countSchema, negatives: countSchema,
		roc: curveSchema.nullable(), precisionRecall: curveSchema.nullable(),
		auroc: measuredSchema, auprc: measuredSchema,
	})),
})
export type RunCurves = z.infer<typeof runCurvesSchema>

/** The images of a split that the model is most wrong about. */
export const worstErrorsSchema = z.object({
	split: answeredSplitSchema,
	labels: z.array(z.string()),
	samples: z.array(z.object({
		id: z.string(),
		/** The image's file; null where it is no longer there. */
		path: z.string().nullable(),
		group: z.string(),
		source: z.string(),
		/** In the order of the labels; null: not known. */
		truth: z.array(z.number().nullable()),
		/** Calibrated. */
		probabilities: z.array(z.number()),
		/** Cross-entropy of the calibrated probabilities; of several labels the mean over the known ones. */
		loss: z.number(),
		/** Names of the labels that are called. */
		called: z.array(z.string()),
	})),
})
export type WorstErrors = z.infer<typeof worstErrorsSchema>

/** An image among those that a run has answered on, by its id. */
export const answeredImageSchema = z.string().min(1).max(4096)

/** Its file; sha256: of its bytes as they were then, null where the run is of a version that did not note it. */
export const answeredFileSchema = z.object({ path: z.string(), sha256: sha256Schema.nullable() })

/** Metrics that runs are compared by; eceBefore: without calibration. */
export const COMPARED_METRICS = ['accuracy', 'balancedAccuracy', 'macroPrecision', 'macroRecall', 'macroF1', 'auroc', 'eceBefore', 'ece'] as const
export type ComparedMetric = (typeof COMPARED_METRICS)[number]
const comparedSchema = z.record(z.enum(COMPARED_METRICS), measuredSchema)

/** Most runs that are compared at once. */
export const MOST_COMPARED = 8

/** Runs side by side; the first is what the others are held against. */
export const runComparisonSchema = z.object({
	split: answeredSplitSchema,
	runs: z.array(z.object({
		id: runIdSchema, name: z.string(), state: z.string(), student: z.string(), labels: z.array(z.string()),
		seed: z.number().int(), seconds: z.number(), parameters: countSchema.nullable(), macs: countSchema.nullable(), bytes: countSchema.nullable(), milliseconds: numberSchema,
		/** Of all images that it answered on; null where it has no results of this split. */
		results: z.object({ n: countSchema, groups: countSchema, metrics: z.record(z.string(), measuredSchema) }).nullable(),
	})),
	/** Fields of the recipes that are not the same in all of them, and each run's value as JSON; null where it has no such field. */
	fields: z.array(z.object({ field: z.string(), values: z.array(z.string().nullable()) })),
	/** On the images that all of them answered; null where they cannot be compared. */
	common: z.object({
		n: countSchema, groups: countSchema,
		runs: z.array(z.object({
			id: runIdSchema, metrics: comparedSchema,
			/** This run minus the first one, patients drawn for both alike; of the first one null. */
			differences: comparedSchema.nullable(),
		})),
	}).nullable(),
	/** Why there is no comparison on the same images; '' where there is one. */
	reason: z.string(),
})
export type RunComparison = z.infer<typeof runComparisonSchema>

/** What is lost with a run's folder. */
export const runRemovalSchema = z.object({
	bytes: z.number(),
	/** In sentences. */
	lost: z.array(z.string()),
	/** Of the pack's model.onnx; null where there is none. */
	graph: sha256Schema.nullable(),
})
export type RunRemoval = z.infer<typeof runRemovalSchema>
