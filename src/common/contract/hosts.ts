import { z } from 'zod'
import { camModeSchema, camStateSchema, predictionSchema } from './analysis.ts'
import { faithfulnessSchema } from './explanation.ts'
import { fileKindSchema, frameHeaderSchema } from './frame.ts'
import { refusedFileSchema } from './import.ts'
import { modelManifestSchema } from './model.ts'
import { lungPackSchema } from './lungs.ts'
import { filmRegionSchema, sha256Schema } from './primitives.ts'
import { comparisonProgressSchema, comparisonReportSchema, comparisonRequestSchema } from './promotion.ts'
import { metadataRowSchema } from './study.ts'
import { evaluatedSplitSchema, evaluationProgressSchema, evaluationReportSchema } from './training/evaluation.ts'
import { labelledDataRecipeSchema } from './training/data.ts'
import { dataSetSurveySchema, recognitionSchema, surveyProgressSchema } from './training/dataSets.ts'
import { explanationSetProgressSchema, explanationSetReportSchema, explanationSetRequestSchema } from './training/explanationSet.ts'
import { answeredFileSchema, answeredImageSchema, answeredSplitSchema, MOST_COMPARED, runComparisonSchema, runCurvesSchema, runDetailSchema, runLogSchema, runMetricsSchema, runRemovalSchema, worstErrorsSchema } from './training/review.ts'
import { augmentationPreviewSchema, MOST_DRAWS, MOST_PREVIEWED, recipeNetworksSchema } from './training/looks.ts'
import { preflightSchema, runIdSchema, runProgressSchema, runSummarySchema, stopSchema } from './training/run.ts'
import { foundStudentSchema, zooEntrySchema, zooNameSchema } from './training/zoo.ts'

/** What the library needs to know of a file; text is as the file has it, decoded by its character set, bounded in length. */
export const fileFactsSchema = z.object({
	kind: fileKindSchema,
	sha256: sha256Schema,
	bytes: z.number().int(),
	transferSyntax: z.string().nullable(),
	photometric: z.string(),
	rows: z.number().int().positive(),
	columns: z.number().int().positive(),
	frames: z.number().int().positive(),
	samplesPerPixel: z.number().int().positive(),
	bitsStored: z.number().int().positive(),
	/** Stored values of the first frame, before any LUT. */
	min: z.number(),
	max: z.number(),
	notes: z.array(z.string()),
	patient: z.object({ name: z.string(), patientId: z.string(), sex: z.string(), birthDate: z.string() }),
	study: z.object({
		/** '' where the file has none (PNG, JPEG, TIFF, a DICOM file without it). */
		instanceUid: z.string(),
		date: z.string(), time: z.string(), age: z.string(), description: z.string(),
		accessionNumber: z.string(), referringPhysician: z.string(),
	}),
	series: z.object({
		instanceUid: z.string(), modality: z.string(), description: z.string(), bodyPart: z.string(),
		laterality: z.string(), viewPosition: z.string(), number: z.number().int().nullable(),
	}),
	sopInstanceUid: z.string(),
	sopClassUid: z.string(),
	instanceNumber: z.number().int().nullable(),
})
export type FileFacts = z.infer<typeof fileFactsSchema>

/** Either what the file is, or why it is refused, in one sentence that a clinician understands. */
export const inspectionSchema = z.union([
	z.object({ facts: fileFactsSchema }),
	z.object({ archive: z.literal('zip') }),
	z.object({ refused: z.string(), sha256: sha256Schema.nullable() }),
])
export type Inspection = z.infer<typeof inspectionSchema>

const none = z.object({})

function hostMethod<Input extends z.ZodType, Output extends z.ZodType, Progress extends z.ZodType>(input: Input, output: Output, progress: Progress) {
	return { input, output, progress }
}

