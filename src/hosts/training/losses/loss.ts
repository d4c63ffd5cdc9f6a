import type { GraphBuilder } from '../../../onnx/builder.ts'
import type { Initialisation } from '../../../onnx/network.ts'

/** What one network gives for a batch; names of tensors in the training graph. */
export interface NetworkOutputs {
	/** [batch, classes], before softmax or sigmoid. */
	logits: string
	/** [batch, n]: what the last linear layer reads. */
	features: string
	/** Activations [batch, channels, height, width] by layer name. */
	layers: ReadonlyMap<string, string>
}

/** What a loss may be computed from. Everything of the teachers and of the truth is a constant: no gradient flows into it. */
export interface LossInputs {
	student: NetworkOutputs
	/** Each with its share; the shares add up to 1. Empty where the run has no teacher. */
	teachers: readonly (NetworkOutputs & { share: number })[]
	/** [batch, classes]: one-hot for one label per image, 0 or 1 per label otherwise. */
	target: string
	/** [batch, classes]: 1 where the truth is known, 0 where it is not (uncertain labels that are ignored). */
	known: string
	/** Weights that a loss brings itself (a regressor, a distillation head) are made here; they are trained and thrown away. */
	parameter(name: string, dims: readonly number[], initialisation: Initialisation): string
}

/** Adds a loss to the training graph. @returns the name of a scalar, already averaged over the batch and not yet weighted. */
export type LossBuilder<Options> = (build: GraphBuilder, inputs: LossInputs, options: Options) => string
