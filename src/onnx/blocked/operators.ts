import { floatOf, intOf, intsOf } from '../attributes.ts'
import { makeGraph, type GraphNode } from '../model.ts'
import { meaningOf } from '../meaning.ts'
import { elementCount } from '../tensor.ts'
import { addAffines, isOne, multiplyProducts, quotient, scaleAffine, termOf, type Affine, type Product, type Vector } from './affine.ts'
import { activationAttributes, blockedNode, denseKernel, isPerChannel, materialise, narrowKernel, padTo, reshape, transposedPointwiseKernel, type Activation } from './emit.ts'
import { paddedChannels, type Lowering, type Scaled } from './lowering.ts'
import { convolutionKind, reducedAxes, sameDims, smallness, transposedPads, type Plan } from './plan.ts'

/** Sizes of a tensor in blocks. */
export function blockedDims(lowering: Lowering, name: string): number[] {
	const [batch = 1, channels = 1, height = 1, width = 1] = lowering.plan.facts.dims(name)
	return [batch, paddedChannels(lowering, channels), height, width]
}

/** Activations that a blocked convolution applies to what it writes. */
function activationOf(plan: Plan, node: GraphNode): Activation | null {
	switch (node.opType) {
		case 'Relu': case 'Tanh': return { activation: node.opType, parameters: [] }
		case 'Sigmoid': return { activation: 'Sigmoid', parameters: [] }
		case 'LeakyRelu': return { activation: 'LeakyRelu', parameters: [floatOf(node, 'alpha', 0.01)] }
		case 'HardSigmoid': return { activation: 'HardSigmoid', parameters: [floatOf(node, 'alpha', 0.2), floatOf(node, 'beta', 0.5)] }
		case 'Clip': {
			const [least, greatest] = [1, 2].map((index) => (node.input[index] ? plan.facts.facts(node.input[index]).values?.[0] : undefined))
			return least === undefined || greatest === undefined ? null : { activation: 'Clip', parameters: [least, greatest] }
		}
		default: return null
	}
}

/** The convolution whose result nothing but this node reads, so that it can be done with it in one; null where there is none. */
function ownConvolution(lowering: Lowering, name: string): GraphNode | null {
	const { plan } = lowering
	const node = plan.maker(name)
	return node?.opType === 'Conv' && plan.isBlocked(name) && plan.readers(name).length === 1 && !plan.isOutput(name) && !lowering.isMade(name) ? node : null
}

/** The weight [O, I, 1, 1] of which `name` is [I, O, 1, 1], as the gradient of a convolution's input reads it; null where it is none. */
function pointwiseTransposeSource(plan: Plan, name: string): string | null {
	const last = plan.maker(name)
	const exchange = last?.opType === 'Reshape' ? plan.maker(last.input[0] ?? '') : undefined
	const first = exchange?.opType === 'Transpose' && intsOf(exchange, 'perm', []).join() === '0,2,1,3' ? plan.maker(exchange.input[0] ?? '') : undefined
	const source = first?.opType === 'Reshape' ? (first.input[0] ?? '') : ''
	if (source === '') return null
	const [filters = 1, inputs = 1, ...kernel] = plan.facts.dims(source)
	const fits = kernel.every((size) => size === 1) && plan.facts.dims(name).join() === [inputs, filters, ...kernel].join() && plan.facts.dims(exchange?.input[0] ?? '').join() === `1,${filters},${inputs},1`
	return fits ? source : null
}

function convolution(lowering: Lowering, node: GraphNode, addend: string | null, activation: Activation | null, offset: string | null = null): string {
	const { build, plan } = lowering
	const [x = '', w = '', b = ''] = node.input
	const kind = convolutionKind(plan, node)
	const groups = intOf(node, 'group', 1)
	const transposed = kind === 'dense' ? pointwiseTransposeSource(plan, w) : null
	const weight = transposed ? '' : lowering.standard(w)
	const source: Scaled = kind === 'image' ? { tensor: lowering.standard(x), scale: null } : kind === 'grouped' ? { tensor: lowering.blocked(x), scale: null } : lowering.scaled(x)
	const kernel = transposed ? transposedPointwiseKernel(lowering, lowering.standard(transposed), source.scale) : kind === 'dense' || kind === 'grouped' ? denseKernel(lowering, weight, source.scale) : narrowKernel(lowering, weight, source.scale)
	const filters = build.dims(kernel)[0] ?? 1
	const own = b === '' ? null : lowering.standard(b)
	const shift = own && offset ? build.node('Add', [own, offset]) : (own ?? offset)
	const bias = shift ? [padTo(lowering, shift, [filters])] : (addend ? [''] : [])
	return blockedNode(lowering, 'Conv', [source.tensor, kernel, ...bias, ...(addend ? [addend] : [])], {
		kernel_shape: plan.facts.dims(w).slice(2), strides: intsOf(node, 'strides', [1, 1]), dilations: intsOf(node, 'dilations', [1, 1]), pads: intsOf(node, 'pads', [0, 0, 0, 0]),
		group: kind === 'depthwise' ? filters : groups, ...activationAttributes(activation),
	})
}