/** Calls of the imaging host. Paths are absolute; outputs are written to a temporary name beside the target and renamed. */
export const imagingMethods = {
	/** Sniffs, parses and decodes the first frame. */
	inspect: hostMethod(z.object({ path: z.string() }), inspectionSchema, none),
	/** Decodes one frame into a Frame file at `output`. Rejects with a UserError that carries the reason. */
	decode: hostMethod(z.object({ path: z.string(), sha256: sha256Schema, frameIndex: z.number().int(), output: z.string() }), z.object({ header: frameHeaderSchema, milliseconds: z.number() }), none),
	metadata: hostMethod(z.object({ path: z.string() }), z.array(metadataRowSchema), none),
	/** Unpacks an archive into an empty folder, nested archives left packed. Names are display names, paths are generated. */
	unzip: hostMethod(z.object({ path: z.string(), into: z.string() }), z.object({ files: z.array(z.object({ name: z.string(), path: z.string() })), refused: z.array(refusedFileSchema) }), z.object({ name: z.string() })),
	/** A Frame file as PNG, longer side at most maxSide, window null: the default one. */
	render: hostMethod(
		z.object({
			framePath: z.string(), output: z.string(), maxSide: z.number().int().positive(),
			window: z.object({ center: z.number(), width: z.number() }).nullable(),
			invert: z.boolean(), rotation: z.number(), flipHorizontal: z.boolean(), flipVertical: z.boolean(),
			/** Drawn over the film in register, constant alpha where value >= threshold. */
			map: z.object({ width: z.number().int(), height: z.number().int(), values: z.array(z.number()), opacity: z.number(), threshold: z.number(), region: filmRegionSchema.optional() }).nullable(),
		}),
		z.object({ width: z.number().int(), height: z.number().int() }),
		none,
	),
	/** The first frame of a file in its default window as PNG, longer side at most maxSide. Refused where the file's bytes are others than those of sha256; null: whatever they are. */
	picture: hostMethod(z.object({ path: z.string(), sha256: sha256Schema.nullable(), output: z.string(), maxSide: z.number().int().positive() }), z.object({ width: z.number().int(), height: z.number().int() }), none),
} as const

/** Images in a batch of Score-CAM. */
export const camBatchSchema = z.number().int().min(1).max(32)

/** Calls of the inference host. */
export const inferenceMethods = {
	/**
	 * Creates the session (once per process and pack) and runs the golden-logit self-test. Rejects where it fails.
	 * camBatch: the batch size of Score-CAM that was found fastest on this machine; without it the first map finds it out.
	 * lungs: looked at once for all packs of chest films; without it no lungs are looked for, and a pack that wants them refuses every film.
	 */
	load: hostMethod(z.object({ directory: z.string(), manifest: modelManifestSchema, camBatch: camBatchSchema.nullish(), lungs: lungPackSchema.nullish() }), z.object({ selfTestDifference: z.number(), providers: z.array(z.string()) }), none),
	predict: hostMethod(z.object({ modelSha256: sha256Schema, framePath: z.string(), decodeMilliseconds: z.number() }), predictionSchema, none),
	/**
	 * Score-CAM; a state after every batch; cancelled through the abort message, at the next batch.
	 * region: the part of the film that the answer was given on, null for all of it; refused where it is another one now. Missing: not compared.
	 */
	explain: hostMethod(
		z.object({ modelSha256: sha256Schema, framePath: z.string(), layer: z.string().nullable(), mode: camModeSchema, region: filmRegionSchema.nullish() }),
		camStateSchema,
		camStateSchema,
	),
	/** The batch size that maps have found fastest; null before they have. */
	camBatch: hostMethod(z.object({ modelSha256: sha256Schema }), z.object({ images: camBatchSchema.nullable() }), none),
	/** How faithful a finished map of one label is: height x width values of 0 to 1 at layer resolution, row by row; region as in explain. Cancelled at the next batch. */
	faithfulness: hostMethod(
		z.object({
			modelSha256: sha256Schema, framePath: z.string(), layer: z.string(), mode: camModeSchema, label: z.string(), region: filmRegionSchema.nullish(),
			map: z.object({ height: z.number().int().positive(), width: z.number().int().positive(), values: z.array(z.number().min(0).max(1)) }),
		}),
		faithfulnessSchema,
		z.object({ done: z.number().int(), of: z.number().int() }),
	),
} as const

/** Where the training host finds and puts things; absolute paths. */
const placesSchema = z.object({
	/** Folder of the run folders. */
	runs: z.string(),
	/** A folder for what is worth remembering of images that were looked at; it may be emptied at any time. */
	cache: z.string(),
	/** Folders of model packs, looked through in this order for a pack that is named by its id. */
	models: z.array(z.string()),
	/** For networks that are shown a part of each film. */
	lungs: lungPackSchema,
	/** Of this program; it is written into what is made. */
	softwareVersion: z.string(),
})

