import type { GraphBuilder } from './builder.ts'
import type { Graph, GraphNode } from './model.ts'

/** What a tensor is, where the nodes that compute it are only one of several ways to do so. */
export type Meaning =
	/** Gradient with respect to the weight of a Conv node that reads x. */
	| { kind: 'kernelGradient'; node: GraphNode; x: string; dy: string }
	/** Derivative of HardSwish at x, of its sizes. */
	| { kind: 'hardSwishSlope'; x: string }

/** Belongs to the graph; kept beside it so that a graph stays plain data. */
const meanings = new WeakMap<Graph, Map<string, Meaning>>()

/** Says what a tensor of the graph is. @returns its name. */
export function declareMeaning(build: GraphBuilder, name: string, meaning: Meaning): string {
	const declared = meanings.get(build.graph) ?? new Map<string, Meaning>()
	meanings.set(build.graph, declared.set(name, meaning))
	return name
}

export function meaningOf(build: GraphBuilder, name: string): Meaning | undefined {
	return meanings.get(build.graph)?.get(name)
}
