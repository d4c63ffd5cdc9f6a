/** PhotometricInterpretation (tag 262) of one page of a TIFF file: 0 is white for the smallest value. Null where it is not found. */
export function tiffPhotometric(bytes: Uint8Array, page: number): number | null {
	if (bytes.length < 8) return null
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
	const littleEndian = bytes[0] === 0x49
	let directory = view.getUint32(4, littleEndian)
	for (let index = 0; index <= page && directory > 0 && directory + 2 <= bytes.length; index++) {
		const count = view.getUint16(directory, littleEndian)
		const end = directory + 2 + count * 12
		if (end + 4 > bytes.length) return null
		if (index === page) {
			for (let at = directory + 2; at < end; at += 12) {
				if (view.getUint16(at, littleEndian) === 262) return view.getUint16(at + 8, littleEndian)
			}
			return null
		}
		directory = view.getUint32(end, littleEndian)
	}
	return null
}
