import { floatOf, intOf, intsOf, stringOf, tensorOf } from '../../src/onnx/attributes.ts'
import type { Graph, GraphNode } from '../../src/onnx/model.ts'
import { tensorDims, tensorNumbers } from '../../src/onnx/tensor.ts'

/**
 * The standard operators written down plainly in double precision, straight from their specification: slow, and sharing no code with
 * what they are held against. Integers and truth values are numbers too.
 */
export interface Reference {
	dims: readonly number[]
	values: Float64Array
}

type Operator = (node: GraphNode, inputs: readonly (Reference | null)[]) => Reference[]

const product = (dims: readonly number[]): number => dims.reduce((count, size) => count * size, 1)

export function reference(dims: readonly number[], values: ArrayLike<number>): Reference {
	if (values.length !== product(dims)) throw new Error(`${values.length} values for [${dims.join(', ')}].`)
	return { dims, values: Float64Array.from(values) }
}

/** Calls with every index of a tensor in row-major order. */
function everyIndex(dims: readonly number[], visit: (index: number[], position: number) => void): void {
	const index = dims.map(() => 0)
	const count = product(dims)
	for (let position = 0; position < count; position++) {
		visit(index, position)
		for (let axis = dims.length - 1; axis >= 0; axis--) {
			index[axis] = (index[axis] ?? 0) + 1
			if ((index[axis] ?? 0) < (dims[axis] ?? 0)) break
			index[axis] = 0
		}
	}
}

function build(dims: readonly number[], value: (index: number[]) => number): Reference {
	const values = new Float64Array(product(dims))
	everyIndex(dims, (index, position) => {
		values[position] = value(index)
	})
	return { dims: [...dims], values }
}

function at(tensor: Reference, index: readonly number[]): number {
	let position = 0
	for (const [axis, size] of tensor.dims.entries()) position = position * size + (index[axis] ?? 0)
	return tensor.values[position] ?? Number.NaN
}

/** With axes of size 1 repeated and leading axes missing. */
function broadcastAt(tensor: Reference, index: readonly number[]): number {
	const skipped = index.length - tensor.dims.length
	return at(tensor, tensor.dims.map((size, axis) => (size === 1 ? 0 : index[axis + skipped] ?? 0)))
}

function broadcastSizes(tensors: readonly Reference[]): number[] {
	const rank = Math.max(...tensors.map((tensor) => tensor.dims.length))
	return Array.from({ length: rank }, (_, axis) => {
		const sizes = tensors.map((tensor) => tensor.dims[axis - rank + tensor.dims.length] ?? 1)
		return sizes.find((size) => size !== 1) ?? 1
	})
}

const present = (inputs: readonly (Reference | null)[]): Reference[] => inputs.filter((one) => one !== null)
const axisFromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)
const bool = (condition: boolean): number => (condition ? 1 : 0)

function elementwise(apply: (...values: number[]) => number): Operator {
	return (_node, inputs) => {
		const tensors = present(inputs)
		return [build(broadcastSizes(tensors), (index) => apply(...tensors.map((tensor) => broadcastAt(tensor, index))))]
	}
}

function unary(apply: (x: number, node: GraphNode) => number): Operator {
	return (node, inputs) => {
		const x = operandOf(inputs, 0)
		return [{ dims: x.dims, values: x.values.map((value) => apply(value, node)) }]
	}
}

function operandOf(inputs: readonly (Reference | null)[], index: number): Reference {
	const found = inputs[index]
	if (!found) throw new Error(`Input ${index} is missing.`)
	return found
}

/** Abramowitz and Stegun are too coarse; the series and the continued fraction reach double precision. */
export function erf(x: number): number {
	const size = Math.abs(x)
	if (size > 6) return Math.sign(x)
	if (size < 2.5) {
		let term = size
		let sum = size
		for (let n = 1; n < 200 && Math.abs(term) > 1e-18; n++) {
			term *= -(size * size) / n
			sum += term / (2 * n + 1)
		}
		return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI)
	}
	let fraction = 0
	for (let n = 80; n > 0; n--) fraction = (n / 2) / (size + fraction)
	return Math.sign(x) * (1 - Math.exp(-size * size) / ((size + fraction) * Math.sqrt(Math.PI)))
}