/** A recipe from a file, or put together by the caller. The host checks it and names `title` and field in what it refuses. */
const recipeSourceSchema = z.object({
	recipe: z.unknown(),
	title: z.string(),
	/** Folder that its relative paths are relative to. */
	base: z.string(),
})

/**
 * Calls of the training host. A run is paused through the abort message or `stop`: the host finishes the step, saves a checkpoint and answers with the
 * run as it is then.
 */
export const trainingMethods = {
	/**
	 * Pre-flight, then a new run to its end. Rejects with a UserError where it cannot begin or fails; a run that failed can be resumed.
	 * id: how the run is called; without it the next number of its name.
	 */
	train: hostMethod(recipeSourceSchema.extend({ id: runIdSchema.nullish(), places: placesSchema }), runSummarySchema, runProgressSchema),
	/** Goes on from the last checkpoint. why: for the run's log, where nobody asked for it. */
	resume: hostMethod(z.object({ id: runIdSchema, places: placesSchema, why: z.string().max(2000).optional() }), runSummarySchema, runProgressSchema),
	/** Ends a run that works in this process at its next step, with a checkpoint; it is not worked on where the answer is false. */
	stop: hostMethod(z.object({ id: runIdSchema, as: stopSchema }), z.object({ found: z.boolean() }), none),
	/** Takes no step for so long from now on, or until the next call; 0: goes on at once. */
	hold: hostMethod(z.object({ milliseconds: z.number().int().min(0).max(60_000) }), none, none),
	/** A model with its own calibration and thresholds on a folder with a manifest.csv. Absolute paths; split null: test, or all images where there is none. */
	evaluate: hostMethod(
		z.object({ graph: z.string(), manifest: modelManifestSchema, folder: z.string(), split: evaluatedSplitSchema.nullable(), by: z.array(z.string()).max(20), output: z.string().nullable(), places: placesSchema }),
		evaluationReportSchema,
		evaluationProgressSchema,
	),
	/** Maps of a model, and of a second one, over a set of films: how faithful they are, and how much of them lies where it should. */
	explainSet: hostMethod(explanationSetRequestSchema, explanationSetReportSchema, explanationSetProgressSchema),
	zooList: hostMethod(z.object({ classes: z.number().int().positive() }), z.array(zooEntrySchema), none),
	/** The best student of the OFA space within milliseconds per image; blocks are measured once and kept in `timesFile`. */
	zooSearch: hostMethod(
		z.object({ milliseconds: z.number().positive().max(1e6), classes: z.number().int().min(1).max(100_000), timesFile: z.string() }),
		foundStudentSchema,
		z.object({ done: z.number().int(), of: z.number().int() }),
	),
	/** Writes a network with first values as an ONNX file. */
	zooBuild: hostMethod(
		z.object({ name: zooNameSchema, classes: z.number().int().min(1).max(100_000), size: z.number().int().nullable(), seed: z.number().int().nonnegative(), weights: z.string().nullable(), output: z.string() }),
		zooEntrySchema.extend({ bytes: z.number() }),
		none,
	),
} as const

const ofRun = z.object({ id: runIdSchema, places: placesSchema })

/**
 * Calls of the review host: it looks at runs before they begin and afterwards, at data sets, candidates and packs, so that nobody waits for a step of the training host
 * (docs/adr/0018-surveys-in-a-process-of-their-own.md).
 */
