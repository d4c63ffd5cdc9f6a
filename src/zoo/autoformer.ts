import type { Network } from '../onnx/network.ts'
import { startNetwork, uniformByFanIn, type NetworkDraft } from './layers.ts'
import { addBranch, dropPathRates, expectWholePatches, TRUNCATED_NORMAL, type TransformerOptions } from './transformer.ts'
import { attentionMask, planWindows, relativePositions, type Windows } from './windows.ts'

const TITLE = 'AutoFormerV2-T'
const HEAD_CHANNELS = 32
const PATCH = 4
const STAGES = [
	{ blocks: 2, channels: 96, window: 7 },
	{ blocks: 2, channels: 192, window: 7 },
	{ blocks: 6, channels: 384, window: 14 },
	{ blocks: 2, channels: 768, window: 7 },
] as const

/**
 * AutoFormerV2-T, also called S3-T (Chen et al., 2021): names, initialisation and results of timm's `swin_s3_tiny_224`, a Swin transformer with searched
 * windows. Between the nodes the tokens are [N, side, side, C]. A window that is larger than its stage's map is as large as the map, so the sizes of the position tables follow from the image's.
 * @param options dropPath: 0.1 unless said, as in the reference
 */
export function buildAutoFormerV2Tiny(options: TransformerOptions): Network {
	expectWholePatches(TITLE, options.inputSize)
	const rates = dropPathRates(options.dropPath ?? 0.1, STAGES.reduce((sum, stage) => sum + stage.blocks, 0))
	const net = startNetwork(options)
	const { build } = net
	let x = embedPatches(net, STAGES[0].channels)
	let firstNorm = ''
	const ends: [string, string][] = []
	for (const [index, { blocks, channels, window }] of STAGES.entries()) {
		if (index > 0) x = mergePatches(net, `layers.${index}.downsample`, x, channels)
		const [, side = 0] = build.dims(x)
		const windows = [planWindows(side, window, false), planWindows(side, window, true)] as const
		const positions = build.integers(relativePositions(windows[0].side))
		for (let block = 0; block < blocks; block++) {
			const name = `layers.${index}.blocks.${block}`
			const rate = rates.shift() as number
			firstNorm = net.layerNorm(`${name}.norm1`, x)
			x = addBranch(net, `${name}.attn.sum`, x, addAttention(net, `${name}.attn`, firstNorm, windows[block % 2 === 0 ? 0 : 1], positions), rate)
			x = addBranch(net, `${name}.mlp.sum`, x, addMlp(net, `${name}.mlp`, net.layerNorm(`${name}.norm2`, x)), rate)
		}
		ends.push([`layers.${index}`, asMap(net, `layers.${index}.map`, x)])
	}
	const last = asMap(net, 'norm.map', net.layerNorm('norm', x))
	build.node('Flatten', [build.node('GlobalAveragePool', [last])], { axis: 1 }, 'features')
	return net.finish({
		name: 'autoformerv2-t',
		title: TITLE,
		head: { name: 'head.fc', initialisation: TRUNCATED_NORMAL },
		camLayers: [['norm', last], ['norm1', asMap(net, 'norm1.map', firstNorm)]],
		hintLayers: ends,
	})
}

/** Channels first, as maps are shown and compared. */
function asMap({ build }: NetworkDraft, name: string, tokens: string): string {
	return build.node('Transpose', [tokens], { perm: [0, 3, 1, 2] }, name)
}

/** The convolution keeps torch's default initialisation, of the bias too. */
function embedPatches({ build, image, parameter, layerNorm }: NetworkDraft, channels: number): string {
	const initialisation = uniformByFanIn(3 * PATCH ** 2)
	const operands = [image, parameter('patch_embed.proj.weight', [channels, 3, PATCH, PATCH], 'weight', initialisation), parameter('patch_embed.proj.bias', [channels], 'bias', initialisation)]
	const patches = build.node('Conv', operands, { kernel_shape: [PATCH, PATCH], strides: [PATCH, PATCH], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 }, 'patch_embed.proj')
	return layerNorm('patch_embed.norm', build.node('Transpose', [patches], { perm: [0, 2, 3, 1] }))
}

/** Four neighbours become one token: column by column, in each the upper first. */
function mergePatches({ build, layerNorm, linear }: NetworkDraft, name: string, input: string, channels: number): string {
	const [, side = 0, , inputs = 0] = build.dims(input)
	const half = side / 2
	const pairs = build.node('Reshape', [input, build.integers([-1, half, 2, half, 2, inputs])])
	const merged = build.node('Reshape', [build.node('Transpose', [pairs], { perm: [0, 1, 3, 4, 2, 5] }), build.integers([-1, half, half, 4 * inputs])])
	return linear(`${name}.reduction`, layerNorm(`${name}.norm`, merged), channels, { initialisation: TRUNCATED_NORMAL, bias: false })
}

