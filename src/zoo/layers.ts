import { createGraphBuilder, type GraphBuilder } from '../onnx/builder.ts'
import type { Initialisation, Layer, Network, Parameter, ParameterRole } from '../onnx/network.ts'

const ZERO: Initialisation = { kind: 'constant', value: 0 }
export const ONE: Initialisation = { kind: 'constant', value: 1 }

/** What every network of the zoo can be asked for. */
export interface NetworkOptions {
	/** Outputs of the last linear layer. */
	classes: number
	/** Side of the square image in pixels. */
	inputSize: number
}

interface ConvOptions {
	/** Of the output. */
	channels: number
	/** Side of the kernel. */
	kernel: number
	stride?: number
	/** Zeros on each of the four sides, or on the left and at the top, and on the right and at the bottom. */
	padding?: number | readonly [before: number, after: number]
	groups?: number
	/** Initialised with zero. */
	bias?: boolean
	/** Of the weight; otherwise Kaiming's normal by the fan out. */
	initialisation?: Initialisation
}

interface LinearOptions {
	/** Of the weight [features, inputs]; the bias starts with zero. */
	initialisation: Initialisation
	/** Otherwise there is one. */
	bias?: boolean
	/** Name of the output; otherwise the layer's name. */
	as?: string
}

interface NetworkHead extends LinearOptions {
	/** Of the layer, as in the reference's state dict. */
	name: string
	/** Rate of the dropout before it. */
	dropout?: number
}

/**
 * Layers under construction. A layer of the reference's name `n` has the parameters `n.weight`, `n.bias` and so on, and its output is the tensor `n`.
 * Parameters are declared in the order in which the layers are added.
 */
export interface LayersDraft {
	readonly build: GraphBuilder
	readonly parameters: Parameter[]
	parameter(name: string, dims: readonly number[], role: ParameterRole, initialisation: Initialisation): string
	/** Square convolution of [N, C, height, width]. */
	conv(name: string, input: string, options: ConvOptions): string
	/** BatchNormalization in inference form over axis 1, with torch's momentum 0.1. */
	batchNorm(name: string, input: string, epsilon?: number): string
	/** LayerNormalization over the last axis. */
	layerNorm(name: string, input: string, epsilon?: number): string
	/** y = x W^T + b over the last axis of [N, inputs] or [N, ..., inputs]. */
	linear(name: string, input: string, features: number, options: LinearOptions): string
}

/** A whole network under construction. */
export interface NetworkDraft extends LayersDraft {
	/** The image [N, 3, inputSize, inputSize]. */
	readonly image: string
	/** Layers are given by name and tensor; the tensor `features` must be there and is what the head reads. */
	finish(network: { name: string; title: string; head: NetworkHead; camLayers: readonly [name: string, tensor: string][]; hintLayers: readonly [name: string, tensor: string][] }): Network
}

/** torch's default for linear layers, kaiming_uniform with a = sqrt(5): uniform within 1 / sqrt(inputs). */
export function uniformByFanIn(inputs: number): Initialisation {
	return { kind: 'uniform', bound: 1 / Math.sqrt(inputs) }
}

