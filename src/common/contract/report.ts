import { z } from 'zod'
import { idSchema, instantSchema, sha256Schema } from './primitives.ts'
import { modelReferenceSchema } from './model.ts'

/**
 * A finding of a study. Suggested: a network said it and nobody has confirmed it. Accepted, rejected: a reader decided.
 * Text that a reader edited is the reader's (edited: true).
 */
export const findingSchema = z.object({
	id: idSchema,
	studyId: idSchema,
	instanceId: idSchema.nullable(),
	analysisId: idSchema.nullable(),
	label: z.string().nullable(),
	text: z.string().max(4000),
	status: z.enum(['suggested', 'accepted', 'rejected']),
	origin: z.enum(['network', 'reader']),
	edited: z.boolean(),
	probability: z.number().nullable(),
	operatingPoint: z.number().nullable(),
	model: modelReferenceSchema.nullable(),
	decidedAt: instantSchema.nullable(),
})
export type Finding = z.infer<typeof findingSchema>

/** A view of an image that goes into the report. */
export const keyImageSchema = z.object({
	instanceId: idSchema,
	frameIndex: z.number().int().nonnegative(),
	caption: z.string().max(400),
	window: z.object({ center: z.number(), width: z.number().positive() }).nullable(),
	invert: z.boolean(),
	/** Quarter turns clockwise, then flips. */
	rotation: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
	flipHorizontal: z.boolean(),
	flipVertical: z.boolean(),
	map: z.object({
		analysisId: idSchema,
		label: z.string(),
		layer: z.string(),
		opacity: z.number().min(0).max(1),
		threshold: z.number().min(0).max(1),
	}).nullable(),
})
export type KeyImage = z.infer<typeof keyImageSchema>

/** What a reader writes; findings stand beside it in the library until signing freezes both. */
export const reportTextSchema = z.object({
	clinicalInformation: z.string().max(20000),
	comparison: z.string().max(20000),
	narrative: z.string().max(20000),
	impression: z.string().max(20000),
	keyImages: z.array(keyImageSchema).max(20),
})
export type ReportText = z.infer<typeof reportTextSchema>

export const draftSchema = z.object({
	studyId: idSchema,
	text: reportTextSchema,
	savedAt: instantSchema.nullable(),
	/** Version of the signed report that this draft is an addendum to; null for the first report. */
	addendumTo: z.number().int().positive().nullable(),
})
export type Draft = z.infer<typeof draftSchema>

/** A signed version: never changed again. */
export const signedReportSchema = z.object({
	id: idSchema,
	studyId: idSchema,
	version: z.number().int().positive(),
	kind: z.enum(['report', 'addendum']),
	signedBy: z.string(),
	signedAt: instantSchema,
	pdfSha256: sha256Schema,
})
export type SignedReport = z.infer<typeof signedReportSchema>

export const reportRowSchema = signedReportSchema.extend({
	patientName: z.string(), patientId: z.string(), studyDate: z.string(), description: z.string(),
})
