import { elementCount, halfToNumber } from '../onnx/tensor.ts'
import type { NamedTensor, NamedTensors } from './namedTensor.ts'

/** Bytes before the header: its length as an unsigned 64-bit number, little-endian. */
const PREFIX = 8
/** The format's own limit is 100 MB; the longest header of a network here has less than 100 kB. */
const LONGEST_HEADER = 16 * 1024 ** 2
const MOST_TENSORS = 100_000
const MOST_AXES = 8

/** Types of the format with the bytes of an element; only the first three hold weights. */
const BYTES_EACH: Readonly<Record<string, number>> = {
	F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8, U64: 8, I32: 4, U32: 4, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1,
}

interface Entry {
	name: string
	dtype: string
	dims: number[]
	begin: number
	end: number
}

/**
 * Reads a safetensors file: every tensor by name, the values when asked for. Nothing is believed: sizes must fit the bytes, and the tensors must follow each other
 * without gap or overlap to the end of the file.
 * @throws Error that names the tensor and what is wrong with it
 */
export function readSafetensors(file: Uint8Array): NamedTensors {
	const { entries, start } = readHeader(file)
	let position = 0
	for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
		if (begin !== position) throw new Error(`The tensor "${name}" of the safetensors file starts at byte ${begin} of the data instead of ${position}.`)
		position = end
	}
	if (start + position !== file.byteLength) throw new Error(`The safetensors file has ${file.byteLength - start} bytes of data instead of ${position}.`)
	return new Map(entries.map((entry) => [entry.name, tensorOf(entry, file.subarray(start + entry.begin, start + entry.end))]))
}

function readHeader(file: Uint8Array): { entries: Entry[]; start: number } {
	if (file.byteLength < PREFIX) throw new Error('The file is too short for a safetensors file.')
	const length = new DataView(file.buffer, file.byteOffset, PREFIX).getBigUint64(0, true)
	if (length > BigInt(LONGEST_HEADER)) throw new Error(`The file is no safetensors file, or its header is too long (${length} bytes).`)
	const start = PREFIX + Number(length)
	if (start > file.byteLength) throw new Error(`The header of the safetensors file has ${length} bytes, but only ${file.byteLength - PREFIX} follow.`)
	const header = parseHeader(file.subarray(PREFIX, start))
	const described = Object.entries(header).filter(([name]) => name !== '__metadata__')
	if (described.length > MOST_TENSORS) throw new Error(`The safetensors file has ${described.length} tensors; ${MOST_TENSORS} is the most.`)
	return { entries: described.map(([name, value]) => readEntry(name, value)), start }
}

function parseHeader(bytes: Uint8Array): object {
	let header: unknown
	try {
		header = JSON.parse(asciiOf(bytes))
	} catch (error) {
		throw new Error('The header of the safetensors file is not JSON.', { cause: error })
	}
	if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new Error('The header of the safetensors file is not a JSON object.')
	return header
}

/** Names of parameters are ASCII; other characters, which only metadata have, become several. */
function asciiOf(bytes: Uint8Array): string {
	const chunks: string[] = []
	for (let start = 0; start < bytes.length; start += 8192) chunks.push(String.fromCharCode(...bytes.subarray(start, start + 8192)))
	return chunks.join('')
}

/** A property of an object of unknown kind, its prototype's not counted. */
function ownValue(value: unknown, key: string): unknown {
	return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined
}

function isSize(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0
}

function readEntry(name: string, value: unknown): Entry {
	const refuse = (reason: string) => new Error(`The tensor "${name}" of the safetensors file ${reason}.`)
	const dtype = ownValue(value, 'dtype')
	const dims = ownValue(value, 'shape')
	const offsets = ownValue(value, 'data_offsets')
	const bytesEach = typeof dtype === 'string' && Object.hasOwn(BYTES_EACH, dtype) ? BYTES_EACH[dtype] : undefined
	if (typeof dtype !== 'string' || bytesEach === undefined) throw refuse('has an unknown type')
	if (!Array.isArray(dims) || dims.length > MOST_AXES || !dims.every(isSize)) throw refuse('has no usable shape')
	if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) throw refuse('has no usable data_offsets')
	const [begin = 0, end = 0] = offsets
	const bytes = elementCount(dims) * bytesEach
	if (end - begin !== bytes) throw refuse(`has ${end - begin} bytes, but its shape [${dims.join(', ')}] of ${dtype} needs ${bytes}`)
	return { name, dtype, dims, begin, end }
}

function tensorOf({ name, dtype, dims }: Entry, bytes: Uint8Array): NamedTensor {
	return {
		dims,
		values() {
			// A copy, because values need not lie at a multiple of their size.
			const { buffer } = Uint8Array.from(bytes)
			switch (dtype) {
				case 'F32': return new Float32Array(buffer)
				case 'F16': return decode(new Uint16Array(buffer), halfTable())
				case 'BF16': return decodeBrain(new Uint16Array(buffer))
				default: throw new Error(`The tensor "${name}" of the safetensors file is of type ${dtype}; weights are F32, F16 or BF16.`)
			}
		},
	}
}

/** bfloat16 is the upper half of float32. */
function decodeBrain(bits: Uint16Array): Float32Array {
	const words = new Uint32Array(bits.length)
	for (let index = 0; index < bits.length; index++) words[index] = (bits[index] ?? 0) << 16
	return new Float32Array(words.buffer)
}

let halves: Float32Array | null = null

/** Every half-precision number by its bits. */
function halfTable(): Float32Array {
	return (halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfToNumber(bits)))
}

function decode(bits: Uint16Array, table: Float32Array): Float32Array {
	const values = new Float32Array(bits.length)
	for (let index = 0; index < bits.length; index++) values[index] = table[bits[index] ?? 0] ?? 0
	return values
}
