import type { GraphBuilder } from '../../builder.ts'
import { add, multiply, scale, subtract, where } from '../arithmetic.ts'
import { floatOf, intOf, stringOf } from '../../attributes.ts'
import type { GradientRule, RuleContext } from '../rule.ts'
import { inputOf, onlyGradient } from '../ruleParts.ts'
import { positiveAxis, sumOver, sumTo } from '../sizes.ts'

type Parts = RuleContext & { dy: string; x: string; y: string }

function activation(gradient: (parts: Parts) => string): GradientRule {
	return (context) => [gradient({
		...context, dy: onlyGradient(context.outputGradients), x: inputOf(context.node, 0), y: context.node.output[0] ?? '',
	})]
}

/** PyTorch's convention: the gradient at 0 is 0. The output says as much as the input, which need not be kept then. */
const relu = activation(({ build, dy, y }) => where(build, build.node('Greater', [y, build.scalar(0)]), dy))

function leaky(build: GraphBuilder, dy: string, x: string, slope: string): string {
	return build.node('Where', [build.node('Greater', [x, build.scalar(0)]), dy, multiply(build, dy, slope)])
}

const parametricRelu: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const dy = onlyGradient(outputGradients)
	const x = inputOf(node, 0)
	const slope = inputOf(node, 1)
	const negativePart = (): string => build.node('Min', [x, build.scalar(0)])
	return [wanted[0] ? leaky(build, dy, x, slope) : null, wanted[1] ? sumTo(build, multiply(build, dy, negativePart()), build.dims(slope)) : null]
}

/** y(1 - y) dy. */
const sigmoid = activation(({ build, dy, y }) => multiply(build, dy, subtract(build, y, multiply(build, y, y))))

const tanh = activation(({ build, dy, y }) => subtract(build, dy, multiply(build, dy, multiply(build, y, y))))

/** Where the result is strictly between 0 and 1. */
const hardSigmoid = activation(({ build, node, dy, y }) => {
	const inside = build.node('And', [build.node('Greater', [y, build.scalar(0)]), build.node('Less', [y, build.scalar(1)])])
	return scale(build, where(build, inside, dy), floatOf(node, 'alpha', 0.2))
})

/**
 * x * hardSigmoid(x) with slope 1/6: 0 up to -3, 1 from 3 on, x/3 + 1/2 between. Shrink takes (x - 3/2 sign x) outside and 0 inside, so that
 * the whole derivative is 1/2 + (x - Shrink(x))/3 without a comparison.
 */
export function hardSwishGradient(build: GraphBuilder, dy: string, x: string): string {
	const inner = subtract(build, x, build.node('Shrink', [x], { lambd: 3, bias: 1.5 }))
	return multiply(build, dy, add(build, scale(build, inner, 1 / 3), build.scalar(0.5)))
}

const hardSwish = activation(({ build, dy, x }) => hardSwishGradient(build, dy, x))

/**
 * The exact form: Phi(x) + x phi(x). With z = x / sqrt 2: Phi = (1 + erf z) / 2, for which HardSigmoid serves as one pass since erf stays
 * within -1 and 1, and phi = exp(-z^2 - ln sqrt(2 pi)).
 */
export function geluGradient(build: GraphBuilder, dy: string, x: string): string {
	const z = scale(build, x, Math.SQRT1_2)
	const cumulative = build.node('HardSigmoid', [build.node('Erf', [z])], { alpha: 0.5, beta: 0.5 })
	const density = build.node('Exp', [subtract(build, build.scalar(-0.5 * Math.log(2 * Math.PI)), multiply(build, z, z))])
	return multiply(build, dy, add(build, cumulative, multiply(build, x, density)))
}

/** x (1 + tanh u) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3). */
function tanhGeluGradient(build: GraphBuilder, dy: string, x: string): string {
	const factor = Math.sqrt(2 / Math.PI)
	const square = multiply(build, x, x)
	const inner = multiply(build, x, add(build, scale(build, square, 0.044715 * factor), build.scalar(factor)))
	const t = build.node('Tanh', [inner])
	const slope = add(build, scale(build, square, 3 * 0.044715 * factor), build.scalar(factor))
	const bent = multiply(build, multiply(build, x, slope), subtract(build, build.scalar(1), multiply(build, t, t)))
	return multiply(build, scale(build, dy, 0.5), add(build, add(build, t, build.scalar(1)), bent))
}

const gelu = activation(({ build, node, dy, x }) => (stringOf(node, 'approximate', 'none') === 'tanh' ? tanhGeluGradient(build, dy, x) : geluGradient(build, dy, x)))

const elu = activation(({ build, node, dy, x, y }) => {
	const alpha = floatOf(node, 'alpha', 1)
	return build.node('Where', [build.node('Greater', [x, build.scalar(0)]), dy, multiply(build, dy, add(build, y, build.scalar(alpha)))])
})

const softplus = activation(({ build, dy, x }) => multiply(build, dy, build.node('Sigmoid', [x])))

function softmaxAxis({ build, node, x }: Parts): number {
	return positiveAxis(intOf(node, 'axis', -1), build.dims(x).length)
}

/** y (dy - sum of y dy). */
const softmax = activation((parts) => {
	const { build, dy, y } = parts
	const weighted = multiply(build, y, dy)
	return subtract(build, weighted, multiply(build, y, sumOver(build, weighted, [softmaxAxis(parts)])))
})

/** dy - softmax(x) sum of dy. */
const logSoftmax = activation((parts) => {
	const { build, dy, y } = parts
	return subtract(build, dy, multiply(build, build.node('Exp', [y]), sumOver(build, dy, [softmaxAxis(parts)])))
})

export const activationRules: Record<string, GradientRule> = {
	Relu: relu,
	LeakyRelu: activation(({ build, node, dy, x }) => leaky(build, dy, x, build.scalar(floatOf(node, 'alpha', 0.01)))),
	PRelu: parametricRelu,
	Sigmoid: sigmoid,
	Tanh: tanh,
	HardSigmoid: hardSigmoid,
	HardSwish: hardSwish,
	Gelu: gelu,
	Elu: elu,
	Softplus: softplus,
	Softmax: softmax,
	LogSoftmax: logSoftmax,
}