/** Whether the mean of the batch is taken of the tensor, as batch normalisation does. */
function isCentred(plan: Plan, name: string): boolean {
	return plan.readers(name).some((reader) => reader.opType === 'ReduceMean' && reducedAxes(plan, reader)?.join() === '0,2,3')
}

/**
 * About the mean of a convolution's result per filter, [filters]: what it gives for the mean of the first image. Sums of squares and products lose
 * digits where a mean is much larger than the deviation from it; less this, no mean is.
 */
function likelyMean(lowering: Lowering, node: GraphNode): string {
	const { build, plan } = lowering
	const [x = '', w = ''] = node.input
	const isImage = convolutionKind(plan, node) === 'image'
	const image = isImage ? lowering.standard(x) : lowering.blocked(x)
	const [, inputs = 1] = plan.facts.dims(x)
	const first = build.node('Slice', [image, build.integers([0]), build.integers([1]), build.integers([0])])
	const pooled = isImage ? build.node('GlobalAveragePool', [first]) : blockedNode(lowering, 'GlobalAveragePool', [first], {})
	const all = build.dims(pooled)[1] ?? inputs
	const means = reshape(lowering, pooled, [1, all])
	const known = all === inputs ? means : build.node('Slice', [means, build.integers([0]), build.integers([inputs]), build.integers([1])])
	const [filters = 1, perGroup = 1, ...kernel] = plan.facts.dims(w)
	const taps = elementCount(kernel)
	const weights = lowering.standard(w)
	const perInput = reshape(lowering, taps === 1 ? weights : build.node('ReduceSum', [reshape(lowering, weights, [filters, perGroup, taps]), build.integers([2])]), [filters, perGroup])
	const groups = intOf(node, 'group', 1)
	if (groups === 1) return reshape(lowering, build.node('Gemm', [known, perInput], { transB: 1 }), [filters])
	// [groups, filters of one, inputs of one] times [groups, inputs of one, 1]
	const product = build.node('MatMul', [reshape(lowering, perInput, [groups, filters / groups, perGroup]), reshape(lowering, known, [groups, perGroup, 1])])
	return reshape(lowering, product, [filters])
}

/** The gradient of a depthwise convolution with a stride: zeros between the elements, then a convolution with the turned kernel. */
function transposedConvolution(lowering: Lowering, node: GraphNode): string {
	const { build, plan } = lowering
	const [x = '', w = ''] = node.input
	const { tensor, scale } = lowering.scaled(x)
	const [batch = 1, channels = 1, height = 1, width = 1] = build.dims(tensor)
	const [down = 1, right = 1] = intsOf(node, 'strides', [1, 1])
	const rows = reshape(lowering, tensor, [(batch * channels * height) / plan.block, 1, width, plan.block])
	const spread = build.node('Pad', [rows, build.integers([0, 0, 0, 0, 0, down - 1, 0, plan.block * (right - 1)])])
	const [filters = 1, , ...kernel] = plan.facts.dims(w)
	const taps = elementCount(kernel)
	const turned = build.node('Gather', [reshape(lowering, lowering.standard(w), [filters, taps]), build.integers(Array.from({ length: taps }, (_, tap) => taps - 1 - tap))], { axis: 1 })
	return blockedNode(lowering, 'Conv', [reshape(lowering, spread, [batch, channels, height * down, width * right]), narrowKernel(lowering, reshape(lowering, turned, [filters, 1, ...kernel]), scale)], {
		kernel_shape: kernel, dilations: intsOf(node, 'dilations', [1, 1]), pads: transposedPads(plan, node) ?? [], group: channels,
	})
}