const roundHalfEven = (x: number): number => {
	const low = Math.floor(x)
	if (x - low !== 0.5) return Math.round(x)
	return low % 2 === 0 ? low : low + 1
}
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

function reductionAxes(node: GraphNode, inputs: readonly (Reference | null)[]): number[] {
	const rank = operandOf(inputs, 0).dims.length
	const given = inputs[1] ? [...inputs[1].values] : intsOf(node, 'axes', [])
	if (given.length === 0) return intOf(node, 'noop_with_empty_axes', 0) ? [] : Array.from({ length: rank }, (_, axis) => axis)
	return given.map((axis) => axisFromFront(axis, rank))
}

function reduceTensor(x: Reference, axes: readonly number[], keep: boolean, finish: (values: number[]) => number): Reference {
	const kept = x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size))
	const groups = new Map<number, number[]>()
	everyIndex(x.dims, (index, position) => {
		let target = 0
		for (const [axis, size] of kept.entries()) target = target * size + (size === 1 ? 0 : index[axis] ?? 0)
		const group = groups.get(target) ?? []
		groups.set(target, group)
		group.push(x.values[position] ?? 0)
	})
	const values = Array.from({ length: product(kept) }, (_, target) => finish(groups.get(target) ?? []))
	return reference(keep ? kept : x.dims.filter((_, axis) => !axes.includes(axis)), values)
}

