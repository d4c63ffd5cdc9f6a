import type { Network } from '../onnx/network.ts'
import { startNetwork, type NetworkDraft, type NetworkOptions } from './layers.ts'

/** Table 2 of Sandler et al. 2018 (arXiv:1801.04381): expansion, channels, blocks and stride of the first of them. */
const STAGES = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] as const
const STEM = 32
const FEATURES = 1280
/** Keras takes this where torchvision has 1e-5; the weights that are published for it are small enough for that to matter. */
const EPSILON = 1e-3

/**
 * MobileNetV2 1.0 with torchvision's names and the arithmetic of Keras Applications, whose weights are free: where the stride is 2 zeros stand on the right and
 * at the bottom alone. Sides are multiples of 32, where that is the same as its padding.
 * @throws Error when the side is no multiple of 32.
 */
export function buildMobileNetV2(options: NetworkOptions): Network {
	if (options.inputSize % 32 !== 0) throw new Error(`MobileNetV2 takes images whose side is a multiple of 32 pixels, not ${options.inputSize}.`)
	const net = startNetwork(options)
	const { build } = net
	let x = activated(net, 'features.0', net.image, { channels: STEM, kernel: 3, stride: 2 })
	let inputs: number = STEM
	let index = 1
	const ends: [string, string][] = []
	for (const [stage, [expand, channels, blocks, stride]] of STAGES.entries()) {
		for (let block = 0; block < blocks; block++) {
			x = addBlock(net, `features.${index++}`, x, { inputs, expand, channels, stride: block === 0 ? stride : 1 })
			inputs = channels
		}
		ends.push([`stage${stage + 1}`, x])
	}
	const lastBlock = x
	x = activated(net, `features.${index}`, x, { channels: FEATURES, kernel: 1, stride: 1 })
	build.node('Flatten', [build.node('GlobalAveragePool', [x])], { axis: 1 }, 'features')
	return net.finish({
		name: 'mobilenetv2',
		title: 'MobileNetV2',
		head: { name: 'classifier.1', dropout: 0.2, initialisation: { kind: 'normal', deviation: 0.01 } },
		camLayers: [[`features.${index}`, x], ['last_block', lastBlock]],
		hintLayers: ends,
	})
}

interface ConvShape {
	channels: number
	kernel: number
	stride: number
	groups?: number
}

/** Convolution, normalisation, ReLU up to 6: `name.0` and `name.1`. */
function activated(net: NetworkDraft, name: string, input: string, shape: ConvShape): string {
	const { build } = net
	const normalised = net.batchNorm(`${name}.1`, convolution(net, `${name}.0`, input, shape), EPSILON)
	return build.node('Clip', [normalised, build.scalar(0), build.scalar(6)], {}, `${name}.2`)
}

function convolution({ conv }: NetworkDraft, name: string, input: string, { channels, kernel, stride, groups = 1 }: ConvShape): string {
	return conv(name, input, { channels, kernel, stride, groups, padding: stride === 2 ? [0, 1] : (kernel - 1) / 2 })
}

/** Expansion, depthwise convolution, projection without an activation, and the sum with the input where the sizes allow it. */
function addBlock(net: NetworkDraft, name: string, input: string, { inputs, expand, channels, stride }: { inputs: number; expand: number; channels: number; stride: number }): string {
	const middle = inputs * expand
	const expanded = expand === 1 ? input : activated(net, `${name}.conv.0`, input, { channels: middle, kernel: 1, stride: 1 })
	const at = expand === 1 ? 0 : 1
	const filtered = activated(net, `${name}.conv.${at}`, expanded, { channels: middle, kernel: 3, stride, groups: middle })
	const projected = net.batchNorm(`${name}.conv.${at + 2}`, convolution(net, `${name}.conv.${at + 1}`, filtered, { channels, kernel: 1, stride: 1 }), EPSILON)
	return stride === 1 && inputs === channels ? net.build.node('Add', [projected, input], {}, name) : projected
}
