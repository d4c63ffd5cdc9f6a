import type { GraphBuilder } from '../../onnx/builder.ts'
import type { LayersDraft } from '../layers.ts'
import { firstBlock, fixedChannels, type Activation, type OfaBlock, type Width } from './encoding.ts'

function activate(build: GraphBuilder, activation: Activation, input: string): string {
	return build.node(activation === 'relu' ? 'Relu' : 'HardSwish', [input])
}

/** First convolution with the fixed block after it. */
export function addStem(net: LayersDraft, input: string, width: Width): string {
	const { stem } = fixedChannels(width)
	const x = net.conv('first_conv.conv', input, { channels: stem, kernel: 3, stride: 2, padding: 1 })
	return addBlock(net, 'blocks.0', activate(net.build, 'hardSwish', net.batchNorm('first_conv.bn', x)), firstBlock(width))
}

/** Expansion, depthwise convolution, squeeze-and-excitation, projection, and the sum with the input where the sizes allow it. */
export function addBlock(net: LayersDraft, name: string, input: string, block: OfaBlock): string {
	const { build, conv, batchNorm } = net
	const part = `${name}.mobile_inverted_conv`
	let x = input
	if (block.expand !== 1) {
		x = conv(`${part}.inverted_bottleneck.conv`, x, { channels: block.middle, kernel: 1 })
		x = activate(build, block.activation, batchNorm(`${part}.inverted_bottleneck.bn`, x))
	}
	x = conv(`${part}.depth_conv.conv`, x, { channels: block.middle, kernel: block.kernel, stride: block.stride, padding: (block.kernel - 1) / 2, groups: block.middle })
	x = activate(build, block.activation, batchNorm(`${part}.depth_conv.bn`, x))
	if (block.squeeze !== null) {
		const squeezed = conv(`${part}.depth_conv.se.fc.reduce`, build.node('GlobalAveragePool', [x]), { channels: block.squeeze, kernel: 1, bias: true })
		const excited = conv(`${part}.depth_conv.se.fc.expand`, build.node('Relu', [squeezed]), { channels: block.middle, kernel: 1, bias: true })
		// relu6(x + 3) / 6
		x = build.node('Mul', [x, build.node('HardSigmoid', [excited], { alpha: 1 / 6, beta: 0.5 })])
	}
	x = conv(`${part}.point_linear.conv`, x, { channels: block.channels, kernel: 1 })
	x = batchNorm(`${part}.point_linear.bn`, x)
	return block.stride === 1 && block.inputs === block.channels ? build.node('Add', [x, input], {}, name) : x
}

/** Last expansion, pooling and mixing of the features; the vector is the tensor `features`. */
export function addTail(net: LayersDraft, input: string, width: Width): { finalExpand: string } {
	const { build, conv, batchNorm } = net
	const { finalExpand, features } = fixedChannels(width)
	const wide = batchNorm('final_expand_layer.bn', conv('final_expand_layer.conv', input, { channels: finalExpand, kernel: 1 }))
	const expanded = build.node('HardSwish', [wide], {}, 'final_expand_layer')
	const mixed = activate(build, 'hardSwish', conv('feature_mix_layer.conv', build.node('GlobalAveragePool', [expanded]), { channels: features, kernel: 1 }))
	build.node('Flatten', [mixed], { axis: 1 }, 'features')
	return { finalExpand: expanded }
}
