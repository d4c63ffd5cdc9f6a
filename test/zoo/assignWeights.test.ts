import { describe, expect, it } from 'vitest'
import type { Network } from '../../src/onnx/network.ts'
import { assignWeights } from '../../src/zoo/assignWeights.ts'
import { initialWeights } from '../../src/zoo/initialise.ts'
import type { NamedTensor } from '../../src/zoo/namedTensor.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'

type Change = (name: string, dims: readonly number[]) => [name: string, dims: readonly number[]] | null

const SIZES: Record<string, number> = { vgg19: 32, 'visformer-s': 224, 'autoformerv2-t': 224 }
const networks = new Map<string, Network>()

function networkOf(name: string): Network {
	const existing = networks.get(name)
	if (existing) return existing
	const built = buildNetwork(name, { classes: 3, inputSize: SIZES[name] ?? 64 })
	// Only the parameters' names and sizes matter here: of large linear layers eight rows are enough.
	const network = { ...built, parameters: built.parameters.map((one) => ({ ...one, dims: one.dims[0] === 4096 ? [8, ...one.dims.slice(1)] : one.dims })) }
	networks.set(name, network)
	return network
}

/** A file as another implementation would write it; each value tells the parameter. */
function fileOf(network: Network, change: Change = (name, dims) => [name, dims]): Map<string, NamedTensor> {
	const tensors = new Map<string, NamedTensor>()
	for (const [index, { name, dims }] of network.parameters.entries()) {
		const changed = change(name, dims)
		if (!changed) continue
		const count = changed[1].reduce((all, size) => all * size, 1)
		tensors.set(changed[0], { dims: changed[1], values: () => new Float32Array(count).fill(index) })
	}
	return tensors
}

function expectAllTaken(name: string, change: Change, extra: readonly string[] = []): void {
	const network = networkOf(name)
	const file = fileOf(network, change)
	for (const one of extra) file.set(one, { dims: [], values: () => new Float32Array(1) })
	const { weights, head } = assignWeights(network, file, 1)
	expect(head).toBe('taken')
	for (const [index, parameter] of network.parameters.entries()) {
		expect(weights.get(parameter.name)?.[0], parameter.name).toBe(index)
		expect(weights.get(parameter.name)?.length).toBe(parameter.dims.reduce((all, size) => all * size, 1))
	}
}

describe('names of other implementations', () => {
	it('the reference itself, wrapped by DataParallel, with counters', () => {
		expectAllTaken('ofa-595', (name, dims) => [`module.${name}`, dims], ['module.first_conv.bn.num_batches_tracked'])
	})
	it('once-for-all since the renaming', () => {
		expectAllTaken('ofa-595', (name, dims) => [name.replace('mobile_inverted_conv', 'conv'), dims])
	})
	it("darmo with a head of reset_classifier's", () => {
		expectAllTaken('eeea-net-c2', (name, dims) => [name.replace('classifier.linear', 'classifier'), dims])
	})
	it("torchvision's published DenseNet", () => {
		expectAllTaken('densenet121', (name, dims) => [name.replace(/(denselayer\d+\.(?:norm|conv))([12])/, '$1.$2'), dims])
	})
	it("timm's VGG19", () => {
		const names = new Map([['classifier.0', 'pre_logits.fc1'], ['classifier.3', 'pre_logits.fc2'], ['classifier.6', 'head.fc']])
		expectAllTaken('vgg19', (name, dims) => {
			const [, layer = '', kind = ''] = /^(classifier\.\d)\.(\w+)$/.exec(name) ?? []
			const renamed = names.get(layer)
			if (!renamed) return [name, dims]
			const [out = 1, inputs = 1] = dims
			if (kind === 'weight' && layer === 'classifier.0') return [`${renamed}.weight`, [out, 512, 7, 7]]
			if (kind === 'weight' && layer === 'classifier.3') return [`${renamed}.weight`, [out, inputs, 1, 1]]
			return [`${renamed}.${kind}`, dims]
		})
	})
	it('the original Visformer', () => {
		expectAllTaken('visformer-s', (name, dims) => [name.replace(/^(stem\.1|(?:.*\.)?norm[12]?)\.(\w+)$/, '$1.bn.$2'), dims])
	})
	it('the original AutoFormerV2', () => {
		expectAllTaken('autoformerv2-t', (name, dims) => [
			name.replace(/^layers\.(\d)\.downsample/, (_, stage: string) => `layers.${Number(stage) - 1}.downsample`).replace('head.fc.', 'head.'), dims,
		], ['layers.0.blocks.1.attn_mask', 'layers.0.blocks.0.attn.relative_position_index'])
	})
})

describe('what does not fit', () => {
	const network = networkOf('eeea-net-c2')
	const { head } = network

	it('a head for other classes is initialised anew, by the seed', () => {
		const file = fileOf(network, (name, [first = 1, ...rest]) => [name, [name.startsWith('classifier') ? 1000 : first, ...rest]])
		const assigned = assignWeights(network, file, 7)
		expect(assigned.head).toBe('new')
		expect(assigned.weights.get(head.weight)).toEqual(initialWeights(network, 7).get(head.weight))
		expect(assigned.weights.get(head.bias)).toEqual(new Float32Array(3))
		expect(assigned.weights.get('first_conv.conv.weight')?.[5]).toBe(0)
	})
	it('so is a missing one', () => {
		expect(assignWeights(network, fileOf(network, (name, dims) => (name.startsWith('classifier') ? null : [name, dims])), 7).head).toBe('new')
	})
	it('missing parameters are named', () => {
		const file = fileOf(network, (name, dims) => (name.startsWith('blocks.3.') ? null : [name, dims]))
		expect(() => assignWeights(network, file, 1)).toThrow(/^The file lacks "blocks\.3\..*", "blocks\.3\..*", "blocks\.3\..*" and 12 more of EEEA-Net-C2\.$/)
	})
	it('so are those that are left over', () => {
		const file = fileOf(network)
		file.set('blocks.40.weight', { dims: [1], values: () => new Float32Array(1) })
		expect(() => assignWeights(network, file, 1)).toThrow('EEEA-Net-C2 has no parameter for "blocks.40.weight" of the file.')
	})
	it('and those of another size', () => {
		const file = fileOf(network, (name, dims) => [name, name === 'blocks.2.mobile_inverted_conv.depth_conv.conv.weight' ? [96, 1, 3, 3] : dims])
		expect(() => assignWeights(network, file, 1)).toThrow('"blocks.2.mobile_inverted_conv.depth_conv.conv.weight" of EEEA-Net-C2 is [96, 1, 5, 5], but [96, 1, 3, 3] in the file.')
	})
	it('a head that reads other features is an error, not a new head', () => {
		const file = fileOf(network, (name, dims) => [name, name === head.weight ? [1000, 512] : dims])
		expect(() => assignWeights(network, file, 1)).toThrow('"classifier.linear.weight" of EEEA-Net-C2 is [3, 1280], but [1000, 512] in the file.')
	})
	it('two names for one parameter', () => {
		const file = fileOf(network)
		file.set('module.first_conv.bn.weight', { dims: [16], values: () => new Float32Array(16) })
		expect(() => assignWeights(network, file, 1)).toThrow('two tensors for "first_conv.bn.weight"')
	})
	it('values that are no numbers', () => {
		const file = fileOf(network)
		file.set('first_conv.bn.weight', { dims: [16], values: () => new Float32Array(16).fill(Number.NaN) })
		expect(() => assignWeights(network, file, 1)).toThrow('"first_conv.bn.weight" of the file holds values that are not finite numbers.')
	})
})
