/**
 * A float32 array as a NumPy file, version 1.0 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 * magic, version, length of the header, the header padded with blanks so that the data begin at a multiple of 64.
 * @param values row by row, as many as the product of the shape.
 */
export function encodeNpy(values: Float32Array, shape: number[]): Uint8Array {
	const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`
	const unpadded = 10 + dictionary.length + 1
	const header = `${dictionary}${' '.repeat((64 - (unpadded % 64)) % 64)}\n`
	const bytes = Buffer.alloc(10 + header.length + values.length * 4)
	bytes.write('\u0093NUMPY', 0, 'latin1')
	bytes.writeUInt8(1, 6)
	bytes.writeUInt8(0, 7)
	bytes.writeUInt16LE(header.length, 8)
	bytes.write(header, 10, 'latin1')
	values.forEach((value, index) => bytes.writeFloatLE(value, 10 + header.length + index * 4))
	return bytes
}
