import { floatOf } from './attributes.ts'
import type { GraphBuilder } from './builder.ts'
import { declareComposite } from './differentiate/composite.ts'
import { add, multiply, scale, subtract } from './differentiate/arithmetic.ts'
import { batchNormGradient, batchStatistics, inverseDeviation, perChannel } from './differentiate/rules/normalisation.ts'
import { reshape } from './differentiate/sizes.ts'
import { makeGraph, type GraphNode } from './model.ts'
import type { Network } from './network.ts'
import { elementCount } from './tensor.ts'

/** How BatchNormalization works while training: by the statistics of the batch, or by the running statistics as at inference. */
export type Normalisation = 'batch' | 'frozen'

/** An input of the training graph that decides what a Dropout keeps: 0 with probability `rate`, otherwise 1 / (1 - rate). */
export interface DropoutMask {
	name: string
	/** Of what is dropped; [batch, 1, ..] where whole images are (stochastic depth). */
	dims: readonly number[]
	rate: number
}

/** What a network gives in training; names of tensors of the graph that it was added to. */
export interface TrainingForward {
	/** [batch, classes]. */
	logits: string
	/** [batch, n]: what the last linear layer reads. */
	features: string
	/** The network's cam layers and hint layers by name. */
	layers: Map<string, string>
	/** Name of the tensor with a running statistic's new value, by the parameter's name; empty where normalisation is frozen. */
	updates: Map<string, string>
	masks: DropoutMask[]
}

/** A Dropout node whose name begins so drops the whole branch of an image. */
const WHOLE_IMAGE = 'drop_path'

/**
 * Adds a network to a graph in the form in which it is trained. BatchNormalization becomes arithmetic with a gradient in closed form, or with
 * frozen statistics a part of the convolution before it; Dropout becomes a multiplication with a mask that is an input; LayerNormalization and
 * MaxPool give the further outputs that their gradients need. Tensors keep the network's names unless the graph has them already.
 *
 * @param bind a tensor of the graph for each of the network's inputs: `input` [batch, 3, height, width] and every parameter.
 * @throws Error that names the node where the network does not fit the image, or where batch statistics would be those of a single value.
 */
export function addTrainingForward(build: GraphBuilder, network: Network, bind: ReadonlyMap<string, string>, options: { normalisation: Normalisation }): TrainingForward {
	const names = new Map(bind)
	const named = (name: string): string => names.get(name) ?? name
	const form: Form = { build, own: withOwnNames(build), updates: new Map(), masks: [] }
	const rename = (name: string): void => {
		const free = build.unique(name)
		if (free !== name) names.set(name, free)
	}

	for (const tensor of network.graph.initializer) {
		const name = tensor.name ?? ''
		if (names.has(name)) continue
		rename(name)
		build.initializer({ ...tensor, name: named(name) })
	}
	const folded = options.normalisation === 'frozen' ? foldable(network) : new Set<string>()
	const convolutions = new Map<string, GraphNode>()
	for (const original of network.graph.node) {
		for (const name of original.output) if (name !== '') rename(name)
		const [output = ''] = original.output.map(named)
		// The builder names nodes by their outputs, and so do the networks: a name that is taken there is taken here.
		const node = { ...original, name: output === original.output[0] ? original.name : output, input: original.input.map(named), output: original.output.map(named) }
		if (folded.has(original.output[0] ?? '')) convolutions.set(output, node)
		else if (original.opType === 'BatchNormalization') {
			const convolution = convolutions.get(node.input[0] ?? '')
			if (convolution) addFoldedNorm(form, node, convolution)
			else if (options.normalisation === 'frozen') addFrozenNorm(form, node)
			else addBatchNorm(form, node, original)
		} else if (original.opType === 'Dropout') addDropout(form, node, original)
		else addNode(build, withGradientOutputs(build, node))
	}
	return {
		logits: named('logits'), features: named('features'), updates: form.updates, masks: form.masks,
		layers: new Map([...network.camLayers, ...network.hintLayers].map(({ name, output }) => [name, named(output)])),
	}
}

interface Form {
	build: GraphBuilder
	/** The same graph; what is added through it does not take names of the network. */
	own: GraphBuilder
	updates: Map<string, string>
	masks: DropoutMask[]
}

/** A finished node as it stands. */
function addNode(build: GraphBuilder, node: GraphNode): void {
	build.include({ ...makeGraph(node.name ?? ''), node: [node] }, new Map())
}

function withOwnNames(build: GraphBuilder): GraphBuilder {
	return { ...build, node: (opType, inputs, attributes, as) => build.node(opType, inputs, attributes, as ?? build.unique(`training/${opType}`)) }
}

