import type { Attributes } from '../builder.ts'
import { elementCount } from '../tensor.ts'
import { addVectors, isOne, multiplyVectors, ONE, productKey, type Affine, type Product, type Vector } from './affine.ts'
import { DOMAIN, paddedChannels, type Lowering } from './lowering.ts'
import { smallness } from './plan.ts'

/** Node with one output of the domain of blocked operators. */
export function blockedNode({ build }: Lowering, opType: string, inputs: readonly string[], attributes: Attributes): string {
	return build.nodes(opType, inputs, attributes, 1, DOMAIN)[0] ?? ''
}

export function reshape({ build }: Lowering, name: string, dims: readonly number[]): string {
	return build.dims(name).join() === dims.join() ? name : build.node('Reshape', [name, build.integers(dims)])
}

/** Zeros behind the last element of the axes, up to the sizes. */
export function padTo({ build }: Lowering, name: string, dims: readonly number[]): string {
	const missing = dims.map((size, axis) => size - (build.dims(name)[axis] ?? 0))
	return missing.every((size) => size === 0) ? name : build.node('Pad', [name, build.integers([...dims.map(() => 0), ...missing])])
}

/** [N, C, height, width] of a blocked tensor. */
function sizesOf({ build }: Lowering, tensor: string): { batch: number; channels: number; height: number; width: number } {
	const [batch = 1, channels = 1, height = 1, width = 1] = build.dims(tensor)
	return { batch, channels, height, width }
}

/** A standard tensor of values per channel, per image and channel, or one alone, as [1 or N, channels] with zeros for the channels that fill the blocks. */
function smallValue(lowering: Lowering, name: string, channels: number): string {
	return lowering.once(`small ${channels} ${name}`, () => {
		const { build } = lowering
		const value = lowering.standard(name)
		const dims = build.dims(value)
		if (elementCount(dims) === 1) return build.node('Expand', [reshape(lowering, value, [1, 1]), build.integers([1, channels])])
		const [images, own] = dims.length === 4 ? [dims[0] ?? 1, dims[1] ?? 1] : [1, elementCount(dims)]
		const matrix = reshape(lowering, value, [images, own])
		return own === 1 ? build.node('Expand', [matrix, build.integers([images, channels])]) : padTo(lowering, matrix, [images, channels])
	})
}

/** [1 or N, channels]. */
export function productValue(lowering: Lowering, product: Product, channels: number): string {
	const { build } = lowering
	const tensors = product.tensors.toSorted()
	if (tensors.length === 0) return build.floats(Array.from({ length: channels }, () => product.constant), [1, channels])
	return lowering.once(`product ${channels} ${product.constant} ${productKey(product)}`, () => {
		let value = ''
		let key = `factors ${channels}`
		for (const name of tensors) {
			const next = smallValue(lowering, name, channels)
			const soFar = value
			key += `\n${name}`
			value = soFar === '' ? next : lowering.once(key, () => build.node('Mul', [soFar, next]))
		}
		return product.constant === 1 ? value : build.node('Mul', [value, build.scalar(product.constant)])
	})
}

/** [1 or N, channels]; null for zero. */
function vectorValue(lowering: Lowering, vector: Vector, channels: number): string | null {
	const [first, ...others] = vector.map((product) => productValue(lowering, product, channels))
	return first === undefined ? null : others.reduce((sum, value) => lowering.once(`sum ${sum} ${value}`, () => lowering.build.node('Add', [sum, value])), first)
}

export interface Activation {
	activation: string
	parameters: readonly number[]
}

export function activationAttributes(activation: Activation | null): Attributes {
	if (!activation) return {}
	return { activation: activation.activation, ...(activation.parameters.length > 0 ? { activation_params: activation.parameters } : {}) }
}

/** activation(tensor * factor + offset + addend) in one pass: a blocked depthwise convolution of one pixel. */
function affinePass(lowering: Lowering, tensor: string, factor: Vector, offset: Vector, addend: string | null, activation: Activation | null): string {
	const { build } = lowering
	const { batch, channels, height, width } = sizesOf(lowering, tensor)
	const weight = vectorValue(lowering, factor, channels) ?? ''
	const bias = vectorValue(lowering, offset, channels)
	const perImage = [weight, bias].some((value) => value !== null && (build.dims(value)[0] ?? 1) > 1)
	const rows = perImage ? batch : 1
	const flat = (value: string, dims: readonly number[]) => reshape(lowering, perImage && build.dims(value)[0] === 1 ? build.node('Expand', [value, build.integers([rows, channels])]) : value, dims)
	const view = (value: string) => reshape(lowering, value, [batch / rows, rows * channels, height, width])
	const inputs = [view(tensor), flat(weight, [rows * channels, 1, 1, 1]), ...(bias === null ? (addend ? [''] : []) : [flat(bias, [rows * channels])]), ...(addend ? [view(addend)] : [])]
	const result = blockedNode(lowering, 'Conv', inputs, { group: rows * channels, kernel_shape: [1, 1], ...activationAttributes(activation) })
	return reshape(lowering, result, [batch, channels, height, width])
}

