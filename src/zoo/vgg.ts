import type { GraphBuilder } from '../onnx/builder.ts'
import type { Network } from '../onnx/network.ts'
import { startNetwork, type NetworkOptions } from './layers.ts'

/** Configuration E of Simonyan and Zisserman (2014): channels of the 3x3 convolutions of each stage; a stage ends with a pooling by two. */
const STAGES = [[64, 64], [128, 128], [256, 256, 256, 256], [512, 512, 512, 512], [512, 512, 512, 512]] as const
/** Side of the map that the classifier reads. */
const POOLED = 7
const HIDDEN = 4096

/** VGG19 without batch normalisation, as torchvision's vgg19: names, initialisation, dropout 0.5. Any size from 32 on. */
export function buildVgg19(options: NetworkOptions): Network {
	if (options.inputSize < 32) throw new Error(`VGG19 takes images of at least 32 pixels, not ${options.inputSize}.`)
	const net = startNetwork(options)
	const { build } = net
	let x = net.image
	let index = 0
	let lastActivation = x
	const ends: [string, string][] = []
	for (const [stage, channels] of STAGES.entries()) {
		for (const width of channels) {
			x = build.node('Relu', [net.conv(`features.${index}`, x, { channels: width, kernel: 3, padding: 1, bias: true })], {}, `features.${index + 1}`)
			index += 2
		}
		lastActivation = x
		x = build.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] }, `features.${index}`)
		ends.push([`stage${stage + 1}`, x])
		index++
	}
	const lastPool = x
	x = build.node('Flatten', [adaptiveAveragePool(build, x, POOLED)], { axis: 1 })
	for (const layer of [0, 3]) {
		const as = layer === 3 ? 'features' : undefined
		const hidden = net.linear(`classifier.${layer}`, x, HIDDEN, { initialisation: { kind: 'normal', deviation: 0.01 } })
		x = build.node('Relu', [hidden], {}, as)
		// The dropout after the last hidden layer belongs to the head.
		if (layer === 0) x = build.node('Dropout', [x, build.scalar(0.5)], {}, 'classifier.2')
	}
	return net.finish({
		name: 'vgg19',
		title: 'VGG19',
		head: { name: 'classifier.6', dropout: 0.5, initialisation: { kind: 'normal', deviation: 0.01 } },
		camLayers: [['features.35', lastActivation], ['features.36', lastPool]],
		hintLayers: ends,
	})
}

/** torch's adaptive_avg_pool2d to side x side: along each axis a matrix of means, nothing where the map has that size already. */
function adaptiveAveragePool(build: GraphBuilder, input: string, side: number): string {
	const [, , height = 0, width = 0] = build.dims(input)
	if (height === side && width === side) return input
	const rows = build.floats(poolingMatrix(height, side), [side, height])
	const columns = build.node('Transpose', [build.floats(poolingMatrix(width, side), [side, width])], { perm: [1, 0] })
	return build.node('MatMul', [build.node('MatMul', [rows, input]), columns])
}

/** [bins, length] in row-major order; bin b is the mean of floor(b * length / bins) to ceil((b + 1) * length / bins). */
function poolingMatrix(length: number, bins: number): number[] {
	return Array.from({ length: bins }, (_, bin) => {
		const start = Math.floor((bin * length) / bins)
		const end = Math.ceil(((bin + 1) * length) / bins)
		return Array.from({ length }, (__, place) => (place >= start && place < end ? 1 / (end - start) : 0))
	}).flat()
}
