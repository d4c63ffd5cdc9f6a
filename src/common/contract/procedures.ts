import { z } from 'zod'
import { analysisSchema, camModeSchema, camStateSchema, storedCamSchema } from './analysis.ts'
import { annotationsSchema } from './annotation.ts'
import { driftSchema } from './drift.ts'
import { faithfulnessSchema } from './explanation.ts'
import { importSummarySchema } from './import.ts'
import { MOST_CASES_AT_ONCE, learningPageSchema, learningQuerySchema, learningSetSchema, madeSetSchema } from './learning.ts'
import { lungPackSchema } from './lungs.ts'
import { domainSchema, modelEntrySchema, modelManifestSchema } from './model.ts'
import { idSchema } from './primitives.ts'
import {
	candidateReferenceSchema, candidateSchema, chosenFilmsSchema, comparisonJobSchema, comparisonReportSchema, comparisonRowSchema, decisionSchema, decisionsSchema, MOST_MAPS, signatureSchema,
} from './promotion.ts'
import { draftSchema, findingSchema, reportRowSchema, reportTextSchema, signedReportSchema } from './report.ts'
import { metadataRowSchema, studySchema, worklistPageSchema, worklistQuerySchema } from './study.ts'
import { noticeSchema, settingsChangeSchema, settingsSchema, systemStatusSchema } from './system.ts'
import { labelledDataRecipeSchema } from './training/data.ts'
import {
	correctSamplesSchema, dataSetSummarySchema, dataSetTitleSchema, folderListSchema, recognitionSchema, registeredDataSetSchema, samplePageSchema, sampleQuerySchema, surveyJobSchema,
} from './training/dataSets.ts'
import { jobIdSchema, jobProgressSchema, trainingListSchema, trainingProgressSchema, trainingTemplateSchema, trainingTurnSchema } from './training/desk.ts'
import { answeredImageSchema, answeredSplitSchema, MOST_COMPARED, runComparisonSchema, runCurvesSchema, runDetailSchema, runLogSchema, runMetricsSchema, runRemovalSchema, worstErrorsSchema } from './training/review.ts'
import { augmentationPreviewSchema, MOST_DRAWS, MOST_PREVIEWED, recipeNetworksSchema } from './training/looks.ts'
import { preflightSchema, runIdSchema } from './training/run.ts'
import { foundStudentSchema, zooEntrySchema } from './training/zoo.ts'

const none = z.object({})
const ofStudy = z.object({ studyId: idSchema })
const ofDataSet = z.object({ dataSetId: idSchema })
const ofRun = z.object({ id: runIdSchema })
const pathSchema = z.string().min(1).max(4096)
const image = z.object({ instanceId: idSchema, frameIndex: z.number().int().nonnegative() })

function procedure<Input extends z.ZodType, Output extends z.ZodType>(input: Input, output: Output) {
	return { input, output }
}

