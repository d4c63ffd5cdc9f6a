import type { GraphBuilder } from '../builder.ts'

export function sameSizes(left: readonly number[], right: readonly number[]): boolean {
	return left.length === right.length && left.every((size, axis) => size === right[axis])
}

/** From 0 on, for an axis that may count from the end. */
export function positiveAxis(axis: number, rank: number): number {
	return axis < 0 ? axis + rank : axis
}

/** The value itself where it has these sizes already. */
export function reshape(build: GraphBuilder, value: string, dims: readonly number[]): string {
	return sameSizes(build.dims(value), dims) ? value : build.node('Reshape', [value, build.integers(dims)])
}

/** Repeats the value along axes of size 1 and along missing leading axes. */
export function expand(build: GraphBuilder, value: string, dims: readonly number[]): string {
	return sameSizes(build.dims(value), dims) ? value : build.node('Expand', [value, build.integers(dims)])
}

export function transpose(build: GraphBuilder, value: string, perm: readonly number[]): string {
	return perm.every((from, to) => from === to) ? value : build.node('Transpose', [value], { perm })
}

/** Sum over the axes, which stay with size 1. The value itself where there is nothing to sum. */
export function sumOver(build: GraphBuilder, value: string, axes: readonly number[]): string {
	const dims = build.dims(value)
	const real = axes.filter((axis) => dims[axis] !== 1)
	return real.length === 0 ? value : build.node('ReduceSum', [value, build.integers(real)], { keepdims: 1 })
}

/** The opposite of broadcasting: sums a value over everything along which an operand of the given sizes was repeated. */
export function sumTo(build: GraphBuilder, value: string, dims: readonly number[]): string {
	const from = build.dims(value)
	if (sameSizes(from, dims)) return value
	const missing = from.length - dims.length
	const axes = from.map((_, axis) => axis).filter((axis) => axis < missing || dims[axis - missing] === 1)
	return reshape(build, sumOver(build, value, axes), dims)
}

/** A tensor of zeros. */
export function zeros(build: GraphBuilder, dims: readonly number[]): string {
	return expand(build, build.scalar(0), dims)
}

export function slice(build: GraphBuilder, value: string, axis: number, start: number, end: number): string {
	if (start === 0 && end === build.dims(value)[axis]) return value
	return build.node('Slice', [value, build.integers([start]), build.integers([end]), build.integers([axis])])
}

/** Puts zeros before and after along each axis: pads holds all beginnings, then all ends. */
export function padZeros(build: GraphBuilder, value: string, pads: readonly number[]): string {
	return pads.every((size) => size === 0) ? value : build.node('Pad', [value, build.integers(pads)], { mode: 'constant' })
}

/** Puts step - 1 zeros after each element along an axis: [.., n, ..] becomes [.., n * step, ..]. */
export function spread(build: GraphBuilder, value: string, axis: number, step: number): string {
	if (step === 1) return value
	const dims = build.dims(value)
	const inserted = dims.toSpliced(axis + 1, 0, 1)
	const pads = inserted.map(() => 0)
	const ends = pads.with(axis + 1, step - 1)
	const padded = padZeros(build, reshape(build, value, inserted), [...pads, ...ends])
	return reshape(build, padded, dims.with(axis, (dims[axis] ?? 0) * step))
}

/** Reverses the order along an axis. */
export function flip(build: GraphBuilder, value: string, axis: number): string {
	const size = build.dims(value)[axis] ?? 0
	if (size < 2) return value
	return build.node('Gather', [value, build.integers(Array.from({ length: size }, (_, index) => size - 1 - index))], { axis })
}
