import { describe, expect, it } from 'vitest'
import { philox, randomStream } from '../../src/common/random.ts'

describe('Philox4x32-10', () => {
	// Known answers of the authors' library (Random123, kat_vectors).
	it.each([
		{ counter: [0, 0, 0, 0], key: [0, 0], answer: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
		{ counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], key: [0xffffffff, 0xffffffff], answer: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd] },
		{ counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], key: [0xa4093822, 0x299f31d0], answer: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1] },
	])('gives the published words for $key', ({ counter, key, answer }) => {
		const words = Uint32Array.from(counter)
		philox(words, key[0]!, key[1]!)
		expect([...words]).toEqual(answer)
	})
})

function draw<T>(count: number, next: () => T): T[] {
	return Array.from({ length: count }, next)
}

describe('random streams', () => {
	it('stay what they are: runs of an older version can be resumed', () => {
		const stream = randomStream(7, 'golden', 3, 1)
		expect({ uniform: stream.uniform(), integer: stream.integer(1000), normal: [stream.normal(), stream.normal()], permutation: [...stream.permutation(8)] }).toMatchInlineSnapshot(`
			{
			  "integer": 221,
			  "normal": [
			    -2.302505658221763,
			    -0.872909914568136,
			  ],
			  "permutation": [
			    6,
			    2,
			    3,
			    4,
			    1,
			    5,
			    0,
			    7,
			  ],
			  "uniform": 0.316958507170388,
			}
		`)
	})

	it('depend on seed, name and each index, and on nothing else', () => {
		const streams = [
			[1, 'a'], [2, 'a'], [1 + 2 ** 32, 'a'], [1, 'b'], [1, 'aaaa'], [1, 'aaaaa'], [1, 'a', 0], [1, 'a', 1], [1, 'a', 0, 0], [1, 'a', 0, 1], [1, 'a', 1, 0], [1, 'a', 0, 0, 0], [1, 'a', 0, 0, 1], [1, ''], [0, ''],
		] as [number, string, ...number[]][]
		const first = streams.map((arguments_) => randomStream(...arguments_).uniform())
		expect(new Set(first).size).toBe(streams.length)
		expect(streams.map((arguments_) => randomStream(...arguments_).uniform())).toEqual(first)
	})

	it('give every sixteenth of the unit interval its share', () => {
		const stream = randomStream(5, 'uniform'), counts = Array.from({ length: 16 }, () => 0), n = 64000
		for (const value of draw(n, stream.uniform)) counts[Math.floor(value * 16)]!++
		// Chi-squared with 15 degrees of freedom: 37.7 is passed once in a thousand.
		expect(counts.reduce((sum, count) => sum + (count - n / 16) ** 2 / (n / 16), 0)).toBeLessThan(37.7)
	})

	it('give every integer its share where the bound divides nothing', () => {
		const stream = randomStream(6, 'integer'), counts = Array.from({ length: 7 }, () => 0), n = 70000
		for (const value of draw(n, () => stream.integer(7))) counts[value]!++
		expect(counts.reduce((sum, count) => sum + (count - n / 7) ** 2 / (n / 7), 0)).toBeLessThan(22.5)
		// Two thirds of the words' range: without rejection the lower half would come twice as often.
		const large = draw(20000, () => stream.integer(3 * 2 ** 30)).filter((value) => value < 3 * 2 ** 29).length
		expect(Math.abs(large / 20000 - 0.5)).toBeLessThan(0.015)
		expect(stream.integer(1)).toBe(0)
	})

	it('are normal: moments and tails', () => {
		const stream = randomStream(8, 'normal'), n = 100000
		const values = draw(n, stream.normal)
		const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / n
		expect(Math.abs(moment(1))).toBeLessThan(0.015)
		expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02)
		expect(Math.abs(moment(3))).toBeLessThan(0.04)
		expect(Math.abs(moment(4) - 3)).toBeLessThan(0.12)
		expect(Math.abs(values.filter((value) => Math.abs(value) > 1.959964).length / n - 0.05)).toBeLessThan(0.003)
	})

	it('are not correlated with their neighbours: indices, seeds, names', () => {
		const n = 20000
		const pairs: [(index: number) => number, (index: number) => number][] = [
			[(index) => randomStream(1, 'a', index).uniform(), (index) => randomStream(1, 'a', index + 1).uniform()],
			[(index) => randomStream(index, 'a').uniform(), (index) => randomStream(index + 1, 'a').uniform()],
			[(index) => randomStream(1, 'a', index).uniform(), (index) => randomStream(1, 'b', index).uniform()],
			[(index) => randomStream(1, 'a', 2, index).uniform(), (index) => randomStream(1, 'a', index, 2).uniform()],
		]
		for (const [left, right] of pairs) {
			let product = 0
			for (let index = 0; index < n; index++) product += (left(index) - 0.5) * (right(index) - 0.5)
			// Correlation of independent uniform numbers: deviation 1 / sqrt(n).
			expect(Math.abs((product / n) * 12)).toBeLessThan(4 / Math.sqrt(n))
		}
	})

	it('put every number at every place of a permutation equally often', () => {
		const counts = new Map<string, number>()
		for (let index = 0; index < 24000; index++) {
			const order = randomStream(3, 'order', index).permutation(4).join('')
			counts.set(order, (counts.get(order) ?? 0) + 1)
		}
		expect(counts.size).toBe(24)
		expect([...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(49.7)
		expect([...randomStream(1, 'order').permutation(0)]).toEqual([])
	})

	it('refuse numbers that they cannot tell apart', () => {
		expect(() => randomStream(-1, 'a')).toThrow('seed')
		expect(() => randomStream(2 ** 53, 'a')).toThrow('seed')
		expect(() => randomStream(1, 'a', 0.5)).toThrow('index 0.5')
		expect(() => randomStream(1, 'a', 2 ** 32)).toThrow('index')
		expect(() => randomStream(1, 'a', 1, 2, 3, 4)).toThrow('three')
		expect(() => randomStream(1, 'a').integer(0)).toThrow('bound')
	})
})
