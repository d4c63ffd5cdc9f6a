import { z } from 'zod'
import { instantSchema, sha256Schema } from '../primitives.ts'

/** Name of a run's folder. */
export const runIdSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,95}$/)

/** Longest part of a run's id that comes from its name. */
const SLUG_LENGTH = 60

/** A run's id: its name in small letters, and a number that none of the names that are taken has. */
export function nextRunId(name: string, taken: Iterable<string>): string {
	const slug = name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, SLUG_LENGTH) || 'run'
	const numbers = [...taken].filter((entry) => entry.startsWith(`${slug}-`)).map((entry) => Number(entry.slice(slug.length + 1))).filter(Number.isInteger)
	return `${slug}-${String(Math.max(0, ...numbers) + 1)}`
}

/**
 * What a run is doing. `interrupted` is never written: it is what a run that was working is called when no process works on it any more
 * (the machine was switched off, the process was killed). Paused, interrupted, cancelled and failed runs can be resumed from their last checkpoint.
 */
const runStateSchema = z.enum(['running', 'interrupted', 'paused', 'cancelled', 'failed', 'finished'])
export type RunState = z.infer<typeof runStateSchema>

/**
 * How a run is stopped before its end: a person pauses or cancels it, or the program that works on it is closed, and then it is interrupted like one whose process was
 * killed, but without losing a step.
 */
export const stopSchema = z.enum(['paused', 'cancelled', 'interrupted'])
export type Stop = z.infer<typeof stopSchema>

/** The best validation so far. */
const bestSchema = z.strictObject({ step: z.number().int().nonnegative(), epoch: z.number().int().nonnegative(), metric: z.string(), value: z.number() })
export type Best = z.infer<typeof bestSchema>

/** How far a run is: everything beside weights and optimiser slots that a checkpoint must bring back. */
export const positionSchema = z.strictObject({
	/** Optimiser steps that were taken. */
	step: z.number().int().nonnegative(),
	/** Whole epochs that were done, their validation included. */
	epoch: z.number().int().nonnegative(),
	/** Steps of the current epoch that were taken. */
	stepOfEpoch: z.number().int().nonnegative(),
	/** Length of metrics.jsonl; what stands behind it was written after this checkpoint and is cut off on resume. */
	metricsBytes: z.number().int().nonnegative(),
	best: bestSchema.nullable(),
	/** Loss of the last step; null before the first. */
	loss: z.number().nullable(),
	/** Time spent in training and validation. */
	seconds: z.number().nonnegative(),
})
export type Position = z.infer<typeof positionSchema>

/** A line of metrics.jsonl. No times stand in it: a run that was resumed has the same file as one that was not. */
export const metricEventSchema = z.discriminatedUnion('event', [
	z.strictObject({
		event: z.literal('step'), step: z.number().int(), epoch: z.number().int(), size: z.number().int(),
		loss: z.number(), parts: z.record(z.string(), z.number()), learningRate: z.number(),
		/** Of all gradients together, before clipping. */
		gradientNorm: z.number(),
	}),
	z.strictObject({
		event: z.literal('validation'), step: z.number().int(), epoch: z.number().int(), size: z.number().int(),
		weights: z.enum(['trained', 'average']), metrics: z.record(z.string(), z.number().nullable()), best: z.boolean(),
	}),
])
export type MetricEvent = z.infer<typeof metricEventSchema>

/** environment.json: what else made the weights, besides the recipe. */
export const environmentSchema = z.strictObject({
	createdAt: instantSchema,
	software: z.strictObject({ negatoscope: z.string(), node: z.string(), onnxruntime: z.string() }),
	machine: z.strictObject({ platform: z.string(), architecture: z.string(), processor: z.string(), cores: z.number().int(), memoryBytes: z.number().int() }),
	/** Threads of the compute; a resumed run takes as many. */
	threads: z.number().int().positive(),
	seed: z.number().int().nonnegative(),
	data: z.strictObject({ sha256: sha256Schema, samples: z.strictObject({ train: z.number().int(), validation: z.number().int(), test: z.number().int() }), labels: z.array(z.string()) }),
	student: z.strictObject({ name: z.string(), parameters: z.number().int(), trained: z.number().int(), initialSha256: sha256Schema }),
	teachers: z.array(z.strictObject({ name: z.string(), sha256: sha256Schema })),
	/** The network that found the part of each film that is shown; null where all of it is. */
	lungs: z.strictObject({ id: z.string(), sha256: sha256Schema }).nullable().default(null),
})
export type RunEnvironment = z.infer<typeof environmentSchema>

