import { z } from 'zod'
import { modelExplanationsSchema } from './modelExplanations.ts'
import { sha256Schema } from './primitives.ts'

const fractionSchema = z.number().min(0).max(1)

export const codeSchema = z.object({ scheme: z.enum(['SCT', 'RADLEX']), code: z.string(), meaning: z.string() })

/** One output of a network, with what its number means and where it is known to fail. */
export const modelLabelSchema = z.object({
	/** The name in the training data, e.g. covid19: stable, used in JSON and on the command line. */
	name: z.string().min(1),
	/** The name that a reader sees. */
	title: z.string().min(1),
	code: codeSchema.nullable(),
	/** Calibrated probability from which on the label counts as positive, and how it was chosen. */
	operatingPoint: z.object({ value: fractionSchema, rule: z.string() }),
	/** False for "normal": not a finding, so it is not put into a report as one. */
	finding: z.boolean(),
	limitation: z.string(),
})

/** How probabilities are made of the logits, see src/common/stats/calibration.ts; n cases, calibration error before and after. */
const calibrationResult = { n: z.number().int().nonnegative(), eceBefore: fractionSchema.nullable(), eceAfter: fractionSchema.nullable() }
export const calibrationSchema = z.discriminatedUnion('method', [
	z.strictObject({ method: z.literal('temperature'), temperature: z.number().positive(), ...calibrationResult }),
	/** One entry per label, in their order; only for labels that do not exclude each other. fitted: false where slope 1 and offset 0 stand because nothing could be fitted. */
	z.strictObject({
		method: z.literal('platt'),
		labels: z.array(z.strictObject({ slope: z.number().positive(), offset: z.number(), n: z.number().int().nonnegative(), fitted: z.boolean() })).min(1),
		...calibrationResult,
	}),
])

function base64Bytes(text: string): number {
	return (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)
}

const layerSchema = z.strictObject({
	name: z.string(), output: z.string(), channels: z.number().int().positive(),
	height: z.number().int().positive(), width: z.number().int().positive(),
})

/**
 * What training images are like to the network, for the test whether an image is like them (src/common/stats/principalComponents.ts, docs/evaluation.md).
 * Numbers are little-endian and in base64: float32, components int8 to be multiplied by the scale of their row.
 */
const principalStatisticsSchema = z.strictObject({
	kind: z.literal('principal-components'),
	/** Training images that they were taken from. */
	n: z.number().int().positive(),
	/** Whose activations are looked at: a tensor inside the graph, which need not be an output of it. */
	layer: layerSchema,
	/** Their means over grid x grid cells of `kept` of its channels (src/common/stats/gridFeatures.ts). */
	grid: z.number().int().min(1).max(16),
	kept: z.number().int().min(1).max(512),
	mean: z.base64().max(400_000),
	deviation: z.base64().max(400_000),
	components: z.base64().max(800_000),
	scales: z.array(z.number().nonnegative()).max(512),
	variances: z.array(z.number().nonnegative()).max(512),
	rest: z.number().nonnegative(),
	/** The distance that a share of the n validation images do not exceed: what lies beyond is refused. Null without any. */
	limit: z.strictObject({ value: z.number().positive(), share: fractionSchema, n: z.number().int().positive() }).nullable(),
}).refine(({ layer, grid, kept, mean, deviation, components, scales, variances }) => {
	const size = kept * grid * grid
	return kept <= layer.channels && base64Bytes(mean) === 4 * size && base64Bytes(deviation) === 4 * size && base64Bytes(components) === scales.length * size && variances.length === scales.length
}, 'The numbers of mean, deviation and components do not fit the layer and the grid')
export type PrincipalStatistics = z.infer<typeof principalStatisticsSchema>

export const featureStatisticsSchema = z.discriminatedUnion('kind', [
	principalStatisticsSchema,
	/** Of packs made before: of what the last linear layer reads. It was measured to tell nothing, so nothing is held against an image. */
	z.strictObject({
		kind: z.literal('diagonal'),
		n: z.number().int().positive(),
		mean: z.array(z.number()).min(1),
		variance: z.array(z.number().nonnegative()).min(1),
		distances: z.strictObject({ n: z.number().int().positive(), p95: z.number(), p99: z.number() }).nullable(),
	}),
])

/** The run that made a pack, so that it can be made again. */
export const trainingRunSchema = z.strictObject({
	/** SHA-256 of recipe.json of the run. */
	recipeSha256: sha256Schema,
	/** SHA-256 of the data set. */
	dataSha256: sha256Schema,
	seed: z.number().int().nonnegative(),
	/** Of the programs that took part, by name. */
	versions: z.record(z.string(), z.string()),
	teachers: z.array(z.strictObject({ id: z.string(), sha256: sha256Schema })),
	/** Who found the part of each film that was shown; null or missing where all of it was. */
	lungs: z.strictObject({ id: z.string(), sha256: sha256Schema }).nullable().optional(),
})

