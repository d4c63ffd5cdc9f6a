import { z } from 'zod'
import { camModeSchema } from './camMode.ts'
import { lungFindingsSchema } from './lungFindings.ts'
import { filmRegionSchema, idSchema, instantSchema, sha256Schema } from './primitives.ts'
import { modelReferenceSchema } from './model.ts'

export { camModeSchema, type CamMode } from './camMode.ts'

/** The input gate in its order; a check that fails ends it, later checks are 'skipped'. */
export const gateCheckNameSchema = z.enum([
	'decoded', 'frame', 'photometric', 'constant', 'saturation', 'size', 'modality', 'bodyPart', 'lungs', 'likeness',
])
export const gateCheckSchema = z.object({
	name: gateCheckNameSchema,
	/** What is checked, for a reader: "One plausible frame". */
	title: z.string(),
	/** unknown: the file does not state it, so nothing is held against it. */
	state: z.enum(['passed', 'failed', 'unknown', 'skipped']),
	/** What was found, or why it failed, in words. */
	detail: z.string(),
})
export type GateCheck = z.infer<typeof gateCheckSchema>

export const gateSchema = z.object({ ok: z.boolean(), reasons: z.array(z.string()), checks: z.array(gateCheckSchema) })
export type Gate = z.infer<typeof gateSchema>

export const labelAnswerSchema = z.object({
	name: z.string(),
	title: z.string(),
	logit: z.number(),
	/** Calibrated, 0 to 1. */
	probability: z.number().min(0).max(1),
	operatingPoint: z.number().min(0).max(1),
	/** probability >= operatingPoint and not abstained. */
	positive: z.boolean(),
	finding: z.boolean(),
})
export type LabelAnswer = z.infer<typeof labelAnswerSchema>

/** Milliseconds: preprocess = window, resize and tensor; run = the network; total = both and the gate, without decoding. */
export const timingsSchema = z.object({ decode: z.number(), preprocess: z.number(), run: z.number(), total: z.number() })

/** Which network marked the lungs, and its Dice coefficient on films of patients that it was not trained on; null where its pack states none. */
export const lungFinderSchema = z.strictObject({ model: modelReferenceSchema, dice: z.number().min(0).max(1).nullable() })
export type LungFinder = z.infer<typeof lungFinderSchema>

/** What a network says of one Frame. Where the gate refuses, labels is empty: a number is final or not there. */
export const predictionSchema = z.object({
	model: modelReferenceSchema,
	/** Of the file that the Frame came from. */
	inputSha256: sha256Schema,
	/** Of the float32 tensor that went into the graph; null where the gate refused. */
	tensorSha256: sha256Schema.nullable(),
	gate: gateSchema,
	/** The lungs on the film and who found them; null or missing where nobody looked. */
	lungs: lungFinderSchema.extend({ findings: lungFindingsSchema }).nullish(),
	/** The part of the film that the network saw; null or missing: all of it. */
	region: filmRegionSchema.nullish(),
	labels: z.array(labelAnswerSchema),
	abstained: z.boolean(),
	/** The largest calibrated probability below which it abstains: the band drawn on the bars. */
	abstentionThreshold: z.number().min(0).max(1),
	milliseconds: timingsSchema,
})
export type Prediction = z.infer<typeof predictionSchema>

/** A stored prediction. */
export const analysisSchema = z.object({
	id: idSchema,
	studyId: idSchema,
	instanceId: idSchema,
	frameIndex: z.number().int().nonnegative(),
	role: z.enum(['student', 'teacher']),
	createdAt: instantSchema,
	softwareVersion: z.string(),
	modelTitle: z.string(),
	prediction: predictionSchema,
})
export type Analysis = z.infer<typeof analysisSchema>

/** How student and teacher compare on one image: by the labels that each calls positive. */
export const agreementSchema = z.enum(['agree', 'disagree', 'undecided'])
export type Agreement = z.infer<typeof agreementSchema>

/** Class activation maps, all labels from the same passes. */
export const camStateSchema = z.object({
	layer: z.string(),
	/** Set while the maps are a preview made of the network's head alone, before the first scores of the Score-CAM are in. */
	preview: z.literal('recipro-cam').optional(),
	mode: camModeSchema,
	/** Of the maps: the layer's size, or that of the network's input where the definition adds up or gives out upsampled maps (src/common/cam/definitions.ts). */
	height: z.number().int().positive(),
	width: z.number().int().positive(),
	channels: z.number().int().positive(),
	/** Forward passes made so far. */
	passes: z.number().int().nonnegative(),
	/** Channels accounted for so far, passes saved included. */
	channelsDone: z.number().int().nonnegative(),
	/** Every channel is in. */
	exact: z.boolean(),
	/** Bound on the largest difference to the exact map, as a fraction of the map's range; null where none can be given. */
	errorBound: z.number().nonnegative().nullable(),
	/** Label name -> height x width values, row by row, 0 to 1: what the definition's program gives out. By the paper's definition the ReLU of the weighted sum of activations, divided by its largest value. */
	maps: z.record(z.string(), z.array(z.number())),
	/** Label name -> the value that its map was divided by (0 where the map is empty): map x peak is the ReLU of the weighted sum itself, less its smallest value in definitions other than the paper's. */
	peaks: z.record(z.string(), z.number().nonnegative()),
	/** The part of the film that the network saw and the maps cover; missing: all of it. */
	region: filmRegionSchema.optional(),
	/** Of the finished maps: how much of each lies inside the lungs that a network found on the film, and the share of the part covered that is lung; labels whose map is empty are missing. Missing where nobody looked for lungs. */
	lungs: lungFinderSchema.extend({ inside: z.record(z.string(), z.strictObject({ energyShare: z.number().min(0).max(1), areaShare: z.number().min(0).max(1) })) }).optional(),
	seconds: z.number().nonnegative(),
})
export type CamState = z.infer<typeof camStateSchema>

/** A finished map kept with its analysis. */
export const storedCamSchema = z.object({ id: idSchema, analysisId: idSchema, createdAt: instantSchema, state: camStateSchema })
export type StoredCam = z.infer<typeof storedCamSchema>
