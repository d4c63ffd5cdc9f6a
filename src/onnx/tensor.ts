import { DATA_TYPE, float32Tensor, type Tensor } from './model.ts'

/** Bytes per element of the types whose values are read here. */
const ELEMENT_BYTES: Record<number, number> = {
	[DATA_TYPE.float32]: 4, [DATA_TYPE.uint8]: 1, [DATA_TYPE.int8]: 1, [DATA_TYPE.int32]: 4, [DATA_TYPE.int64]: 8, [DATA_TYPE.bool]: 1,
	[DATA_TYPE.float16]: 2, [DATA_TYPE.float64]: 8,
}

/** @throws Error when a size is negative or the tensor has more elements than a file can hold. */
export function elementCount(dims: readonly number[]): number {
	let count = 1
	for (const size of dims) {
		if (!Number.isSafeInteger(size) || size < 0) throw new Error(`A size of ${size} is not possible.`)
		count *= size
	}
	if (count > 2 ** 36) throw new Error(`A tensor of ${dims.join(' x ')} elements is too large.`)
	return count
}

/** Sizes of a tensor as numbers. @throws Error as elementCount. */
export function tensorDims(tensor: Tensor): number[] {
	const dims = tensor.dims.map(Number)
	elementCount(dims)
	return dims
}

function named(tensor: Tensor): string {
	return `The constant "${tensor.name ?? ''}"`
}

/** Raw bytes in an array buffer of their own, so that a view of any element size can lie on them. */
function alignedBytes(tensor: Tensor, count: number, bytesEach: number): ArrayBuffer | null {
	if (tensor.dataLocation === 1) throw new Error(`${named(tensor)} lies in another file.`)
	if (!tensor.rawData) return null
	if (tensor.rawData.byteLength !== count * bytesEach) throw new Error(`${named(tensor)} has ${tensor.rawData.byteLength} bytes instead of ${count * bytesEach}.`)
	return new Uint8Array(tensor.rawData).buffer
}

/** The half-precision number with these bits. */
export function halfToNumber(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1
	const exponent = (bits >> 10) & 31
	const fraction = bits & 1023
	if (exponent === 0) return sign * fraction * 2 ** -24
	if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Bits of the half-precision number nearest to a value, ties to even; infinite past the largest. */
export function numberToHalf(value: number): number {
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
	const magnitude = Math.abs(value)
	if (Number.isNaN(value)) return 0x7e00
	if (magnitude >= 65_520) return sign | 0x7c00
	// Steps of the numbers around the value: a 1024th of its power of two, and never less than the smallest number.
	const exponent = Math.max(-14, Math.floor(Math.log2(magnitude || 2 ** -30)))
	const steps = roundHalfToEven(magnitude / 2 ** (exponent - 10))
	return sign | (steps < 1024 ? steps : ((exponent + 15) << 10) + (steps - 1024))
}

/** The nearest integer; of two equally near ones the even one. */
export function roundHalfToEven(value: number): number {
	const nearest = Math.round(value)
	return Math.abs(value % 1) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest
}

/**
 * Values of a tensor of numbers or truth values, in row-major order.
 * @throws Error for another type, for values in another file and for a number of values that does not fit the sizes.
 */
export function tensorNumbers(tensor: Tensor): ArrayLike<number> {
	const count = elementCount(tensorDims(tensor))
	const type = tensor.dataType ?? 0
	const bytesEach = ELEMENT_BYTES[type]
	if (bytesEach === undefined) throw new Error(`${named(tensor)} is of type ${type}, whose values are not read.`)
	const raw = alignedBytes(tensor, count, bytesEach)
	const values = raw ? rawNumbers(raw, type) : listedNumbers(tensor, type)
	if (values.length !== count) throw new Error(`${named(tensor)} has ${values.length} values instead of ${count}.`)
	return values
}

function rawNumbers(raw: ArrayBuffer, type: number): ArrayLike<number> {
	switch (type) {
		case DATA_TYPE.float32: return new Float32Array(raw)
		case DATA_TYPE.float64: return new Float64Array(raw)
		case DATA_TYPE.int64: return Array.from(new BigInt64Array(raw), Number)
		case DATA_TYPE.int32: return new Int32Array(raw)
		case DATA_TYPE.int8: return new Int8Array(raw)
		case DATA_TYPE.float16: return Array.from(new Uint16Array(raw), halfToNumber)
		default: return new Uint8Array(raw)
	}
}

function listedNumbers(tensor: Tensor, type: number): ArrayLike<number> {
	switch (type) {
		case DATA_TYPE.float32: return tensor.floatData
		case DATA_TYPE.float64: return tensor.doubleData
		case DATA_TYPE.int64: return tensor.int64Data.map(Number)
		case DATA_TYPE.float16: return tensor.int32Data.map(halfToNumber)
		default: return tensor.int32Data
	}
}

/** Values of a float32 tensor as a copy of its own. @throws Error as tensorNumbers, and when it is not float32. */
export function tensorFloats(tensor: Tensor): Float32Array<ArrayBuffer> {
	if (tensor.dataType !== DATA_TYPE.float32) throw new Error(`${named(tensor)} is not float32.`)
	const values = tensorNumbers(tensor)
	return values instanceof Float32Array ? (values as Float32Array<ArrayBuffer>) : Float32Array.from(values)
}

/** A float32 tensor of many values, kept as bytes (little-endian, as in the file). */
export function weightTensor(name: string, dims: readonly number[], values: Float32Array): Tensor {
	if (elementCount(dims) !== values.length) throw new Error(`"${name}" has ${values.length} values instead of ${dims.join(' x ')}.`)
	return { ...float32Tensor(name, dims, []), rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) }
}
