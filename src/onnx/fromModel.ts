import { intOf } from './attributes.ts'
import type { GraphBuilder } from './builder.ts'
import { foldConstants, inferGraph, plainConstants, withoutUnused } from './fold.ts'
import { ancestorsOf } from './graph.ts'
import { DATA_TYPE, float32Tensor, float32Value, int64Tensor, intAttribute, makeModel, makeNode, type Graph, type GraphNode, type Model, type Tensor } from './model.ts'
import { OPERATOR_SET, type Initialisation, type Layer, type Network, type Parameter, type ParameterRole, type Weights } from './network.ts'
import { nodeTitle } from './shapes/infer.ts'
import { elementCount, tensorDims, tensorFloats, weightTensor } from './tensor.ts'
import { upgradeModel } from './upgrade.ts'

export interface ModelReading {
	name: string
	title: string
	/** Name of the image input; otherwise the only input that is no constant. */
	input?: string
	/** Name of the output with the scores of the classes; otherwise "logits" or the first output. */
	logits?: string
	/** Side of the image where the graph leaves it free. */
	inputSize?: number
	/** Layers for maps, by name and tensor, the usual one first; otherwise found by their sizes. */
	camLayers?: readonly { name: string; output: string }[]
}

/** Operators that only move the elements of a weight on its way to the operator that uses it. */
const MOVES = new Set(['Transpose', 'Reshape', 'Unsqueeze', 'Squeeze', 'Flatten', 'Expand', 'Identity', 'Gather', 'Slice'])
/** Operators that make probabilities of logits at the end of a graph. */
const PROBABILITIES = new Set(['Softmax', 'LogSoftmax', 'Sigmoid', 'Identity'])
/** Below this, an added constant of two axes is the mask of an attention (usually -100), which nothing should train. */
const MASKED = -50

/**
 * Any exported classifier as architecture and values.
 *
 * Which constants become parameters follows from their use: weights and biases of Conv, ConvTranspose, Gemm and MatMul; scale, shift, mean and
 * variance of BatchNormalization; scale and shift of the other normalisations; slopes of PRelu; and constants of two or more elements that are
 * added to, multiplied with or joined to something that depends on other parameters (biases, layer scales, position embeddings, class tokens).
 * Whatever comes before the first parameter (a normalisation of the image) and attention masks stay constants. Probabilities at the
 * end are dropped; the last linear layer gets a bias of zeros where it has none.
 * @throws Error that says what the graph has that cannot be taken.
 */
export function networkOfModel(model: Model & { graph: Graph }, reading: ModelReading): { network: Network; weights: Weights } {
	const upgraded = upgradeModel(model).graph
	const { image, inputSize, fixedBatch } = imageInput(upgraded, reading)
	const scores = scoresOf(upgraded, reading.logits)
	const outputs = [scores, ...(reading.camLayers ?? []).map((layer) => layer.output), ...spatialOutputs(upgraded)]
	const named = renamed(withOutputs(plainConstants(upgraded), [...new Set(outputs)]), new Map([[image, 'input'], [scores, 'logits']]))
	const sizes = (batch: number) => new Map([['input', [batch, 3, inputSize, inputSize]]])
	const free = fixedBatch ? freeBatch(named, inferGraph(named, sizes(1))) : named
	const folded = foldConstants(free, [sizes(2), sizes(3)])

	const headed = findHead(folded)
	const trainable = findParameters(headed.graph)
	const weights: Weights = new Map()
	const parameters: Parameter[] = []
	for (const tensor of headed.graph.initializer) {
		const role = trainable.get(tensor.name ?? '')
		if (!role) continue
		const dims = tensorDims(tensor)
		parameters.push({ name: tensor.name ?? '', dims, role, initialisation: initialisationOf(role, dims, tensor.name === headed.weight || tensor.name === headed.bias ? headed.inputs : null) })
		weights.set(tensor.name ?? '', tensorFloats(tensor))
	}
	const build = inferGraph(headed.graph, sizes(2))
	const [batch, classes, ...rest] = build.dims('logits')
	if (batch !== 2 || classes === undefined || rest.some((size) => size !== 1)) throw new Error(`The scores have sizes [${build.dims('logits').join(', ')}] for two images; they must be one row per image.`)
	const camLayers = (reading.camLayers ?? usualLayers(headed.graph, build)).map((layer) => layerOf(layer, build))
	const hintLayers = stageEnds(headed.graph, build).map((layer) => layerOf(layer, build))
	const graph: Graph = {
		...headed.graph, name: reading.name, valueInfo: [],
		initializer: headed.graph.initializer.filter((tensor) => !trainable.has(tensor.name ?? '')),
		input: [float32Value('input', ['batch', 3, inputSize, inputSize]), ...parameters.map(({ name, dims }) => float32Value(name, dims))],
		output: [...new Set(['logits', 'features', ...camLayers.map((layer) => layer.output), ...hintLayers.map((layer) => layer.output)])]
			.map((name) => float32Value(name, ['batch', ...build.dims(name).slice(1)])),
	}
	return {
		network: { name: reading.name, title: reading.title, classes, inputSize, graph, parameters, head: { weight: headed.weight, bias: headed.bias }, camLayers, hintLayers },
		weights,
	}
}

