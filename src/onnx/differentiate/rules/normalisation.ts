import type { GraphBuilder } from '../../builder.ts'
import { floatOf, intOf } from '../../attributes.ts'
import { elementCount } from '../../tensor.ts'
import { add, multiply, negate, scale, subtract } from '../arithmetic.ts'
import type { GradientRule, RuleContext } from '../rule.ts'
import { inputOf, onlyGradient } from '../ruleParts.ts'
import { positiveAxis, reshape, sumOver, sumTo } from '../sizes.ts'

/** 1 / sqrt(variance + epsilon). */
export function inverseDeviation(build: GraphBuilder, variance: string, epsilon: number): string {
	return build.node('Reciprocal', [build.node('Sqrt', [add(build, variance, build.scalar(epsilon))])])
}

/** A per-channel value [C] as [C, 1, ..], which is broadcast over the places of [N, C, ..]. */
export function perChannel(build: GraphBuilder, value: string, rank: number): string {
	return reshape(build, value, [build.dims(value)[0] ?? 1, ...Array.from({ length: rank - 2 }, () => 1)])
}

/** All axes but that of the channels. */
export function placesOf(dims: readonly number[]): number[] {
	return dims.map((_, axis) => axis).filter((axis) => axis !== 1)
}

/** Frozen: y = (x - mean) * scale / sqrt(variance + epsilon) + shift with given statistics. */
function frozenNorm({ build, node, outputGradients, wanted }: RuleContext): (string | null)[] {
	const dy = onlyGradient(outputGradients)
	const x = inputOf(node, 0)
	const [, gamma = '', , mean = '', variance = ''] = node.input
	const dims = build.dims(x)
	const channels = dims[1] ?? 1
	const inverse = inverseDeviation(build, variance, floatOf(node, 'epsilon', 1e-5))
	const factor = multiply(build, gamma, inverse)
	const overPlaces = (value: string): string => reshape(build, sumOver(build, value, placesOf(dims)), [channels])
	const sum = wanted[1] || wanted[2] || wanted[3] || wanted[4] ? overPlaces(dy) : ''
	/** Sum of dy (x - mean). */
	const centred = wanted[1] || wanted[4] ? subtract(build, overPlaces(multiply(build, dy, x)), multiply(build, mean, sum)) : ''
	const cubed = (): string => multiply(build, multiply(build, factor, inverse), inverse)
	return [
		wanted[0] ? multiply(build, dy, perChannel(build, factor, dims.length)) : null,
		wanted[1] ? multiply(build, centred, inverse) : null,
		wanted[2] ? sum : null,
		wanted[3] ? negate(build, multiply(build, sum, factor)) : null,
		wanted[4] ? scale(build, multiply(build, centred, cubed()), -0.5) : null,
	]
}

/** What the backward pass of normalisation by batch statistics needs: all per-channel values have the sizes [1, C, 1, ..]. */
export interface BatchNormParts {
	/** x - mean. */
	centred: string
	/** 1 / sqrt(variance + epsilon). */
	inverse: string
	/** scale * inverse. */
	factor: string
}

/**
 * Closed form of the gradient of y = centred * factor + shift, where mean and variance are those of the batch itself:
 * dx = factor * (dy - mean(dy) - centred * inverse^2 * mean(dy * centred)), which is dy * factor + centred * slope + offset with per-channel
 * slope and offset. @returns gradients of x, scale [C] and shift [C].
 */
