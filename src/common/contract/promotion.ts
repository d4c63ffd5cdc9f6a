import { z } from 'zod'
import { camModeSchema } from './camMode.ts'
import { domainSchema, modelManifestSchema, modelReferenceSchema } from './model.ts'
import { meanSchema } from './modelExplanations.ts'
import { idSchema, instantSchema, sha256Schema } from './primitives.ts'
import { dataRecipeSchema } from './training/data.ts'
import { evaluatedSplitSchema, evaluationReportSchema, splitResultsSchema } from './training/evaluation.ts'

const countSchema = z.number().int().nonnegative()
const numberSchema = z.number().nullable()
const intervalSchema = z.tuple([z.number(), z.number()]).nullable()

/** Patients (or other groups) with and without a label that a comparison needs before it says of it which model is better. */
export const FEWEST_GROUPS = 20
/** Films whose maps are compared where nobody says how many, and at most. */
export const USUAL_MAPS = 12
export const MOST_MAPS = 100
/** Films of the library that are compared, at most. */
export const MOST_LIBRARY_FILMS = 5000
/** Films that a report lists by name, at most; it counts all. */
export const MOST_LISTED = 1000

/** A pack that may be promoted: of a finished run (its id), or one that was imported (its folder's name). */
export const candidateReferenceSchema = z.strictObject({ origin: z.enum(['run', 'imported']), id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,95}$/) })
export type CandidateReference = z.infer<typeof candidateReferenceSchema>

/** One side of a comparison: the graph, and everything else that model.json says (operating points, calibration), by their hashes. */
export const comparedModelSchema = modelReferenceSchema.extend({ title: z.string(), role: modelManifestSchema.shape.role, manifestSha256: sha256Schema })
export type ComparedModel = z.infer<typeof comparedModelSchema>

const candidateAboutSchema = comparedModelSchema.extend({
	architecture: z.string(), parameters: countSchema, task: modelManifestSchema.shape.task, domain: modelManifestSchema.shape.domain,
	labels: z.array(z.string()), training: z.string(), licence: z.string(),
})

/** A candidate as it is listed. */
export const candidateSchema = z.discriminatedUnion('state', [
	z.object({
		state: z.literal('ready'), candidate: candidateReferenceSchema, directory: z.string(), about: candidateAboutSchema,
		/** The model that reads now and that it is held against; null where there is none, see `reason`. */
		current: comparedModelSchema.nullable(),
		/** Why it cannot be compared and promoted; '' where it can. */
		reason: z.string(),
		/** Id of the installed pack with the same network; null where it is not installed. */
		installed: z.string().nullable(),
	}),
	z.object({ state: z.literal('refused'), candidate: candidateReferenceSchema, directory: z.string(), reason: z.string() }),
])
export type Candidate = z.infer<typeof candidateSchema>

/** The films of a comparison as a person chooses them. */
export const chosenFilmsSchema = z.discriminatedUnion('kind', [
	/** A folder with a manifest.csv, absolute. Split null: test, or all where there is none. */
	z.strictObject({ kind: z.literal('folder'), folder: z.string().min(1).max(4096), split: evaluatedSplitSchema.nullable().default(null) }),
	/** The test split of a data set. */
	z.strictObject({ kind: z.literal('data'), data: dataRecipeSchema }),
	/** The test split of the candidate's own run. */
	z.strictObject({ kind: z.literal('run') }),
	/** Films of the library that the desk has analysed, the latest first; nobody says what is true of them. */
	z.strictObject({ kind: z.literal('library'), most: z.number().int().min(1).max(MOST_LIBRARY_FILMS).default(500) }),
])
export type ChosenFilms = z.infer<typeof chosenFilmsSchema>

const libraryFilmSchema = z.object({ studyId: idSchema, instanceId: idSchema, frameIndex: countSchema, group: z.string(), path: z.string() })
export type LibraryFilm = z.infer<typeof libraryFilmSchema>

/** about: as the report names it. */
const comparedPackSchema = z.object({ directory: z.string(), manifest: modelManifestSchema, about: comparedModelSchema })

/** What the training host is asked; paths are absolute. */
export const comparisonRequestSchema = z.object({
	current: comparedPackSchema,
	candidate: comparedPackSchema,
	films: z.discriminatedUnion('kind', [
		z.object({ kind: z.literal('folder'), folder: z.string(), split: evaluatedSplitSchema.nullable() }),
		z.object({ kind: z.literal('data'), data: dataRecipeSchema }),
		z.object({ kind: z.literal('library'), films: z.array(libraryFilmSchema).max(MOST_LIBRARY_FILMS) }),
	]),
	/** Films whose maps are compared; 0: none. */
	maps: z.number().int().min(0).max(MOST_MAPS),
})
export type ComparisonRequest = z.infer<typeof comparisonRequestSchema>

export const comparisonProgressSchema = z.object({ phase: z.enum(['data', 'lungs', 'current', 'candidate', 'films', 'latency', 'maps']), done: countSchema, of: countSchema, secondsLeft: z.number().nullable() })
export type ComparisonProgress = z.infer<typeof comparisonProgressSchema>