/** Makes a blocked tensor that is no sum of others. */
export function makeBlocked(lowering: Lowering, name: string): string {
	const { build, plan } = lowering
	const node = plan.maker(name)
	if (!node || !plan.isBlocked(name)) {
		const [batch = 1, channels = 1, ...spatial] = plan.facts.dims(name)
		return blockedNode(lowering, 'ReorderInput', [padTo(lowering, lowering.standard(name), [batch, paddedChannels(lowering, channels), ...spatial])], {})
	}
	if (node.opType === 'ConvTranspose') return transposedConvolution(lowering, node)
	if (node.opType === 'Conv') return convolution(lowering, node, null, null)
	const [first = ''] = node.input
	const activation = activationOf(plan, node)
	if (activation) {
		const own = ownConvolution(lowering, first)
		if (own) return convolution(lowering, own, null, activation)
		// Of a tensor as it stands, the operator itself is as fast or faster.
		const affine = lowering.affine(first)
		if (!isOneTensor(affine)) return materialise(lowering, affine, blockedDims(lowering, name), activation)
	}
	if (node.opType === 'HardSwish') return build.node('Mul', [lowering.blocked(first), hardSwishGate(lowering, first)])
	const inputs = node.input.map((input) => (input !== '' && sameDims(plan.facts.dims(input), plan.facts.dims(name)) ? lowering.blocked(input) : input === '' ? '' : lowering.standard(input)))
	return copied(lowering, node, inputs, build.unique(`${name}/blocked`))
}

/** The node as it stands, on other tensors. */
function copied({ build }: Lowering, node: GraphNode, input: string[], output: string): string {
	build.include({ ...makeGraph(''), node: [{ ...node, name: output, input, output: [output] }] }, new Map())
	return output
}

function isOneTensor({ terms, offset }: Affine): boolean {
	return terms.size === 1 && offset.length === 0 && [...terms.values()].every(isOne)
}

/** A small operand as a product of others, as far as it is one. */
function flatProduct(plan: Plan, name: string): Product {
	const { values, dims } = plan.facts.facts(name)
	if (values && elementCount(dims) === 1) return { constant: values[0] ?? 0, tensors: [] }
	const node = plan.maker(name)
	const [first = '', second = ''] = node?.input ?? []
	const keeps = (input: string) => sameDims(plan.facts.dims(input), dims) || elementCount(plan.facts.dims(input)) === 1
	if (node?.opType === 'Mul' && keeps(first) && keeps(second)) return multiplyProducts(flatProduct(plan, first), flatProduct(plan, second))
	if (node?.opType === 'Neg') return multiplyProducts({ constant: -1, tensors: [] }, flatProduct(plan, first))
	return { constant: 1, tensors: [name] }
}

/** What a tensor is as a sum of others, by the operator that makes it; null where it is none. */
export function affineOf(lowering: Lowering, name: string): Affine | null {
	const { plan } = lowering
	const node = plan.maker(name)
	const big = plan.facts.dims(name)
	const [left = '', right = ''] = node?.input ?? []
	if (!node || !plan.isBlocked(name)) {
		// The gradient of a mean over all places is the same at each of them.
		if (node?.opType === 'Expand' && smallness(plan.facts.dims(left), big) !== null) return { terms: new Map(), offset: [flatProduct(plan, left)] }
		return null
	}
	const meaning = meaningOf(plan.facts, name)
	if (meaning?.kind === 'hardSwishSlope' && plan.isBlocked(meaning.x)) return hardSwishSlope(lowering, meaning.x)
	const isBig = (input: string) => sameDims(plan.facts.dims(input), big)
	switch (node.opType) {
		case 'Conv': {
			if (!isCentred(plan, name)) return null
			const mean = likelyMean(lowering, node)
			const centred = convolution(lowering, node, null, null, lowering.build.node('Neg', [mean]))
			return { terms: termOf(centred).terms, offset: [{ constant: 1, tensors: [reshape(lowering, mean, [1, elementCount(lowering.build.dims(mean)), 1, 1])] }] }
		}
		case 'Add': case 'Sub': {
			const negative: Product = { constant: -1, tensors: [] }
			const operand = (input: string): Affine => (isBig(input) ? lowering.affine(input) : { terms: new Map(), offset: nonZero(flatProduct(plan, input)) })
			if (node.opType === 'Add' && isBig(left) && isBig(right)) {
				for (const [own, other] of [[left, right], [right, left]] as const) {
					const first = ownConvolution(lowering, own)
					if (first && own !== other) return termOf(convolution(lowering, first, lowering.blocked(other), null))
				}
			}
			return addAffines(operand(left), node.opType === 'Sub' ? scaleAffine(operand(right), negative) : operand(right))
		}
		case 'Neg': return scaleAffine(lowering.affine(left), { constant: -1, tensors: [] })
		case 'Identity': return lowering.affine(left)
		case 'Mul': {
			if (!isBig(left)) return scaleAffine(lowering.affine(right), flatProduct(plan, left))
			if (!isBig(right)) return scaleAffine(lowering.affine(left), flatProduct(plan, right))
			const [first, second] = [lowering.scaled(left), lowering.scaled(right)]
			const product = lowering.once(`times ${[first.tensor, second.tensor].toSorted().join(' ')}`, () => lowering.build.node('Mul', [first.tensor, second.tensor]))
			return [first.scale, second.scale].reduce((affine, scale) => (scale ? scaleAffine(affine, scale) : affine), termOf(product))
		}
		case 'Where': {
			const [condition = '', kept = '', otherwise = ''] = node.input
			if (!isBig(condition) || !isBig(kept) || plan.facts.facts(otherwise).values?.join() !== '0') return null
			const { tensor, scale } = lowering.scaled(kept)
			const chosen = termOf(lowering.build.node('Where', [lowering.blocked(condition), tensor, lowering.standard(otherwise)]))
			return scale ? scaleAffine(chosen, scale) : chosen
		}
		default: return null
	}
}

