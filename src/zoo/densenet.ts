import type { Network } from '../onnx/network.ts'
import { startNetwork, uniformByFanIn, type NetworkDraft, type NetworkOptions } from './layers.ts'

/** A DenseNet-BC of Huang et al. (2017). */
interface DenseNetShape {
	name: string
	title: string
	/** Channels that each layer adds. */
	growth: number
	/** Layers of each block. */
	layers: readonly number[]
	/** Channels of the first convolution. */
	stem: number
}

/** A layer first narrows its input to this many times the growth. */
const BOTTLENECK = 4
const KAIMING = { kind: 'kaimingNormal', fan: 'in' } as const

export function buildDenseNet121(options: NetworkOptions): Network {
	return buildDenseNet({ name: 'densenet121', title: 'DenseNet121', growth: 32, layers: [6, 12, 24, 16], stem: 64 }, options)
}

export function buildDenseNet161(options: NetworkOptions): Network {
	return buildDenseNet({ name: 'densenet161', title: 'DenseNet161', growth: 48, layers: [6, 12, 36, 24], stem: 96 }, options)
}

/** Names and initialisation as torchvision's, without its optional dropout. Any size from 32 on. */
function buildDenseNet(shape: DenseNetShape, options: NetworkOptions): Network {
	if (options.inputSize < 32) throw new Error(`${shape.title} takes images of at least 32 pixels, not ${options.inputSize}.`)
	const net = startNetwork(options)
	const { build } = net
	let x = net.conv('features.conv0', net.image, { channels: shape.stem, kernel: 7, stride: 2, padding: 3, initialisation: KAIMING })
	x = build.node('Relu', [net.batchNorm('features.norm0', x)])
	x = build.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, 'features.pool0')
	const ends: [string, string][] = []
	for (const [index, layers] of shape.layers.entries()) {
		const name = `denseblock${index + 1}`
		for (let layer = 1; layer <= layers; layer++) {
			const added = denseLayer(net, `features.${name}.denselayer${layer}`, x, shape.growth)
			x = build.node('Concat', [x, added], { axis: 1 }, layer === layers ? `features.${name}` : undefined)
		}
		ends.push([name, x])
		if (index < shape.layers.length - 1) x = transition(net, `features.transition${index + 1}`, x)
	}
	const last = build.node('Relu', [net.batchNorm('features.norm5', x)], {}, 'features.norm5.relu')
	build.node('Flatten', [build.node('GlobalAveragePool', [last])], { axis: 1 }, 'features')
	return net.finish({
		name: shape.name,
		title: shape.title,
		head: { name: 'classifier', initialisation: uniformByFanIn(build.dims('features')[1] ?? 1) },
		camLayers: [['norm5', last], ['denseblock4', x]],
		hintLayers: ends,
	})
}

function denseLayer({ build, batchNorm, conv }: NetworkDraft, name: string, input: string, growth: number): string {
	const wide = build.node('Relu', [batchNorm(`${name}.norm1`, input)])
	const narrow = conv(`${name}.conv1`, wide, { channels: BOTTLENECK * growth, kernel: 1, initialisation: KAIMING })
	return conv(`${name}.conv2`, build.node('Relu', [batchNorm(`${name}.norm2`, narrow)]), { channels: growth, kernel: 3, padding: 1, initialisation: KAIMING })
}

function transition({ build, batchNorm, conv }: NetworkDraft, name: string, input: string): string {
	const channels = (build.dims(input)[1] ?? 0) / 2
	const half = conv(`${name}.conv`, build.node('Relu', [batchNorm(`${name}.norm`, input)]), { channels, kernel: 1, initialisation: KAIMING })
	return build.node('AveragePool', [half], { kernel_shape: [2, 2], strides: [2, 2] }, `${name}.pool`)
}
