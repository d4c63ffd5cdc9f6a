import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSafetensors } from '../../src/zoo/safetensors.ts'

interface Entry {
	dtype: string
	shape: unknown
	data_offsets: unknown
}

function fileOf(header: string | Record<string, unknown>, data: Uint8Array, length?: bigint): Uint8Array {
	const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
	const prefix = Buffer.alloc(8)
	prefix.writeBigUInt64LE(length ?? BigInt(text.length))
	return Uint8Array.from(Buffer.concat([prefix, text, data]))
}

const entry = (dtype: string, shape: unknown, offsets: unknown): Entry => ({ dtype, shape, data_offsets: offsets })
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)

describe('readSafetensors', () => {
	it('reads F32, F16 and BF16, in any order and at any alignment', () => {
		const halves = new Uint8Array(Uint16Array.from([0x3c00, 0xc000, 0x0001, 0x7bff]).buffer)
		const brains = new Uint8Array(Uint16Array.from([0x3f80, 0xc040]).buffer)
		const data = Buffer.concat([new Uint8Array([7]), brains, floats(1.5, -2), halves])
		const tensors = readSafetensors(fileOf({
			half: entry('F16', [2, 2], [13, 21]), single: entry('F32', [2], [5, 13]), brain: entry('BF16', [1, 2], [1, 5]), flag: entry('BOOL', [], [0, 1]),
			__metadata__: { format: 'pt' },
		}, data))
		expect([...tensors.keys()]).toEqual(['half', 'single', 'brain', 'flag'])
		expect([...(tensors.get('half')?.values() ?? [])]).toEqual([1, -2, 2 ** -24, 65504])
		expect([...(tensors.get('single')?.values() ?? [])]).toEqual([1.5, -2])
		expect([...(tensors.get('brain')?.values() ?? [])]).toEqual([1, -3])
		expect(tensors.get('half')?.dims).toEqual([2, 2])
		expect(() => tensors.get('flag')?.values()).toThrow('"flag" of the safetensors file is of type BOOL')
	})

	it('every bfloat16 is the single with the same upper half', () => {
		fc.assert(fc.property(fc.integer({ min: 0, max: 65_535 }), (bits) => {
			const [value = 0] = readSafetensors(fileOf({ a: entry('BF16', [1], [0, 2]) }, Uint8Array.from([bits & 255, bits >> 8]))).get('a')?.values() ?? []
			const expected = new DataView(Uint8Array.from([0, 0, bits & 255, bits >> 8]).buffer).getFloat32(0, true)
			expect(Object.is(value, expected)).toBe(true)
		}), { numRuns: 200 })
	})

	const hostile: [what: string, file: Uint8Array, message: string][] = [
		['nothing', new Uint8Array(0), 'too short'],
		['a header without end', fileOf('{}', new Uint8Array(0), 2n ** 63n), 'too long'],
		['a header longer than the file', fileOf('{}', new Uint8Array(0), 1000n), 'only 2 follow'],
		['no JSON', fileOf('{"a":', new Uint8Array(0)), 'not JSON'],
		['a list', fileOf('[]', new Uint8Array(0)), 'not a JSON object'],
		['no object', fileOf({ a: 3 }, new Uint8Array(0)), '"a" of the safetensors file has an unknown type'],
		['an unknown type', fileOf({ a: entry('F128', [1], [0, 16]) }, new Uint8Array(16)), 'unknown type'],
		['a type of the prototype', fileOf({ a: entry('toString', [1], [0, 16]) }, new Uint8Array(16)), 'unknown type'],
		['a negative size', fileOf({ a: entry('F32', [-1], [0, 4]) }, new Uint8Array(4)), 'no usable shape'],
		['too many axes', fileOf({ a: entry('F32', Array.from({ length: 9 }, () => 1), [0, 4]) }, new Uint8Array(4)), 'no usable shape'],
		['a fraction', fileOf({ a: entry('F32', [1.5], [0, 6]) }, new Uint8Array(6)), 'no usable shape'],
		['too many elements', fileOf({ a: entry('F32', [2 ** 30, 2 ** 30, 2 ** 30], [0, 4]) }, new Uint8Array(4)), 'too large'],
		['offsets past the end', fileOf({ a: entry('F32', [4], [0, 16]) }, new Uint8Array(8)), '8 bytes of data instead of 16'],
		['offsets backwards', fileOf({ a: entry('F32', [1], [4, 0]) }, new Uint8Array(4)), '-4 bytes'],
		['one offset', fileOf({ a: entry('F32', [1], [4]) }, new Uint8Array(4)), 'no usable data_offsets'],
		['a shape that the bytes do not fill', fileOf({ a: entry('F32', [3], [0, 8]) }, new Uint8Array(8)), 'needs 12'],
		['the same bytes twice', fileOf({ a: entry('F32', [1], [0, 4]), b: entry('F32', [1], [0, 4]) }, new Uint8Array(4)), '"b" of the safetensors file starts at byte 0 of the data instead of 4'],
		['a gap', fileOf({ a: entry('F32', [1], [0, 4]), b: entry('F32', [1], [8, 12]) }, new Uint8Array(12)), 'starts at byte 8'],
		['bytes after the last tensor', fileOf({ a: entry('F32', [1], [0, 4]) }, new Uint8Array(5)), '5 bytes of data instead of 4'],
	]
	for (const [what, file, message] of hostile) it(`refuses ${what}`, () => expect(() => readSafetensors(file)).toThrow(message))

	it('reads or refuses whatever the bytes are', () => {
		const good = fileOf({ a: entry('F32', [2], [0, 8]), b: entry('F16', [1], [8, 10]) }, new Uint8Array(10))
		const damage = fc.array(fc.record({ at: fc.nat(good.length - 1), value: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 4 })
		fc.assert(fc.property(damage, fc.nat(good.length), (changes, length) => {
			const file = good.slice(0, length)
			for (const { at, value } of changes) if (at < length) file[at] = value
			try {
				for (const tensor of readSafetensors(file).values()) expect(tensor.values().length).toBe(tensor.dims.reduce((all, size) => all * size, 1))
			} catch (error) {
				expect(error).toBeInstanceOf(Error)
				expect((error as Error).message).toMatch(/\.$/)
			}
		}), { numRuns: 500 })
	})
})
