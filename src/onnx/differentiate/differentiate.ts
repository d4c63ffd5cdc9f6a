import type { GraphBuilder } from '../builder.ts'
import { DATA_TYPE, type GraphNode } from '../model.ts'
import { add } from './arithmetic.ts'
import { compositeOf } from './composite.ts'
import { RULES } from './rules/index.ts'
import { sameSizes } from './sizes.ts'
import { elementCount } from '../tensor.ts'

const REAL_TYPES: readonly number[] = [DATA_TYPE.float32, DATA_TYPE.float16, DATA_TYPE.float64]

/**
 * Reverse-mode differentiation: adds the nodes that compute the gradient of a scalar with respect to each wanted tensor, all of them standard
 * operators. Only nodes on a path from a wanted tensor to the loss are looked at.
 *
 * @param loss a tensor with one element.
 * @param wanted inputs, constants or inner tensors of the graph.
 * @returns name of the gradient by name of the wanted tensor, of the same sizes. A tensor on which the loss does not depend has no entry.
 * @throws Error when an operator on a path has no rule, naming the operator and the node.
 */
export function differentiate(build: GraphBuilder, loss: string, wanted: readonly string[]): Map<string, string> {
	if (elementCount(build.dims(loss)) !== 1) throw new Error(`The loss ${loss} is no single number: it has the sizes [${build.dims(loss).join(', ')}].`)
	const nodes = [...build.graph.node]
	const varying = dependents(build, nodes, wanted)
	const gradients = new Map<string, string>()
	const contribute = (name: string, gradient: string, from: GraphNode): void => {
		if (!sameSizes(build.dims(gradient), build.dims(name))) {
			throw new Error(`The gradient of ${from.opType} (node ${from.name}) with respect to ${name} has the sizes [${build.dims(gradient).join(', ')}] instead of [${build.dims(name).join(', ')}].`)
		}
		const soFar = gradients.get(name)
		gradients.set(name, soFar === undefined ? gradient : add(build, soFar, gradient))
	}
	if (varying.has(loss)) gradients.set(loss, build.floats([1], build.dims(loss)))
	for (const node of nodes.toReversed()) {
		const outputGradients = node.output.map((name) => gradients.get(name) ?? null)
		if (outputGradients.every((gradient) => gradient === null)) continue
		const { inputs, inputGradients } = inputGradientsOf(build, node, outputGradients, varying)
		for (const [index, gradient] of inputGradients.entries()) {
			const name = inputs[index]
			if (gradient !== null && name !== undefined && varying.has(name)) contribute(name, gradient, node)
		}
	}
	return new Map(wanted.flatMap((name) => {
		const gradient = gradients.get(name)
		return gradient === undefined ? [] : [[name, gradient] as const]
	}))
}

/** The real-valued tensors that change with a wanted one, the wanted ones included. */
function dependents(build: GraphBuilder, nodes: readonly GraphNode[], wanted: readonly string[]): Set<string> {
	const varying = new Set(wanted)
	for (const node of nodes) {
		if (!node.input.some((name) => varying.has(name))) continue
		for (const name of node.output) {
			if (name !== '' && REAL_TYPES.includes(build.facts(name).dataType)) varying.add(name)
		}
	}
	return varying
}

function inputGradientsOf(
	build: GraphBuilder, node: GraphNode, outputGradients: readonly (string | null)[], varying: ReadonlySet<string>,
): { inputs: readonly string[]; inputGradients: readonly (string | null)[] } {
	const [output] = node.output
	const [gradient] = outputGradients
	const composite = output === undefined ? undefined : compositeOf(build, output)
	if (composite && gradient) {
		return { inputs: composite.inputs, inputGradients: composite.gradient(build, gradient, composite.inputs.map((name) => varying.has(name))) }
	}
	const wanted = node.input.map((name) => varying.has(name))
	const isStandard = !node.domain || node.domain === 'ai.onnx'
	const opType = isStandard ? node.opType ?? '' : `${node.domain}.${node.opType}`
	const rule = isStandard && Object.hasOwn(RULES, opType) ? RULES[opType] : undefined
	if (!rule) throw new Error(`The operator ${opType} has no gradient: it stands in the node ${node.name || '(without a name)'}, which computes ${node.output.join(', ')}.`)
	return { inputs: node.input, inputGradients: rule({ build, node, outputGradients, wanted }) }
}
