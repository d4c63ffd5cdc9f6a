import type { GraphBuilder } from '../builder.ts'
import type { GraphNode } from '../model.ts'

/** What a gradient rule sees of one node of the forward graph. */
export interface RuleContext {
	/** Where the backward nodes are added; knows the sizes of every tensor of the forward graph too. */
	build: GraphBuilder
	node: GraphNode
	/** Gradient of the loss with respect to each output, of the same sizes; null where the loss does not depend on it. */
	outputGradients: readonly (string | null)[]
	/** Which inputs a gradient is wanted for. */
	wanted: readonly boolean[]
}

/** Gradient with respect to each input, of the same sizes as the input; null where it is not wanted or is zero everywhere. */
export type GradientRule = (context: RuleContext) => (string | null)[]
