import { ancestorsOf } from '../graph.ts'
import type { Graph, GraphNode, Tensor } from '../model.ts'

/**
 * What computes `wanted` when the tensor `at` is given: the head of a network, where `at` is one of its last layers.
 * @returns null where there is no such part, because `wanted` does not follow from `at` and constants alone: something goes around `at`, or nothing goes
 * through it. A part with subgraphs of its own is not looked into, and is none either.
 */
export function cutAt(graph: Graph, at: string, wanted: string): { nodes: GraphNode[]; initializers: Tensor[] } | null {
	const { nodes, initializers } = ancestorsOf({ ...graph, node: graph.node.filter((node) => !node.output.includes(at)) }, [wanted])
	if (nodes.some((node) => node.attribute.some((attribute) => attribute.g || attribute.graphs.length > 0))) return null
	const made = new Set([...nodes.flatMap((node) => node.output), ...initializers.map((tensor) => tensor.name ?? '')])
	const missing = new Set(nodes.flatMap((node) => node.input).filter((name) => name !== '' && !made.has(name)))
	return made.has(wanted) && missing.size === 1 && missing.has(at) ? { nodes, initializers } : null
}
