import { z } from 'zod'
import { agreementSchema, analysisSchema, camModeSchema, camStateSchema, labelAnswerSchema, lungFinderSchema, type LabelAnswer, type Prediction } from '../../common/contract/analysis.ts'
import { faithfulnessSchema } from '../../common/contract/explanation.ts'
import { modelReferenceSchema } from '../../common/contract/model.ts'
import { RESEARCH_USE, idSchema, instantSchema, sha256Schema } from '../../common/contract/primitives.ts'
import { findingSchema, reportTextSchema } from '../../common/contract/report.ts'
import { patientSchema, studySchema } from '../../common/contract/study.ts'

const wordsSchema = reportTextSchema.omit({ keyImages: true })

/** A PNG file; in JSON as base64. */
const pngSchema = z.codec(z.base64(), z.instanceof(Uint8Array), {
	decode: (base64) => new Uint8Array(Buffer.from(base64, 'base64')),
	encode: (bytes) => Buffer.from(bytes).toString('base64'),
})

const callStateSchema = z.enum(['refused', 'abstained', 'positive', 'negative'])
export type CallState = z.output<typeof callStateSchema>

const mapMakerSchema = z.object({ role: analysisSchema.shape.role, modelTitle: z.string(), model: modelReferenceSchema })

/** What a reader needs to judge a map by. */
export const mapExplanationSchema = z.object({
	analysisId: idSchema,
	fileName: z.string(),
	frameIndex: z.number().int().nonnegative(),
	/** The network whose answer it explains. */
	maker: mapMakerSchema,
	/** That answer. A map looks hot whatever the answer is. */
	answer: labelAnswerSchema.pick({ logit: true, probability: true, operatingPoint: true }).extend({ call: callStateSchema }),
	/** Whose definition of Score-CAM. */
	mode: camModeSchema,
	/** The weighted sum's largest value, which the map was divided by. */
	peak: z.number().nonnegative(),
	/** The part of the film that the network saw and the map covers; missing: all of it. */
	region: camStateSchema.shape.region,
	/** How much of the map lies inside the lungs that a network found; inside: null where the map is empty. Missing where nobody looked for lungs. */
	lungs: lungFinderSchema.extend({ inside: camStateSchema.shape.lungs.unwrap().shape.inside.valueType.nullable() }).optional(),
	/** Null where it was not measured. */
	faithfulness: faithfulnessSchema.pick({ verdict: true, chance: true, score: true, probability: true, maskedProbability: true, drop: true, increased: true }).extend({
		/** Maps with the same values in random places that it was compared with. */
		randomMaps: z.number().int().nonnegative(),
		deletionArea: faithfulnessSchema.shape.deletion.shape.area,
		insertionArea: faithfulnessSchema.shape.insertion.shape.area,
	}).nullable(),
	/** The other network's map of the same label on the same image, and how alike they are (src/common/cam/compareMaps.ts); null where there is none. */
	beside: z.object({
		analysisId: idSchema,
		maker: mapMakerSchema,
		layer: z.string(),
		correlation: z.number().min(-1).max(1).nullable(),
		topFifthOverlap: z.number().min(0).max(1).nullable(),
	}).nullable(),
})
export type MapExplanation = z.output<typeof mapExplanationSchema>

/** A picture as the reader saw it, drawn by the imaging host. */
export const keyImageContentSchema = z.object({
	/** 8 bits a sample, grey or RGB, without transparency and not interlaced. */
	png: pngSchema,
	width: z.number().int().positive(),
	height: z.number().int().positive(),
	caption: z.string(),
	/** What the colours on it are; null where it is the film alone. */
	map: z.object({
		label: z.string(),
		/** The label as a reader knows it. */
		title: z.string(),
		layer: z.string(),
		/** Every channel is in. */
		exact: z.boolean(),
		/** Share of the channels that are in, 0 to 1; 1 where exact. */
		share: z.number().min(0).max(1),
		opacity: z.number().min(0).max(1),
		/** No part of the image moved the network towards the label: nothing is coloured. */
		empty: z.boolean(),
		/** Values below it are not drawn. */
		threshold: z.number().min(0).max(1),
		/** Missing in reports that were signed before it was kept. */
		explanation: mapExplanationSchema.optional(),
	}).nullable(),
})
export type KeyImageContent = z.output<typeof keyImageContentSchema>

/** One analysed image: what the student said, and the teacher where there is one. */
export const imageContentSchema = z.object({
	fileName: z.string(),
	frameIndex: z.number().int().nonnegative(),
	frames: z.number().int().positive(),
	rows: z.number().int().positive(),
	columns: z.number().int().positive(),
	modality: z.string(),
	viewPosition: z.string(),
	/** Of the file. */
	sha256: sha256Schema,
	student: analysisSchema.nullable(),
	teacher: analysisSchema.nullable(),
	agreement: agreementSchema.nullable(),
})
export type ImageContent = z.output<typeof imageContentSchema>

/** An earlier signed version, quoted in an addendum. */
export const earlierVersionSchema = z.object({
	version: z.number().int().positive(),
	kind: z.enum(['report', 'addendum']),
	signedBy: z.string(),
	signedAt: instantSchema,
	pdfSha256: sha256Schema,
	text: wordsSchema,
	/** Text of the findings that were accepted in it. */
	findings: z.array(z.string()),
})
export type EarlierVersion = z.output<typeof earlierVersionSchema>

/**
 * Everything that a report says. Signing freezes it as JSON (encodeReportContent); the PDF, the JSON file and the CSV file are
 * made of nothing else, so they can be made again from the frozen content at any time.
 */
export const reportContentSchema = z.object({
	schemaVersion: z.literal(1),
	researchUse: z.literal(RESEARCH_USE),
	kind: z.enum(['draft', 'report', 'addendum']),
	/** Of this report; for a draft the version that signing would give it. */
	version: z.number().int().positive(),
	/** When this content was gathered: signedAt where it is signed. It is the PDF's date. */
	createdAt: instantSchema,
	signedBy: z.string().nullable(),
	signedAt: instantSchema.nullable(),
	institution: z.string(),
	software: z.object({ name: z.string(), version: z.string() }),
	patient: patientSchema.omit({ id: true }),
	study: studySchema.pick({
		studyInstanceUid: true, date: true, time: true, age: true, description: true, accessionNumber: true, referringPhysician: true,
	}).extend({ modalities: z.array(z.string()), images: z.number().int().nonnegative() }),
	text: wordsSchema,
	/** All of them: accepted ones are the reader's, suggested ones are printed apart, rejected ones are kept in JSON only. */
	findings: z.array(findingSchema),
	images: z.array(imageContentSchema),
	keyImages: z.array(keyImageContentSchema),
	/** Versions before this one, newest first; empty for a first report. */
	earlier: z.array(earlierVersionSchema),
})
export type ReportContent = z.output<typeof reportContentSchema>

/** The content as plain JSON values, pictures as base64. @throws ZodError where it is not a whole report. */
export function encodeReportContent(content: ReportContent): z.input<typeof reportContentSchema> {
	return z.encode(reportContentSchema, content)
}

/** The inverse of encodeReportContent. @throws ZodError */
export function decodeReportContent(json: unknown): ReportContent {
	return reportContentSchema.parse(json)
}

/** What a network's answer for one label comes to. */
export function callOf(prediction: Prediction, label: LabelAnswer): CallState {
	if (!prediction.gate.ok) return 'refused'
	if (prediction.abstained) return 'abstained'
	return label.positive ? 'positive' : 'negative'
}
