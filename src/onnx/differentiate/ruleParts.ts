import type { GraphNode } from '../model.ts'

/** What rules ask of a node. */

/** The tensor at an input that the operator requires. @throws Error when the node has none there. */
export function inputOf(node: GraphNode, index: number): string {
	const name = node.input[index]
	if (!name) throw new Error(`${node.opType} (node ${node.name}) lacks its input ${index + 1}.`)
	return name
}

/** The gradient of the only output through which a loss can depend on the operator. */
export function onlyGradient(outputGradients: readonly (string | null)[]): string {
	const [first, ...others] = outputGradients
	if (first === null || first === undefined || others.some((gradient) => gradient !== null)) {
		throw new Error('A loss may only use the first output of this operator.')
	}
	return first
}

/** A refusal that names the operator and its node. */
export function noGradient(node: GraphNode, why: string): Error {
	return new Error(`${node.opType} (node ${node.name}) has no gradient here: ${why}.`)
}