function reduction(finish: (values: number[]) => number): Operator {
	return (node, inputs) => [reduceTensor(operandOf(inputs, 0), reductionAxes(node, inputs), intOf(node, 'keepdims', 1) === 1, finish)]
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length
const logSumExp = (values: readonly number[]): number => {
	const most = Math.max(...values)
	return most + Math.log(sum(values.map((value) => Math.exp(value - most))))
}

/** The axes before the last two, along which matrices are stacked. */
function stack(tensor: Reference): Reference {
	const dims = tensor.dims.slice(0, -2)
	return { dims, values: new Float64Array(product(dims)) }
}

const matMul: Operator = (_node, inputs) => {
	const [a, b] = [operandOf(inputs, 0), operandOf(inputs, 1)]
	const left = a.dims.length === 1 ? { ...a, dims: [1, ...a.dims] } : a
	const right = b.dims.length === 1 ? { ...b, dims: [...b.dims, 1] } : b
	const batch = broadcastSizes([stack(left), stack(right)])
	const [rows = 1, inner = 1] = left.dims.slice(-2)
	const columns = right.dims.at(-1) ?? 1
	const result = build([...batch, rows, columns], (index) => {
		const lead = index.slice(0, -2)
		const [row = 0, column = 0] = index.slice(-2)
		const value = (tensor: Reference, last: number[]): number => {
			const own = tensor.dims.slice(0, -2)
			return at(tensor, [...own.map((size, axis) => (size === 1 ? 0 : lead[axis + lead.length - own.length] ?? 0)), ...last])
		}
		let total = 0
		for (let k = 0; k < inner; k++) total += value(left, [row, k]) * value(right, [k, column])
		return total
	})
	let dims = [...result.dims]
	if (a.dims.length === 1) dims = dims.toSpliced(-2, 1)
	if (b.dims.length === 1) dims = dims.slice(0, -1)
	return [{ ...result, dims }]
}

const gemm: Operator = (node, inputs) => {
	const [a, b] = [operandOf(inputs, 0), operandOf(inputs, 1)]
	const [transA, transB] = [intOf(node, 'transA', 0), intOf(node, 'transB', 0)]
	const [m = 1, k = 1] = transA ? [a.dims[1], a.dims[0]] : a.dims
	const n = (transB ? b.dims[0] : b.dims[1]) ?? 1
	const [alpha, beta] = [floatOf(node, 'alpha', 1), floatOf(node, 'beta', 1)]
	const c = inputs[2]
	return [build([m, n], ([row = 0, column = 0]) => {
		let total = 0
		for (let inner = 0; inner < k; inner++) total += at(a, transA ? [inner, row] : [row, inner]) * at(b, transB ? [column, inner] : [inner, column])
		return alpha * total + (c ? beta * broadcastAt(c, [row, column]) : 0)
	})]
}

interface Windows { kernel: number[]; strides: number[]; dilations: number[]; before: number[]; sizes: number[]; padded: number[] }

function windows(node: GraphNode, x: Reference, kernel: number[]): Windows {
	const spatial = x.dims.slice(2)
	const strides = intsOf(node, 'strides', spatial.map(() => 1))
	const dilations = intsOf(node, 'dilations', spatial.map(() => 1))
	const reach = kernel.map((size, axis) => (size - 1) * (dilations[axis] ?? 1) + 1)
	const automatic = stringOf(node, 'auto_pad', 'NOTSET')
	let pads = intsOf(node, 'pads', [...spatial, ...spatial].map(() => 0))
	if (automatic.startsWith('SAME')) {
		const totals = spatial.map((size, axis) => Math.max(0, (Math.ceil(size / (strides[axis] ?? 1)) - 1) * (strides[axis] ?? 1) + (reach[axis] ?? 1) - size))
		const low = totals.map((total) => Math.floor(total / 2))
		const high = totals.map((total) => Math.ceil(total / 2))
		pads = automatic === 'SAME_UPPER' ? [...low, ...high] : [...high, ...low]
	}
	const before = pads.slice(0, spatial.length)
	const after = pads.slice(spatial.length)
	const ceil = intOf(node, 'ceil_mode', 0) === 1
	const sizes = spatial.map((size, axis) => {
		const stride = strides[axis] ?? 1
		const room = size + (before[axis] ?? 0) + (after[axis] ?? 0) - (reach[axis] ?? 1)
		const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1
		return ceil && (count - 1) * stride >= size + (before[axis] ?? 0) ? count - 1 : count
	})
	return { kernel, strides, dilations, before, sizes, padded: spatial.map((size, axis) => size + (after[axis] ?? 0)) }
}

/** Places in x that a window at `place` sees, null where it sees padding, and whether it lies beyond the padding too. */
function seen({ kernel, strides, dilations, before, padded }: Windows, spatial: readonly number[], place: readonly number[], visit: (tap: number[], from: number[] | null, isBeyond: boolean) => void): void {
	everyIndex(kernel, (tap) => {
		const from = place.map((value, axis) => value * (strides[axis] ?? 1) - (before[axis] ?? 0) + (tap[axis] ?? 0) * (dilations[axis] ?? 1))
		const inside = from.every((value, axis) => value >= 0 && value < (spatial[axis] ?? 0))
		visit([...tap], inside ? from : null, from.some((value, axis) => value >= (padded[axis] ?? 0)))
	})
}

const conv: Operator = (node, inputs) => {
	const [x, w, bias] = [operandOf(inputs, 0), operandOf(inputs, 1), inputs[2]]
	const over = windows(node, x, w.dims.slice(2))
	const groups = intOf(node, 'group', 1)
	const [filters = 1, inner = 1] = w.dims
	return [build([x.dims[0] ?? 1, filters, ...over.sizes], ([image = 0, filter = 0, ...place]) => {
		const group = Math.floor(filter / (filters / groups))
		let total = bias ? at(bias, [filter]) : 0
		seen(over, x.dims.slice(2), place, (tap, from) => {
			if (!from) return
			for (let channel = 0; channel < inner; channel++) total += at(w, [filter, channel, ...tap]) * at(x, [image, group * inner + channel, ...from])
		})
		return total
	})]
}

function pool(finish: (values: number[], node: GraphNode, padding: number) => number): Operator {
	return (node, inputs) => {
		const x = operandOf(inputs, 0)
		const over = windows(node, x, intsOf(node, 'kernel_shape', []))
		return [build([...x.dims.slice(0, 2), ...over.sizes], ([image = 0, channel = 0, ...place]) => {
			const values: number[] = []
			let padding = 0
			seen(over, x.dims.slice(2), place, (_tap, from, isBeyond) => {
				if (from) values.push(at(x, [image, channel, ...from]))
				else if (!isBeyond) padding++
			})
			return finish(values, node, padding)
		})]
	}
}

function globalPool(finish: (values: number[]) => number): Operator {
	return (_node, inputs) => {
		const x = operandOf(inputs, 0)
		return [reduceTensor(x, x.dims.map((_, axis) => axis).slice(2), true, finish)]
	}
}

const batchNormalization: Operator = (node, inputs) => {
	const [x, gamma, beta, mu, variance] = [0, 1, 2, 3, 4].map((index) => operandOf(inputs, index)) as [Reference, Reference, Reference, Reference, Reference]
	const epsilon = floatOf(node, 'epsilon', 1e-5)
	const normed = (means: Reference, variances: Reference): Reference => build(x.dims, (index) => {
		const channel = [index[1] ?? 0]
		return ((at(x, index) - at(means, channel)) / Math.sqrt(at(variances, channel) + epsilon)) * at(gamma, channel) + at(beta, channel)
	})
	if (intOf(node, 'training_mode', 0) === 0) return [normed(mu, variance)]
	const places = x.dims.map((_, axis) => axis).filter((axis) => axis !== 1)
	const batchMean = reduceTensor(x, places, false, mean)
	const batchVariance = reduceTensor(x, places, false, (values) => mean(values.map((value) => (value - mean(values)) ** 2)))
	const momentum = floatOf(node, 'momentum', 0.9)
	const running = (old: Reference, current: Reference): Reference => build(old.dims, (index) => momentum * at(old, index) + (1 - momentum) * at(current, index))
	return [normed(batchMean, batchVariance), running(mu, batchMean), running(variance, batchVariance)]
}

const layerNormalization: Operator = (node, inputs) => {
	const [x, gamma, beta] = [operandOf(inputs, 0), operandOf(inputs, 1), inputs[2]]
	const first = axisFromFront(intOf(node, 'axis', -1), x.dims.length)
	const axes = x.dims.map((_, axis) => axis).slice(first)
	const epsilon = floatOf(node, 'epsilon', 1e-5)
	const mu = reduceTensor(x, axes, true, mean)
	const inverse = reduceTensor(x, axes, true, (values) => 1 / Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) + epsilon))
	const y = build(x.dims, (index) => (at(x, index) - broadcastAt(mu, index)) * broadcastAt(inverse, index) * broadcastAt(gamma, index) + (beta ? broadcastAt(beta, index) : 0))
	return [y, mu, inverse]
}

