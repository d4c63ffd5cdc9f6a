/**
 * The smallest JPEG encoders that make valid streams of the processes that no package encodes: lossless with any predictor,
 * and 12-bit DCT, sequential or with spectral selection. Code tables give every symbol the same length.
 */
class BitWriter {
	readonly bytes: number[] = []
	private bits = 0
	private count = 0

	write(value: number, length: number): void {
		for (let bit = length - 1; bit >= 0; bit--) {
			this.bits = (this.bits << 1) | ((value >> bit) & 1)
			if (++this.count === 8) this.flushByte()
		}
	}

	private flushByte(): void {
		this.bytes.push(this.bits)
		if (this.bits === 0xff) this.bytes.push(0)
		this.bits = 0
		this.count = 0
	}

	end(): number[] {
		while (this.count > 0) this.write(1, 1)
		return this.bytes
	}
}

function segment(marker: number, body: number[]): number[] {
	return [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body]
}

/** Symbols 0 to count - 1, each with a code of `length` bits that is the symbol itself. */
function flatTable(tableClass: number, count: number, length: number): number[] {
	const counts = Array.from({ length: 16 }, (_, index) => (index === length - 1 ? count : 0))
	// A count is one byte, so 256 symbols are spread over two lengths.
	if (count === 256) {
		counts[length - 1] = 255
		counts[length] = 1
	}
	return segment(0xc4, [tableClass << 4, ...counts, ...Array.from({ length: count }, (_, symbol) => symbol)])
}

function writeSymbol(writer: BitWriter, symbol: number, length: number): void {
	if (length === 9 && symbol === 255) writer.write(255 << 1, 10)
	else writer.write(symbol, length)
}

function category(value: number): number {
	return value === 0 ? 0 : 32 - Math.clz32(Math.abs(value))
}

function writeMagnitude(writer: BitWriter, value: number, length: number): void {
	writer.write(value < 0 ? value + (1 << length) - 1 : value, length)
}

export interface Samples {
	rows: number
	columns: number
	components: number
	/** Interleaved, unsigned. */
	values: ArrayLike<number>
}

/** JPEG lossless (process 14) of `precision` bits with predictor 1 to 7. */
export function encodeLosslessJpeg({ rows, columns, components, values }: Samples, precision: number, predictor: number): Uint8Array {
	const writer = new BitWriter()
	const at = (row: number, column: number, component: number): number => values[(row * columns + column) * components + component] as number
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			for (let component = 0; component < components; component++) {
				let prediction = 1 << (precision - 1)
				if (row === 0 && column > 0) prediction = at(row, column - 1, component)
				else if (column === 0 && row > 0) prediction = at(row - 1, column, component)
				else if (row > 0) {
					const [left, above, corner] = [at(row, column - 1, component), at(row - 1, column, component), at(row - 1, column - 1, component)]
					prediction = [left, above, corner, left + above - corner, left + ((above - corner) >> 1), above + ((left - corner) >> 1), (left + above) >> 1][predictor - 1] as number
				}
				let difference = (at(row, column, component) - prediction) & 0xffff
				if (difference > 32768) difference -= 65536
				const length = category(difference)
				writeSymbol(writer, length, 5)
				if (length < 16) writeMagnitude(writer, difference, length)
			}
		}
	}
	const parts = Array.from({ length: components }, (_, component) => component + 1)
	return Uint8Array.from([
		0xff, 0xd8,
		...flatTable(0, 17, 5),
		...segment(0xc3, [precision, rows >> 8, rows & 0xff, columns >> 8, columns & 0xff, components, ...parts.flatMap((id) => [id, 0x11, 0])]),
		...segment(0xda, [components, ...parts.flatMap((id) => [id, 0]), predictor, 0, 0]),
		...writer.end(),
		0xff, 0xd9,
	])
}

const ZIGZAG = [
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
	30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]

/** The cosines of the discrete cosine transform, with its factor for the lowest frequency. */
function basis(frequency: number, place: number): number {
	return (frequency === 0 ? Math.SQRT1_2 : 1) * Math.cos(((2 * place + 1) * frequency * Math.PI) / 16)
}

/** Quantised coefficients (by 1) of one block in zigzag order. */
function blockCoefficients(image: Samples, blockRow: number, blockColumn: number, precision: number): number[] {
	const { rows, columns, values } = image
	const block = Array.from({ length: 64 }, (_, index) => {
		const row = Math.min(blockRow * 8 + (index >> 3), rows - 1)
		const column = Math.min(blockColumn * 8 + (index & 7), columns - 1)
		return (values[row * columns + column] as number) - 2 ** (precision - 1)
	})
	return ZIGZAG.map((natural) => {
		const [down, across] = [natural >> 3, natural & 7]
		let sum = 0
		for (let index = 0; index < 64; index++) sum += (block[index] as number) * basis(down, index >> 3) * basis(across, index & 7)
		return Math.round(sum / 4)
	})
}

/** A grey image as sequential DCT JPEG, or progressive with one scan for DC and two bands of AC (spectral selection). */
export function encodeDctJpeg(image: Samples, precision: 8 | 12, progressive: boolean): Uint8Array {
	const { rows, columns } = image
	const blocks: number[][] = []
	for (let row = 0; row < Math.ceil(rows / 8); row++) {
		for (let column = 0; column < Math.ceil(columns / 8); column++) blocks.push(blockCoefficients(image, row, column, precision))
	}
	const scan = (from: number, to: number): number[] => {
		const writer = new BitWriter()
		let before = 0
		for (const block of blocks) {
			if (from === 0) {
				const difference = (block[0] as number) - before
				before = block[0] as number
				writeSymbol(writer, category(difference), 5)
				writeMagnitude(writer, difference, category(difference))
			}
			let run = 0
			for (let index = Math.max(from, 1); index <= to; index++) {
				const value = block[index] as number
				if (value === 0) {
					run++
					continue
				}
				for (; run > 15; run -= 16) writeSymbol(writer, 0xf0, 9)
				writeSymbol(writer, (run << 4) | category(value), 9)
				writeMagnitude(writer, value, category(value))
				run = 0
			}
			if (run > 0) writeSymbol(writer, 0, 9)
		}
		return [...segment(0xda, [1, 1, 0, from, to, 0]), ...writer.end()]
	}
	return Uint8Array.from([
		0xff, 0xd8,
		...segment(0xdb, [0, ...Array.from({ length: 64 }, () => 1)]),
		...flatTable(0, 17, 5), ...flatTable(1, 256, 9),
		...segment(progressive ? 0xc2 : 0xc1, [precision, rows >> 8, rows & 0xff, columns >> 8, columns & 0xff, 1, 1, 0x11, 0]),
		...(progressive ? [...scan(0, 0), ...scan(1, 5), ...scan(6, 63)] : scan(0, 63)),
		0xff, 0xd9,
	])
}
