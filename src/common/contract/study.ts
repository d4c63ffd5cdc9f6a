import { z } from 'zod'
import { idSchema, instantSchema, sha256Schema, } from './primitives.ts'
import { fileKindSchema } from './frame.ts'
import { analysisSchema } from './analysis.ts'

export const readingStateSchema = z.enum(['unread', 'draft', 'signed'])

export const worklistFiltersSchema = z.object({
	/** Words; each must begin a word of patient name, patient id, accession number, description or file name. */
	search: z.string().max(200).default(''),
	modality: z.string().nullable().default(null),
	readingState: readingStateSchema.nullable().default(null),
	/** Positive: some finding above its operating point; negative; abstained; refused by the gate; none: not analysed. */
	answer: z.enum(['positive', 'negative', 'abstained', 'refused', 'none']).nullable().default(null),
	/** Study dates, YYYY-MM-DD, both inclusive. */
	from: z.string().nullable().default(null),
	to: z.string().nullable().default(null),
})
export type WorklistFilters = z.infer<typeof worklistFiltersSchema>

export const worklistQuerySchema = worklistFiltersSchema.extend({
	sort: z.enum(['importedAt', 'studyDate', 'patientName', 'patientId', 'modality', 'readingState']).default('importedAt'),
	descending: z.boolean().default(true),
	offset: z.number().int().nonnegative().default(0),
	limit: z.number().int().min(1).max(500).default(100),
})
export type WorklistQuery = z.infer<typeof worklistQuerySchema>

export const worklistRowSchema = z.object({
	studyId: idSchema,
	patientName: z.string(),
	patientId: z.string(),
	sex: z.string(),
	birthDate: z.string(),
	studyDate: z.string(),
	description: z.string(),
	accessionNumber: z.string(),
	modality: z.string(),
	images: z.number().int(),
	importedAt: instantSchema,
	readingState: readingStateSchema,
	/** The strongest answer of the student: e.g. "COVID-19 0.83", "Abstained", "Refused", "" where not analysed. */
	answer: z.string(),
	answerState: z.enum(['positive', 'negative', 'abstained', 'refused', 'none']),
})
export type WorklistRow = z.infer<typeof worklistRowSchema>

export const worklistPageSchema = z.object({
	rows: z.array(worklistRowSchema),
	/** Studies that match. */
	matching: z.number().int(),
	/** Studies in the library. */
	total: z.number().int(),
	modalities: z.array(z.string()),
})
export type WorklistPage = z.infer<typeof worklistPageSchema>

export const instanceSchema = z.object({
	id: idSchema,
	seriesId: idSchema,
	sha256: sha256Schema,
	kind: fileKindSchema,
	fileName: z.string(),
	sopInstanceUid: z.string(),
	instanceNumber: z.number().int().nullable(),
	frames: z.number().int().positive(),
	rows: z.number().int().positive(),
	columns: z.number().int().positive(),
	transferSyntax: z.string().nullable(),
	photometric: z.string(),
	notes: z.array(z.string()),
})
export type Instance = z.infer<typeof instanceSchema>

export const seriesSchema = z.object({
	id: idSchema,
	modality: z.string(),
	description: z.string(),
	bodyPart: z.string(),
	laterality: z.string(),
	viewPosition: z.string(),
	number: z.number().int().nullable(),
	instances: z.array(instanceSchema),
})
export type Series = z.infer<typeof seriesSchema>

export const patientSchema = z.object({
	id: idSchema,
	name: z.string(),
	patientId: z.string(),
	sex: z.string(),
	birthDate: z.string(),
})
export type Patient = z.infer<typeof patientSchema>

export const studySchema = z.object({
	id: idSchema,
	patient: patientSchema,
	studyInstanceUid: z.string(),
	/** YYYY-MM-DD, or '' where the file has none or a bad one. */
	date: z.string(),
	time: z.string(),
	/** As the file states it (0010,1010) or computed from birth and study date; '' where neither. */
	age: z.string(),
	description: z.string(),
	accessionNumber: z.string(),
	referringPhysician: z.string(),
	importedAt: instantSchema,
	readingState: readingStateSchema,
	series: z.array(seriesSchema),
	analyses: z.array(analysisSchema),
	/** Other studies of the same patient, newest first. */
	others: z.array(z.object({ studyId: idSchema, date: z.string(), description: z.string(), modality: z.string() })),
})
export type Study = z.infer<typeof studySchema>

/** One element of a file's header, for the metadata table. Depth counts nested sequences. */
export const metadataRowSchema = z.object({
	tag: z.string(), keyword: z.string(), vr: z.string(), value: z.string(), depth: z.number().int(),
})
export type MetadataRow = z.infer<typeof metadataRowSchema>