/** state.json of a run folder. */
export const runRecordSchema = z.strictObject({
	state: runStateSchema,
	/** In words, where it failed; '' otherwise. */
	reason: z.string(),
	updatedAt: instantSchema,
	step: z.number().int().nonnegative(),
	steps: z.number().int().nonnegative(),
	epoch: z.number().int().nonnegative(),
	epochs: z.number().int().positive(),
	loss: z.number().nullable(),
	best: bestSchema.nullable(),
	seconds: z.number().nonnegative(),
	/** SHA-256 of the weights, where the run is finished: of the model that was exported. */
	weightsSha256: sha256Schema.nullable(),
})
export type RunRecord = z.infer<typeof runRecordSchema>

/** A run as it is listed. */
export const runSummarySchema = z.object({
	id: runIdSchema,
	name: z.string(),
	directory: z.string(),
	createdAt: instantSchema,
	record: runRecordSchema,
	/** Folder of the finished model pack; null where there is none yet. */
	pack: z.string().nullable(),
})
export type RunSummary = z.infer<typeof runSummarySchema>

const checkSchema = z.object({
	/** What was looked at, e.g. "disk"; "warning" for what does not keep a run from its end, but a person should know before it begins. */
	name: z.string(),
	ok: z.boolean(),
	/** In a sentence: what was found, with file and field where it is a fault. */
	detail: z.string(),
})

/** What is known before the first step. A run with a check that is not ok does not start. */
export const preflightSchema = z.object({
	ok: z.boolean(),
	checks: z.array(checkSchema),
	/** Images per label and split, in the order of the labels. */
	classes: z.array(z.object({ label: z.string(), train: z.number().int(), validation: z.number().int(), test: z.number().int() })),
	/** Files and rows that were left out, each with its reason. */
	refused: z.array(z.object({ id: z.string(), reason: z.string() })),
	/** The three that follow are null where the networks do not fit the data or each other. */
	parameters: z.object({ all: z.number().int(), trained: z.number().int() }).nullable(),
	memoryBytes: z.object({ needed: z.number(), free: z.number() }).nullable(),
	diskBytes: z.object({ needed: z.number(), free: z.number() }).nullable(),
	/** From measured steps and one measured validation; null where another check has failed before. */
	time: z.object({ secondsPerStep: z.number(), imagesPerSecond: z.number(), steps: z.number().int(), seconds: z.number() }).nullable(),
})
export type Preflight = z.infer<typeof preflightSchema>

/** A line of log.jsonl: what happened to a run, for people. Times stand in it, so it is not the same for a run that was resumed. */
export const runLogLineSchema = z.strictObject({
	at: instantSchema,
	/** state: it began, went on, stopped or ended; phase: what it does besides steps; check: of the pre-flight. */
	kind: z.enum(['state', 'phase', 'check', 'validation', 'note']),
	text: z.string(),
})
export type RunLogLine = z.infer<typeof runLogLineSchema>

/** What a run says while it works. */
export const runProgressSchema = z.discriminatedUnion('kind', [
	/** What it does before the first step and after the last one. */
	z.object({ kind: z.literal('phase'), phase: z.string(), done: z.number().int(), of: z.number().int() }),
	z.object({ kind: z.literal('preflight'), preflight: preflightSchema }),
	z.object({ kind: z.literal('started'), id: runIdSchema, directory: z.string(), step: z.number().int(), steps: z.number().int(), epochs: z.number().int() }),
	z.object({ kind: z.literal('metric'), metric: metricEventSchema, steps: z.number().int(), imagesPerSecond: z.number(), secondsLeft: z.number() }),
	z.object({ kind: z.literal('checkpoint'), step: z.number().int() }),
	z.object({ kind: z.literal('note'), text: z.string() }),
])
export type RunProgress = z.infer<typeof runProgressSchema>