/**
 * A network with its values as a model for inference: constant weights, a free batch, the outputs logits, features and the layers for maps.
 * @throws Error when a parameter has no values, or not as many as its sizes say.
 */
export function modelOfNetwork(network: Network, weights: Weights): Model & { graph: Graph } {
	const wanted = new Set(['logits', 'features', ...network.camLayers.map((layer) => layer.output)])
	const values = network.parameters.map(({ name, dims }): Tensor => {
		const found = weights.get(name)
		if (!found) throw new Error(`The network's parameter "${name}" has no values.`)
		return weightTensor(name, dims, found)
	})
	const graph = withoutUnused({
		...network.graph,
		initializer: [...network.graph.initializer, ...values],
		input: network.graph.input.filter((value) => value.name === 'input'),
		output: network.graph.output.filter((value) => wanted.has(value.name ?? '')),
	})
	return { ...makeModel(graph, OPERATOR_SET), graph }
}

function imageInput(graph: Graph, reading: ModelReading): { image: string; inputSize: number; fixedBatch: boolean } {
	const constants = new Set(graph.initializer.map((tensor) => tensor.name))
	const inputs = graph.input.filter((value) => !constants.has(value.name))
	const value = reading.input === undefined ? inputs[0] : inputs.find((each) => each.name === reading.input)
	if (!value?.name || inputs.length !== 1) throw new Error(`The model needs one input for the image; it has ${inputs.map((each) => `"${each.name ?? ''}"`).join(', ') || 'none'}.`)
	const dims = value.type?.tensorType?.shape?.dim.map((dimension) => (dimension.dimValue === undefined ? null : Number(dimension.dimValue))) ?? []
	const [batch, channels, height, width] = dims
	if (value.type?.tensorType?.elemType !== DATA_TYPE.float32 || dims.length !== 4 || (channels !== 3 && channels !== null) || height !== width) {
		throw new Error(`The input "${value.name}" is not a batch of square images of three channels in float32.`)
	}
	const inputSize = height ?? reading.inputSize
	if (inputSize === undefined) throw new Error(`The model leaves the size of the image free; it must be given.`)
	return { image: value.name, inputSize, fixedBatch: batch !== null && batch !== undefined }
}

/** The tensor with the scores before they become probabilities. */
function scoresOf(graph: Graph, wanted: string | undefined): string {
	const names = graph.output.map((value) => value.name ?? '')
	let name = wanted ?? (names.includes('logits') ? 'logits' : (names[0] ?? ''))
	if (!names.includes(name)) throw new Error(`The model has no output "${name}".`)
	const makers = new Map(graph.node.map((node) => [node.output[0] ?? '', node]))
	for (let maker = makers.get(name); maker && PROBABILITIES.has(maker.opType ?? ''); maker = makers.get(name)) name = maker.input[0] ?? ''
	return name
}

