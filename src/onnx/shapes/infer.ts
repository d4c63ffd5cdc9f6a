import type { TensorFacts } from './facts.ts'
import type { GraphNode } from '../model.ts'
import { blockedRules } from './blocked.ts'
import { constantRules } from './constants.ts'
import { convolutionRules } from './convolution.ts'
import { elementwiseRules } from './elementwise.ts'
import { indexingRules } from './indexing.ts'
import { layoutRules } from './layout.ts'
import { matrixRules } from './matrix.ts'
import { quantisationRules } from './quantisation.ts'
import { reductionRules } from './reduction.ts'
import type { ShapeRule } from './rule.ts'

/** Operators of set 20 by name; those of other domains as domain:name. */
const rules = new Map<string, ShapeRule>(Object.entries({
	...elementwiseRules, ...convolutionRules, ...matrixRules, ...reductionRules, ...layoutRules, ...indexingRules, ...constantRules, ...quantisationRules, ...blockedRules,
}))

/** A node as it is called in messages, e.g. Conv "features.0". */
export function nodeTitle(node: GraphNode): string {
	return `${node.opType ?? 'A node without operator'} "${(node.name || node.output[0]) ?? ''}"`
}

/**
 * Types and sizes of what a node gives, in the order of its outputs.
 * @throws Error that names the node where its operator is not known or its inputs do not fit.
 */
export function inferNode(node: GraphNode, inputs: readonly (TensorFacts | null)[]): TensorFacts[] {
	const domain = node.domain && node.domain !== 'ai.onnx' ? `${node.domain}:` : ''
	const rule = rules.get(`${domain}${node.opType ?? ''}`)
	if (!rule) throw new Error(`${nodeTitle(node)}: the operator ${domain}${node.opType ?? ''} is not supported.`)
	try {
		return rule({ node, inputs })
	} catch (error) {
		throw new Error(`${nodeTitle(node)}: ${error instanceof Error ? error.message : String(error)}.`, { cause: error })
	}
}
