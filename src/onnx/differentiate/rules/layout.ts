import { intsOf } from '../../attributes.ts'
import type { GradientRule } from '../rule.ts'
import { inputOf, onlyGradient } from '../ruleParts.ts'
import { reshape, transpose } from '../sizes.ts'

/** The same values under other sizes. */
const reshaped: GradientRule = ({ build, node, outputGradients }) => [
	reshape(build, onlyGradient(outputGradients), build.dims(inputOf(node, 0))),
	...node.input.slice(1).map(() => null),
]

const transposed: GradientRule = ({ build, node, outputGradients }) => {
	const rank = build.dims(inputOf(node, 0)).length
	const perm = intsOf(node, 'perm', null) ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)
	const inverse = perm.map((_, axis) => perm.indexOf(axis))
	return [transpose(build, onlyGradient(outputGradients), inverse)]
}

export const layoutRules: Record<string, GradientRule> = {
	Reshape: reshaped,
	Flatten: reshaped,
	Squeeze: reshaped,
	Unsqueeze: reshaped,
	Transpose: transposed,
}
