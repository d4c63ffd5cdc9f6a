import { intOf, stringOf } from '../attributes.ts'
import { broadcastDims, given, tensorFacts, type ShapeRule } from './rule.ts'

/** Sizes of a product of stacks of matrices, with a vector on either side as in numpy. */
function matrixProductDims(left: readonly number[], right: readonly number[]): number[] {
	if (left.length === 0 || right.length === 0) throw new Error('a scalar has no matrix product')
	const first = left.length === 1 ? [1, ...left] : left
	const second = right.length === 1 ? [...right, 1] : right
	const [rows, inner] = first.slice(-2)
	const [inner2, columns] = second.slice(-2)
	if (inner !== inner2) throw new Error(`matrices of [${left.join(', ')}] and [${right.join(', ')}] cannot be multiplied`)
	return [
		...broadcastDims(first.slice(0, -2), second.slice(0, -2)),
		...(left.length === 1 ? [] : [rows ?? 0]), ...(right.length === 1 ? [] : [columns ?? 0]),
	]
}

const matMul: ShapeRule = (call) => {
	const [left, right] = [given(call, 0), given(call, 1)]
	if (left.dataType !== right.dataType) throw new Error('its inputs are of different types')
	return [tensorFacts(left.dataType, matrixProductDims(left.dims, right.dims))]
}

const gemm: ShapeRule = (call) => {
	const oriented = (index: number, attribute: string) => {
		const { dims } = given(call, index)
		if (dims.length !== 2) throw new Error(`its input ${index} has ${dims.length} dimensions`)
		return intOf(call.node, attribute, 0) === 1 ? dims.toReversed() : dims
	}
	const dims = matrixProductDims(oriented(0, 'transA'), oriented(1, 'transB'))
	const addend = call.inputs[2]
	if (addend && broadcastDims(dims, addend.dims).join() !== dims.join()) throw new Error('its addend does not broadcast to its product')
	return [tensorFacts(given(call, 0).dataType, dims)]
}

/** Letters name axes; an ellipsis stands for broadcast axes in front of or between them. */
const einsum: ShapeRule = (call) => {
	const equation = stringOf(call.node, 'equation', '').replaceAll(' ', '')
	const [left = '', right] = equation.split('->')
	const terms = left.split(',')
	if (terms.length !== call.inputs.length) throw new Error(`its equation "${equation}" has ${terms.length} terms for ${call.inputs.length} inputs`)
	const sizes = new Map<string, number>()
	const counts = new Map<string, number>()
	let ellipsis: number[] = []
	for (const [index, term] of terms.entries()) {
		const { dims } = given(call, index)
		const [before = '', after] = term.split('...')
		const hidden = dims.length - before.length - (after?.length ?? 0)
		if (after === undefined ? hidden !== 0 : hidden < 0) throw new Error(`its equation "${equation}" does not fit an input of ${dims.length} dimensions`)
		ellipsis = broadcastDims(ellipsis, dims.slice(before.length, before.length + hidden))
		const letters = [...before, ...(after ?? '')]
		const seen = [...dims.slice(0, before.length), ...dims.slice(before.length + hidden)]
		for (const [place, letter] of letters.entries()) {
			sizes.set(letter, broadcastDims([sizes.get(letter) ?? 1], [seen[place] ?? 1])[0] ?? 1)
			counts.set(letter, (counts.get(letter) ?? 0) + 1)
		}
	}
	const implicit = [...counts].filter(([, count]) => count === 1).map(([letter]) => letter).toSorted().join('')
	const result = right ?? (left.includes('...') ? `...${implicit}` : implicit)
	const [before = '', after] = result.split('...')
	const named = (letters: string) => [...letters].map((letter) => {
		const size = sizes.get(letter)
		if (size === undefined) throw new Error(`its equation "${equation}" names an axis ${letter} that no input has`)
		return size
	})
	return [tensorFacts(given(call, 0).dataType, [...named(before), ...(after === undefined ? [] : ellipsis), ...named(after ?? '')])]
}

export const matrixRules: Record<string, ShapeRule> = { MatMul: matMul, Gemm: gemm, Einsum: einsum }
