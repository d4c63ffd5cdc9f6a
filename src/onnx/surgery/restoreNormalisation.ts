import { makeAttribute } from '../attributes.ts'
import { inferGraph } from '../fold.ts'
import { float32Value, makeNode, type GraphNode } from '../model.ts'
import type { Network, Parameter, Weights } from '../network.ts'

/** What a convolution gives over images and places, per output channel. */
export interface ChannelStatistics {
	mean: Float32Array
	/** Of the population, not an estimate from a sample. */
	variance: Float32Array
}

/** A convolution that may hold a folded normalisation. */
export interface FoldedConvolution {
	/** The tensor that it gives. */
	output: string
	weight: string
	bias: string
	channels: number
}

const EPSILON = 1e-5

/**
 * The convolutions with weights and a bias that give more than one place per image: where a normalisation has been folded in, it is there. Those
 * after a pooling to one place (squeeze and excite, heads) have biases of their own. None where the network has batch normalisation already.
 */
export function foldedConvolutions(network: Network): FoldedConvolution[] {
	if (network.parameters.some(({ role }) => role === 'runningMean')) return []
	const roles = new Map(network.parameters.map(({ name, role }) => [name, role]))
	const build = inferGraph(network.graph, new Map([['input', [2, 3, network.inputSize, network.inputSize]], ...network.parameters.map(({ name, dims }) => [name, dims] as const)]))
	return network.graph.node.flatMap((node): FoldedConvolution[] => {
		const [, weight = '', bias = ''] = node.input
		const output = node.output[0] ?? ''
		if (node.opType !== 'Conv' || roles.get(weight) !== 'weight' || roles.get(bias) !== 'bias' || bias === network.head.bias) return []
		const [, channels = 0, height = 1, width = 1] = build.dims(output)
		return height * width > 1 ? [{ output, weight, bias, channels }] : []
	})
}

/**
 * The network with a batch normalisation after each of these convolutions, such that by running statistics it gives what it gave before: with
 * y = w * x + b, the scale is sqrt(variance(y) + epsilon), the shift mean(y), the running mean mean(y) - b, and the convolution loses b.
 * Exporters fold it so that the network runs faster. This undoes that as far as can be: the scale that training had found is lost in w, and cancels in w / sqrt(variance).
 * @param statistics of y by its tensor, measured on images like those that it will be trained on.
 * @throws Error where a convolution has no statistics, or not one number per channel.
 */
export function restoreNormalisation(network: Network, weights: Weights, statistics: ReadonlyMap<string, ChannelStatistics>): { network: Network; weights: Weights } {
	const folded = new Map(foldedConvolutions(network).map((convolution) => [convolution.output, convolution]))
	const values: Weights = new Map(weights)
	const added: Parameter[] = []
	const readers = new Map<string, number>()
	for (const name of network.graph.node.flatMap((node) => node.input)) readers.set(name, (readers.get(name) ?? 0) + 1)
	const node = network.graph.node.flatMap((each): GraphNode[] => {
		const convolution = folded.get(each.output[0] ?? '')
		if (!convolution) return [each]
		const { output, bias, channels } = convolution
		const measured = statistics.get(output)
		const offset = weights.get(bias)
		if (!measured || !offset || measured.mean.length !== channels || measured.variance.length !== channels) throw new Error(`There are no statistics of the ${channels} channels of "${output}".`)
		if (readers.get(bias) !== 1) throw new Error(`The bias "${bias}" is read in several places.`)
		const names = { scale: `${output}/scale`, shift: `${output}/shift`, mean: `${output}/mean`, variance: `${output}/variance` }
		const parameter = (name: string, role: Parameter['role'], value: number, own: Float32Array) => {
			added.push({ name, dims: [channels], role, initialisation: { kind: 'constant', value } })
			values.set(name, own)
		}
		parameter(names.scale, 'normScale', 1, measured.variance.map((variance) => Math.sqrt(variance + EPSILON)))
		parameter(names.shift, 'normShift', 0, Float32Array.from(measured.mean))
		parameter(names.mean, 'runningMean', 0, measured.mean.map((mean, channel) => mean - (offset[channel] ?? 0)))
		parameter(names.variance, 'runningVariance', 1, Float32Array.from(measured.variance))
		values.delete(bias)
		const convolved = `${output}/convolved`
		return [
			{ ...each, input: each.input.slice(0, 2), output: [convolved] },
			makeNode('BatchNormalization', [convolved, names.scale, names.shift, names.mean, names.variance], [output], [makeAttribute('epsilon', EPSILON)]),
		]
	})
	const gone = new Set([...folded.values()].map(({ bias }) => bias))
	const parameters = [...network.parameters.filter(({ name }) => !gone.has(name)), ...added]
	const input = [...network.graph.input.filter(({ name }) => !gone.has(name ?? '')), ...added.map(({ name, dims }) => float32Value(name, dims))]
	return { network: { ...network, parameters, graph: { ...network.graph, node, input } }, weights: values }
}
