import { inferGraph } from '../fold.ts'
import { float32Value } from '../model.ts'
import type { Network, Parameter } from '../network.ts'

/**
 * The network with another number of classes. The parameters of its last linear layer have new sizes, so values that were there before do not fit
 * them any more: they are to be drawn anew as their initialisation says.
 * @throws Error when the scores do not follow from the last linear layer alone.
 */
export function replaceHead(network: Network, classes: number): Network {
	if (!Number.isInteger(classes) || classes < 1 || classes > 100_000) throw new Error(`A network has 1 to 100000 classes, not ${classes}.`)
	const resized = ({ name, dims, ...rest }: Parameter): Parameter => {
		if (name !== network.head.weight && name !== network.head.bias) return { name, dims, ...rest }
		const axis = dims.indexOf(network.classes)
		if (axis < 0) throw new Error(`The parameter "${name}" of the last layer has no axis of ${network.classes} classes.`)
		return { name, dims: dims.with(axis, classes), ...rest }
	}
	const parameters = network.parameters.map(resized)
	const head = new Map(parameters.filter(({ name }) => name === network.head.weight || name === network.head.bias).map(({ name, dims }) => [name, dims]))
	const graph = {
		...network.graph,
		input: network.graph.input.map((value) => {
			const dims = head.get(value.name ?? '')
			return dims ? float32Value(value.name ?? '', dims) : value
		}),
		output: network.graph.output.map((value) => (value.name === 'logits' ? float32Value('logits', ['batch', classes]) : value)),
	}
	const build = inferGraph(graph, new Map([['input', [2, 3, network.inputSize, network.inputSize]], ...parameters.map(({ name, dims }) => [name, dims] as const)]))
	if (build.dims('logits').join() !== `2,${classes}`) throw new Error(`With ${classes} classes the scores have sizes [${build.dims('logits').join(', ')}].`)
	return { ...network, classes, graph, parameters }
}
