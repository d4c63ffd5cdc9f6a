import type { GraphBuilder } from '../../builder.ts'
import { add, indicator, multiply, scale, subtract } from '../arithmetic.ts'
import { floatOf, intOf, stringOf } from '../../attributes.ts'
import { declareMeaning } from '../../meaning.ts'
import type { GradientRule, RuleContext } from '../rule.ts'
import { inputOf, onlyGradient } from '../ruleParts.ts'
import { positiveAxis, sumOver, sumTo } from '../sizes.ts'

type Parts = RuleContext & { dy: string; x: string; y: string }

function activation(gradient: (parts: Parts) => string): GradientRule {
	return (context) => [gradient({
		...context, dy: onlyGradient(context.outputGradients), x: inputOf(context.node, 0), y: context.node.output[0] ?? '',
	})]
}

/** So steep a HardSigmoid is 0 up to 0 and 1 from there on: a step in one pass, where a comparison and a choice take three times as long. */
const STEEP = 1e30

/** PyTorch's convention: the gradient at 0 is 0. The output says as much as the input, which need not be kept then. */
const relu = activation(({ build, dy, y }) => multiply(build, dy, build.node('HardSigmoid', [y], { alpha: STEEP, beta: 0 })))

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
	return multiply(build, scale(build, dy, floatOf(node, 'alpha', 0.2)), indicator(build, inside))
})

/**
 * x * h with h = clip(x/6 + 1/2, 0, 1): the derivative is h, and x/6 more between -3 and 3. That part is cut out of x from both sides by
 * ThresholdedRelu, which is 0 up to its threshold; Where and Shrink would take twice as long as the whole.
 */
function hardSwishGradient(build: GraphBuilder, dy: string, x: string): string {
	const h = build.node('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 })
	const above = build.node('ThresholdedRelu', [x], { alpha: -3 })
	const between = build.node('ThresholdedRelu', [scale(build, above, -1 / 6)], { alpha: -0.5 })
	return multiply(build, dy, declareMeaning(build, subtract(build, h, between), { kind: 'hardSwishSlope', x }))
}

const hardSwish = activation(({ build, dy, x }) => hardSwishGradient(build, dy, x))

/**
 * The exact form: Phi(x) + x phi(x). With z = x / sqrt 2: Phi = (1 + erf z) / 2, for which HardSigmoid serves as one pass since erf stays
 * within -1 and 1, and phi = exp(-z^2 - ln sqrt(2 pi)).
 */
function geluGradient(build: GraphBuilder, dy: string, x: string): string {
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