export const reviewMethods = {
	/** Everything that is looked at before a run begins, a few measured steps included; nothing is written. */
	preflight: hostMethod(recipeSourceSchema.extend({ places: placesSchema }), preflightSchema, runProgressSchema),
	/** Some images of the data set as the student would be shown them. Files of weights and teachers are not looked at. seed: decides which, and what is drawn. */
	augmentationPreview: hostMethod(
		recipeSourceSchema.extend({ places: placesSchema, samples: z.number().int().min(1).max(MOST_PREVIEWED), draws: z.number().int().min(1).max(MOST_DRAWS), seed: z.number().int().min(0).max(2 ** 32 - 1) }),
		augmentationPreviewSchema,
		z.object({ done: z.number().int(), of: z.number().int() }),
	),
	/** What can be named of a recipe's networks. classes: of the student, where its data is not known yet. */
	recipeNetworks: hostMethod(recipeSourceSchema.extend({ places: placesSchema, classes: z.number().int().min(1).max(1000) }), recipeNetworksSchema, none),
	runs: hostMethod(z.object({ places: placesSchema }), z.object({ runs: z.array(runSummarySchema), refused: z.array(z.object({ id: z.string(), reason: z.string() })) }), none),
	/** Writes down what has become of a run that no process works on. */
	mark: hostMethod(ofRun.extend({ state: z.enum(['paused', 'cancelled', 'failed']), reason: z.string().max(4000) }), runSummarySchema, none),
	/** Step rows after a step, and validations after so many of them; at most 10,000 rows at once. */
	metrics: hostMethod(ofRun.extend({ afterStep: z.number().int().nonnegative(), afterValidations: z.number().int().nonnegative() }), runMetricsSchema, none),
	log: hostMethod(ofRun, runLogSchema, none),
	detail: hostMethod(ofRun, runDetailSchema, none),
	curves: hostMethod(ofRun.extend({ split: answeredSplitSchema }), runCurvesSchema, none),
	worst: hostMethod(ofRun.extend({ split: answeredSplitSchema, count: z.number().int().min(1).max(200) }), worstErrorsSchema, none),
	/** Where an image lies that a finished run has answered on. Rejects for every other. */
	answeredFile: hostMethod(ofRun.extend({ image: answeredImageSchema }), answeredFileSchema, none),
	/** The exact Score-CAM of such an image by the run's pack, of all labels. Rejects where the image is gone or has changed, or the pack answers otherwise now; cancelled at the next batch. */
	map: hostMethod(ofRun.extend({ image: answeredImageSchema }), camStateSchema, z.object({ done: z.number().int(), of: z.number().int() })),
	compare: hostMethod(z.object({ ids: z.array(runIdSchema).min(2).max(MOST_COMPARED), split: answeredSplitSchema, places: placesSchema }), runComparisonSchema, none),
	/** What goes with a run's folder. Rejects where it cannot be removed: it works, or another run that is not finished needs it. */
	removal: hostMethod(ofRun, runRemovalSchema, none),
	remove: hostMethod(ofRun, none, none),

	/** Which layouts a folder may be read by. Absolute path. */
	recogniseDataSet: hostMethod(z.object({ folder: z.string() }), recognitionSchema, none),
	/** What is in a data set. Absolute paths: where what was seen of images is remembered, and the file of samples that is written (dataSetSampleSchema). */
	surveyDataSet: hostMethod(z.object({ recipe: labelledDataRecipeSchema, cache: z.string(), samples: z.string() }), dataSetSurveySchema, surveyProgressSchema),

	/** A candidate against the model that reads now, on the same films. */
	compareModels: hostMethod(comparisonRequestSchema.extend({ places: placesSchema }), comparisonReportSchema, comparisonProgressSchema),
	/** Unpacks a pack file into an empty folder, which has nothing but a pack's files then. Rejects with a UserError where it is damaged or something else. */
	unpackPack: hostMethod(z.object({ path: z.string(), into: z.string() }), none, none),
	/** Golden logits of a pack; the session is given back. Rejects where they differ or the graph is not the manifest's. */
	testPack: hostMethod(z.object({ directory: z.string(), manifest: modelManifestSchema }), z.object({ selfTestDifference: z.number() }), none),
} as const

export const hostMethods = { imaging: imagingMethods, inference: inferenceMethods, training: trainingMethods, review: reviewMethods } as const
export type HostMethods = typeof hostMethods
export type HostInput<Host extends keyof HostMethods, Method extends keyof HostMethods[Host]> =
	HostMethods[Host][Method] extends { input: infer Schema extends z.ZodType } ? z.output<Schema> : never
export type HostOutput<Host extends keyof HostMethods, Method extends keyof HostMethods[Host]> =
	HostMethods[Host][Method] extends { output: infer Schema extends z.ZodType } ? z.output<Schema> : never
export type HostProgress<Host extends keyof HostMethods, Method extends keyof HostMethods[Host]> =
	HostMethods[Host][Method] extends { progress: infer Schema extends z.ZodType } ? z.output<Schema> : never

/** From the supervisor to a host. */
export type HostRequest = { id: number; method: string; input: unknown } | { id: number; abort: true }
/** From a host to the supervisor. */
export type HostReply =
	| { ready: true }
	| { id: number; output: unknown }
	| { id: number; progress: unknown }
	| { id: number; error: { message: string; detail: string; user: boolean; aborted: boolean } }