/** Every call that crosses from the renderer to the main program, in both shells. */
export const procedures = {
	'system.status': procedure(none, systemStatusSchema),
	'settings.get': procedure(none, settingsSchema),
	'settings.set': procedure(settingsChangeSchema, settingsSchema),

	'worklist.query': procedure(worklistQuerySchema, worklistPageSchema),
	'studies.get': procedure(ofStudy, studySchema),
	/** Takes it from the worklist; restore brings it back. */
	'studies.remove': procedure(ofStudy, none),
	'studies.restore': procedure(ofStudy, none),
	'instances.metadata': procedure(z.object({ instanceId: idSchema }), z.array(metadataRowSchema)),

	/** Begins an import of the files that were put under /uploads/<importId>/; progress comes as events. */
	'import.start': procedure(z.object({ importId: z.string().regex(/^[a-z0-9-]{1,64}$/) }), importSummarySchema),
	'import.cancel': procedure(z.object({ importId: z.string() }), none),

	'annotations.get': procedure(image, annotationsSchema),
	'annotations.save': procedure(image.extend({ annotations: annotationsSchema }), none),

	/** The student's answer; the cached one where model and image are the same. The teacher's follows as an event. */
	'analysis.run': procedure(image.extend({ again: z.boolean().default(false) }), analysisSchema),
	/** All maps of an analysis that are finished. */
	'explanation.stored': procedure(z.object({ analysisId: idSchema }), z.array(storedCamSchema)),
	/** Starts Score-CAM, or joins the one that runs; states come as events. Answers at once with the finished map where there is one. */
	'explanation.start': procedure(
		z.object({ analysisId: idSchema, layer: z.string().nullable().default(null), mode: camModeSchema.default('paper') }),
		z.object({ jobId: z.string(), finished: storedCamSchema.nullable() }),
	),
	'explanation.cancel': procedure(z.object({ jobId: z.string() }), none),
	/** How faithful the finished map of a label is, measured where it was not before; takes seconds. Refused where the map is not finished. */
	'explanation.faithfulness': procedure(
		z.object({ analysisId: idSchema, label: z.string(), layer: z.string().nullable().default(null), mode: camModeSchema.default('paper') }),
		faithfulnessSchema,
	),

	'models.list': procedure(none, z.array(modelEntrySchema)),
	'models.lungs': procedure(none, lungPackSchema),
	/** A student is chosen for the kind of image that it reads. A teacher: null is the first that fits, '' none. */
	'models.select': procedure(z.discriminatedUnion('role', [z.object({ role: z.literal('student'), id: z.string() }), z.object({ role: z.literal('teacher'), id: z.string().nullable() })]), none),
	/** The program chooses the student for a kind of image again: the first that came with it. */
	'models.giveBack': procedure(z.object({ domain: domainSchema }), none),

	/** Packs of finished runs and imported ones; none of them reads before it is promoted. */
	'promotion.candidates': procedure(none, z.array(candidateSchema)),
	'promotion.card': procedure(z.object({ candidate: candidateReferenceSchema }), z.object({ manifest: modelManifestSchema, card: z.string() })),
	/** Begins a shadow evaluation against the model that reads now; what becomes of it comes as events. maps: films whose maps are compared, null: the usual number. */
	'promotion.compare': procedure(
		z.object({ candidate: candidateReferenceSchema, films: chosenFilmsSchema, maps: z.number().int().min(0).max(MOST_MAPS).nullable().default(null) }),
		comparisonJobSchema,
	),
	'promotion.cancel': procedure(z.object({ jobId: z.string() }), none),
	/** The comparison that runs, or the last one since the program began. */
	'promotion.job': procedure(none, z.object({ job: comparisonJobSchema.nullable() })),
	'promotion.comparisons': procedure(z.object({ candidate: candidateReferenceSchema.nullable().default(null) }), z.array(comparisonRowSchema)),
	'promotion.comparison': procedure(z.object({ comparisonId: idSchema }), z.object({ row: comparisonRowSchema, report: comparisonReportSchema })),
	/** Accepted: installs and selects the candidate. Signed and kept for ever, with the comparisons that it was decided on. */
	'promotion.decide': procedure(
		signatureSchema.extend({ candidate: candidateReferenceSchema, kind: z.enum(['accepted', 'declined']), comparisonIds: z.array(idSchema).min(1).max(20) }),
		decisionSchema,
	),
	/** The model that read before a promotion, the last one of its kind that stands, reads again. */
	'promotion.rollBack': procedure(signatureSchema.extend({ decisionId: idSchema }), decisionSchema),
	'promotion.decisions': procedure(none, decisionsSchema),
	/** Takes over the one file that was put under /uploads/<uploadId>/0 as a candidate. */
	'promotion.import': procedure(z.object({ uploadId: z.string().regex(/^[a-z0-9-]{1,64}$/) }), candidateReferenceSchema),
	/** Removes an imported pack from the candidates; one that was promoted stays among the models. */
	'promotion.removeImported': procedure(z.object({ candidate: candidateReferenceSchema }), none),

	/** What readers accepted and corrected, by the labels that models answer with: what could be learned of it, or what is missing. */
	'learning.sets': procedure(none, z.array(learningSetSchema)),
	'learning.cases': procedure(learningQuerySchema, learningPageSchema),
	'learning.leaveOut': procedure(z.object({ cases: z.array(image).min(1).max(MOST_CASES_AT_ONCE), leftOut: z.boolean() }), none),
	/** Writes what is left of a set into <home>/data-sets; how far it is comes as events. */
	'learning.makeSet': procedure(z.object({ labels: learningQuerySchema.shape.labels, name: z.string().trim().min(1).max(100) }), madeSetSchema),
	'learning.cancelSet': procedure(none, none),
	/** What each model said in the last weeks, this one included, and which weeks differ from its own validation. */
	'drift.weeks': procedure(z.object({ weeks: z.number().int().min(1).max(520).default(26) }), driftSchema),

	'findings.list': procedure(ofStudy, z.array(findingSchema)),
	'findings.add': procedure(ofStudy.extend({ text: z.string().min(1).max(4000) }), findingSchema),
	'findings.update': procedure(
		z.object({ findingId: idSchema, status: findingSchema.shape.status.optional(), text: z.string().max(4000).optional() }),
		findingSchema,
	),
	/** Only a reader's own finding can be removed; a network's is rejected and kept. */
	'findings.remove': procedure(z.object({ findingId: idSchema }), none),

	'reports.draft': procedure(ofStudy, draftSchema),
	'reports.saveDraft': procedure(ofStudy.extend({ text: reportTextSchema }), draftSchema),
	'reports.sign': procedure(ofStudy.extend({ signedBy: z.string().min(1).max(200) }), signedReportSchema),
	'reports.beginAddendum': procedure(ofStudy, draftSchema),
	'reports.ofStudy': procedure(ofStudy, z.array(signedReportSchema)),
	'reports.all': procedure(none, z.array(reportRowSchema)),

	/** Folders in a folder, hidden ones left out; null: the home folder of whoever runs the program. */
	'dataSets.folders': procedure(z.object({ folder: pathSchema.nullable() }), folderListSchema),
	/** Which layouts a folder may be read by. */
	'dataSets.recognise': procedure(z.object({ folder: pathSchema }), recognitionSchema),
	'dataSets.list': procedure(none, z.array(dataSetSummarySchema)),
	'dataSets.get': procedure(ofDataSet, registeredDataSetSchema),
	/** Registers a data set where it lies; its folder is absolute. */
	'dataSets.add': procedure(z.object({ title: dataSetTitleSchema, recipe: labelledDataRecipeSchema }), registeredDataSetSchema),
	'dataSets.rename': procedure(ofDataSet.extend({ title: dataSetTitleSchema }), registeredDataSetSchema),
	/** Takes it from the list; restore brings it back with its corrections. Its folder stays as it is. */
	'dataSets.remove': procedure(ofDataSet, none),
	'dataSets.restore': procedure(ofDataSet, none),
	/** Begins, or queues, a survey, or joins the one that runs; states come as events. */
	'dataSets.survey': procedure(ofDataSet, surveyJobSchema),
	'dataSets.cancelSurvey': procedure(ofDataSet, none),
	/** Samples of the last survey. Refused before the first. */
	'dataSets.samples': procedure(sampleQuerySchema, samplePageSchema),
	'dataSets.correct': procedure(correctSamplesSchema, registeredDataSetSchema),

	/** A recipe is JSON as docs/training.md has it; relative paths are relative to the data folder, and what is wrong is named by its field. */
	'training.templates': procedure(none, z.array(trainingTemplateSchema)),
	/** Looks at everything before a run begins and takes a few steps to measure them; progress comes as events. */
	'training.preflight': procedure(z.object({ jobId: jobIdSchema, recipe: z.unknown() }), preflightSchema),
	'training.cancelPreflight': procedure(z.object({ jobId: jobIdSchema }), none),
	/** Some images of the recipe's data as the student would be shown them; seed: decides which, and what is drawn. Cancelled as a pre-flight. */
	'training.augmentationPreview': procedure(
		z.object({
			jobId: jobIdSchema, recipe: z.unknown(), seed: z.number().int().min(0).max(2 ** 32 - 1),
			samples: z.number().int().min(1).max(MOST_PREVIEWED).default(4), draws: z.number().int().min(1).max(MOST_DRAWS).default(4),
		}),
		augmentationPreviewSchema,
	),
	/** Layers and parameters that the recipe can name of its networks. classes: of the student, where its data is not known yet. */
	'training.networks': procedure(z.object({ recipe: z.unknown(), classes: z.number().int().min(1).max(1000) }), recipeNetworksSchema),
	'training.list': procedure(none, trainingListSchema),
	/** A new run, which begins with its pre-flight when its turn has come. */
	'training.start': procedure(z.object({ recipe: z.unknown() }), trainingTurnSchema),
	/** After its step, with a checkpoint; answers when it is told, and the run's state says when it has ended. */
	'training.pause': procedure(ofRun, none),
	'training.resume': procedure(ofRun, trainingTurnSchema),
	'training.cancel': procedure(ofRun, none),
	/** What would be lost with it. Refused where it has not ended, or its pack is in use. */
	'training.removal': procedure(ofRun, runRemovalSchema),
	'training.remove': procedure(ofRun, none),
	/** The recipe that a run was started with; also of one that waits or was refused. */
	'training.recipe': procedure(ofRun, z.object({ recipe: z.unknown() })),
	'training.metrics': procedure(ofRun.extend({ afterStep: z.number().int().nonnegative().default(0), afterValidations: z.number().int().nonnegative().default(0) }), runMetricsSchema),
	'training.log': procedure(ofRun, runLogSchema),
	'training.detail': procedure(ofRun, runDetailSchema),
	'training.curves': procedure(ofRun.extend({ split: answeredSplitSchema }), runCurvesSchema),
	'training.worst': procedure(ofRun.extend({ split: answeredSplitSchema, count: z.number().int().min(1).max(200).default(24) }), worstErrorsSchema),
	/** The exact Score-CAM of an image that the run has answered on, by the run's own pack, of all labels; takes seconds, progress comes as events. Refused where the image is gone or has changed. */
	'training.map': procedure(ofRun.extend({ jobId: jobIdSchema, image: answeredImageSchema }), camStateSchema),
	'training.cancelMap': procedure(z.object({ jobId: jobIdSchema }), none),
	'training.compare': procedure(z.object({ ids: z.array(runIdSchema).min(2).max(MOST_COMPARED), split: answeredSplitSchema }), runComparisonSchema),
	'zoo.list': procedure(z.object({ classes: z.number().int().min(1).max(100_000).default(1000) }), z.array(zooEntrySchema)),
	/** The best student for so many milliseconds per image; measures the machine when it is asked for the first time. */
	'zoo.search': procedure(z.object({ jobId: jobIdSchema, milliseconds: z.number().positive().max(1e6), classes: z.number().int().min(1).max(100_000) }), foundStudentSchema),
	'zoo.cancelSearch': procedure(z.object({ jobId: jobIdSchema }), none),
} as const

