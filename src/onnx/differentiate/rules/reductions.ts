import type { GraphBuilder } from '../../builder.ts'
import { divide, indicator, multiply, scale, subtract, where } from '../arithmetic.ts'
import { intOf, intsOf } from '../../attributes.ts'
import type { GradientRule, RuleContext } from '../rule.ts'
import { inputOf, noGradient, onlyGradient } from '../ruleParts.ts'
import { expand, positiveAxis, reshape, sumOver } from '../sizes.ts'
import { elementCount } from '../../tensor.ts'

/** The axes of a reduction, given as an input (operator set 18 on) or as an attribute; all of them where none are given. */
function reducedAxes({ build, node }: RuleContext): number[] {
	const rank = build.dims(inputOf(node, 0)).length
	const given = node.input[1]
	const values = given ? build.facts(given).values : intsOf(node, 'axes', null)
	if (given && !values) throw noGradient(node, 'its axes are no constant')
	if (!values || values.length === 0) return intOf(node, 'noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis)
	return values.map((axis) => positiveAxis(axis, rank))
}

interface Parts {
	build: GraphBuilder
	x: string
	/** Result and its gradient, with size 1 along the axes. */
	y: string
	dy: string
	axes: number[]
	/** How many elements went into each sum. */
	count: number
}

function reduction(gradient: (parts: Parts) => string): GradientRule {
	return (context) => {
		const { build, node, outputGradients } = context
		const x = inputOf(node, 0)
		const axes = reducedAxes(context)
		const dims = build.dims(x)
		const kept = dims.map((size, axis) => (axes.includes(axis) ? 1 : size))
		const parts = {
			build, x, axes,
			y: reshape(build, node.output[0] ?? '', kept),
			dy: reshape(build, onlyGradient(outputGradients), kept),
			count: elementCount(dims) / Math.max(1, elementCount(kept)),
		}
		return [expand(build, gradient(parts), dims), ...node.input.slice(1).map(() => null)]
	}
}

/** Elements that tie share the gradient evenly, as torch.amax does. */
const extreme = reduction(({ build, x, y, dy, axes }) => {
	const taken = indicator(build, build.node('Equal', [x, y]))
	return multiply(build, taken, divide(build, dy, sumOver(build, taken, axes)))
})

export const reductionRules: Record<string, GradientRule> = {
	ReduceSum: reduction(({ dy }) => dy),
	ReduceMean: reduction(({ build, dy, count }) => scale(build, dy, 1 / count)),
	ReduceMax: extreme,
	ReduceMin: extreme,
	ReduceSumSquare: reduction(({ build, x, dy }) => multiply(build, x, scale(build, dy, 2))),
	ReduceL1: reduction(({ build, x, dy }) => multiply(build, build.node('Sign', [x]), dy)),
	/** x / |x|, and 0 at the origin. */
	ReduceL2: reduction(({ build, x, y, dy }) => multiply(build, x, where(build, build.node('Greater', [y, build.scalar(0)]), divide(build, dy, y)))),
	ReduceLogSumExp: reduction(({ build, x, y, dy }) => multiply(build, build.node('Exp', [subtract(build, x, y)]), dy)),
}