function softmaxLike(finish: (x: number, logTotal: number) => number): Operator {
	return (node, inputs) => {
		const x = operandOf(inputs, 0)
		const axis = axisFromFront(intOf(node, 'axis', -1), x.dims.length)
		const totals = reduceTensor(x, [axis], true, logSumExp)
		return [build(x.dims, (index) => finish(at(x, index), broadcastAt(totals, index)))]
	}
}

/** -1 takes what is left, 0 copies the size. */
function reshapeDims(from: readonly number[], wanted: readonly number[]): number[] {
	const dims = wanted.map((size, axis) => (size === 0 ? from[axis] ?? 1 : size))
	const known = product(dims.filter((size) => size !== -1))
	return dims.map((size) => (size === -1 ? product(from) / known : size))
}

function reshaped(dims: (node: GraphNode, x: Reference, second: Reference | null) => number[]): Operator {
	return (node, inputs) => {
		const x = operandOf(inputs, 0)
		return [reference(dims(node, x, inputs[1] ?? null), x.values)]
	}
}

const transpose: Operator = (node, inputs) => {
	const x = operandOf(inputs, 0)
	const perm = intsOf(node, 'perm', x.dims.map((_, axis) => x.dims.length - 1 - axis))
	return [build(perm.map((axis) => x.dims[axis] ?? 1), (index) => at(x, x.dims.map((_, axis) => index[perm.indexOf(axis)] ?? 0)))]
}

