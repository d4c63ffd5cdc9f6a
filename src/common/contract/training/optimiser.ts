import { z } from 'zod'

/** Sizes of steps, with the terms and the arithmetic of torch.optim. */
export const optimiserSchema = z.discriminatedUnion('kind', [
	z.strictObject({
		kind: z.literal('sgd'),
		learningRate: z.number().positive().max(100).default(0.01),
		momentum: z.number().min(0).max(0.9999).default(0.9),
		nesterov: z.boolean().default(true),
		/** Added to the gradient: an L2 penalty. */
		weightDecay: z.number().min(0).max(1).default(1e-4),
	}),
	z.strictObject({
		kind: z.literal('adamw'),
		learningRate: z.number().positive().max(100).default(0.001),
		beta1: z.number().min(0).max(0.9999).default(0.9),
		beta2: z.number().min(0).max(0.999999).default(0.999),
		epsilon: z.number().positive().max(1).default(1e-8),
		/** Decoupled: the weights shrink by learning rate times decay (Loshchilov and Hutter, ICLR 2019). */
		weightDecay: z.number().min(0).max(1).default(0.01),
	}),
]).refine((optimiser) => optimiser.kind !== 'sgd' || !optimiser.nesterov || optimiser.momentum > 0, { path: ['nesterov'], message: 'Nesterov needs a momentum above 0.' })
export type OptimiserRecipe = z.output<typeof optimiserSchema>

/** The learning rate over the run, as a multiple of the optimiser's. */
export const scheduleSchema = z.strictObject({
	kind: z.enum(['constant', 'cosine', 'step']).default('cosine'),
	/** Epochs, or parts of one, in which it grows evenly from `warmUpStart` to 1. */
	warmUpEpochs: z.number().min(0).max(1000).default(0),
	warmUpStart: z.number().min(0).max(1).default(0.01),
	/** Where the cosine ends. */
	final: z.number().min(0).max(1).default(0),
	/** Epochs after which the rate is multiplied by `stepFactor`, counted from the first. */
	stepEpochs: z.array(z.number().positive().max(100000)).max(100).default([]),
	stepFactor: z.number().positive().max(1).default(0.1),
}).refine((schedule) => (schedule.kind === 'step') === schedule.stepEpochs.length > 0, { path: ['stepEpochs'], message: 'Epochs to step at belong to the schedule "step", which needs one at least.' })
export type Schedule = z.output<typeof scheduleSchema>

const namePatternSchema = z.string().min(1).max(200)

/** How the weights are moved. In a pattern of parameter names * stands for any characters: "blocks.0.*". */
export const optimisationSchema = z.strictObject({
	optimiser: optimiserSchema,
	schedule: scheduleSchema.prefault({}),
	/** Parameters that do not decay. */
	weightDecayExclusions: z.strictObject({
		bias: z.boolean().default(true),
		/** Scales and shifts of normalisation. */
		normalisation: z.boolean().default(true),
		names: z.array(namePatternSchema).max(100).default([]),
	}).prefault({}),
	/** Largest Euclidean norm of all gradients together; longer ones are shortened to it. Null: never. */
	gradientNorm: z.number().positive().max(1e9).nullable().default(null),
	/** Decay of the moving average of the weights that is evaluated and exported instead of them. Null: none. */
	averageDecay: z.number().min(0).max(0.999999).nullable().default(null),
	/** Batches whose gradients are averaged for one step. */
	accumulate: z.number().int().min(1).max(1024).default(1),
	/** Patterns of parameter names that stay as they are. */
	freeze: z.array(namePatternSchema).max(100).default([]),
})
export type Optimisation = z.output<typeof optimisationSchema>
