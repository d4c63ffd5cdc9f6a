import { z } from 'zod'
import { modelManifestSchema, trainingRunSchema } from './model.ts'
import { sha256Schema } from './primitives.ts'

const manifest = modelManifestSchema.shape

/**
 * lungs.json of the network that marks the lungs on a chest film: everything that is needed to feed it and to read its answer. It is no classifier: it
 * has no labels, and its folder stands beside those of the classifiers with lungs.json, model.onnx and CARD.md.
 */
export const lungManifestSchema = z.strictObject({
	schemaVersion: z.literal(1),
	id: manifest.id,
	version: manifest.version,
	title: manifest.title,
	architecture: manifest.architecture,
	parameters: manifest.parameters,
	/** Multiply-accumulates of one image. */
	macs: z.number().int().positive(),
	/** The 8-bit display values of the film in grey, stretched to side x side as Pillow's BILINEAR does (pillowResize), in three equal channels: tensor [N, 3, side, side] = (value / 255 - mean) / std. */
	input: z.strictObject({
		name: z.string().min(1),
		side: z.number().int().min(32).max(512),
		mean: z.array(z.number()).length(3),
		std: z.array(z.number().positive()).length(3),
	}),
	/** Logits [N, 1, side, side]: a pixel is lung where their sigmoid is not below the threshold. */
	output: z.strictObject({ name: z.string().min(1), threshold: z.number().gt(0).lt(1) }),
	/** inside: the shadow of the heart over the lungs counts as lung (the masks that it learned from are drawn so), and no heart can be measured between them; outside: it is left out. */
	heart: z.enum(['inside', 'outside']),
	golden: z.strictObject({
		/** Input tensor made by formula, see src/hosts/inference/selfTest.ts. */
		input: z.literal('ramp-v1'),
		/** Logits at the places ((row + 1/2) / rows, (column + 1/2) / columns) of the film, whole pixels rounded down, row after row. */
		grid: z.strictObject({ rows: z.number().int().min(1).max(64), columns: z.number().int().min(1).max(64), logits: z.array(z.number()).min(1) }),
		/** Of all logits. */
		mean: z.number(),
		deviation: z.number().nonnegative(),
		/** Largest absolute difference of any of these numbers that passes. */
		tolerance: z.number().positive(),
	}).refine(({ grid }) => grid.logits.length === grid.rows * grid.columns, 'The grid must have a logit for each of its places'),
	/** Films of a source and split; interval: 95 %, bootstrap over patients. */
	metrics: z.array(z.strictObject({
		/** dice or iou: the mean over the films. */
		name: z.enum(['dice', 'iou']),
		split: z.enum(['validation', 'test']),
		/** '' for all sources together. */
		source: z.string(),
		n: z.number().int().positive(),
		groups: z.number().int().positive(),
		value: z.number().min(0).max(1),
		interval: z.tuple([z.number(), z.number()]).nullable(),
		note: z.string(),
	})),
	training: z.string(),
	trainingRun: trainingRunSchema.nullable(),
	limitations: z.array(z.string()).min(1),
	licence: z.string(),
	/** Of model.onnx. */
	sha256: sha256Schema,
})
export type LungManifest = z.infer<typeof lungManifestSchema>

/** The pack of the network that marks the lungs, or why there is none, in a sentence. */
export const lungPackSchema = z.union([z.object({ directory: z.string(), manifest: lungManifestSchema, card: z.string().optional() }), z.object({ fault: z.string() })])
export type LungPack = z.infer<typeof lungPackSchema>
