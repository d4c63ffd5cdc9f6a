import { DATA_TYPE, type Graph, type GraphNode, type Model, type Tensor, type ValueInfo } from './model.ts'

/** Version of the default operator set that a model is written for. @throws Error when it names none. */
export function operatorSetVersion(model: Model): number {
	const version = model.opsetImport.find((set) => !set.domain || set.domain === 'ai.onnx')?.version
	if (version === undefined) throw new Error('The model names no version of the standard operators.')
	return Number(version)
}

/** Sizes of a float32 value; a free dimension is null. Null where the graph does not say that it is float32 or what shape it has. */
export function float32Shape(value: ValueInfo): (number | null)[] | null {
	const tensor = value.type?.tensorType
	if (tensor?.elemType !== DATA_TYPE.float32 || !tensor.shape) return null
	return tensor.shape.dim.map((dimension) => (dimension.dimValue === undefined ? null : Number(dimension.dimValue)))
}

/** Names that a node reads, those inside its subgraphs included (which may be names of the subgraph itself). */
function readsOf(node: GraphNode): string[] {
	const names = node.input.filter((name) => name !== '')
	for (const attribute of node.attribute) {
		for (const graph of [...(attribute.g ? [attribute.g] : []), ...attribute.graphs]) {
			for (const inner of graph.node) names.push(...readsOf(inner))
			names.push(...graph.output.map((output) => output.name ?? ''))
		}
	}
	return names
}

/** The nodes and constants that the wanted values need, in the order of the graph. */
export function ancestorsOf(graph: Graph, wanted: readonly string[]): { nodes: GraphNode[]; initializers: Tensor[] } {
	const needed = new Set(wanted)
	const kept: GraphNode[] = []
	for (const node of graph.node.toReversed()) {
		if (!node.output.some((name) => needed.has(name))) continue
		kept.push(node)
		for (const name of readsOf(node)) needed.add(name)
	}
	return { nodes: kept.toReversed(), initializers: graph.initializer.filter((tensor) => needed.has(tensor.name ?? '')) }
}

/** Every tensor of a graph with those of its subgraphs and attributes. */
export function* tensorsOf(graph: Graph): Generator<Tensor> {
	yield* graph.initializer
	for (const node of graph.node) {
		for (const attribute of node.attribute) {
			if (attribute.t) yield attribute.t
			yield* attribute.tensors
			if (attribute.g) yield* tensorsOf(attribute.g)
			for (const inner of attribute.graphs) yield* tensorsOf(inner)
		}
	}
}
