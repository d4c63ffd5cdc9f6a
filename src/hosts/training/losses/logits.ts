import type { LossRecipe } from '../../../common/contract/training/loss.ts'
import type { GraphBuilder } from '../../../onnx/builder.ts'
import { add, divide, multiply, scale, subtract } from '../../../onnx/differentiate/arithmetic.ts'
import { divergence, logSigmoids, logSoftmax, meanOver, overTeachers, quotient, rootAbove, softened, softplus, square, sumOver } from './expressions.ts'
import type { LossBuilder } from './loss.ts'

type Options<Kind extends LossRecipe['kind']> = Extract<LossRecipe, { kind: Kind }>

/** T^2 KL(softmax(teacher/T) || softmax(student/T)), mean over the batch. */
export const kullbackLeibler: LossBuilder<Options<'kl'>> = (build, inputs, options) => {
	const student = logSoftmax(build, softened(build, inputs.student.logits, options))
	return overTeachers(build, inputs, (teacher) => {
		const rows = divergence(build, logSoftmax(build, softened(build, teacher.logits, options)), student)
		return scale(build, meanOver(build, rows), options.temperature ** 2)
	})
}

/** T^2 mean (softmax(student/T) - softmax(teacher/T))^2 over all answers. */
export const softmaxMeanSquare: LossBuilder<Options<'mse'>> = (build, inputs, options) => {
	const answer = (logits: string): string => build.node('Softmax', [softened(build, logits, options)], { axis: -1 })
	const student = answer(inputs.student.logits)
	return overTeachers(build, inputs, (teacher) => scale(build, meanOver(build, square(build, subtract(build, student, answer(teacher.logits)))), options.temperature ** 2))
}

/** The same of sigmoids, over the known answers: labels that may stand together do not compete in a softmax. */
export const sigmoidMeanSquare: LossBuilder<Options<'mse'>> = (build, inputs, options) => {
	const answer = (logits: string): string => build.node('Sigmoid', [softened(build, logits, { temperature: options.temperature })])
	const student = answer(inputs.student.logits)
	return overTeachers(build, inputs, (teacher) => {
		const difference = square(build, subtract(build, student, answer(teacher.logits)))
		return scale(build, quotient(build, sumOver(build, multiply(build, inputs.known, difference)), sumOver(build, inputs.known)), options.temperature ** 2)
	})
}

/** What stands against a mask in DKD's code: large enough that a masked class has the probability 0. */
const MASKED = 1000

/** log of the sum of exp over each row, [batch, 1]. */
function logSumExp(build: GraphBuilder, value: string): string {
	const largest = build.node('ReduceMax', [value, build.integers([1])], { keepdims: 1 })
	return add(build, largest, build.node('Log', [sumOver(build, build.node('Exp', [subtract(build, value, largest)]), [1], true)]))
}

/** T^2 (alpha KL(truth against the rest) + beta KL(the rest among themselves)), mean over the images with a known label. */
export const decoupled: LossBuilder<Options<'dkd'>> = (build, inputs, options) => {
	const truth = multiply(build, inputs.target, inputs.known)
	const labelled = sumOver(build, truth, [1])
	const others = subtract(build, build.scalar(1), truth)
	const parts = (logits: string): { truth: string; rest: string; among: string } => {
		const soft = softened(build, logits, options)
		const without = (mask: string): string => subtract(build, soft, scale(build, mask, MASKED))
		const rest = without(truth)
		// The logit of "one of the rest": both of its log-probabilities are exact however sure the network is.
		const odds = subtract(build, logSumExp(build, rest), logSumExp(build, without(others)))
		return {
			truth: build.node('Neg', [softplus(build, odds)]), rest: build.node('Neg', [softplus(build, build.node('Neg', [odds]))]),
			among: logSoftmax(build, rest),
		}
	}
	const student = parts(inputs.student.logits)
	return overTeachers(build, inputs, ({ logits }) => {
		const teacher = parts(logits)
		const against = add(build, divergence(build, teacher.truth, student.truth), divergence(build, teacher.rest, student.rest))
		const among = divergence(build, teacher.among, student.among)
		const rows = add(build, scale(build, against, options.alpha), scale(build, among, options.beta))
		return scale(build, quotient(build, sumOver(build, multiply(build, labelled, rows)), sumOver(build, labelled)), options.temperature ** 2)
	})
}

/** 1 - mean Pearson correlation of the vectors along an axis, with the epsilon of the authors' code. */
function uncorrelated(build: GraphBuilder, left: string, right: string, axis: number): string {
	const centred = (value: string): string => subtract(build, value, meanOver(build, value, [axis], true))
	const length = (value: string): string => rootAbove(build, sumOver(build, square(build, value), [axis]), 1e-24)
	const a = centred(left), b = centred(right)
	const correlation = divide(build, sumOver(build, multiply(build, a, b), [axis]), add(build, multiply(build, length(a), length(b)), build.scalar(1e-8)))
	return subtract(build, build.scalar(1), meanOver(build, correlation))
}

/** T^2 (beta * between the classes of an image + gamma * between the images of a class). */
export const correlations: LossBuilder<Options<'dist'>> = (build, inputs, options) => {
	const answer = (logits: string): string => build.node('Softmax', [softened(build, logits, options)], { axis: -1 })
	const student = answer(inputs.student.logits)
	return overTeachers(build, inputs, ({ logits }) => {
		const teacher = answer(logits)
		const inter = scale(build, uncorrelated(build, student, teacher, 1), options.beta)
		const intra = scale(build, uncorrelated(build, student, teacher, 0), options.gamma)
		return scale(build, add(build, inter, intra), options.temperature ** 2)
	})
}

/** Sum over the known labels of p_t log(p_t / p_s) + (1 - p_t) log((1 - p_t) / (1 - p_s)), mean over the batch. */
export const oneAgainstAll: LossBuilder<Options<'mld'>> = (build, inputs) => {
	const student = logSigmoids(build, inputs.student.logits)
	const batch = build.dims(inputs.student.logits)[0] ?? 1
	return overTeachers(build, inputs, ({ logits }) => {
		const teacher = logSigmoids(build, logits)
		const side = (own: string, other: string): string => multiply(build, build.node('Exp', [own]), subtract(build, own, other))
		const labels = add(build, side(teacher.yes, student.yes), side(teacher.no, student.no))
		return scale(build, sumOver(build, multiply(build, inputs.known, labels)), 1 / batch)
	})
}
