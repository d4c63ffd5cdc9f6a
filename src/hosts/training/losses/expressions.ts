import type { GraphBuilder } from '../../../onnx/builder.ts'
import { add, divide, multiply, scale, subtract } from '../../../onnx/differentiate/arithmetic.ts'
import { declareComposite } from '../../../onnx/differentiate/composite.ts'
import type { LossInputs, NetworkOutputs } from './loss.ts'

/** Formulas that several losses share. All take and give names of tensors. */

/** Sum over axes, all of them where none are given; kept axes have the size 1. */
export function sumOver(build: GraphBuilder, value: string, axes: readonly number[] = [], keep = false): string {
	return build.node('ReduceSum', axes.length > 0 ? [value, build.integers(axes)] : [value], { keepdims: keep ? 1 : 0 })
}

export function meanOver(build: GraphBuilder, value: string, axes: readonly number[] = [], keep = false): string {
	return build.node('ReduceMean', axes.length > 0 ? [value, build.integers(axes)] : [value], { keepdims: keep ? 1 : 0 })
}

export function square(build: GraphBuilder, value: string): string {
	return multiply(build, value, value)
}

/** log(1 + exp x) without overflow: max(x, 0) + log(1 + exp -|x|). */
export function softplus(build: GraphBuilder, value: string): string {
	const positive = build.node('Relu', [value])
	const decay = build.node('Exp', [subtract(build, value, scale(build, positive, 2))])
	return add(build, positive, build.node('Log', [add(build, decay, build.scalar(1))]))
}

/** log sigmoid(x) and log(1 - sigmoid(x)). */
export function logSigmoids(build: GraphBuilder, logits: string): { yes: string; no: string } {
	const no = build.node('Neg', [softplus(build, logits)])
	return { yes: add(build, logits, no), no }
}

/** Of the last axis. */
export function logSoftmax(build: GraphBuilder, logits: string): string {
	return build.node('LogSoftmax', [logits], { axis: -1 })
}

/** Quotient of two sums of which the lower is 0 only where the upper is 0 too; then 0. */
export function quotient(build: GraphBuilder, upper: string, lower: string): string {
	return divide(build, upper, build.node('Max', [lower, build.scalar(1e-12)]))
}

/** Square root with a finite gradient at 0: of what is below the floor, the floor's root and no gradient. */
export function rootAbove(build: GraphBuilder, value: string, floor: number): string {
	return build.node('Sqrt', [build.node('Clip', [value, build.scalar(floor)])])
}

/** Each vector along the axis divided by its Euclidean length. */
export function unitLength(build: GraphBuilder, value: string, axis: number, floor = 1e-12): string {
	return divide(build, value, rootAbove(build, sumOver(build, square(build, value), [axis], true), floor * floor))
}

/** The same values, through which no gradient flows. */
export function detached(build: GraphBuilder, value: string): string {
	const output = build.node('Identity', [value])
	declareComposite(build, output, { inputs: [value], gradient: () => [null] })
	return output
}

/** KL(p || q) of rows given as logarithms: sum of p (log p - log q) over the last axis. */
export function divergence(build: GraphBuilder, logP: string, logQ: string): string {
	return sumOver(build, multiply(build, build.node('Exp', [logP]), subtract(build, logP, logQ)), [-1])
}

/** Of a list of scalars, one at least. */
export function total(build: GraphBuilder, scalars: readonly string[]): string {
	return scalars.reduce((sum, scalar) => add(build, sum, scalar))
}

/** Sum over the teachers of share times loss. */
export function overTeachers(build: GraphBuilder, inputs: LossInputs, loss: (teacher: NetworkOutputs) => string): string {
	return total(build, inputs.teachers.map((teacher) => scale(build, loss(teacher), teacher.share)))
}

/**
 * Z-scores of each row over the classes, with the deviation of a sample and epsilon of Sun et al. (CVPR 2024). The floor of the variance
 * matters only where all logits of a row are equal.
 */
export function standardised(build: GraphBuilder, logits: string): string {
	const classes = build.dims(logits)[1] ?? 1
	const centred = subtract(build, logits, meanOver(build, logits, [1], true))
	const variance = scale(build, sumOver(build, square(build, centred), [1], true), 1 / (classes - 1))
	return divide(build, centred, add(build, rootAbove(build, variance, 1e-12), build.scalar(1e-7)))
}

/** Logits divided by the temperature, as z-scores first where they are asked for. */
export function softened(build: GraphBuilder, logits: string, options: { temperature: number; standardise?: boolean }): string {
	return scale(build, options.standardise ? standardised(build, logits) : logits, 1 / options.temperature)
}