/** h = clip(x/6 + 1/2, 0, 1), by which HardSwish multiplies x. */
function hardSwishGate(lowering: Lowering, name: string): string {
	return lowering.once(`gate ${name}`, () => lowering.build.node('HardSigmoid', [lowering.blocked(name)], { alpha: 1 / 6, beta: 0.5 }))
}

/** A little more than a half, so that it is rounded away from zero. */
const HALF = 0.5 + 2 ** -23

/**
 * 0 up to -3, 1 from 3 on, x/3 + 1/2 between: 2 h - 1/2 - r/2 with the forward pass's h, where r = -1, 1 or 0 in the three ranges comes of
 * rounding h - 1/2.
 */
function hardSwishSlope(lowering: Lowering, name: string): Affine {
	const gate = termOf(hardSwishGate(lowering, name))
	const cut: Affine = { ...scaleAffine(gate, { constant: 2 * HALF, tensors: [] }), offset: [{ constant: -HALF, tensors: [] }] }
	const range = lowering.build.node('Round', [materialise(lowering, cut, blockedDims(lowering, name))])
	const outside = scaleAffine(termOf(range), { constant: -0.5, tensors: [] })
	return { ...addAffines(scaleAffine(gate, { constant: 2, tensors: [] }), outside), offset: [{ constant: -0.5, tensors: [] }] }
}

function nonZero(product: Product): Vector {
	return product.constant === 0 ? [] : [product]
}

/** One tensor in the fewest passes: a factor that all parts share is left to who reads it. */
export function makeScaled(lowering: Lowering, affine: Affine, name: string): Scaled {
	const dims = blockedDims(lowering, name)
	const [only, ...others] = affine.terms
	if (only && others.length === 0 && affine.offset.length === 0 && only[1].length === 1) {
		const [scale] = only[1]
		if (scale && isPerChannel(lowering, scale, lowering.plan.facts.dims(name))) return { tensor: only[0], scale: scale.constant === 1 && scale.tensors.length === 0 ? null : scale }
	}
	if (others.length > 0) {
		for (const [, vector] of affine.terms) {
			const [shared] = vector
			if (!shared || vector.length !== 1 || shared.constant === 0 || !isPerChannel(lowering, shared, lowering.plan.facts.dims(name))) continue
			const offset = quotient(affine.offset, shared)
			const terms = [...affine.terms].map(([tensor, factor]) => [tensor, quotient(factor, shared)] as const)
			if (!offset || terms.some(([, factor]) => factor === null)) continue
			const reduced = { offset, terms: new Map(terms.map(([tensor, factor]) => [tensor, factor ?? []])) }
			const isUnscaled = shared.constant === 1 && shared.tensors.length === 0
			return { tensor: materialise(lowering, reduced, dims), scale: isUnscaled ? null : shared }
		}
	}
	return { tensor: materialise(lowering, affine, dims), scale: null }
}
