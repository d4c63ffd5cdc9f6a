import { makeValue, type Graph } from '../model.ts'

/** The graph with these tensors as outputs too, whatever makes them. @throws Error when the graph has no such tensor. */
export function tapTensors(graph: Graph, names: readonly string[]): Graph {
	const made = new Set([...graph.node.flatMap((node) => node.output), ...graph.input.map((value) => value.name), ...graph.initializer.map((tensor) => tensor.name)])
	const present = new Set(graph.output.map((value) => value.name))
	const missing = names.find((name) => name === '' || !made.has(name))
	if (missing !== undefined) throw new Error(`The graph has no tensor "${missing}".`)
	return { ...graph, output: [...graph.output, ...names.filter((name, index) => !present.has(name) && names.indexOf(name) === index).map(makeValue)] }
}