const sliced: Operator = (_node, inputs) => {
	const x = operandOf(inputs, 0)
	const starts = [...operandOf(inputs, 1).values]
	const ends = [...operandOf(inputs, 2).values]
	const axes = inputs[3] ? [...inputs[3].values] : starts.map((_, index) => index)
	const steps = inputs[4] ? [...inputs[4].values] : starts.map(() => 1)
	const taken = x.dims.map((size) => Array.from({ length: size }, (_, index) => index))
	for (const [index, name] of axes.entries()) {
		const axis = axisFromFront(name, x.dims.length)
		const size = x.dims[axis] ?? 0
		const step = steps[index] ?? 1
		const bound = (value: number, low: number, high: number): number => clamp(value < 0 ? value + size : value, low, high)
		const list: number[] = []
		if (step > 0) for (let i = bound(starts[index] ?? 0, 0, size); i < bound(ends[index] ?? 0, 0, size); i += step) list.push(i)
		else for (let i = bound(starts[index] ?? 0, 0, size - 1); i > bound(ends[index] ?? 0, -1, size - 1); i += step) list.push(i)
		taken[axis] = list
	}
	return [build(taken.map((list) => list.length), (index) => at(x, index.map((place, axis) => taken[axis]?.[place] ?? 0)))]
}

const split: Operator = (node, inputs) => {
	const x = operandOf(inputs, 0)
	const axis = axisFromFront(intOf(node, 'axis', 0), x.dims.length)
	const size = x.dims[axis] ?? 0
	const parts = node.output.length
	const chunk = Math.ceil(size / parts)
	const sizes = inputs[1] ? [...inputs[1].values] : Array.from({ length: parts }, (_, part) => Math.min(chunk, size - part * chunk))
	let offset = 0
	return sizes.map((part) => {
		const start = offset
		offset += part
		return build(x.dims.with(axis, part), (index) => at(x, index.with(axis, (index[axis] ?? 0) + start)))
	})
}

const concat: Operator = (node, inputs) => {
	const parts = present(inputs)
	const first = operandOf(inputs, 0)
	const axis = axisFromFront(intOf(node, 'axis', 0), first.dims.length)
	const total = sum(parts.map((part) => part.dims[axis] ?? 0))
	return [build(first.dims.with(axis, total), (index) => {
		let place = index[axis] ?? 0
		for (const part of parts) {
			const size = part.dims[axis] ?? 0
			if (place < size) return at(part, index.with(axis, place))
			place -= size
		}
		return Number.NaN
	})]
}

const gather: Operator = (node, inputs) => {
	const [x, indices] = [operandOf(inputs, 0), operandOf(inputs, 1)]
	const axis = axisFromFront(intOf(node, 'axis', 0), x.dims.length)
	const rank = indices.dims.length
	return [build(x.dims.toSpliced(axis, 1, ...indices.dims), (index) => {
		const row = axisFromFront(at(indices, index.slice(axis, axis + rank)), x.dims[axis] ?? 0)
		return at(x, [...index.slice(0, axis), row, ...index.slice(axis + rank)])
	})]
}

const pad: Operator = (node, inputs) => {
	const x = operandOf(inputs, 0)
	const mode = stringOf(node, 'mode', 'constant')
	const pads = [...operandOf(inputs, 1).values]
	const fill = inputs[2]?.values[0] ?? 0
	const axes = (inputs[3] ? [...inputs[3].values] : x.dims.map((_, axis) => axis)).map((axis) => axisFromFront(axis, x.dims.length))
	const before = x.dims.map((_, axis) => (axes.includes(axis) ? pads[axes.indexOf(axis)] ?? 0 : 0))
	const after = x.dims.map((_, axis) => (axes.includes(axis) ? pads[axes.indexOf(axis) + axes.length] ?? 0 : 0))
	return [build(x.dims.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0)), (index) => {
		const from = index.map((place, axis) => place - (before[axis] ?? 0))
		const folded = from.map((place, axis) => {
			const size = x.dims[axis] ?? 1
			if (mode === 'edge') return clamp(place, 0, size - 1)
			if (mode === 'wrap') return ((place % size) + size) % size
			if (mode !== 'reflect') return place
			let at_ = place
			while (at_ < 0 || at_ >= size) at_ = at_ < 0 ? -at_ : 2 * (size - 1) - at_
			return at_
		})
		return folded.some((place, axis) => place < 0 || place >= (x.dims[axis] ?? 0)) ? fill : at(x, folded)
	})]
}

const expand: Operator = (_node, inputs) => {
	const x = operandOf(inputs, 0)
	const target = [...operandOf(inputs, 1).values]
	const dims = broadcastSizes([x, { dims: target, values: new Float64Array() }])
	return [build(dims, (index) => broadcastAt(x, index))]
}

