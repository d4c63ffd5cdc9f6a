/**
 * Random numbers as a function of (seed, stream name, indices, position): no state outlives a stream, so whatever is drawn for one step
 * of a run can be drawn again without the steps before it.
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Everything else
 * uses only +, -, *, / and square root, which IEEE 754 rounds exactly, so the numbers are the same on every machine.
 */
export interface RandomStream {
	/** In [0, 1), 53 random bits. */
	uniform(): number
	/** In 0 ... bound - 1, every value equally likely. @throws Error when the bound is no integer in 1 ... 2^32. */
	integer(bound: number): number
	/** Mean 0, deviation 1. */
	normal(): number
	/** The numbers 0 ... length - 1 in an order of which all are equally likely. */
	permutation(length: number): Uint32Array
}

const TWO_32 = 4294967296
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/** Upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
	const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16
	const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
	const other = aLow * bHigh + (middle & 0xffff)
	return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0
}

/** Philox4x32-10: replaces the four words of a counter with four random ones. */
export function philox(words: Uint32Array, key0: number, key1: number): void {
	let x0 = words[0]!, x1 = words[1]!, x2 = words[2]!, x3 = words[3]!
	let k0 = key0 >>> 0, k1 = key1 >>> 0
	for (let round = 0; round < 10; round++) {
		const high0 = multiplyHigh(MULTIPLIER_0, x0), low0 = Math.imul(MULTIPLIER_0, x0)
		const high1 = multiplyHigh(MULTIPLIER_1, x2), low1 = Math.imul(MULTIPLIER_1, x2)
		x0 = (high1 ^ x1 ^ k0) >>> 0
		x1 = low1 >>> 0
		x2 = (high0 ^ x3 ^ k1) >>> 0
		x3 = low0 >>> 0
		k0 = (k0 + WEYL_0) >>> 0
		k1 = (k1 + WEYL_1) >>> 0
	}
	words[0] = x0
	words[1] = x1
	words[2] = x2
	words[3] = x3
}

/** Key of a named stream: Philox over the name, four UTF-16 units at a time, each block's answer being the key of the next. */
function keyOf(seed: number, name: string): [number, number] {
	let key: [number, number] = [seed % TWO_32, Math.floor(seed / TWO_32)]
	const words = new Uint32Array(4)
	for (let start = 0; start <= name.length; start += 4) {
		// Plus one, so that a name's end differs from a unit of zero.
		for (let offset = 0; offset < 4; offset++) words[offset] = start + offset < name.length ? name.charCodeAt(start + offset) + 1 : 0
		philox(words, key[0], key[1])
		key = [words[0]!, words[1]!]
	}
	return key
}

/** Natural logarithm of a number in (0, 1], to about 1e-16, by the series of atanh: the engine's own one may differ between machines. */
function logarithm(value: number): number {
	let mantissa = value, exponent = 0
	while (mantissa < Math.SQRT1_2) {
		mantissa *= 2
		exponent--
	}
	const s = (mantissa - 1) / (mantissa + 1), square = s * s
	let sum = 0
	for (let power = 23; power >= 1; power -= 2) sum = sum * square + 1 / power
	return 2 * s * sum + exponent * Math.LN2
}

/**
 * Numbers that depend on nothing but the arguments. Streams that differ in any of them are independent of each other.
 * @param seed 0 ... 2^53 - 1
 * @param name what the numbers are for, e.g. 'order'
 * @param indices up to three of 0 ... 2^32 - 1, e.g. epoch and step
 * @throws Error when a number is out of range
 */
export function randomStream(seed: number, name: string, ...indices: number[]): RandomStream {
	if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`A seed is an integer from 0 to 2^53 - 1, not ${String(seed)}.`)
	if (indices.length > 3) throw new Error(`The random stream ${name} has ${String(indices.length)} indices; three is the most.`)
	for (const index of indices) {
		if (!Number.isInteger(index) || index < 0 || index >= TWO_32) throw new Error(`The random stream ${name} has the index ${String(index)}; an index is an integer from 0 to 2^32 - 1.`)
	}
	// The number of indices belongs to the key: ('a', 1) and ('a', 1, 0) are different streams.
	const [key0, key1] = keyOf(seed, `${name}\u0000${String(indices.length)}`)
	const words = new Uint32Array(4)
	let block = 0, position = 4, spare: number | null = null

	function word(): number {
		if (position === 4) {
			words[0] = block++
			words[1] = indices[0] ?? 0
			words[2] = indices[1] ?? 0
			words[3] = indices[2] ?? 0
			philox(words, key0, key1)
			position = 0
		}
		return words[position++]!
	}

	function uniform(): number {
		const high = word() >>> 5, low = word() >>> 6
		return (high * 67108864 + low) / 9007199254740992
	}

	function integer(bound: number): number {
		if (!Number.isInteger(bound) || bound < 1 || bound > TWO_32) throw new Error(`A bound is an integer from 1 to 2^32, not ${String(bound)}.`)
		// Words above the largest multiple of the bound would make small values likelier.
		const limit = TWO_32 - (TWO_32 % bound)
		for (;;) {
			const value = word()
			if (value < limit) return value % bound
		}
	}

	/** Polar method (Marsaglia and Bray 1964): two values at a time. */
	function normal(): number {
		if (spare !== null) {
			const value = spare
			spare = null
			return value
		}
		for (;;) {
			const x = 2 * uniform() - 1, y = 2 * uniform() - 1, square = x * x + y * y
			if (square >= 1 || square === 0) continue
			const scale = Math.sqrt((-2 * logarithm(square)) / square)
			spare = y * scale
			return x * scale
		}
	}

	/** Fisher-Yates. */
	function permutation(length: number): Uint32Array {
		const order = Uint32Array.from({ length }, (_, index) => index)
		for (let last = length - 1; last > 0; last--) {
			const other = integer(last + 1), value = order[last]!
			order[last] = order[other]!
			order[other] = value
		}
		return order
	}

	return { uniform, integer, normal, permutation }
}