/** A number of both models on the same films; difference: candidate minus current, with its paired 95 % interval over patients. */
export const pairedNumberSchema = z.strictObject({ current: numberSchema, candidate: numberSchema, difference: numberSchema, interval: intervalSchema })
export type PairedNumberOf = z.infer<typeof pairedNumberSchema>

/** insufficient: too few patients to say anything. undecided: enough, and no difference was shown. */
export const outcomeSchema = z.enum(['better', 'worse', 'undecided', 'insufficient'])
export type Outcome = z.infer<typeof outcomeSchema>

/** On how many films who is right, and McNemar's exact p that both are right equally often (src/common/stats/mcnemar.ts). */
const rightSchema = z.strictObject({ both: countSchema, onlyCurrent: countSchema, onlyCandidate: countSchema, neither: countSchema, p: z.number().min(0).max(1) })

/** accuracy to brier: docs/evaluation.md. answered: share of the films on which the model does not abstain. */
export const COMPARED_METRICS = ['accuracy', 'balancedAccuracy', 'macroF1', 'auroc', 'auprc', 'ece', 'brier', 'answered'] as const

const comparedLabelSchema = z.strictObject({
	name: z.string(),
	title: z.string(),
	positives: countSchema,
	negatives: countSchema,
	/** Patients or other groups with such a film. */
	positiveGroups: countSchema,
	negativeGroups: countSchema,
	auroc: pairedNumberSchema,
	/** Each at its own operating point. */
	sensitivity: pairedNumberSchema,
	specificity: pairedNumberSchema,
	/** Of the calls at each one's operating point. */
	right: rightSchema,
	/** By AUROC. */
	outcome: outcomeSchema,
	operatingPoints: z.strictObject({ current: modelManifestSchema.shape.labels.element.shape.operatingPoint, candidate: modelManifestSchema.shape.labels.element.shape.operatingPoint }),
})

/** Films whose truth is known. */
const labelledComparisonSchema = z.strictObject({
	split: evaluatedSplitSchema,
	task: modelManifestSchema.shape.task,
	overall: z.strictObject(Object.fromEntries(COMPARED_METRICS.map((metric) => [metric, pairedNumberSchema])) as Record<(typeof COMPARED_METRICS)[number], typeof pairedNumberSchema>),
	/** Of the class that is called; null where labels do not exclude each other. */
	right: rightSchema.nullable(),
	labels: z.array(comparedLabelSchema),
	/** Each model by itself: calibration before and after, operating points, abstention, likeness, with intervals. */
	results: z.strictObject({ current: splitResultsSchema, candidate: splitResultsSchema }),
})
export type LabelledComparison = z.infer<typeof labelledComparisonSchema>

/** What a reader would see of a film. calls: labels at or above their operating points. */
const seenSchema = z.strictObject({ state: z.enum(['answered', 'abstained', 'refused']), calls: z.array(z.string()), reason: z.string() })
export type SeenAnswer = z.infer<typeof seenSchema>

const agreementSchema = z.strictObject({ both: countSchema, onlyCurrent: countSchema, onlyCandidate: countSchema, neither: countSchema })

/** Films of the library, with gate and abstention as at the desk; nobody says what is true of them. */
const libraryComparisonSchema = z.strictObject({
	/** Films that pass the gate, and of those that pass both the films on which a model abstains. */
	passed: agreementSchema,
	abstained: agreementSchema,
	/** Share of the films of which a reader would see another answer. */
	differs: meanSchema,
	labels: z.array(z.strictObject({
		name: z.string(),
		title: z.string(),
		calls: agreementSchema,
		/** Share of the films whose call of this label changes. */
		changed: meanSchema,
		/** Calibrated probabilities on the films that pass both gates, and candidate minus current. */
		current: meanSchema,
		candidate: meanSchema,
		difference: meanSchema,
	})),
	/** The first films whose answer changes, and how many there are. */
	changed: countSchema,
	changes: z.array(z.strictObject({ studyId: idSchema, instanceId: idSchema, frameIndex: countSchema, current: seenSchema, candidate: seenSchema })).max(MOST_LISTED),
})
export type LibraryComparison = z.infer<typeof libraryComparisonSchema>

/** Milliseconds of one image through each network, measured in turn. ratio: candidate over current. */
const latencySchema = z.strictObject({ current: z.number(), candidate: z.number(), ratio: z.number(), runs: countSchema, threads: countSchema, processor: z.string() })
export type ComparedLatency = z.infer<typeof latencySchema>

/** How alike the Score-CAMs of both are, of the label that the current model gives most probability (src/common/cam/compareMaps.ts). */
const comparedMapsSchema = z.strictObject({
	mode: camModeSchema,
	layers: z.strictObject({ current: z.string(), candidate: z.string() }),
	films: countSchema,
	groups: countSchema,
	correlation: meanSchema,
	rankCorrelation: meanSchema,
	topFifthOverlap: meanSchema,
	/** Median of one map. */
	seconds: z.strictObject({ current: z.number(), candidate: z.number() }),
})
export type ComparedMaps = z.infer<typeof comparedMapsSchema>

