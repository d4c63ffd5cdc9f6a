import type { TensorFacts } from './facts.ts'
import type { GraphNode } from '../model.ts'
import { elementCount } from '../tensor.ts'

/** One node with what is known of its inputs; null for an absent optional input. */
export interface OperatorCall {
	node: GraphNode
	inputs: readonly (TensorFacts | null)[]
}

/** What the outputs of a node are. Throws an Error that says what does not fit; the caller adds which node it is. */
export type ShapeRule = (call: OperatorCall) => TensorFacts[]

/** Constants with more elements than this are carried without their values. */
export const MOST_VALUES = 4096

/** @throws Error when the node has no such input. */
export function given(call: OperatorCall, index: number): TensorFacts {
	const facts = call.inputs[index]
	if (!facts) throw new Error(`input ${index} is missing`)
	return facts
}

/** Values of an input that must follow from constants; null where the input is absent. */
export function optionalValues(call: OperatorCall, index: number): readonly number[] | null {
	const facts = call.inputs[index]
	if (!facts) return null
	if (!facts.values) throw new Error(`input ${index} ("${call.node.input[index] ?? ''}") does not follow from constants`)
	return facts.values
}

export function constantValues(call: OperatorCall, index: number): readonly number[] {
	given(call, index)
	return optionalValues(call, index) ?? []
}

export function tensorFacts(dataType: number, dims: readonly number[], values: readonly number[] | null = null): TensorFacts {
	const count = elementCount(dims)
	return { dataType, dims, values: values && values.length === count && count <= MOST_VALUES ? values : null }
}

/** An axis counted from the front. @throws Error when the tensor has no such axis. */
export function axisOf(axis: number, rank: number): number {
	if (!Number.isInteger(axis) || axis < -rank || axis >= rank) throw new Error(`axis ${axis} does not exist in ${rank} dimensions`)
	return axis < 0 ? axis + rank : axis
}

/** Axes counted from the front, each once. */
export function axesOf(axes: readonly number[], rank: number): number[] {
	const positive = axes.map((axis) => axisOf(axis, rank))
	if (new Set(positive).size !== positive.length) throw new Error(`an axis of ${axes.join(', ')} is named twice`)
	return positive
}

/** Sizes that tensors of these sizes broadcast to. @throws Error when they do not. */
export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
	const rank = Math.max(0, ...shapes.map((dims) => dims.length))
	return Array.from({ length: rank }, (_, axis) => {
		let result = 1
		for (const dims of shapes) {
			const size = dims[axis - rank + dims.length] ?? 1
			if (size === 1 || size === result) continue
			if (result !== 1) throw new Error(`sizes ${shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ')} do not broadcast`)
			result = size
		}
		return result
	})
}

/** Elements between neighbours along each axis, in row-major order. */
export function stridesOf(dims: readonly number[]): number[] {
	const strides = dims.map(() => 1)
	for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (dims[axis + 1] ?? 1)
	return strides
}

/** Calls back with the coordinates of each element in row-major order; the array is reused. */
export function forEachPlace(dims: readonly number[], visit: (place: readonly number[]) => void): void {
	const count = elementCount(dims)
	const place = dims.map(() => 0)
	for (let index = 0; index < count; index++) {
		visit(place)
		for (let axis = dims.length - 1; axis >= 0; axis--) {
			const next = (place[axis] ?? 0) + 1
			if (next < (dims[axis] ?? 0)) {
				place[axis] = next
				break
			}
			place[axis] = 0
		}
	}
}

/** Facts of a tensor whose element at a place is the input's element at sourceOf(place); values only where the input's are known. */
export function rearranged(input: TensorFacts, dims: readonly number[], sourceOf: (place: readonly number[]) => readonly number[]): TensorFacts {
	const { values } = input
	if (!values || elementCount(dims) > MOST_VALUES) return tensorFacts(input.dataType, dims)
	const strides = stridesOf(input.dims)
	const result: number[] = []
	forEachPlace(dims, (place) => {
		const source = sourceOf(place).reduce((sum, coordinate, axis) => sum + coordinate * (strides[axis] ?? 0), 0)
		result.push(values[source] ?? 0)
	})
	return tensorFacts(input.dataType, dims, result)
}
