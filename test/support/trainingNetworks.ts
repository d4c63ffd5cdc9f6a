import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { createGraphBuilder } from '../../src/onnx/builder.ts'
import { differentiate } from '../../src/onnx/differentiate/differentiate.ts'
import type { Model } from '../../src/onnx/model.ts'
import type { Network, Weights } from '../../src/onnx/network.ts'
import { elementCount } from '../../src/onnx/tensor.ts'
import { addTrainingForward, type DropoutMask, type Normalisation } from '../../src/onnx/trainingForm.ts'
import { buildAutoFormerV2Tiny } from '../../src/zoo/autoformer.ts'
import { isTrainable } from '../../src/zoo/count.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'
import { buildVisformerSmall } from '../../src/zoo/visformer.ts'
import { formulaImage, formulaTensor } from './formulaWeights.ts'
import { openModel } from './runGraph.ts'

/** The network with dropped paths off, as make_gradient_golden.py makes it. */
export function goldenNetwork(name: string, inputSize: number): Network {
	const options = { classes: 3, inputSize, dropPath: 0 }
	if (name === 'visformer-s') return buildVisformerSmall(options)
	if (name === 'autoformerv2-t') return buildAutoFormerV2Tiny(options)
	return buildNetwork(name, options)
}

/** As in make_gradient_golden.py: smaller branches of transformers. */
export function goldenWeights(network: Network): Weights {
	const smaller = /(attn\.qkv|attn\.proj|mlp\.conv3|mlp\.fc2)\.weight$/
	return new Map(network.parameters.map(({ name, dims }) => [name, smaller.test(name) ? formulaTensor(name, dims).map((value) => value * 0.25) : formulaTensor(name, dims)]))
}

export interface GradientGraph {
	model: Model
	loss: string
	/** Trained parameters in the network's order. */
	trained: string[]
	gradients: Map<string, string>
	updates: Map<string, string>
	masks: DropoutMask[]
}

/** Cross-entropy of a batch with respect to every trained parameter. Inputs: the parameters, `input`, `target` [batch, classes] and the masks. */
export function gradientGraph(network: Network, batch: number, normalisation: Normalisation): GradientGraph {
	const build = createGraphBuilder()
	const bind = new Map(network.parameters.map(({ name, dims }) => [name, build.input(name, dims)]))
	bind.set('input', build.input('input', [batch, 3, network.inputSize, network.inputSize]))
	const target = build.input('target', [batch, network.classes])
	const { logits, updates, masks } = addTrainingForward(build, network, bind, { normalisation })
	const perImage = build.node('ReduceSum', [build.node('Mul', [target, build.node('LogSoftmax', [logits])]), build.integers([1])], { keepdims: 0 })
	const loss = build.node('Neg', [build.node('ReduceMean', [perImage], { keepdims: 0 })])
	const trained = network.parameters.filter(isTrainable).map(({ name }) => name)
	const gradients = differentiate(build, loss, trained)
	for (const name of [loss, ...gradients.values(), ...updates.values()]) build.output(name)
	return { model: build.model(), loss, trained, gradients, updates, masks }
}

/** One-hot: image i has the class i modulo their number. */
export function goldenTarget(batch: number, classes: number): Float32Array {
	return Float32Array.from({ length: batch * classes }, (_, index) => (index % classes === Math.floor(index / classes) % classes ? 1 : 0))
}

export interface GoldenStep {
	run(weights: Weights): Promise<InferenceSession.OnnxValueMapType>
	close(): Promise<void>
}

/** A step that can be run with any weights on the golden batch; nothing is dropped. */
export async function openStep(network: Network, batch: number, graph: GradientGraph): Promise<GoldenStep> {
	// The graph as it was made; what the runtime rewrites it to takes longer to find than the step takes, and is what whole runs use.
	const session = await openModel(graph.model, { intraOpNumThreads: 2, graphOptimizationLevel: 'disabled' })
	const feeds: Record<string, Tensor> = {
		input: new Tensor('float32', formulaImage(batch, network.inputSize), [batch, 3, network.inputSize, network.inputSize]),
		target: new Tensor('float32', goldenTarget(batch, network.classes), [batch, network.classes]),
	}
	for (const { name, dims } of graph.masks) feeds[name] = new Tensor('float32', new Float32Array(elementCount(dims)).fill(1), dims)
	return {
		run: (weights: Weights) => session.run({ ...feeds, ...Object.fromEntries(network.parameters.map(({ name, dims }) => [name, new Tensor('float32', weights.get(name) ?? new Float32Array(), dims)])) }),
		close: () => session.release(),
	}
}

export function dataOf(tensor: { data: unknown } | undefined): Float32Array {
	return (tensor?.data ?? new Float32Array()) as Float32Array
}

export interface GoldenCurve {
	name: string
	inputSize: number
	batch: number
	/** Learning rate. */
	rate: number
	losses: number[]
	/** How far PyTorch's own losses in float32 are from those in float64 at most. */
	drift: number
}

/** The losses of as many steps of plain SGD on one batch, with batch statistics. */
export async function followCurve({ name, inputSize, batch, rate, losses: { length } }: GoldenCurve): Promise<number[]> {
	const network = goldenNetwork(name, inputSize)
	const graph = gradientGraph(network, batch, 'batch')
	const weights = goldenWeights(network)
	const step = await openStep(network, batch, graph)
	const losses: number[] = []
	while (losses.length < length) {
		const results = await step.run(weights)
		losses.push(dataOf(results[graph.loss])[0] as number)
		for (const [parameter, gradient] of graph.gradients) {
			const slope = dataOf(results[gradient])
			const values = weights.get(parameter) as Float32Array
			for (let index = 0; index < values.length; index++) values[index] = (values[index] as number) - rate * (slope[index] as number)
		}
	}
	await step.close()
	return losses
}