const clip: Operator = (_node, inputs) => {
	const x = operandOf(inputs, 0)
	const low = inputs[1]?.values[0] ?? Number.NEGATIVE_INFINITY
	const high = inputs[2]?.values[0] ?? Number.POSITIVE_INFINITY
	return [{ dims: x.dims, values: x.values.map((value) => clamp(value, low, high)) }]
}

/** Axis by axis: the weight of every source element for a place of the output. */
const resize: Operator = (node, inputs) => {
	const x = operandOf(inputs, 0)
	const axes = intsOf(node, 'axes', x.dims.map((_, axis) => axis))
	const transformation = stringOf(node, 'coordinate_transformation_mode', 'half_pixel')
	const rounding = stringOf(node, 'nearest_mode', 'round_prefer_floor')
	let current = x
	for (const [index, name] of axes.entries()) {
		const axis = axisFromFront(name, x.dims.length)
		const from = x.dims[axis] ?? 1
		const given = inputs[2] && inputs[2].values.length > 0 ? inputs[2].values[index] ?? 1 : null
		const to = given === null ? inputs[3]?.values[index] ?? from : Math.floor(from * given)
		const ratio = given ?? to / from
		const source = current
		current = build(source.dims.with(axis, to), (target) => {
			const place = target[axis] ?? 0
			let position = (place + 0.5) / ratio - 0.5
			if (transformation === 'asymmetric') position = place / ratio
			else if (transformation === 'align_corners') position = to === 1 ? 0 : (place * (from - 1)) / (to - 1)
			else if (transformation === 'pytorch_half_pixel' && to === 1) position = 0
			const value = (element: number): number => at(source, target.with(axis, clamp(element, 0, from - 1)))
			if (stringOf(node, 'mode', 'nearest') === 'linear') {
				const low = Math.floor(position)
				return value(low) * (1 - position + low) + value(low + 1) * (position - low)
			}
			if (rounding === 'floor') return value(Math.floor(position))
			if (rounding === 'ceil') return value(Math.ceil(position))
			return value(rounding === 'round_prefer_ceil' ? Math.floor(position + 0.5) : Math.ceil(position - 0.5))
		})
	}
	return [current]
}

const constant: Operator = (node) => {
	const tensor = tensorOf(node, 'value')
	if (tensor) return [reference(tensorDims(tensor), tensorNumbers(tensor))]
	const ints = intsOf(node, 'value_ints', null)
	if (ints) return [reference([ints.length], ints)]
	return [reference([], [floatOf(node, 'value_float', intOf(node, 'value_int', 0))])]
}

