import { z } from 'zod'

/** Architectures of the zoo by name. */
export const zooNameSchema = z.enum(['ofa-595', 'eeea-net-c2', 'vgg19', 'densenet121', 'densenet161', 'visformer-s', 'autoformerv2-t'])
export type ZooName = z.infer<typeof zooNameSchema>

/** A network of the zoo for a number of classes. */
export const zooEntrySchema = z.object({
	name: zooNameSchema,
	title: z.string(),
	classes: z.number().int(),
	/** Side in pixels that the multiply-accumulates are counted for. */
	size: z.number().int(),
	parameters: z.number().int(),
	/** Multiply-accumulates of convolutions, linear layers and attention, for one image. */
	macs: z.number().int(),
})
export type ZooEntry = z.infer<typeof zooEntrySchema>
