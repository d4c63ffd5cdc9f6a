import { createGraphBuilder, type GraphBuilder } from '../builder.ts'
import { withoutUnused } from '../fold.ts'
import { meaningOf } from '../meaning.ts'
import { DATA_TYPE, makeGraph, type GraphNode } from '../model.ts'
import { scaleAffine, termOf, type Affine } from './affine.ts'
import { blockedNode, dotOf, materialise, reshape, sumOf } from './emit.ts'
import { kernelGradient } from './gradients.ts'
import type { Lowering, Scaled } from './lowering.ts'
import { affineOf, blockedDims, makeBlocked, makeScaled } from './operators.ts'
import { makePlan, reducedAxes, sameDims, type Plan } from './plan.ts'

/**
 * A training graph of standard operators, all its sizes fixed, written for ONNX Runtime's operators on blocked channels (domain
 * com.microsoft.nchwc), which take the weights as inputs. It must be loaded with graphOptimizationLevel 'disabled', on a processor whose blocks are of this
 * size (see blockProbe in probe.ts). The outputs are the same up to the order of sums.
 *
 * Tensors [N, C, height, width] stay in blocks from the first convolution on; what has no blocked form reads the standard one, which is made where it
 * is needed. Whatever is a factor, an offset or a sum per channel is done on paper first, see affine.ts.
 * @param finished the standard graph with its outputs.
 */
export function lowerToBlocked(finished: GraphBuilder, block: number): GraphBuilder {
	const plan = makePlan(finished, block)
	const build = withOwnNames(createGraphBuilder())
	for (const { name = '' } of finished.graph.input) build.input(name, finished.dims(name), finished.facts(name).dataType)
	for (const tensor of finished.graph.initializer) build.initializer(tensor)
	const lowering = createLowering(plan, build)
	for (const node of plan.nodes) prepare(lowering, node)
	for (const value of finished.graph.output) {
		const name = value.name ?? ''
		const made = lowering.standard(name)
		build.output(made === name ? name : build.node('Identity', [made], {}, name))
	}
	return withoutDead(build)
}

/** The same graph without what no output needs. */
function withoutDead(build: GraphBuilder): GraphBuilder {
	const result = createGraphBuilder()
	const names = build.graph.input.map(({ name = '' }) => name)
	for (const name of names) result.input(name, build.dims(name), build.facts(name).dataType)
	result.include(withoutUnused(build.graph), new Map(names.map((name) => [name, name])))
	for (const { name = '' } of build.graph.output) result.output(name)
	return result
}

/** What the lowering adds has names that no tensor of the standard graph has, so that those can keep theirs. */
function withOwnNames(build: GraphBuilder): GraphBuilder {
	const own = (opType: string) => build.unique(`blocked/${opType}`)
	return {
		...build,
		node: (opType, inputs, attributes, as) => build.node(opType, inputs, attributes, as ?? own(opType)),
		nodes: (opType, inputs, attributes, outputs, domain) => build.nodes(opType, inputs, attributes, typeof outputs === 'number' ? Array.from({ length: outputs }, () => own(opType)) : outputs, domain),
	}
}

/** Convolutions are made in their order, so that what asks for their results later does not go down through the whole network. */
function prepare(lowering: Lowering, node: GraphNode): void {
	const { plan } = lowering
	const [output = ''] = node.output
	if (node.opType !== 'Conv' || !plan.isBlocked(output)) return
	const [reader, ...others] = plan.readers(output)
	const last = reader && others.length === 0 && plan.isBlocked(reader.output[0] ?? '') && sameDims(plan.facts.dims(output), plan.facts.dims(reader.output[0] ?? '')) ? (reader.output[0] ?? '') : output
	if (reader?.opType !== 'Where') lowering.affine(last)
}

function asAffine({ tensor, scale }: Scaled): Affine {
	return scale ? scaleAffine(termOf(tensor), scale) : termOf(tensor)
}