/** Outputs of convolutions that nothing but a BatchNormalization reads. */
function foldable({ graph }: Network): Set<string> {
	const readers = new Map<string, GraphNode[]>()
	for (const node of graph.node) for (const name of node.input) readers.set(name, [...(readers.get(name) ?? []), node])
	const outputs = new Set(graph.output.map((value) => value.name ?? ''))
	return new Set(graph.node.filter((node) => node.opType === 'Conv').map((node) => node.output[0] ?? '').filter((name) => {
		const [only, ...others] = readers.get(name) ?? []
		return only?.opType === 'BatchNormalization' && only.input[0] === name && others.length === 0 && !outputs.has(name)
	}))
}

/** The outputs by which gradients spare themselves work that the forward pass has done. */
function withGradientOutputs(build: GraphBuilder, node: GraphNode): GraphNode {
	const [output = ''] = node.output
	if (node.opType === 'LayerNormalization') return { ...node, output: [output, build.unique(`training/${output}.mean`), build.unique(`training/${output}.inverseDeviation`)] }
	if (node.opType === 'MaxPool') return { ...node, output: [output, build.unique(`training/${output}.indices`)] }
	return node
}

/** By the statistics of the batch; the running ones move by `1 - momentum` of the node, the variance as an unbiased estimate, as in PyTorch. */
function addBatchNorm({ build, own, updates }: Form, node: GraphNode, original: GraphNode): void {
	const [x = '', gamma = '', beta = '', runningMean = '', runningVariance = ''] = node.input
	const dims = build.dims(x)
	const channels = dims[1] ?? 1
	const count = elementCount(dims) / channels
	if (count < 2) throw new Error(`BatchNormalization "${node.name}" would take the statistics of a single value: use a larger batch or frozen statistics.`)
	const { mean, centred, variance } = batchStatistics(own, x)
	const inverse = inverseDeviation(own, variance, floatOf(node, 'epsilon', 1e-5))
	const factor = multiply(own, perChannel(own, gamma, dims.length), inverse)
	const output = build.node('Add', [multiply(own, centred, factor), perChannel(own, beta, dims.length)], {}, node.output[0])
	declareComposite(build, output, {
		inputs: [x, gamma, beta],
		gradient: (_build, dy, wanted) => batchNormGradient(build, dy, { centred, inverse, factor }, wanted),
	})
	const share = 1 - floatOf(node, 'momentum', 0.9)
	const moved = (running: string, current: string): string => add(own, scale(own, running, 1 - share), scale(own, reshape(own, current, [channels]), share))
	updates.set(original.input[3] ?? '', moved(runningMean, mean))
	updates.set(original.input[4] ?? '', moved(runningVariance, scale(own, variance, count / (count - 1))))
}

/** Factor and offset [C] of the affine map that a BatchNormalization with given statistics is. */
function affineOf({ own }: Form, node: GraphNode): { factor: string; offset: string } {
	const [, gamma = '', beta = '', mean = '', variance = ''] = node.input
	const factor = multiply(own, gamma, inverseDeviation(own, variance, floatOf(node, 'epsilon', 1e-5)))
	return { factor, offset: subtract(own, beta, multiply(own, mean, factor)) }
}

function addFrozenNorm(form: Form, node: GraphNode): void {
	const { build, own } = form
	const [x = ''] = node.input
	const rank = build.dims(x).length
	const { factor, offset } = affineOf(form, node)
	build.node('Add', [multiply(own, x, perChannel(own, factor, rank)), perChannel(own, offset, rank)], {}, node.output[0])
}

/** The affine map as part of the convolution's weights: no pass over the activations is left, forward or backward. */
function addFoldedNorm(form: Form, node: GraphNode, convolution: GraphNode): void {
	const { build, own } = form
	const [x = '', weight = '', bias] = convolution.input
	const { factor, offset } = affineOf(form, node)
	const [filters = 1, ...others] = build.dims(weight)
	const kernel = multiply(own, weight, reshape(own, factor, [filters, ...others.map(() => 1)]))
	const shift = bias ? add(own, offset, multiply(own, bias, factor)) : offset
	const folded = { ...convolution, name: node.name, input: [x, kernel, shift], output: node.output.slice(0, 1) }
	addNode(build, folded)
}

function addDropout({ build, masks }: Form, node: GraphNode, original: GraphNode): void {
	const [x = '', ratioInput] = node.input
	const given = ratioInput ? build.facts(ratioInput).values?.[0] : 0.5
	if (given === undefined || !(given >= 0 && given < 1)) throw new Error(`Dropout "${node.name}" names no constant ratio from 0 to less than 1.`)
	const dims = build.dims(x)
	const perImage = (original.name ?? '').startsWith(WHOLE_IMAGE)
	const mask = { name: build.unique(`mask/${node.name}`), dims: perImage ? dims.map((size, axis) => (axis === 0 ? size : 1)) : dims, rate: given }
	masks.push(mask)
	build.node('Mul', [x, build.input(mask.name, mask.dims)], {}, node.output[0])
}