const OPERATORS: Record<string, Operator> = {
	Identity: unary((x) => x),
	Dropout: unary((x) => x),
	Add: elementwise((a = 0, b = 0) => a + b),
	Sub: elementwise((a = 0, b = 0) => a - b),
	Mul: elementwise((a = 0, b = 0) => a * b),
	Div: elementwise((a = 0, b = 0) => a / b),
	Pow: elementwise((a = 0, b = 0) => a ** b),
	Max: elementwise((...values) => Math.max(...values)),
	Min: elementwise((...values) => Math.min(...values)),
	Sum: elementwise((...values) => sum(values)),
	Mean: elementwise((...values) => mean(values)),
	Equal: elementwise((a = 0, b = 0) => bool(a === b)),
	Greater: elementwise((a = 0, b = 0) => bool(a > b)),
	GreaterOrEqual: elementwise((a = 0, b = 0) => bool(a >= b)),
	Less: elementwise((a = 0, b = 0) => bool(a < b)),
	LessOrEqual: elementwise((a = 0, b = 0) => bool(a <= b)),
	And: elementwise((a = 0, b = 0) => a * b),
	Where: elementwise((condition = 0, a = 0, b = 0) => (condition ? a : b)),
	PRelu: elementwise((x = 0, slope = 0) => (x > 0 ? x : slope * x)),
	Neg: unary((x) => -x),
	Abs: unary(Math.abs),
	Sign: unary(Math.sign),
	Floor: unary(Math.floor),
	Ceil: unary(Math.ceil),
	Round: unary(roundHalfEven),
	Reciprocal: unary((x) => 1 / x),
	Sqrt: unary(Math.sqrt),
	Exp: unary(Math.exp),
	Log: unary(Math.log),
	Erf: unary(erf),
	Tanh: unary(Math.tanh),
	Relu: unary((x) => Math.max(x, 0)),
	LeakyRelu: unary((x, node) => (x > 0 ? x : floatOf(node, 'alpha', 0.01) * x)),
	Elu: unary((x, node) => (x > 0 ? x : floatOf(node, 'alpha', 1) * Math.expm1(x))),
	Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
	HardSigmoid: unary((x, node) => clamp(floatOf(node, 'alpha', 0.2) * x + floatOf(node, 'beta', 0.5), 0, 1)),
	HardSwish: unary((x) => x * clamp(x / 6 + 0.5, 0, 1)),
	Softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
	Gelu: unary((x, node) => (stringOf(node, 'approximate', 'none') === 'tanh'
		? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
		: 0.5 * x * (1 + erf(x / Math.SQRT2)))),
	Cast: unary((x) => x),
	Clip: clip,
	Softmax: softmaxLike((x, total) => Math.exp(x - total)),
	LogSoftmax: softmaxLike((x, total) => x - total),
	ReduceSum: reduction(sum),
	ReduceMean: reduction(mean),
	ReduceMax: reduction((values) => Math.max(...values)),
	ReduceMin: reduction((values) => Math.min(...values)),
	ReduceSumSquare: reduction((values) => sum(values.map((value) => value * value))),
	ReduceL1: reduction((values) => sum(values.map(Math.abs))),
	ReduceL2: reduction((values) => Math.sqrt(sum(values.map((value) => value * value)))),
	ReduceLogSumExp: reduction(logSumExp),
	MatMul: matMul,
	Gemm: gemm,
	Conv: conv,
	AveragePool: pool((values, node, padding) => sum(values) / (values.length + (intOf(node, 'count_include_pad', 0) ? padding : 0))),
	MaxPool: pool((values) => Math.max(...values)),
	GlobalAveragePool: globalPool(mean),
	GlobalMaxPool: globalPool((values) => Math.max(...values)),
	BatchNormalization: batchNormalization,
	LayerNormalization: layerNormalization,
	Reshape: reshaped((_node, x, shape) => reshapeDims(x.dims, [...(shape?.values ?? [])])),
	Flatten: reshaped((node, x) => {
		const axis = axisFromFront(intOf(node, 'axis', 1), x.dims.length)
		return [product(x.dims.slice(0, axis)), product(x.dims.slice(axis))]
	}),
	Squeeze: reshaped((_node, x, axes) => x.dims.filter((size, axis) => (axes ? ![...axes.values].some((named) => axisFromFront(named, x.dims.length) === axis) : size !== 1))),
	Unsqueeze: reshaped((_node, x, axes) => {
		const rank = x.dims.length + (axes?.values.length ?? 0)
		return [...(axes?.values ?? [])].map((axis) => axisFromFront(axis, rank)).toSorted((a, b) => a - b).reduce<number[]>((dims, axis) => dims.toSpliced(axis, 0, 1), [...x.dims])
	}),
	Transpose: transpose,
	Slice: sliced,
	Split: split,
	Concat: concat,
	Gather: gather,
	Pad: pad,
	Expand: expand,
	Resize: resize,
	Constant: constant,
}

/** Runs a graph. @returns every tensor of it by name. */
export function evaluate(graph: Graph, feeds: ReadonlyMap<string, Reference>): Map<string, Reference> {
	const known = new Map(feeds)
	for (const tensor of graph.initializer) known.set(tensor.name ?? '', reference(tensorDims(tensor), tensorNumbers(tensor)))
	for (const node of graph.node) {
		const operator = OPERATORS[node.opType ?? '']
		if (!operator) throw new Error(`The reference has no ${node.opType}.`)
		const outputs = operator(node, node.input.map((name) => (name === '' ? null : known.get(name) ?? null)))
		for (const [index, name] of node.output.entries()) {
			const output = outputs[index]
			if (name !== '' && output) known.set(name, output)
		}
	}
	return known
}
