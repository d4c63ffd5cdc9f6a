import type { GraphBuilder } from '../../builder.ts'
import { scale } from '../arithmetic.ts'
import { floatOf, intOf } from '../../attributes.ts'
import type { GradientRule } from '../rule.ts'
import { inputOf, onlyGradient } from '../ruleParts.ts'
import { reshape, sumTo, transpose } from '../sizes.ts'
import { elementCount } from '../../tensor.ts'

function swapLast(build: GraphBuilder, value: string): string {
	const rank = build.dims(value).length
	const perm = Array.from({ length: rank }, (_, axis) => axis)
	return transpose(build, value, [...perm.slice(0, -2), rank - 1, rank - 2])
}

/** Rows of a stack of matrices as one matrix. */
function asRows(build: GraphBuilder, value: string): string {
	const dims = build.dims(value)
	const last = dims.at(-1) ?? 1
	return reshape(build, value, [elementCount(dims) / last, last])
}

/**
 * A [.., m, k] times B [.., k, n]: dA = dY B^T, dB = A^T dY, each summed over the axes along which its operand was repeated. Where B is a
 * single matrix both are one multiplication of matrices. An operand of one axis is a row (A) or a column (B).
 */
const matMul: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const [aDims, bDims] = [build.dims(inputOf(node, 0)), build.dims(inputOf(node, 1))]
	const a = reshape(build, inputOf(node, 0), aDims.length === 1 ? [1, ...aDims] : aDims)
	const b = reshape(build, inputOf(node, 1), bDims.length === 1 ? [...bDims, 1] : bDims)
	let dyDims = [...build.dims(onlyGradient(outputGradients))]
	if (bDims.length === 1) dyDims = [...dyDims, 1]
	if (aDims.length === 1) dyDims = dyDims.toSpliced(-1, 0, 1)
	const dy = reshape(build, onlyGradient(outputGradients), dyDims)
	if (build.dims(b).length === 2) {
		const rows = asRows(build, dy)
		return [
			wanted[0] ? reshape(build, build.node('Gemm', [rows, b], { transB: 1 }), aDims) : null,
			wanted[1] ? reshape(build, build.node('Gemm', [asRows(build, a), rows], { transA: 1 }), bDims) : null,
		]
	}
	return [
		wanted[0] ? reshape(build, sumTo(build, build.node('MatMul', [dy, swapLast(build, b)]), build.dims(a)), aDims) : null,
		wanted[1] ? reshape(build, sumTo(build, build.node('MatMul', [swapLast(build, a), dy]), build.dims(b)), bDims) : null,
	]
}

/** alpha A' B' + beta C, with A' = A or its transpose. */
const gemm: GradientRule = ({ build, node, outputGradients, wanted }) => {
	const dy = onlyGradient(outputGradients)
	const a = inputOf(node, 0)
	const b = inputOf(node, 1)
	const c = node.input[2]
	const alpha = floatOf(node, 'alpha', 1)
	const transA = intOf(node, 'transA', 0)
	const transB = intOf(node, 'transB', 0)
	const leftGradient = (): string => (transA
		? build.node('Gemm', [b, dy], { alpha, transA: transB, transB: 1 })
		: build.node('Gemm', [dy, b], { alpha, transB: transB ? 0 : 1 }))
	const rightGradient = (): string => (transB
		? build.node('Gemm', [dy, a], { alpha, transA: 1, transB: transA })
		: build.node('Gemm', [a, dy], { alpha, transA: transA ? 0 : 1 }))
	return [
		wanted[0] ? leftGradient() : null,
		wanted[1] ? rightGradient() : null,
		...(node.input.length > 2 ? [wanted[2] && c ? scale(build, sumTo(build, dy, build.dims(c)), floatOf(node, 'beta', 1)) : null] : []),
	]
}

export const matrixRules: Record<string, GradientRule> = { MatMul: matMul, Gemm: gemm }
