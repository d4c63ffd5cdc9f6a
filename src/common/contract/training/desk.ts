import { z } from 'zod'
import { instantSchema } from '../primitives.ts'
import { stepColumnsSchema, validationSchema } from './review.ts'
import { runIdSchema, runRecordSchema } from './run.ts'

const countSchema = z.number().int().nonnegative()

/**
 * What a run is doing, as the window shows it. One works at a time; the others wait for it. Beside the states of a run's folder:
 * waiting: its turn has not come; preparing: images and networks are read, no step is taken yet; pausing, cancelling: it ends its step; elsewhere: another
 * process works on it (the command line); refused: it could not begin, and there is no folder of it.
 */
export const trainingStateSchema = z.enum(['waiting', 'preparing', 'running', 'pausing', 'cancelling', 'elsewhere', 'interrupted', 'paused', 'cancelled', 'failed', 'finished', 'refused'])
export type TrainingState = z.infer<typeof trainingStateSchema>

export const trainingActionSchema = z.enum(['pause', 'resume', 'cancel', 'remove'])
export type TrainingAction = z.infer<typeof trainingActionSchema>

/** What a run that works is at. */
export const trainingLiveSchema = z.object({
	/** What it does besides steps: "images", "test images"; null while it takes steps. */
	phase: z.object({ name: z.string(), done: countSchema, of: countSchema }).nullable(),
	step: countSchema, steps: countSchema, epoch: countSchema, epochs: countSchema,
	/** Null before the first step. */
	imagesPerSecond: z.number().nullable(),
	secondsLeft: z.number().nullable(),
	loss: z.number().nullable(),
	/** The last one since the program was started. */
	validation: validationSchema.nullable(),
	/** It takes no step, because an answer or a map is being made at the reading desk. */
	givesWay: z.boolean(),
})
export type TrainingLive = z.infer<typeof trainingLiveSchema>

export const trainingRunSchema = z.object({
	id: runIdSchema,
	name: z.string(),
	state: trainingStateSchema,
	/** In words, where it failed or was refused; '' otherwise. */
	reason: z.string(),
	/** 1 for the next that gets its turn; null where it does not wait. */
	place: z.number().int().positive().nullable(),
	/** What can be done with it now. */
	actions: z.array(trainingActionSchema),
	/** When it was asked for. */
	createdAt: instantSchema,
	/** state.json, up to the last checkpoint; null before it has a folder. */
	record: runRecordSchema.nullable(),
	/** Folder of its model pack; null where there is none yet. */
	pack: z.string().nullable(),
	/** Null where it does not work here. */
	live: trainingLiveSchema.nullable(),
})
export type TrainingRun = z.infer<typeof trainingRunSchema>

/** All runs, the youngest first, and folders that are none. */
export const trainingListSchema = z.object({ runs: z.array(trainingRunSchema), refused: z.array(z.object({ id: z.string(), reason: z.string() })) })
export type TrainingList = z.infer<typeof trainingListSchema>

/** A run that was started or resumed; waitsFor: the run that works now, null where its own turn has come. */
export const trainingTurnSchema = z.object({ id: runIdSchema, waitsFor: runIdSchema.nullable() })

/** What has happened to a run since the last time: told at most four times a second. */
export const trainingProgressSchema = z.object({ id: runIdSchema, live: trainingLiveSchema, steps: stepColumnsSchema, validations: z.array(validationSchema) })

/** A recipe to begin with. */
export const trainingTemplateSchema = z.object({
	id: z.string(),
	title: z.string(),
	/** What it does, in a sentence. */
	sentence: z.string(),
	/** As the expert view shows it. */
	recipe: z.unknown(),
	/** Fields that name files or packs which are not here, and have to be filled in. */
	missing: z.array(z.object({ field: z.string(), value: z.string() })),
})
export type TrainingTemplate = z.infer<typeof trainingTemplateSchema>

/** Names a job that the page has begun, so that its progress can be told from that of others and it can be ended. */
export const jobIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/)

/** How far such a job is; of: 0 where nobody knows. */
export const jobProgressSchema = z.object({ jobId: jobIdSchema, phase: z.string(), done: countSchema, of: countSchema })