export function batchNormGradient(build: GraphBuilder, dy: string, { centred, inverse, factor }: BatchNormParts, wanted: readonly boolean[]): (string | null)[] {
	const dims = build.dims(dy)
	const channels = dims[1] ?? 1
	const count = elementCount(dims) / channels
	const sum = sumOver(build, dy, placesOf(dims))
	const dot = sumOver(build, multiply(build, dy, centred), placesOf(dims))
	const input = (): string => {
		const slope = scale(build, multiply(build, multiply(build, factor, multiply(build, inverse, inverse)), dot), -1 / count)
		const offset = scale(build, multiply(build, factor, sum), -1 / count)
		return add(build, multiply(build, dy, factor), add(build, multiply(build, centred, slope), offset))
	}
	return [
		wanted[0] ? input() : null,
		wanted[1] ? reshape(build, multiply(build, dot, inverse), [channels]) : null,
		wanted[2] ? reshape(build, sum, [channels]) : null,
	]
}

/**
 * The statistics of a batch: mean, x - mean and the variance (divided by the count), per channel as [1, C, 1, ..]. ReduceSumSquare would save a
 * pass, but ONNX Runtime sums there one by one: gradients of deep networks lost a digit and a half by it.
 */
export function batchStatistics(build: GraphBuilder, x: string): { mean: string; centred: string; variance: string } {
	const dims = build.dims(x)
	const places = build.integers(placesOf(dims))
	const mean = build.node('ReduceMean', [x, places], { keepdims: 1 })
	const centred = subtract(build, x, mean)
	const variance = build.node('ReduceMean', [multiply(build, centred, centred), places], { keepdims: 1 })
	return { mean, centred, variance }
}

/** The operator in training mode: statistics of the batch, which are made again since the node keeps none of what is needed. */
function trainingNorm({ build, node, outputGradients, wanted }: RuleContext): (string | null)[] {
	const { centred, variance } = batchStatistics(build, inputOf(node, 0))
	const inverse = inverseDeviation(build, variance, floatOf(node, 'epsilon', 1e-5))
	const factor = multiply(build, perChannel(build, inputOf(node, 1), build.dims(centred).length), inverse)
	return [...batchNormGradient(build, onlyGradient(outputGradients), { centred, inverse, factor }, wanted), null, null]
}

const batchNormalization: GradientRule = (context) => (intOf(context.node, 'training_mode', 0) === 1 ? trainingNorm(context) : frozenNorm(context))

/**
 * dx = inverse * (g - mean(g) - normed * mean(g * normed)) with g = dy * scale, over the normalised axes. Mean and 1/deviation are the
 * node's own further outputs where it gives them.
 */
const layerNormalization: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const dy = onlyGradient(outputGradients.slice(0, 1))
	const x = inputOf(node, 0)
	const gamma = inputOf(node, 1)
	const dims = build.dims(x)
	const first = positiveAxis(intOf(node, 'axis', -1), dims.length)
	const axes = dims.map((_, axis) => axis).slice(first)
	const mean = (value: string): string => build.node('ReduceMean', [value, build.integers(axes)], { keepdims: 1 })
	const [, givenMean, givenInverse] = node.output
	const centred = subtract(build, x, givenMean || mean(x))
	const inverse = givenInverse || inverseDeviation(build, mean(multiply(build, centred, centred)), floatOf(node, 'epsilon', 1e-5))
	const normed = multiply(build, centred, inverse)
	const input = (): string => {
		const g = multiply(build, dy, gamma)
		const along = multiply(build, normed, mean(multiply(build, g, normed)))
		return multiply(build, subtract(build, subtract(build, g, mean(g)), along), inverse)
	}
	const shift = node.input[2]
	return [
		wanted[0] ? input() : null,
		wanted[1] ? sumTo(build, multiply(build, dy, normed), build.dims(gamma)) : null,
		...(node.input.length > 2 ? [wanted[2] && shift ? sumTo(build, dy, build.dims(shift)) : null] : []),
	]
}

/** Dropout outside of training passes everything on. */
const dropout: GradientRule = ({ node, outputGradients }) => [onlyGradient(outputGradients), ...node.input.slice(1).map(() => null)]

export const normalisationRules: Record<string, GradientRule> = {
	BatchNormalization: batchNormalization,
	LayerNormalization: layerNormalization,
	Dropout: dropout,
}
