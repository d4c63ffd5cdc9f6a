import type { GraphBuilder } from '../builder.ts'

/**
 * Gradient of a composite with respect to each of its inputs, given that of its output. `wanted` says which are asked for; null where one is
 * not wanted or is zero everywhere.
 */
export type CompositeGradient = (build: GraphBuilder, outputGradient: string, wanted: readonly boolean[]) => (string | null)[]

export interface Composite {
	inputs: readonly string[]
	gradient: CompositeGradient
}

/** Belongs to the builder; kept beside it so that a builder need not know of gradients. */
const compositesOf = new WeakMap<GraphBuilder, Map<string, Composite>>()

/**
 * Declares that `output`, which some nodes compute from `inputs`, has a gradient in closed form: differentiation goes from the output to
 * the inputs in one step and does not look at the nodes between. A tensor between them that is used elsewhere too keeps the gradient of
 * that other use.
 */
export function declareComposite(build: GraphBuilder, output: string, composite: Composite): void {
	const declared = compositesOf.get(build) ?? new Map<string, Composite>()
	compositesOf.set(build, declared.set(output, composite))
}

export function compositeOf(build: GraphBuilder, output: string): Composite | undefined {
	return compositesOf.get(build)?.get(output)
}
