import type { Network } from '../../onnx/network.ts'
import { startNetwork, uniformByFanIn, type NetworkOptions } from '../layers.ts'
import { addBlock, addStem, addTail } from './blocks.ts'
import { blocksOf, fixedChannels, type OfaEncoding } from './encoding.ts'

interface OfaOptions extends NetworkOptions {
	name: string
	title: string
	/** Rate of the dropout before the classifier. */
	dropout: number
}

/**
 * An OFA-MobileNetV3 sub-network with the names of the reference's published state dicts (mit-han-lab/once-for-all, jitdee-ai/darmo) and its initialisation he_fout.
 * The encoding's own image size is not looked at.
 * @throws Error when the encoding is not one of the search space.
 */
export function buildOfaNetwork(encoding: OfaEncoding, options: OfaOptions): Network {
	const stages = blocksOf(encoding)
	const net = startNetwork(options)
	let x = addStem(net, net.image, encoding.width)
	let index = 1
	const ends: [string, string][] = []
	for (const [stage, blocks] of stages.entries()) {
		for (const block of blocks) x = addBlock(net, `blocks.${index++}`, x, block)
		ends.push([`stage${stage + 1}`, x])
	}
	const { finalExpand } = addTail(net, x, encoding.width)
	return net.finish({
		name: options.name,
		title: options.title,
		head: { name: 'classifier.linear', dropout: options.dropout, initialisation: uniformByFanIn(fixedChannels(encoding.width).features) },
		camLayers: [['final_expand', finalExpand], ['last_block', x]],
		hintLayers: ends,
	})
}