export type ProcedureName = keyof typeof procedures
export type ProcedureInput<Name extends ProcedureName> = z.input<(typeof procedures)[Name]['input']>
export type ProcedureParsedInput<Name extends ProcedureName> = z.output<(typeof procedures)[Name]['input']>
export type ProcedureOutput<Name extends ProcedureName> = z.output<(typeof procedures)[Name]['output']>

/** One handler per procedure; the API rooms supply them, both transports call them. */
export type Handlers = {
	[Name in ProcedureName]: (input: ProcedureParsedInput<Name>) => Promise<ProcedureOutput<Name>> | ProcedureOutput<Name>
}

/** What the main program tells the renderer without being asked. */
export const events = {
	'system.changed': systemStatusSchema,
	'import.changed': importSummarySchema,
	/** A study's rows changed: reload what shows it. Null: more than one, or the list itself. */
	'library.changed': z.object({ studyId: idSchema.nullable() }),
	'analysis.changed': analysisSchema,
	'explanation.changed': z.object({
		jobId: z.string(),
		analysisId: idSchema,
		phase: z.enum(['queued', 'running', 'finished', 'cancelled', 'failed']),
		state: camStateSchema.nullable(),
		/** In words, where it failed. */
		reason: z.string(),
	}),
	/** A data set, or with null the list of them, is no longer what it was. */
	'dataSets.changed': z.object({ dataSetId: idSchema.nullable() }),
	'dataSets.survey': surveyJobSchema,
	'promotion.changed': comparisonJobSchema,
	/** Images of a data set that are written. */
	'learning.progress': z.object({ done: z.number().int(), of: z.number().int() }),
	/** Runs changed: reload what shows this one; null: the list. */
	'training.changed': z.object({ id: runIdSchema.nullable() }),
	'training.progress': trainingProgressSchema,
	/** Of a pre-flight, a preview, a search for a student or a map. */
	'training.job': jobProgressSchema,
	notice: noticeSchema,
} as const

