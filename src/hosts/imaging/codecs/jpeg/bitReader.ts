import { UserError } from '../../../../common/contract/procedures.ts'

/** Canonical Huffman code (ITU-T T.81 annex C): an 8-bit look-up, and largest code per length for the rest. */
export interface HuffmanTable {
	/** For each 8-bit prefix: length << 8 | symbol, or 0 where the code is longer. */
	fast: Uint16Array
	/** Largest code of each length, -1 where there is none. */
	largest: Int32Array
	/** Symbol index of a code = code + offset[length]. */
	offset: Int32Array
	symbols: Uint8Array
}

/** @param counts codes of each length 1 to 16. @throws UserError where the counts are no prefix code. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
	const table: HuffmanTable = { fast: new Uint16Array(256), largest: new Int32Array(17).fill(-1), offset: new Int32Array(17), symbols }
	let code = 0
	let index = 0
	for (let length = 1; length <= 16; length++) {
		const count = counts[length - 1] ?? 0
		table.offset[length] = index - code
		if (code + count > 1 << length) throw new UserError('The JPEG pixel data have a damaged code table.')
		for (let entry = 0; entry < count; entry++, code++, index++) {
			if (length > 8) continue
			const first = code << (8 - length)
			table.fast.fill((length << 8) | (symbols[index] ?? 0), first, first + (1 << (8 - length)))
		}
		if (count > 0) table.largest[length] = code - 1
		code <<= 1
	}
	return table
}

/** Reads the entropy-coded bits of a scan, byte stuffing removed. Ends with a UserError where the bits end too early. */
export class BitReader {
	position: number
	private readonly bytes: Uint8Array
	private bits = 0
	private count = 0
	/** Zero bytes supplied after the end; a code may look ahead a little, but not use them. */
	private beyond = 0

	constructor(bytes: Uint8Array, position: number) {
		this.bytes = bytes
		this.position = position
	}

	private fill(): void {
		while (this.count <= 16) {
			let byte = 0
			const next = this.bytes[this.position]
			if (next === undefined || (next === 0xff && this.bytes[this.position + 1] !== 0)) {
				// Fill bytes before a marker are allowed; otherwise this is the end of the scan's data.
				if (next === 0xff && this.bytes[this.position + 1] === 0xff) {
					this.position++
					continue
				}
				this.beyond += 8
			} else {
				byte = next
				this.position += next === 0xff ? 2 : 1
			}
			this.bits = (this.bits << 8) | byte
			this.count += 8
		}
	}

	private take(length: number): void {
		this.count -= length
		if (this.beyond > this.count) throw new UserError('The JPEG pixel data end before the image is full.')
	}

	/** An unsigned number of 0 to 16 bits. */
	read(length: number): number {
		if (length === 0) return 0
		if (this.count < length) this.fill()
		const value = (this.bits >>> (this.count - length)) & ((1 << length) - 1)
		this.take(length)
		return value
	}

	/** A number of `length` bits with the sign rule of T.81 F.2.2.1 (EXTEND). */
	readSigned(length: number): number {
		const value = this.read(length)
		return length > 0 && value < 1 << (length - 1) ? value - (1 << length) + 1 : value
	}

	symbol(table: HuffmanTable): number {
		if (this.count < 16) this.fill()
		const entry = table.fast[(this.bits >>> (this.count - 8)) & 0xff] as number
		if (entry !== 0) {
			this.take(entry >>> 8)
			return entry & 0xff
		}
		const window = (this.bits >>> (this.count - 16)) & 0xffff
		for (let length = 9; length <= 16; length++) {
			const code = window >>> (16 - length)
			if (code <= (table.largest[length] as number)) {
				this.take(length)
				return table.symbols[code + (table.offset[length] as number)] ?? 0
			}
		}
		throw new UserError('The JPEG pixel data are damaged.')
	}

	/** Steps over a restart marker. @throws UserError where there is none. */
	restart(): void {
		this.bits = 0
		this.count = 0
		this.beyond = 0
		while (this.bytes[this.position] === 0xff && this.bytes[this.position + 1] === 0xff) this.position++
		const marker = this.bytes[this.position + 1]
		if (this.bytes[this.position] !== 0xff || marker === undefined || marker < 0xd0 || marker > 0xd7) {
			throw new UserError('The JPEG pixel data are damaged: a restart mark is missing.')
		}
		this.position += 2
	}
}