function createLowering(plan: Plan, build: GraphBuilder): Lowering {
	const standard = new Map<string, string>()
	const blocked = new Map<string, string>()
	const scaled = new Map<string, Scaled>()
	const affine = new Map<string, Affine>()
	const made = new Map<string, string>()

	const keepScaled = (name: string, sum: Affine): Affine => {
		const kept = makeScaled(lowering, sum, name)
		scaled.set(name, kept)
		return asAffine(kept)
	}

	const lowering: Lowering = {
		plan, build,
		isMade: (name) => blocked.has(name) || scaled.has(name),
		once(key, make) {
			const known = made.get(key)
			if (known !== undefined) return known
			const result = make()
			made.set(key, result)
			return result
		},
		standard(name) {
			const known = standard.get(name)
			if (known !== undefined) return known
			for (const [output, tensor] of makeStandard(lowering, name)) standard.set(output, tensor)
			return standard.get(name) ?? ''
		},
		blocked(name) {
			const known = blocked.get(name)
			if (known !== undefined) return known
			const result = materialise(lowering, lowering.affine(name), blockedDims(lowering, name))
			blocked.set(name, result)
			return result
		},
		scaled(name) {
			const whole = blocked.get(name)
			if (whole !== undefined) return { tensor: whole, scale: null }
			const known = scaled.get(name)
			if (known) return known
			const result = makeScaled(lowering, lowering.affine(name), name)
			scaled.set(name, result)
			return result
		},
		affine(name) {
			const whole = blocked.get(name)
			if (whole !== undefined) return termOf(whole)
			const unscaled = scaled.get(name)
			if (unscaled) return asAffine(unscaled)
			const known = affine.get(name)
			if (known) return known
			const found = affineOf(lowering, name)
			if (!found) {
				const tensor = makeBlocked(lowering, name)
				blocked.set(name, tensor)
				return termOf(tensor)
			}
			// Read more than once, a sum of several tensors is made.
			const result = found.terms.size > 1 && plan.readers(name).length > 1 ? keepScaled(name, found) : found
			affine.set(name, result)
			return result
		},
	}
	return lowering
}

/** What is made for it, by the names of the standard graph. */
function makeStandard(lowering: Lowering, name: string): [string, string][] {
	const { plan, build } = lowering
	const node = plan.maker(name)
	if (!node) return [[name, name]]
	if (plan.isBlocked(name) && plan.facts.facts(name).dataType === DATA_TYPE.float32) {
		return [[name, blockedNode(lowering, 'ReorderOutput', [lowering.blocked(name)], { channels: plan.facts.dims(name)[1] ?? 0 })]]
	}
	const meaning = meaningOf(plan.facts, name)
	const special = (meaning?.kind === 'kernelGradient' ? kernelGradient(lowering, meaning) : null) ?? reduction(lowering, node)
	if (special !== null) return [[name, special]]
	const input = node.input.map((each) => (each === '' ? '' : lowering.standard(each)))
	build.include({ ...makeGraph(''), node: [{ ...node, input }] }, new Map())
	return node.output.map((output) => [output, output])
}

/** Means and sums over the places of a blocked tensor, per channel or per image and channel; null where the node is something else. */
function reduction(lowering: Lowering, node: GraphNode): string | null {
	const { plan, build } = lowering
	const [x = ''] = node.input
	const isPool = node.opType === 'GlobalAveragePool'
	if (!isPool && node.opType !== 'ReduceMean' && node.opType !== 'ReduceSum' && node.opType !== 'ReduceSumSquare') return null
	if (!plan.isBlocked(x)) return null
	const axes = isPool ? [2, 3] : reducedAxes(plan, node)
	const images = axes?.join() === '0,2,3'
	if (!images && axes?.join() !== '2,3') return null
	const [batch = 1, channels = 1, height = 1, width = 1] = plan.facts.dims(x)
	const extent = { batch, channels: blockedDims(lowering, x)[1] ?? channels, images, places: height * width }
	let sum: string
	const product = plan.maker(x)
	if (node.opType === 'ReduceSumSquare') {
		const affine = lowering.affine(x)
		sum = dotOf(lowering, affine, affine, extent)
	} else if (product?.opType === 'Mul' && plan.readers(x).length === 1 && !lowering.isMade(x) && product.input.every((each) => sameDims(plan.facts.dims(each), plan.facts.dims(x)))) {
		const [left = '', right = ''] = product.input
		sum = dotOf(lowering, lowering.affine(left), lowering.affine(right), extent)
	} else sum = sumOf(lowering, lowering.affine(x), extent)
	const rows = images ? 1 : batch
	const whole = build.dims(sum)[0] === rows ? sum : build.node('Expand', [sum, build.integers([rows, extent.channels])])
	const own = extent.channels === channels ? whole : build.node('Slice', [whole, build.integers([0]), build.integers([channels]), build.integers([1])])
	const mean = isPool || node.opType === 'ReduceMean' ? build.node('Mul', [own, build.scalar(1 / (height * width * (images ? batch : 1)))]) : own
	return reshape(lowering, mean, plan.facts.dims(node.output[0] ?? ''))
}