/** What the training host answers; it is kept whole. */
export const comparisonReportSchema = z.strictObject({
	schemaVersion: z.literal(1),
	softwareVersion: z.string(),
	current: comparedModelSchema,
	candidate: comparedModelSchema,
	films: z.strictObject({
		/** In words. */
		title: z.string(),
		/** That both models could be asked about, and their patients or other groups. */
		n: countSchema,
		groups: countSchema,
		/** Over ids, truths, groups and image files. */
		sha256: sha256Schema,
		/** Films that were left out, by whom they were refused ('' : before any model), the first ones. */
		refused: z.array(z.strictObject({ id: z.string(), by: z.enum(['', 'current', 'candidate']), reason: z.string() })).max(MOST_LISTED),
		refusedCount: countSchema,
	}),
	interval: evaluationReportSchema.shape.interval,
	/** One of the two. */
	labelled: labelledComparisonSchema.nullable(),
	library: libraryComparisonSchema.nullable(),
	latency: latencySchema,
	maps: comparedMapsSchema.nullable(),
	/** What a reader of the report should mind, in sentences. */
	cautions: z.array(z.string()),
	/** By balanced accuracy of classes that exclude each other, else by the mean AUROC. reason: in a sentence. */
	verdict: z.strictObject({ outcome: outcomeSchema, metric: z.enum(['balancedAccuracy', 'auroc']).nullable(), reason: z.string() }),
})
export type ComparisonReport = z.infer<typeof comparisonReportSchema>

/** A kept comparison without its report. */
export const comparisonRowSchema = z.object({
	id: idSchema,
	createdAt: instantSchema,
	candidate: candidateReferenceSchema,
	models: z.object({ current: comparedModelSchema, candidate: comparedModelSchema }),
	kind: z.enum(['labelled', 'library']),
	films: z.string(),
	n: countSchema,
	verdict: comparisonReportSchema.shape.verdict,
	/** Of the report's JSON as it is kept. */
	sha256: sha256Schema,
})
export type ComparisonRow = z.infer<typeof comparisonRowSchema>

/** A comparison that runs or has ended. */
export const comparisonJobSchema = z.object({
	jobId: z.string(),
	candidate: candidateReferenceSchema,
	phase: z.enum(['running', 'finished', 'cancelled', 'failed']),
	progress: comparisonProgressSchema.nullable(),
	/** Of the kept comparison, where it is finished. */
	comparisonId: idSchema.nullable(),
	/** In words, where it failed. */
	reason: z.string(),
})
export type ComparisonJob = z.infer<typeof comparisonJobSchema>

/** A person's name and reason; neither may be empty. */
export const signatureSchema = z.object({ decidedBy: z.string().trim().min(1).max(200), reason: z.string().trim().min(1).max(4000) })
export type Signature = z.infer<typeof signatureSchema>

/** What was decided, as it is hashed. */
export const decisionContentSchema = z.strictObject({
	schemaVersion: z.literal(1),
	kind: z.enum(['accepted', 'declined', 'rolled back']),
	role: modelManifestSchema.shape.role,
	...signatureSchema.shape,
	decidedAt: instantSchema,
	softwareVersion: z.string(),
	/** Null where it was rolled back. */
	candidate: comparedModelSchema.extend({ reference: candidateReferenceSchema }).nullable(),
	/** The comparisons that it was decided on. */
	comparisons: z.array(z.strictObject({ id: idSchema, sha256: sha256Schema, outcome: outcomeSchema })),
	/** The model of that role that read before and reads after; null where there is none. Declined: the same. */
	before: comparedModelSchema.nullable(),
	after: comparedModelSchema.nullable(),
	/** Of settings.students, for the kind of image that both models read, or of settings.teacher. */
	settings: z.strictObject({ before: z.string().nullable(), after: z.string().nullable() }),
	/** Rolled back: the decision that is undone. */
	undoes: idSchema.nullable(),
	/** SHA-256 of the decision before; 64 zeros in the first. */
	previous: sha256Schema,
})
export type DecisionContent = z.infer<typeof decisionContentSchema>

export const decisionSchema = z.object({ id: idSchema, content: decisionContentSchema, sha256: sha256Schema })
export type Decision = z.infer<typeof decisionSchema>

export const decisionsSchema = z.object({
	/** Newest first. */
	decisions: z.array(decisionSchema),
	/** What was changed after it was written, in a sentence; '' where the chain holds. */
	fault: z.string(),
	/** The promotions that can be undone: the last one of each kind of image that stands, and that of the teacher. */
	rollbacks: z.array(z.object({
		decisionId: idSchema,
		role: modelManifestSchema.shape.role,
		/** What the student reads; null for a teacher, or where the packs of both models are gone. */
		domain: domainSchema.nullable(),
		/** Who would read again. */
		to: comparedModelSchema.nullable(),
		/** Why it cannot be; '' where it can. */
		reason: z.string(),
	})),
})
export type Decisions = z.infer<typeof decisionsSchema>