function withOutputs(graph: Graph, names: readonly string[]): Graph {
	return withoutUnused({ ...graph, output: names.map((name) => float32Value(name, [])) })
}

/** Outputs that the exporter declared with four axes: what it meant for maps. */
function spatialOutputs(graph: Graph): string[] {
	return graph.output.filter((value) => value.type?.tensorType?.shape?.dim.length === 4).map((value) => value.name ?? '')
}

/** The graph under other names of some tensors; what has one of these names already gets another. */
function renamed(graph: Graph, names: ReadonlyMap<string, string>): Graph {
	const all = new Set([...graph.node.flatMap((node) => [...node.input, ...node.output]), ...graph.input.map((value) => value.name ?? ''), ...graph.initializer.map((tensor) => tensor.name ?? '')])
	const changes = new Map(names)
	for (const target of names.values()) {
		if (!all.has(target) || names.has(target)) continue
		let other = `${target}/original`
		while (all.has(other)) other += '_'
		changes.set(target, other)
	}
	const to = (name: string | undefined) => changes.get(name ?? '') ?? name ?? ''
	return {
		...graph,
		node: graph.node.map((node) => ({ ...node, input: node.input.map(to), output: node.output.map(to) })),
		initializer: graph.initializer.map((tensor) => ({ ...tensor, name: to(tensor.name) })),
		input: graph.input.map((value) => ({ ...value, name: to(value.name) })),
		output: graph.output.map((value) => ({ ...value, name: to(value.name) })),
	}
}

/**
 * A graph exported for one image, for any number: its input loses the fixed batch, and a Reshape to [1, ...] of something computed from the image
 * takes its first size from the elements there are; a constant that is joined to it (a class token) is repeated for each image.
 */
function freeBatch(graph: Graph, single: GraphBuilder): Graph {
	const constants: Tensor[] = []
	/** What is the same for every image. */
	const fixed = new Set(graph.initializer.map((tensor) => tensor.name ?? ''))
	const node = graph.node.flatMap((each): GraphNode[] => {
		const output = each.output[0] ?? ''
		if (each.input.every((name) => name === '' || fixed.has(name) || single.facts(name).values)) fixed.add(output)
		if (fixed.has(output)) return [each]
		if (single.facts(output).values || single.dims(output)[0] !== 1) return [each]
		if (each.opType === 'Reshape') {
			const name = `${output}/sizes`
			constants.push(int64Tensor(name, [-1, ...single.dims(output).slice(1)]))
			return [{ ...each, input: [each.input[0] ?? '', name], attribute: [] }]
		}
		const perImage = each.input.find((name) => !fixed.has(name))
		if (each.opType !== 'Concat' || perImage === undefined || !each.input.some((name) => fixed.has(name))) return [each]
		const batch = `${output}/batch`
		const repeated = each.input.filter((name) => fixed.has(name)).flatMap((name, index): GraphNode[] => {
			const rest = `${output}/sizes/${index}`
			constants.push(int64Tensor(rest, single.dims(name).slice(1)))
			return [makeNode('Concat', [batch, rest], [`${rest}/all`], [intAttribute('axis', 0)]), makeNode('Expand', [name, `${rest}/all`], [`${name}/repeated/${output}`])]
		})
		const first = makeNode('Shape', [perImage], [batch], [intAttribute('start', 0), intAttribute('end', 1)])
		return [first, ...repeated, { ...each, input: each.input.map((name) => (fixed.has(name) ? `${name}/repeated/${output}` : name)) }]
	})
	const input = graph.input.map((value) => (value.name === 'input' ? float32Value('input', ['batch', ...single.dims('input').slice(1)]) : value))
	return { ...graph, node, input, initializer: [...graph.initializer, ...constants] }
}

