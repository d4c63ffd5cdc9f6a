import { z } from 'zod'

const countSchema = z.number().int().nonnegative()

/** Images of a preview, and how often each is changed, at most. */
export const MOST_PREVIEWED = 6
export const MOST_DRAWS = 6
/** Side of a picture of a preview, at most; larger ones are made smaller. */
export const PREVIEW_SIDE = 256

/** A PNG of PREVIEW_SIDE at most, in base64. */
const pictureSchema = z.base64().max(600_000)

/** Images of a data set as a network is shown them: as they are, and changed as in training. */
export const augmentationPreviewSchema = z.object({
	/** Side in pixels of what the network is fed with. */
	size: countSchema,
	samples: z.array(z.object({
		/** Its path from the data set's folder. */
		id: z.string(),
		/** Labels that it shows. */
		labels: z.array(z.string()),
		plain: pictureSchema,
		/** Empty where the recipe changes nothing. */
		augmented: z.array(pictureSchema).max(MOST_DRAWS),
	})).max(MOST_PREVIEWED),
	/** Images that were tried and cannot be shown, with the reason. */
	refused: z.array(z.object({ id: z.string(), reason: z.string() })),
})
export type AugmentationPreview = z.infer<typeof augmentationPreviewSchema>

/** What a recipe can name of a network: its layers, and its parameters in the order in which an image meets them. */
export const networkLookSchema = z.object({
	title: z.string(),
	/** Side in pixels of what it is fed with. */
	size: countSchema,
	parameters: countSchema,
	macs: countSchema,
	/** Layers that a loss may compare; of its input's size, channels first. */
	layers: z.array(z.object({ name: z.string(), channels: countSchema, height: countSchema, width: countSchema })),
	/** Patterns of parameter names that belong together, as optimisation.freeze takes them. */
	parts: z.array(z.object({ patterns: z.array(z.string()), parameters: countSchema })),
})
export type NetworkLook = z.infer<typeof networkLookSchema>

/** A network that cannot be looked at has the reason instead. */
const lookedSchema = z.union([networkLookSchema, z.object({ fault: z.string() })])
export const recipeNetworksSchema = z.object({ student: lookedSchema, teachers: z.array(lookedSchema) })
export type RecipeNetworks = z.infer<typeof recipeNetworksSchema>
