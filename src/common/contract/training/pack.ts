import { z } from 'zod'
import { codeSchema, modelManifestSchema } from '../model.ts'

const manifest = modelManifestSchema.shape

/** How the probability is chosen from which on a label is called; on the validation split. */
export const operatingRuleSchema = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.literal('f1') }),
	z.strictObject({ kind: z.literal('youden') }),
	z.strictObject({ kind: z.literal('sensitivity'), value: z.number().gt(0).lte(1) }),
])

/** What the architecture of a pack ends in where its weights are stored so. */
export const HALF_PRECISION = ', weights stored in half precision'

/** What a person says of a model pack that no measurement can: it goes into model.json and CARD.md as it is. */
export const packDescriptionSchema = z.strictObject({
	id: manifest.id,
	version: manifest.version.default('1.0.0'),
	title: z.string().min(1).max(200),
	role: manifest.role.default('student'),
	domain: manifest.domain.default('chest-radiograph'),
	/** By the names of the data set; a label that is not here has its own name as title and no code. */
	labels: z.record(z.string(), z.strictObject({
		title: z.string().min(1).max(200).optional(),
		code: codeSchema.nullable().default(null),
		/** False for "normal": not a finding. */
		finding: z.boolean().default(true),
		limitation: z.string().max(2000).default(''),
	})).default({}),
	intendedUse: z.string().max(4000).default('Research on images like those that it was trained on. It has no clinical validation.'),
	limitations: z.array(z.string().min(1).max(2000)).max(50).default([]),
	/** Modalities, body parts and views that a DICOM file may state; empty: any. */
	modalities: manifest.input.shape.modalities.default([]),
	bodyParts: manifest.input.shape.bodyParts.default([]),
	views: manifest.input.shape.views.default([]),
	operatingPoints: operatingRuleSchema.default({ kind: 'f1' }),
	/** Share of the validation images on which the model answers; on the rest, those of the lowest confidence, it abstains. */
	coverage: z.number().gt(0).lte(1).default(0.9),
	/** How weights are stored: float16 halves the file; they are float32 again when it is opened, so that time and arithmetic stay the same (docs/explanations.md has what it changes). */
	weights: z.enum(['float32', 'float16']).default('float32'),
	/** Of a network that marks the lungs: whether the masks count the shadow of the heart as lung (src/common/contract/lungs.ts). */
	heart: z.enum(['inside', 'outside']).default('inside'),
	/** Of the network itself; the licences of the images come from the data set. */
	licence: z.string().max(2000).default('Network: research use.'),
})
export type PackDescription = z.output<typeof packDescriptionSchema>