/** A blocked tensor of values that are the same at all places. */
function constantPlane(lowering: Lowering, offset: Vector, dims: readonly number[]): string {
	const { build, plan } = lowering
	const [batch = 1, channels = 1, height = 1, width = 1] = dims
	const value = vectorValue(lowering, offset, channels) ?? build.floats(Array.from({ length: channels }, () => 0), [1, channels])
	const rows = build.dims(value)[0] ?? 1
	const seen = reshape(lowering, value, [rows, channels / plan.block, 1, plan.block])
	return reshape(lowering, build.node('Expand', [seen, build.integers([batch, channels / plan.block, height * width, plan.block])]), dims)
}

/** Makes the sum; the tensor itself where there is nothing to do. @param dims of the blocked result. */
export function materialise(lowering: Lowering, { terms, offset }: Affine, dims: readonly number[], activation: Activation | null = null): string {
	const entries = [...terms]
	if (entries.length === 0) {
		const plane = constantPlane(lowering, offset, dims)
		return activation ? affinePass(lowering, plane, ONE, [], null, activation) : plane
	}
	// A term without a factor is added to the first pass instead of having one of its own.
	const plain = entries.find(([, factor]) => isOne(factor))
	const passes = entries.length > 1 && plain ? entries.filter((entry) => entry !== plain) : entries
	let sum = entries.length > 1 && plain ? plain[0] : null
	if (passes.length === 1 && sum === null && plain && offset.length === 0 && !activation) return plain[0]
	for (const [index, [tensor, factor]] of passes.entries()) {
		sum = affinePass(lowering, tensor, factor, index === 0 ? offset : [], sum, index === passes.length - 1 ? activation : null)
	}
	return sum ?? ''
}

/** Sum over the places of each image and channel, [N, channels]. */
function planeSums(lowering: Lowering, tensor: string): string {
	return lowering.once(`planes ${tensor}`, () => {
		const { batch, channels, height, width } = sizesOf(lowering, tensor)
		const means = reshape(lowering, blockedNode(lowering, 'GlobalAveragePool', [tensor], {}), [batch, channels])
		return lowering.build.node('Mul', [means, lowering.build.scalar(height * width)])
	})
}

/** Sum over the places of the product of two tensors, [N, channels]: a blocked depthwise convolution of one with the other as its kernel. */
function planeDots(lowering: Lowering, left: string, right: string): string {
	const [first = '', second = ''] = [left, right].toSorted()
	return lowering.once(`dots ${first} ${second}`, () => {
		const { batch, channels, height, width } = sizesOf(lowering, first)
		const image = reshape(lowering, first, [1, batch * channels, height, width])
		const kernel = reshape(lowering, second, [batch * channels, 1, height, width])
		return reshape(lowering, blockedNode(lowering, 'Conv', [image, kernel], { group: batch * channels, kernel_shape: [height, width] }), [batch, channels])
	})
}

function overImages(lowering: Lowering, planes: string): string {
	const { build } = lowering
	return build.dims(planes)[0] === 1 ? planes : lowering.once(`images ${planes}`, () => build.node('ReduceSum', [planes, build.integers([0])], { keepdims: 1 }))
}

/**
 * Sum over all places, and over the images too where `images` says so, of a sum of (factor times what planes gives) and offsets.
 * @returns [1 or N, channels].
 */
function weightedSum(lowering: Lowering, parts: readonly { factor: Vector; planes: string | null }[], { batch, channels, images, places }: { batch: number; channels: number; images: boolean; places: number }): string {
	const { build } = lowering
	let sum: string | null = null
	for (const { factor, planes } of parts) {
		const weight = vectorValue(lowering, factor, channels)
		if (weight === null) continue
		const perImage = (build.dims(weight)[0] ?? 1) > 1
		let value: string
		if (planes === null) {
			const all = build.node('Mul', [weight, build.scalar(places * (images && !perImage ? batch : 1))])
			value = images ? overImages(lowering, all) : all
		} else if (images && !perImage) {
			const total = overImages(lowering, planes)
			value = isOne(factor) ? total : build.node('Mul', [total, weight])
		} else {
			const product = isOne(factor) ? planes : build.node('Mul', [planes, weight])
			value = images ? overImages(lowering, product) : product
		}
		sum = sum === null ? value : build.node('Add', [sum, value])
	}
	return sum ?? build.floats(Array.from({ length: channels }, () => 0), [1, channels])
}