/** The graph with its last linear layer's input named features, and a bias. */
function findHead(graph: Graph): { graph: Graph; weight: string; bias: string; inputs: number } {
	const makers = new Map(graph.node.map((node) => [node.output[0] ?? '', node]))
	const constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]))
	let layer = makers.get('logits')
	let bias = ''
	while (layer && !['Gemm', 'MatMul', 'Conv'].includes(layer.opType ?? '')) {
		const addend = layer.opType === 'Add' ? layer.input.find((name) => constants.has(name)) : undefined
		if (addend !== undefined) bias = addend
		else if (!MOVES.has(layer.opType ?? '')) throw new Error(`${nodeTitle(layer)}: the scores do not come from a linear layer.`)
		layer = makers.get(layer.input.find((name) => !constants.has(name)) ?? '')
	}
	const weight = constants.get(layer?.input[1] ?? '')
	if (!layer || !weight) throw new Error('The scores do not come from a linear layer with constant weights.')
	const kernel = layer.opType === 'Conv' ? tensorDims(weight).slice(2) : []
	if (kernel.some((size) => size !== 1)) throw new Error(`${nodeTitle(layer)}: the scores come from a convolution of more than one pixel.`)
	bias ||= layer.input[2] ?? ''
	const [rows = 0, columns = 0] = tensorDims(weight)
	const transposed = layer.opType === 'Conv' || intOf(layer, 'transB', 0) === 1
	const [classes, inputs] = transposed ? [rows, columns] : [columns, rows]
	if (bias === '') {
		bias = `${weight.name ?? ''}/bias`
		const zeros = float32Tensor(bias, [classes], Array.from({ length: classes }, () => 0))
		return findHead({ ...graph, initializer: [...graph.initializer, zeros], node: graph.node.flatMap((node) => (node === layer ? withBias(node, bias) : [node])) })
	}
	const features = layer.input[0] ?? ''
	return { graph: features === 'features' ? graph : renamed(graph, new Map([[features, 'features']])), weight: weight.name ?? '', bias, inputs }
}

function withBias(node: GraphNode, bias: string): GraphNode[] {
	if (node.opType !== 'MatMul') return [{ ...node, input: [node.input[0] ?? '', node.input[1] ?? '', bias] }]
	const product = `${node.output[0] ?? ''}/product`
	return [{ ...node, output: [product] }, { ...node, opType: 'Add', name: `${node.name ?? ''}/bias`, input: [product, bias], attribute: [] }]
}

/** Parameters by the names of their constants; see networkOfModel. */
function findParameters(graph: Graph): Map<string, ParameterRole> {
	const constants = new Map(graph.initializer.filter((tensor) => tensor.dataType === DATA_TYPE.float32).map((tensor) => [tensor.name ?? '', tensor]))
	/** Constants by the name of each tensor that is one of them, moved. */
	const moved = new Map([...constants.keys()].map((name) => [name, name]))
	const roles = new Map<string, ParameterRole>()
	const depends = new Set<string>()
	const assign = (name: string | undefined, role: ParameterRole) => {
		const constant = moved.get(name ?? '')
		if (constant !== undefined && !roles.has(constant)) roles.set(constant, role)
	}
	for (const node of graph.node) {
		const [first = '', second = ''] = node.input
		const source = moved.get(first)
		if (MOVES.has(node.opType ?? '') && source !== undefined) {
			moved.set(node.output[0] ?? '', source)
			continue
		}
		switch (node.opType) {
			case 'Conv': case 'ConvTranspose': case 'Gemm':
				assign(second, 'weight')
				assign(node.input[2], 'bias')
				break
			case 'MatMul':
				assign(first, 'weight')
				assign(second, 'weight')
				break
			case 'BatchNormalization': for (const [index, role] of (['normScale', 'normShift', 'runningMean', 'runningVariance'] as const).entries()) assign(node.input[index + 1], role); break
			case 'LayerNormalization': case 'InstanceNormalization': case 'GroupNormalization':
				assign(second, 'normScale')
				assign(node.input[2], 'normShift')
				break
			case 'PRelu': assign(second, 'normScale'); break
			case 'Add': case 'Sub': case 'Mul': case 'Concat': {
				if (!node.input.some((name) => depends.has(name))) break
				for (const name of node.input) {
					const constant = constants.get(moved.get(name) ?? '')
					const role = constant ? broadcastRole(constant, node.opType) : null
					if (role) assign(name, role)
				}
				break
			}
			default: break
		}
		if (node.input.some((name) => depends.has(name) || roles.has(moved.get(name) ?? ''))) for (const output of node.output) depends.add(output)
	}
	return roles
}

