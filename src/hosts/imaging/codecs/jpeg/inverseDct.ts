/**
 * Inverse DCT in integers after C. Loeffler, A. Ligtenberg and G. Moschytz (ICASSP 1989), with the constants, rounding and bit
 * counts of libjpeg's accurate method, so that results equal those of readers built on it, 8 and 12 bit.
 */
const CONSTANT_BITS = 13
const C0_298 = 2446
const C0_390 = 3196
const C0_541 = 4433
const C0_765 = 6270
const C0_899 = 7373
const C1_175 = 9633
const C1_501 = 12299
const C1_847 = 15137
const C1_961 = 16069
const C2_053 = 16819
const C2_562 = 20995
const C3_072 = 25172

/** One pass over eight values: source[at + k*step] to target, scaled down by `shift` bits with rounding. */
function pass(source: Int32Array, target: Int32Array, at: number, step: number, shift: number): void {
	const s2 = source[at + 2 * step] as number
	const s6 = source[at + 6 * step] as number
	const z1 = (s2 + s6) * C0_541
	const even2 = z1 - s6 * C1_847
	const even3 = z1 + s2 * C0_765
	const s0 = source[at] as number
	const s4 = source[at + 4 * step] as number
	const even0 = (s0 + s4) * (1 << CONSTANT_BITS)
	const even1 = (s0 - s4) * (1 << CONSTANT_BITS)
	const t10 = even0 + even3
	const t13 = even0 - even3
	const t11 = even1 + even2
	const t12 = even1 - even2

	let o0 = source[at + 7 * step] as number
	let o1 = source[at + 5 * step] as number
	let o2 = source[at + 3 * step] as number
	let o3 = source[at + step] as number
	const z5 = (o0 + o2 + o1 + o3) * C1_175
	const y1 = -(o0 + o3) * C0_899
	const y2 = -(o1 + o2) * C2_562
	const y3 = -(o0 + o2) * C1_961 + z5
	const y4 = -(o1 + o3) * C0_390 + z5
	o0 = o0 * C0_298 + y1 + y3
	o1 = o1 * C2_053 + y2 + y4
	o2 = o2 * C3_072 + y2 + y3
	o3 = o3 * C1_501 + y1 + y4

	const half = 1 << (shift - 1)
	target[at] = (t10 + o3 + half) >> shift
	target[at + 7 * step] = (t10 - o3 + half) >> shift
	target[at + step] = (t11 + o2 + half) >> shift
	target[at + 6 * step] = (t11 - o2 + half) >> shift
	target[at + 2 * step] = (t12 + o1 + half) >> shift
	target[at + 5 * step] = (t12 - o1 + half) >> shift
	target[at + 3 * step] = (t13 + o0 + half) >> shift
	target[at + 4 * step] = (t13 - o0 + half) >> shift
}

const work = new Int32Array(64)

function withoutFrequencies(column: number): boolean {
	for (let index = column + 8; index < 64; index += 8) if (work[index] !== 0) return false
	return true
}

/** A block of one value, rounded as both passes would. */
function fillFlat(value: number, firstPassBits: number, precision: number, target: Uint16Array, at: number, stride: number): void {
	const shift = CONSTANT_BITS + firstPassBits + 3
	const level = (((value << firstPassBits) * (1 << CONSTANT_BITS) + (1 << (shift - 1))) >> shift) + (1 << (precision - 1))
	const sample = Math.min(Math.max(level, 0), (1 << precision) - 1)
	for (let row = 0; row < 8; row++) target.fill(sample, at + row * stride, at + row * stride + 8)
}

/**
 * One block: coefficients (natural order) times quantisation to samples at target[at + row * stride + column], 0 to 2^precision - 1.
 */
export function inverseDct(coefficients: Int16Array, from: number, quantisation: Uint16Array, precision: number, target: Uint16Array, at: number, stride: number): void {
	const firstPassBits = precision === 8 ? 2 : 1
	let anyFrequency = 0
	for (let index = 0; index < 64; index++) {
		const coefficient = coefficients[from + index] as number
		if (index > 0) anyFrequency |= coefficient
		work[index] = coefficient * (quantisation[index] as number)
	}
	if (anyFrequency === 0) {
		fillFlat(work[0] as number, firstPassBits, precision, target, at, stride)
		return
	}
	for (let column = 0; column < 8; column++) {
		// Columns without frequencies are common, and what the pass makes of them is known.
		if (withoutFrequencies(column)) {
			const value = (work[column] as number) << firstPassBits
			for (let index = column; index < 64; index += 8) work[index] = value
		} else pass(work, work, column, 8, CONSTANT_BITS - firstPassBits)
	}
	for (let row = 0; row < 8; row++) pass(work, work, row * 8, 1, CONSTANT_BITS + firstPassBits + 3)
	const middle = 1 << (precision - 1)
	const largest = (1 << precision) - 1
	for (let row = 0; row < 8; row++) {
		for (let column = 0; column < 8; column++) {
			const value = (work[row * 8 + column] as number) + middle
			target[at + row * stride + column] = value < 0 ? 0 : value > largest ? largest : value
		}
	}
}