/** model.json of a pack: everything that is needed to feed the graph and to read its answer. */
export const modelManifestSchema = z.strictObject({
	schemaVersion: z.literal(1),
	id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
	version: z.string().regex(/^\d+\.\d+\.\d+$/),
	title: z.string().min(1),
	role: z.enum(['student', 'teacher']),
	architecture: z.string(),
	parameters: z.number().int().positive(),
	/** Multiply-accumulates of one image; null or missing where nobody counted. */
	macs: z.number().int().positive().nullable().optional(),
	task: z.enum(['multiclass', 'multilabel']),
	/** What is read: chest films or histology patches. */
	domain: z.enum(['chest-radiograph', 'histology']),
	labels: z.array(modelLabelSchema).min(1).max(200),
	input: z.strictObject({
		name: z.string(),
		/** NCHW, batch free. */
		height: z.number().int().min(16).max(2048),
		width: z.number().int().min(16).max(2048),
		channels: z.literal(3),
		/** grey: luminance replicated to the three channels; rgb: as it is. */
		colour: z.enum(['grey', 'rgb']),
		resize: z.strictObject({
			geometry: z.literal('stretch'),
			/** bilinear with antialiasing on 8-bit values, as Pillow's BILINEAR. */
			interpolation: z.literal('pillow-bilinear'),
		}),
		/** tensor = (value / 255 - mean) / std, value being 0 to 255 after the default window. */
		mean: z.array(z.number()).length(3),
		std: z.array(z.number().positive()).length(3),
		/** DICOM modalities that it was trained for; a file that states another one is refused. */
		modalities: z.array(z.string()),
		bodyParts: z.array(z.string()),
		views: z.array(z.string()),
		/** Shorter side of an image below which it is refused, in pixels. */
		minimumSide: z.number().int().positive(),
		/** The network sees only this part of the film: the box around both lungs, `margin` of its width and height added on each side (src/common/lungs/crop.ts). Missing: all of it. background: that box is black; it shows what the rest tells and is no reader. */
		region: z.strictObject({ of: z.enum(['lungs', 'background']), margin: z.number().min(0).max(1) }).optional(),
		/** What is done to the grey values of that part before the resize; equalised: src/common/imaging/equalise.ts. Missing: nothing. */
		tones: z.literal('equalised').optional(),
	}),
	outputs: z.strictObject({
		logits: z.string(),
		features: z.string().nullable(),
		/** Layers for class activation maps: an output of the graph each, [N, channels, height, width]. */
		camLayers: z.array(layerSchema).min(1),
		defaultCamLayer: z.string(),
	}),
	calibration: calibrationSchema,
	/** No label is called when the confidence (src/common/stats/calibration.ts: of one class its probability, else the mean certainty of the labels) is below the threshold. */
	abstention: z.strictObject({ threshold: fractionSchema, rule: z.string() }),
	golden: z.strictObject({
		/** Input tensor made by formula, see src/hosts/inference/selfTest.ts. */
		input: z.literal('ramp-v1'),
		logits: z.array(z.number()),
		tolerance: z.number().positive(),
	}),
	metrics: z.array(z.strictObject({
		name: z.string(), split: z.string(), n: z.number().int(), value: z.number(),
		interval: z.tuple([z.number(), z.number()]).nullable(), note: z.string(),
	})),
	training: z.string(),
	/** Null or missing where it was not made by this program. */
	trainingRun: trainingRunSchema.nullable().optional(),
	featureStatistics: featureStatisticsSchema.nullable().optional(),
	/** Null or missing where nobody measured them. */
	explanations: modelExplanationsSchema.nullable().optional(),
	limitations: z.array(z.string()).min(1),
	licence: z.string(),
	/** Of model.onnx. */
	sha256: sha256Schema,
})
export type ModelManifest = z.infer<typeof modelManifestSchema>

/** The kind of image that a network reads; the first one's student is asked first. */
export const domainSchema = modelManifestSchema.shape.domain
export type Domain = z.infer<typeof domainSchema>

/** Which model made a result. */
export const modelReferenceSchema = z.object({ id: z.string(), version: z.string(), sha256: sha256Schema })

/** A pack as the registry lists it: usable, or refused with the reason. */
export const modelEntrySchema = z.discriminatedUnion('state', [
	z.object({
		state: z.literal('ready'),
		directory: z.string(),
		origin: z.enum(['built-in', 'user']),
		manifest: modelManifestSchema,
		/** Largest absolute difference between the golden and the measured logits; null until the self-test has run. */
		selfTestDifference: z.number().nullable(),
		selected: z.boolean(),
		/** CARD.md as text. */
		card: z.string(),
	}),
	z.object({ state: z.literal('refused'), directory: z.string(), origin: z.enum(['built-in', 'user']), reason: z.string() }),
])
export type ModelEntry = z.infer<typeof modelEntrySchema>
export type ReadyModel = Extract<ModelEntry, { state: 'ready' }>