export type EventName = keyof typeof events
export type EventPayload<Name extends EventName> = z.output<(typeof events)[Name]>

/** A refusal that the person may read: message in whole sentences; anything else that a handler throws is an internal error. */
export class UserError extends Error {
	readonly detail: string
	constructor(message: string, detail = '') {
		super(message)
		this.name = 'UserError'
		this.detail = detail
	}
}

/**
 * Binary bodies: one `(Request) => Promise<Response>` handler, mounted by the HTTP server and by Electron's protocol.
 * GET  /frames/:instanceId/:frameIndex              a Frame (src/common/imaging/frameFile.ts)
 * GET  /thumbnails/:instanceId                      PNG, at most 256 px, default window
 * PUT  /uploads/:importId/:index?name=...           one file of an import to come
 * GET  /reports/:reportId.pdf | .json | .csv        a signed version
 * GET  /drafts/:studyId.pdf                         the draft as it would be, marked as such
 * GET  /data-sets/:dataSetId/picture?image=...      PNG of a sample of the last survey, at most 256 px, default window
 * GET  /runs/:id/picture?image=...&size=small|large  PNG of an image that the run has answered on, at most 256 or 1024 px, default window
 * GET  /packs/installed|run|imported/:id            a model pack in one file
 */
export const routes = {
	frame: (instanceId: number, frameIndex: number) => `/frames/${instanceId}/${frameIndex}`,
	thumbnail: (instanceId: number) => `/thumbnails/${instanceId}`,
	upload: (importId: string, index: number, name: string) => `/uploads/${importId}/${index}?name=${encodeURIComponent(name)}`,
	report: (reportId: number, format: 'pdf' | 'json' | 'csv') => `/reports/${reportId}.${format}`,
	draft: (studyId: number) => `/drafts/${studyId}.pdf`,
	samplePicture: (dataSetId: number, id: string) => `/data-sets/${dataSetId}/picture?image=${encodeURIComponent(id)}`,
	runPicture: (runId: string, id: string, size: 'small' | 'large') => `/runs/${runId}/picture?image=${encodeURIComponent(id)}&size=${size}`,
	pack: (origin: 'installed' | 'run' | 'imported', id: string) => `/packs/${origin}/${id}`,
}
