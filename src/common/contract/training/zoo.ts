import { z } from 'zod'

/** Architectures of the zoo by name. */
export const zooNameSchema = z.enum(['ofa-595', 'eeea-net-c2', 'vgg19', 'densenet121', 'densenet161', 'visformer-s', 'autoformerv2-t', 'mobilenetv2'])
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

/** The student that the search found for a time budget on this machine. */
export const foundStudentSchema = z.object({
	/** As the field `student` of a recipe takes it. */
	student: z.object({ from: z.literal('ofa'), depths: z.array(z.number().int()), kernels: z.array(z.number().int()), expands: z.array(z.number().int()), width: z.number() }),
	/** Side in pixels, as the field `input.size` of a recipe takes it. */
	size: z.number().int(),
	parameters: z.number().int(),
	macs: z.number().int(),
	/** For one image: the sum of the measured pieces, and the whole network measured. */
	milliseconds: z.object({ predicted: z.number(), measured: z.number() }),
})
export type FoundStudent = z.infer<typeof foundStudentSchema>
