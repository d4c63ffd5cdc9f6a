import { add, divide, indicator, multiply, negate, scale, subtract, where } from '../arithmetic.ts'
import type { GraphBuilder } from '../../builder.ts'
import type { GradientRule } from '../rule.ts'
import { inputOf, onlyGradient } from '../ruleParts.ts'
import { sumTo } from '../sizes.ts'

/** A rule for y = f(x): the gradient as a function of dy, x and y. */
function unary(gradient: (build: GraphBuilder, dy: string, x: string, y: string) => string): GradientRule {
	return ({ build, node, outputGradients }) => [gradient(build, onlyGradient(outputGradients), inputOf(node, 0), node.output[0] ?? '')]
}

/** A rule for an elementwise operator of two inputs that are broadcast; each gradient is summed to its operand's sizes. */
function binary(
	left: (build: GraphBuilder, dy: string, a: string, b: string, y: string) => string,
	right: (build: GraphBuilder, dy: string, a: string, b: string, y: string) => string,
): GradientRule {
	return ({ build, node, outputGradients, wanted }) => {
		const dy = onlyGradient(outputGradients)
		const a = inputOf(node, 0)
		const b = inputOf(node, 1)
		const y = node.output[0] ?? ''
		return [
			wanted[0] ? sumTo(build, left(build, dy, a, b, y), build.dims(a)) : null,
			wanted[1] ? sumTo(build, right(build, dy, a, b, y), build.dims(b)) : null,
		]
	}
}

/** Every operand takes the gradient where it equals the result; operands that tie share it evenly, as torch.maximum does. */
const extreme: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const dy = onlyGradient(outputGradients)
	const y = node.output[0] ?? ''
	const taken = node.input.map((name) => indicator(build, build.node('Equal', [name, y])))
	const share = node.input.length === 1 ? dy : divide(build, dy, taken.reduce((sum, mask) => add(build, sum, mask)))
	return node.input.map((name, index) => (wanted[index] ? sumTo(build, multiply(build, share, taken[index] ?? ''), build.dims(name)) : null))
}

/** The sum, or the mean, of any number of operands. */
function variadicSum(isMean: boolean): GradientRule {
	return ({ build, node, outputGradients, wanted }) => {
		const dy = scale(build, onlyGradient(outputGradients), isMean ? 1 / node.input.length : 1)
		return node.input.map((name, index) => (wanted[index] ? sumTo(build, dy, build.dims(name)) : null))
	}
}

/** x^p, whose exponent may be of another type than x. Where the exponent is 0 the gradient is 0, also at x = 0, as in PyTorch. */
const power: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const dy = onlyGradient(outputGradients)
	const x = inputOf(node, 0)
	const type = build.facts(x).dataType
	const exponent = build.facts(inputOf(node, 1)).dataType === type ? inputOf(node, 1) : build.node('Cast', [inputOf(node, 1)], { to: type })
	const known = build.facts(inputOf(node, 1)).values
	const zero = build.scalar(0)
	const base = (): string => {
		if (known?.length === 1 && known[0] === 2) return multiply(build, dy, scale(build, x, 2))
		const lowered = build.node('Pow', [x, subtract(build, exponent, build.scalar(1))])
		const slope = multiply(build, exponent, lowered)
		return multiply(build, dy, known && !known.includes(0) ? slope : build.node('Where', [build.node('Equal', [exponent, zero]), zero, slope]))
	}
	const raised = (): string => {
		const atZero = build.node('And', [build.node('Equal', [x, zero]), build.node('GreaterOrEqual', [exponent, zero])])
		return multiply(build, dy, build.node('Where', [atZero, zero, multiply(build, node.output[0] ?? '', build.node('Log', [x]))]))
	}
	return [
		wanted[0] ? sumTo(build, base(), build.dims(x)) : null,
		wanted[1] ? sumTo(build, raised(), build.dims(inputOf(node, 1))) : null,
	]
}

const choose: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const dy = onlyGradient(outputGradients)
	const condition = inputOf(node, 0)
	const zero = build.scalar(0)
	return [
		null,
		wanted[1] ? sumTo(build, where(build, condition, dy), build.dims(inputOf(node, 1))) : null,
		wanted[2] ? sumTo(build, build.node('Where', [condition, zero, dy]), build.dims(inputOf(node, 2))) : null,
	]
}

/** Strictly between the bounds the gradient passes, as through Relu; from the bound on it belongs to the bound. PyTorch's clamp to numbers (2.15) and relu6 do the same. */
const clip: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const dy = onlyGradient(outputGradients)
	const x = inputOf(node, 0)
	const [, low, high] = node.input
	const inside = (): string => {
		const aboveLow = low ? build.node('Greater', [x, low]) : null
		const belowHigh = high ? build.node('Less', [x, high]) : null
		if (aboveLow && belowHigh) return where(build, build.node('And', [aboveLow, belowHigh]), dy)
		const only = aboveLow ?? belowHigh
		return only ? where(build, only, dy) : dy
	}
	const beyond = (comparison: string, bound: string | undefined): string | null => {
		if (!bound) return null
		return sumTo(build, where(build, build.node(comparison, [x, bound]), dy), build.dims(bound))
	}
	return [wanted[0] ? inside() : null, wanted[1] ? beyond('LessOrEqual', low) : null, wanted[2] ? beyond('GreaterOrEqual', high) : null]
}

const cast: GradientRule = ({ build, node, outputGradients }) => [
	build.node('Cast', [onlyGradient(outputGradients)], { to: build.facts(inputOf(node, 0)).dataType }),
]

/** A step function: its gradient is zero wherever it has one. */
const none: GradientRule = ({ node }) => node.input.map(() => null)

export const elementwiseRules: Record<string, GradientRule> = {
	Identity: unary((_build, dy) => dy),
	Add: binary((_build, dy) => dy, (_build, dy) => dy),
	Sub: binary((_build, dy) => dy, (build, dy) => negate(build, dy)),
	Mul: binary((build, dy, _a, b) => multiply(build, dy, b), (build, dy, a) => multiply(build, dy, a)),
	Div: binary(
		(build, dy, _a, b) => divide(build, dy, b),
		(build, dy, _a, b, y) => negate(build, divide(build, multiply(build, dy, y), b)),
	),
	Pow: power,
	Neg: unary((build, dy) => negate(build, dy)),
	Abs: unary((build, dy, x) => multiply(build, dy, build.node('Sign', [x]))),
	Reciprocal: unary((build, dy, _x, y) => negate(build, multiply(build, dy, multiply(build, y, y)))),
	Sqrt: unary((build, dy, _x, y) => divide(build, scale(build, dy, 0.5), y)),
	Exp: unary((build, dy, _x, y) => multiply(build, dy, y)),
	Log: unary((build, dy, x) => divide(build, dy, x)),
	Erf: unary((build, dy, x) => multiply(build, dy, scale(build, build.node('Exp', [negate(build, multiply(build, x, x))]), 2 / Math.sqrt(Math.PI)))),
	Max: extreme,
	Min: extreme,
	Sum: variadicSum(false),
	Mean: variadicSum(true),
	Where: choose,
	Clip: clip,
	Cast: cast,
	Sign: none,
	Floor: none,
	Ceil: none,
	Round: none,
}
