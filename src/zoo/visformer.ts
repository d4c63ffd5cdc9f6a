import type { Network } from '../onnx/network.ts'
import { startNetwork, type NetworkDraft } from './layers.ts'
import { addBranch, dropPathRates, expectWholePatches, TRUNCATED_NORMAL, type TransformerOptions } from './transformer.ts'

const TITLE = 'Visformer-S'
const HEADS = 6
const STEM_CHANNELS = 32
const SPATIAL_GROUPS = 8
/** A stage without attention has a grouped 3x3 convolution inside its MLP instead. */
const STAGES = [
	{ blocks: 7, channels: 192, patch: 4, attention: false },
	{ blocks: 4, channels: 384, patch: 2, attention: true },
	{ blocks: 4, channels: 768, patch: 2, attention: true },
] as const

/**
 * Visformer-S (Chen et al., 2021): names, initialisation and results of timm's `visformer_small`. Its position embeddings have the size of the image.
 * @param options dropPath: 0 unless said, as in the reference
 */
export function buildVisformerSmall(options: TransformerOptions): Network {
	expectWholePatches(TITLE, options.inputSize)
	const rates = dropPathRates(options.dropPath ?? 0, STAGES.reduce((sum, stage) => sum + stage.blocks, 0))
	const net = startNetwork(options)
	const { build } = net
	let side = options.inputSize / 2
	const positions = STAGES.map(({ channels, patch }, index) => {
		side /= patch
		return net.parameter(`pos_embed${index + 1}`, [1, channels, side, side], 'position', TRUNCATED_NORMAL)
	})
	let x = build.node('Relu', [net.batchNorm('stem.1', net.conv('stem.0', net.image, { channels: STEM_CHANNELS, kernel: 7, stride: 2, padding: 3 }))])
	const ends: [string, string][] = []
	for (const [index, { blocks, channels, patch, attention }] of STAGES.entries()) {
		const embedding = `patch_embed${index + 1}`
		const patches = net.batchNorm(`${embedding}.norm`, net.conv(`${embedding}.proj`, x, { channels, kernel: patch, stride: patch, bias: true }))
		x = build.node('Add', [patches, positions[index] as string])
		for (let block = 0; block < blocks; block++) {
			const name = `stage${index + 1}.${block}`
			const rate = rates.shift() as number
			if (attention) x = addBranch(net, `${name}.attn.sum`, x, addAttention(net, `${name}.attn`, net.batchNorm(`${name}.norm1`, x)), rate)
			x = addBranch(net, `${name}.mlp.sum`, x, addMlp(net, `${name}.mlp`, net.batchNorm(`${name}.norm2`, x), !attention), rate)
		}
		ends.push([`stage${index + 1}`, x])
	}
	const last = net.batchNorm('norm', x)
	build.node('Flatten', [build.node('GlobalAveragePool', [last])], { axis: 1 }, 'features')
	return net.finish({
		name: 'visformer-s',
		title: TITLE,
		head: { name: 'head', initialisation: TRUNCATED_NORMAL },
		camLayers: [['stage3', x], ['norm', last]],
		hintLayers: ends,
	})
}

/** Every place of [N, C, side, side] looks at every other: softmax(q k^T / sqrt(head)) v, projections without bias. */
function addAttention({ build, conv }: NetworkDraft, name: string, input: string): string {
	const [, channels = 0, side = 0] = build.dims(input)
	const head = channels / HEADS
	const [query = '', key = '', value = ''] = build
		.nodes('Split', [conv(`${name}.qkv`, input, { channels: 3 * channels, kernel: 1 })], { axis: 1, num_outputs: 3 }, 3)
		.map((part) => build.node('Reshape', [part, build.integers([-1, HEADS, head, side * side])]))
	const swapped = (tensor: string) => build.node('Transpose', [tensor], { perm: [0, 1, 3, 2] })
	const scores = build.node('Mul', [build.node('MatMul', [swapped(query), key]), build.scalar(head ** -0.5)])
	const mixed = build.node('MatMul', [build.node('Softmax', [scores], { axis: -1 }), swapped(value)])
	return conv(`${name}.proj`, build.node('Reshape', [swapped(mixed), build.integers([-1, channels, side, side])]), { channels, kernel: 1 })
}

function addMlp({ build, conv }: NetworkDraft, name: string, input: string, spatial: boolean): string {
	const [, channels = 0] = build.dims(input)
	const hidden = (spatial ? 2 : 4) * channels
	let x = build.node('Gelu', [conv(`${name}.conv1`, input, { channels: hidden, kernel: 1 })])
	if (spatial) x = build.node('Gelu', [conv(`${name}.conv2`, x, { channels: hidden, kernel: 3, padding: 1, groups: SPATIAL_GROUPS })])
	return conv(`${name}.conv3`, x, { channels, kernel: 1 })
}