/** Sizes that a reduction is over. */
interface Extent {
	batch: number
	channels: number
	images: boolean
	places: number
}

export function sumOf(lowering: Lowering, { terms, offset }: Affine, extent: Extent): string {
	return weightedSum(lowering, [...[...terms].map(([tensor, factor]) => ({ factor, planes: planeSums(lowering, tensor) })), { factor: offset, planes: null }], extent)
}

/** Sum of the product of two affine forms, term by term. */
export function dotOf(lowering: Lowering, left: Affine, right: Affine, extent: Extent): string {
	const parts = new Map<string, { factor: Vector; planes: string | null }>()
	const collect = (factor: Vector, planes: string | null) => {
		const key = planes ?? ''
		parts.set(key, { planes, factor: addVectors(parts.get(key)?.factor ?? [], factor) })
	}
	for (const [first, factor] of left.terms) {
		for (const [second, other] of right.terms) collect(multiplyVectors(factor, other), planeDots(lowering, first, second))
		if (right.offset.length > 0) collect(multiplyVectors(factor, right.offset), planeSums(lowering, first))
	}
	for (const [second, other] of right.terms) if (left.offset.length > 0) collect(multiplyVectors(other, left.offset), planeSums(lowering, second))
	collect(multiplyVectors(left.offset, right.offset), null)
	return weightedSum(lowering, [...parts.values()].filter(({ factor }) => factor.length > 0), extent)
}

/** Whether every tensor of the product has the same value for all images. */
export function isPerChannel(lowering: Lowering, product: Product, big: readonly number[]): boolean {
	return product.tensors.every((name) => smallness(lowering.build.dims(lowering.standard(name)), big) !== 'image')
}

/** A standard [filters, inputs, kernel] in the order of a blocked convolution; both are filled up with zeros to whole blocks. */
export function denseKernel(lowering: Lowering, weight: string, inputScale: Product | null): string {
	const { build, plan } = lowering
	const [filters = 1, inputs = 1, ...kernel] = build.dims(weight)
	const [all, read] = [paddedChannels(lowering, filters), paddedChannels(lowering, inputs)]
	let padded = padTo(lowering, weight, [all, read, ...kernel])
	if (inputScale) padded = build.node('Mul', [padded, reshape(lowering, productValue(lowering, inputScale, read), [1, read, ...kernel.map(() => 1)])])
	const { block } = plan
	// Of one pixel, only one axis moves, which ONNX Runtime does several times as fast.
	const taps = elementCount(kernel) === 1 ? [] : kernel
	const split = reshape(lowering, padded, [all / block, block, read / block, block, ...taps])
	return reshape(lowering, build.node('Transpose', [split], { perm: [0, 2, ...taps.map((_, axis) => axis + 4), 3, 1] }), [all, read, ...kernel])
}

/** A standard [inputs, filters, 1, 1], which is read the other way around, in the order of a blocked convolution from `inputs` to `filters`. */
export function transposedPointwiseKernel(lowering: Lowering, weight: string, inputScale: Product | null): string {
	const { build, plan } = lowering
	const [inputs = 1, filters = 1] = build.dims(weight)
	const [read, all] = [paddedChannels(lowering, inputs), paddedChannels(lowering, filters)]
	let padded = padTo(lowering, reshape(lowering, weight, [inputs, filters]), [read, all])
	if (inputScale) padded = build.node('Mul', [padded, reshape(lowering, productValue(lowering, inputScale, read), [read, 1])])
	const split = reshape(lowering, padded, [read / plan.block, plan.block, all / plan.block, plan.block])
	return reshape(lowering, build.node('Transpose', [split], { perm: [2, 0, 1, 3] }), [all, read, 1, 1])
}

/** A standard [filters, few, kernel] whose inputs are not in blocks: those of an image, or the one of a depthwise convolution. */
export function narrowKernel(lowering: Lowering, weight: string, filterScale: Product | null): string {
	const { build, plan } = lowering
	const [filters = 1, inputs = 1, ...kernel] = build.dims(weight)
	const all = paddedChannels(lowering, filters)
	let padded = padTo(lowering, weight, [all, inputs, ...kernel])
	if (filterScale) padded = build.node('Mul', [padded, reshape(lowering, productValue(lowering, filterScale, all), [all, 1, ...kernel.map(() => 1)])])
	if (inputs === 1 && elementCount(kernel) === 1) return padded
	const split = reshape(lowering, padded, [all / plan.block, plan.block, inputs, ...kernel])
	return reshape(lowering, build.node('Transpose', [split], { perm: [0, 2, ...kernel.map((_, axis) => axis + 3), 1] }), [all, inputs, ...kernel])
}
