import { z } from 'zod'
import { modelManifestSchema, modelReferenceSchema } from './model.ts'
import { idSchema, instantSchema } from './primitives.ts'
import { registeredDataSetSchema } from './training/dataSets.ts'

const countSchema = z.number().int().nonnegative()

/** Patients with a label, and for labels that do not exclude each other without it, that are needed to learn it: each of three splits must get some. */
export const FEWEST_PATIENTS = 10

/** Cases that are left out, or put back, at once. */
export const MOST_CASES_AT_ONCE = 1000

/** An image that readers decided something of. */
export const learningCaseSchema = z.object({
	instanceId: idSchema,
	frameIndex: countSchema,
	studyId: idSchema,
	patientName: z.string(),
	patientId: z.string(),
	studyDate: z.string(),
	/** Stands for the patient in a data set: nothing of name or number is in it. */
	group: z.string(),
	model: modelReferenceSchema.extend({ title: z.string() }),
	analysedAt: instantSchema,
	/** The last decision on one of its findings, or the signature of its report. */
	decidedAt: instantSchema,
	/** corrected: what a reader decided of a finding is not what the network called. */
	outcome: z.enum(['accepted', 'corrected']),
	/** Findings of the study that a reader wrote himself. */
	added: z.array(z.string()),
	/** Somebody does not want to learn from it. */
	leftOut: z.boolean(),
	labels: z.array(z.object({
		name: z.string(), title: z.string(), finding: z.boolean(),
		/** Of the network. */
		probability: z.number(), called: z.boolean(),
		/** Of the readers: present, absent, or not known. */
		truth: z.union([z.literal(0), z.literal(1), z.null()]),
	})),
})
export type LearningCase = z.infer<typeof learningCaseSchema>

/** Names of the labels that some models answer with, in their order: what tells sets of cases apart. */
const labelsSchema = z.array(z.string().min(1).max(200)).min(1).max(200)

export const learningQuerySchema = z.object({
	labels: labelsSchema,
	show: z.enum(['all', 'accepted', 'corrected', 'left out']).default('all'),
	/** Cases that have this label only. */
	present: z.string().nullable().default(null),
	offset: countSchema.default(0),
	limit: z.number().int().min(1).max(200).default(60),
})
export type LearningQuery = z.infer<typeof learningQuerySchema>

export const learningPageSchema = z.object({ cases: z.array(learningCaseSchema), matching: countSchema })
export type LearningPage = z.infer<typeof learningPageSchema>

/** What could be learned of the cases of one set of labels; those that are left out are not counted. */
export const learningSetSchema = z.object({
	labels: labelsSchema,
	task: modelManifestSchema.shape.task,
	images: countSchema,
	patients: countSchema,
	corrected: countSchema,
	leftOut: countSchema,
	counts: z.array(z.object({ name: z.string(), title: z.string(), finding: z.boolean(), positives: countSchema, negatives: countSchema, unknown: countSchema, positivePatients: countSchema, negativePatients: countSchema })),
	/** Why it is too little to learn from, in sentences; empty where it is enough. */
	missing: z.array(z.string()),
	/** What a recipe should mind, in sentences. */
	notes: z.array(z.string()),
})
export type LearningSet = z.infer<typeof learningSetSchema>

/**
 * A data set that was made of cases. data: for a recipe, with the labels that have enough patients; dataSet: among the registered ones, null where it could not be put
 * there; fault: why, else ''.
 */
export const madeSetSchema = z.object({
	id: z.string(),
	folder: z.string(),
	images: countSchema,
	patients: countSchema,
	data: z.object({ layout: z.literal('manifest'), folder: z.string(), labels: labelsSchema, task: modelManifestSchema.shape.task }),
	dataSet: registeredDataSetSchema.nullable(),
	fault: z.string(),
})
export type MadeSet = z.infer<typeof madeSetSchema>