/** What a constant is that is added to, multiplied with or joined to activations; null where nothing should train it. */
function broadcastRole(constant: Tensor, operator: string): ParameterRole | null {
	const dims = tensorDims(constant)
	if (elementCount(dims) < 2) return null
	if (operator === 'Mul') return 'normScale'
	if (operator !== 'Concat' && dims.filter((size) => size > 1).length === 1) return 'bias'
	return tensorFloats(constant).some((value) => value <= MASKED) ? null : 'position'
}

/** How the values would be drawn anew; `headInputs` for the parameters of the last linear layer. */
function initialisationOf(role: ParameterRole, dims: readonly number[], headInputs: number | null): Initialisation {
	if (headInputs !== null) return role === 'weight' ? { kind: 'uniform', bound: 1 / Math.sqrt(headInputs) } : { kind: 'constant', value: 0 }
	switch (role) {
		case 'weight': return dims.length > 2 ? { kind: 'kaimingNormal', fan: 'out' } : { kind: 'truncatedNormal', deviation: 0.02 }
		case 'position': return { kind: 'truncatedNormal', deviation: 0.02 }
		case 'normScale': case 'runningVariance': return { kind: 'constant', value: 1 }
		case 'bias': case 'normShift': case 'runningMean': return { kind: 'constant', value: 0 }
	}
}

function layerOf({ name, output }: { name: string; output: string }, build: GraphBuilder): Layer {
	const dims = build.dims(output)
	const [, channels = 0, height = 0, width = 0] = dims
	if (dims.length !== 4 || dims[0] !== 2) throw new Error(`The layer "${name}" has ${dims.length} axes; a map needs [batch, channels, height, width].`)
	return { name, output, channels, height, width }
}

/** Tensors [N, C, h, w] of more than one pixel that lead to the features, in order. */
function spatialTensors(graph: Graph, build: GraphBuilder): string[] {
	const { nodes } = ancestorsOf(graph, ['features'])
	return nodes.map((node) => node.output[0] ?? '').filter((name) => {
		const { dims, dataType } = build.facts(name)
		return dataType === DATA_TYPE.float32 && dims.length === 4 && dims[0] === 2 && (dims[2] ?? 1) > 1 && dims[2] === dims[3]
	})
}

/** The exporter's spatial outputs, or else the last spatial tensor. */
function usualLayers(graph: Graph, build: GraphBuilder): { name: string; output: string }[] {
	const declared = graph.output.map((value) => value.name ?? '').filter((name) => build.dims(name).length === 4 && (build.dims(name)[2] ?? 1) > 1)
	const outputs = declared.length > 0 ? declared : spatialTensors(graph, build).slice(-1)
	return outputs.map((output) => ({ name: output.replace(/^cam_/, ''), output }))
}

/** The last tensor of each size, largest first: the ends of the stages. */
function stageEnds(graph: Graph, build: GraphBuilder): { name: string; output: string }[] {
	const ends = new Map<number, string>()
	for (const name of spatialTensors(graph, build)) ends.set(build.dims(name)[2] ?? 0, name)
	return [...ends.values()].map((output, index) => ({ name: `stage_${index + 1}`, output }))
}
