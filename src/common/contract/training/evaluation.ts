import { z } from 'zod'
import { LABEL_METRICS, OVERALL_METRICS } from '../../stats/metrics.ts'
import { calibrationSchema } from '../model.ts'
import { sha256Schema } from '../primitives.ts'

const numberSchema = z.number().nullable()
const countSchema = z.number().int().nonnegative()
/** 95 % interval; null where there are too few groups for one. */
const intervalSchema = z.tuple([z.number(), z.number()]).nullable()

function each<Name extends string, Value extends z.ZodType>(names: readonly Name[], value: Value): Record<Name, Value> {
	return Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>
}

/** Which images are evaluated: one split, or all of them together. */
export const evaluatedSplitSchema = z.enum(['train', 'validation', 'test', 'all'])
export type EvaluatedSplit = z.infer<typeof evaluatedSplitSchema>

/** The metrics of one label, null for what is not defined (docs/evaluation.md), and their intervals under the same names. */
const labelResultSchema = z.strictObject({
	name: z.string(),
	positives: countSchema,
	negatives: countSchema,
	/** Cases whose truth is not known; they are left out. */
	unknown: countSchema,
	...each(LABEL_METRICS, numberSchema),
	intervals: z.strictObject(each(LABEL_METRICS, intervalSchema)),
})

/** What a model gave on a set of cases. */
export const resultsSchema = z.strictObject({
	/** Cases that count, and the patients or other groups that they come from. */
	n: countSchema,
	groups: countSchema,
	...each(OVERALL_METRICS, numberSchema),
	intervals: z.strictObject(each(OVERALL_METRICS, intervalSchema)),
	labels: z.array(labelResultSchema),
	/** multiclass: rows truth, columns call. multilabel: a row of [true positives, false negatives, false positives, true negatives] for each label. */
	confusion: z.array(z.array(countSchema)),
})
export type Results = z.infer<typeof resultsSchema>

const binSchema = z.strictObject({ lower: z.number(), upper: z.number(), n: countSchema, confidence: numberSchema, share: numberSchema })

/** Calibration error, Brier score and reliability bins under one way to make probabilities. */
const reliabilitySchema = z.strictObject({
	ece: numberSchema,
	/** Of the calibration error; missing in reports of before. */
	interval: intervalSchema.optional(),
	brier: numberSchema, bins: z.array(binSchema),
})

/** What an operating point gives; null where it is not defined. */
const operatingResultSchema = z.strictObject({ label: z.string(), threshold: z.number(), sensitivity: numberSchema, specificity: numberSchema, precision: numberSchema })

export const splitResultsSchema = resultsSchema.extend({
	split: evaluatedSplitSchema,
	/** The same for each value of a column of the data set: source, eval_domain, age group. */
	by: z.record(z.string(), z.record(z.string(), resultsSchema)),
	/** Before and after calibration. */
	reliability: z.strictObject({ before: reliabilitySchema, after: reliabilitySchema }),
	/** Each label at the model's operating point. */
	operatingPoints: z.array(operatingResultSchema),
	/** Share of the cases on which the model does not abstain, and the share of its calls that are right on these. */
	abstention: z.strictObject({
		threshold: z.number(), coverage: numberSchema, accuracy: numberSchema,
		/** Missing in reports of before. */
		intervals: z.strictObject({ coverage: intervalSchema, accuracy: intervalSchema }).optional(),
	}),
	/** Share of the cases within the model's limit of distance to its training images, and the share of its calls that are right on these; null or missing where it states none. */
	likeness: z.strictObject({
		limit: z.number(), share: numberSchema, accuracy: numberSchema, intervals: z.strictObject({ share: intervalSchema, accuracy: intervalSchema }),
	}).nullable().optional(),
})
export type SplitResults = z.infer<typeof splitResultsSchema>

/** Milliseconds of one image through the network, without reading and preprocessing. */
const latencySchema = z.strictObject({ medianMilliseconds: z.number(), runs: countSchema, threads: countSchema, processor: z.string() })

/** evaluation.json. */
export const evaluationReportSchema = z.strictObject({
	schemaVersion: z.literal(1),
	model: z.strictObject({
		id: z.string(), version: z.string(), title: z.string(), sha256: sha256Schema, task: z.enum(['multiclass', 'multilabel']), labels: z.array(z.string()),
		parameters: countSchema, macs: countSchema.nullable(), bytes: countSchema, latency: latencySchema.nullable(),
	}),
	data: z.strictObject({
		sha256: sha256Schema,
		/** Rows and files that the data set left out, and images that could not be read. */
		refused: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
	}),
	calibration: calibrationSchema,
	interval: z.strictObject({ method: z.literal('percentile bootstrap over groups'), level: z.literal(0.95), resamples: countSchema, seed: countSchema }),
	splits: z.array(splitResultsSchema),
	/** The file with every case's truth and logits, beside this one; null where none was written. */
	predictions: z.string().nullable(),
})
export type EvaluationReport = z.infer<typeof evaluationReportSchema>

export const evaluationProgressSchema = z.object({ phase: z.string(), done: countSchema, of: countSchema, secondsLeft: z.number().nullable() })
export type EvaluationProgress = z.infer<typeof evaluationProgressSchema>
