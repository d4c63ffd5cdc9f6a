import { intOf, intsOf } from './attributes.ts'
import { operatorSetVersion } from './graph.ts'
import { int64Tensor, intAttribute, type Graph, type GraphNode, type Model, type Tensor } from './model.ts'
import { OPERATOR_SET } from './network.ts'

/** Oldest operator set whose graphs are taken: from 13 on, Squeeze, Unsqueeze, Split and ReduceSum have their axes as inputs. */
const OLDEST = 13

const REDUCTIONS = new Set(['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSum', 'ReduceLogSumExp'])

/**
 * The same model written for operator set 20. Between 13 and 20 two things that a node of these sets may carry changed their form: the axes of
 * reductions became an input (18), and Split into equal parts says how many (18); all else was added.
 * @throws Error for a model of another operator set.
 */
export function upgradeModel(model: Model & { graph: Graph }): Model & { graph: Graph } {
	const version = operatorSetVersion(model)
	if (version === OPERATOR_SET) return model
	if (version < OLDEST || version > OPERATOR_SET) throw new Error(`The model is written for operator set ${version}; ${OLDEST} to ${OPERATOR_SET} can be read.`)
	const constants: Tensor[] = []
	const node = version >= 18 ? model.graph.node : model.graph.node.map((each) => upgradeNode(each, constants))
	return {
		...model, graph: { ...model.graph, node, initializer: [...model.graph.initializer, ...constants] },
		opsetImport: model.opsetImport.map((set) => (!set.domain || set.domain === 'ai.onnx' ? { ...set, version: BigInt(OPERATOR_SET) } : set)),
	}
}

function upgradeNode(node: GraphNode, constants: Tensor[]): GraphNode {
	if (REDUCTIONS.has(node.opType ?? '')) {
		const axes = intsOf(node, 'axes', null)
		if (!axes) return node
		const name = `${node.output[0] ?? ''}/axes`
		constants.push(int64Tensor(name, axes))
		return { ...node, input: [node.input[0] ?? '', name], attribute: node.attribute.filter((attribute) => attribute.name !== 'axes') }
	}
	if (node.opType === 'Split' && !node.input[1] && intOf(node, 'num_outputs', null) === null) return { ...node, attribute: [...node.attribute, intAttribute('num_outputs', node.output.length)] }
	return node
}