/** Nothing yet; the inputs are the caller's. */
export function startLayers(): LayersDraft {
	const build = createGraphBuilder()
	const parameters: Parameter[] = []

	function parameter(name: string, dims: readonly number[], role: ParameterRole, initialisation: Initialisation): string {
		parameters.push({ name, dims, role, initialisation })
		return build.input(name, dims)
	}

	function conv(name: string, input: string, { channels, kernel, stride = 1, padding = 0, groups = 1, bias = false, initialisation = { kind: 'kaimingNormal', fan: 'out' } }: ConvOptions): string {
		const inputs = build.dims(input)[1] ?? 0
		const weight = parameter(`${name}.weight`, [channels, inputs / groups, kernel, kernel], 'weight', initialisation)
		const operands = bias ? [input, weight, parameter(`${name}.bias`, [channels], 'bias', ZERO)] : [input, weight]
		const [before, after] = typeof padding === 'number' ? [padding, padding] : padding
		return build.node('Conv', operands, { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [before, before, after, after], dilations: [1, 1], group: groups }, name)
	}

	function batchNorm(name: string, input: string, epsilon = 1e-5): string {
		const dims = [build.dims(input)[1] ?? 0]
		const statistics = [
			parameter(`${name}.weight`, dims, 'normScale', ONE), parameter(`${name}.bias`, dims, 'normShift', ZERO),
			parameter(`${name}.running_mean`, dims, 'runningMean', ZERO), parameter(`${name}.running_var`, dims, 'runningVariance', ONE),
		]
		// ONNX weighs the old statistic where torch weighs the new one.
		return build.node('BatchNormalization', [input, ...statistics], { epsilon, momentum: 0.9 }, name)
	}

	function layerNorm(name: string, input: string, epsilon = 1e-5): string {
		const dims = build.dims(input).slice(-1)
		const operands = [input, parameter(`${name}.weight`, dims, 'normScale', ONE), parameter(`${name}.bias`, dims, 'normShift', ZERO)]
		return build.node('LayerNormalization', operands, { axis: -1, epsilon }, name)
	}

	function linear(name: string, input: string, features: number, { initialisation, bias = true, as = name }: LinearOptions): string {
		const dims = build.dims(input)
		const inputs = dims.at(-1) ?? 0
		const operands = [parameter(`${name}.weight`, [features, inputs], 'weight', initialisation), ...(bias ? [parameter(`${name}.bias`, [features], 'bias', ZERO)] : [])]
		if (dims.length === 2) return build.node('Gemm', [input, ...operands], { transB: 1 }, as)
		// One Gemm over all rows: with weights as inputs a MatMul would transpose them in every step.
		const rows = build.node('Gemm', [build.node('Reshape', [input, build.integers([-1, inputs])]), ...operands], { transB: 1 })
		return build.node('Reshape', [rows, build.integers([-1, ...dims.slice(1, -1), features])], {}, as)
	}

	return { build, parameters, parameter, conv, batchNorm, layerNorm, linear }
}

/** @throws Error when the number of classes or the size of the image is no positive integer or too large. */
export function startNetwork(options: NetworkOptions): NetworkDraft {
	const { classes, inputSize } = options
	if (!Number.isInteger(classes) || classes < 1 || classes > 100_000) throw new Error(`A network has 1 to 100000 classes, not ${classes}.`)
	if (!Number.isInteger(inputSize) || inputSize < 16 || inputSize > 2048) throw new Error(`The side of the image is 16 to 2048 pixels, not ${inputSize}.`)
	const layers = startLayers()
	const { build, parameters, linear } = layers
	const image = build.input('input', [1, 3, inputSize, inputSize])

	function layer([name, tensor]: readonly [string, string]): Layer {
		const [, channels = 0, height = 0, width = 0] = build.dims(tensor)
		return { name, output: tensor, channels, height, width }
	}

	const finish: NetworkDraft['finish'] = ({ name, title, head, camLayers, hintLayers }) => {
		const kept = head.dropout ? build.node('Dropout', ['features', build.scalar(head.dropout)], {}, `${head.name}.dropout`) : 'features'
		build.output(linear(head.name, kept, classes, { ...head, as: 'logits' }))
		build.output('features')
		const network = { camLayers: camLayers.map(layer), hintLayers: hintLayers.map(layer) }
		for (const output of new Set([...network.camLayers, ...network.hintLayers].map((one) => one.output))) build.output(output)
		const { graph } = build.model({ freeBatch: true })
		if (!graph) throw new Error('The network has no graph.')
		return { name, title, classes, inputSize, graph, parameters, head: { weight: `${head.name}.weight`, bias: `${head.name}.bias` }, ...network }
	}

	return { ...layers, image, finish }
}