function addMlp({ build, linear }: NetworkDraft, name: string, input: string): string {
	const channels = build.dims(input).at(-1) ?? 0
	const hidden = build.node('Gelu', [linear(`${name}.fc1`, input, 4 * channels, { initialisation: TRUNCATED_NORMAL })])
	return linear(`${name}.fc2`, hidden, channels, { initialisation: TRUNCATED_NORMAL })
}

/** Turns the map by so many rows and columns: what leaves on one side comes in on the other. */
function roll({ build }: NetworkDraft, input: string, shift: number): string {
	return [1, 2].reduce((tensor, axis) => {
		const cut = (from: number, to: number) => build.node('Slice', [tensor, build.integers([from]), build.integers([to]), build.integers([axis])])
		const side = build.dims(tensor)[axis] ?? 0
		const start = (shift + side) % side
		return build.node('Concat', [cut(start, side), cut(0, start)], { axis })
	}, input)
}

/** [N, side, side, C] to [N * windows, places, C]. */
function partition({ build }: NetworkDraft, input: string, windows: Windows): string {
	const channels = build.dims(input).at(-1) ?? 0
	const flat = build.integers([-1, windows.side ** 2, channels])
	if (windows.perSide === 1) return build.node('Reshape', [input, flat])
	const cut = build.node('Reshape', [input, build.integers([-1, windows.perSide, windows.side, windows.perSide, windows.side, channels])])
	return build.node('Reshape', [build.node('Transpose', [cut], { perm: [0, 1, 3, 2, 4, 5] }), flat])
}

/** The way back: [N * windows, places, C] to [N, side, side, C]. */
function join({ build }: NetworkDraft, input: string, windows: Windows): string {
	const channels = build.dims(input).at(-1) ?? 0
	const whole = build.integers([-1, windows.padded, windows.padded, channels])
	if (windows.perSide === 1) return build.node('Reshape', [input, whole])
	const cut = build.node('Reshape', [input, build.integers([-1, windows.perSide, windows.perSide, windows.side, windows.side, channels])])
	return build.node('Reshape', [build.node('Transpose', [cut], { perm: [0, 1, 3, 2, 4, 5] }), whole])
}

/** Attention within windows: softmax(q k^T / sqrt(head) + bias by relative position) v; in shifted windows places that are no neighbours do not see each other. */
function addAttention(net: NetworkDraft, name: string, input: string, windows: Windows, positions: string): string {
	const { build } = net
	const [, side = 0, , channels = 0] = build.dims(input)
	const heads = channels / HEAD_CHANNELS
	const places = windows.side ** 2

	const table = net.parameter(`${name}.relative_position_bias_table`, [(2 * windows.side - 1) ** 2, heads], 'position', TRUNCATED_NORMAL)
	const perPair = build.node('Transpose', [build.node('Gather', [table, positions], { axis: 0 })], { perm: [1, 0] })
	let bias = build.node('Reshape', [perPair, build.integers([heads, places, places])])
	if (windows.shift > 0) bias = build.node('Add', [bias, build.floats(attentionMask(windows), [windows.perSide ** 2, 1, places, places])])

	let x = windows.shift > 0 ? roll(net, input, windows.shift) : input
	const padding = windows.padded - side
	if (padding > 0) x = build.node('Pad', [x, build.integers([0, 0, 0, 0, 0, padding, padding, 0])])
	x = partition(net, x, windows)
	const [query = '', key = '', value = ''] = build
		.nodes('Split', [net.linear(`${name}.qkv`, x, 3 * channels, { initialisation: TRUNCATED_NORMAL })], { axis: 2, num_outputs: 3 }, 3)
		.map((part) => build.node('Reshape', [part, build.integers([-1, places, heads, HEAD_CHANNELS])]))
	const byHead = (tensor: string, perm: readonly number[]) => build.node('Transpose', [tensor], { perm })
	const scaled = build.node('Mul', [byHead(query, [0, 2, 1, 3]), build.scalar(HEAD_CHANNELS ** -0.5)])
	let scores = build.node('MatMul', [scaled, byHead(key, [0, 2, 3, 1])])
	if (windows.shift > 0) scores = build.node('Reshape', [scores, build.integers([-1, windows.perSide ** 2, heads, places, places])])
	let weights = build.node('Softmax', [build.node('Add', [scores, bias])], { axis: -1 })
	if (windows.shift > 0) weights = build.node('Reshape', [weights, build.integers([-1, heads, places, places])])
	const mixed = byHead(build.node('MatMul', [weights, byHead(value, [0, 2, 1, 3])]), [0, 2, 1, 3])
	x = net.linear(`${name}.proj`, build.node('Reshape', [mixed, build.integers([-1, places, channels])]), channels, { initialisation: TRUNCATED_NORMAL })

	x = join(net, x, windows)
	if (padding > 0) x = build.node('Slice', [x, build.integers([0, 0]), build.integers([side, side]), build.integers([1, 2])])
	return windows.shift > 0 ? roll(net, x, -windows.shift) : x
}
