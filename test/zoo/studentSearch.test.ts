import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/common/random.ts'
import { accuracyProxy } from '../../src/zoo/accuracyProxy.ts'
import { countMacs, countParameters } from '../../src/zoo/count.ts'
import { blocksOf, DEPTHS, EEEA_NET_C2, EXPANDS, KERNELS, OFA_595, type OfaEncoding } from '../../src/zoo/ofa/encoding.ts'
import { buildOfaNetwork } from '../../src/zoo/ofa/network.ts'
import { allPieces, classifierCounts, countsOf, pieceKey, piecesOf, RESOLUTIONS } from '../../src/zoo/ofa/pieces.ts'
import { searchStudents, studentWithin, type PieceTimes } from '../../src/zoo/studentSearch.ts'

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0)
}

/** A machine of its own for every seed: time by multiply-accumulates and by size, off by up to a third for each piece. */
function fakeTimes(seed: number): PieceTimes {
	const random = randomStream(seed, 'times')
	const perMac = 1e-9 + 2e-8 * random.uniform()
	const perCall = 0.1 * random.uniform()
	return new Map(allPieces().map((piece) => [pieceKey(piece), (countsOf(piece).macs * perMac + perCall + piece.size * 1e-4) * (0.67 + 0.66 * random.uniform())]))
}

function randomEncoding(seed: number): OfaEncoding {
	const random = randomStream(seed, 'encoding')
	const pick = <Value>(list: readonly Value[]) => list[random.integer(list.length)] as Value
	const depths = Array.from({ length: 5 }, () => pick(DEPTHS))
	const blocks = Array.from({ length: sum(depths) })
	return { ...pick(RESOLUTIONS), depths, kernels: blocks.map(() => pick(KERNELS)), expands: blocks.map(() => pick(EXPANDS)) }
}

/** One to three other kernels and expansions. */
function changed(encoding: OfaEncoding, seed: number): OfaEncoding {
	const random = randomStream(seed, 'change')
	const kernels = [...encoding.kernels]
	const expands = [...encoding.expands]
	for (let change = 0; change <= random.integer(3); change++) {
		kernels[random.integer(kernels.length)] = KERNELS[random.integer(3)] ?? 3
		expands[random.integer(expands.length)] = EXPANDS[random.integer(3)] ?? 3
	}
	return { ...encoding, kernels, expands }
}

const latencyOf = (encoding: OfaEncoding, times: PieceTimes) => sum(piecesOf(encoding).map((piece) => times.get(pieceKey(piece)) ?? Number.NaN))

function countsBySum(encoding: OfaEncoding, classes: number): { parameters: number; macs: number } {
	const parts = [...piecesOf(encoding).map(countsOf), classifierCounts(encoding.width, classes)]
	return { parameters: sum(parts.map((part) => part.parameters)), macs: sum(parts.map((part) => part.macs)) }
}

function uniform(depth: 2 | 4, kernel: 3 | 7, expand: 3 | 6, width: 1 | 1.2): OfaEncoding {
	const blocks = Array.from({ length: 5 * depth })
	return { depths: Array.from({ length: 5 }, () => depth), kernels: blocks.map(() => kernel), expands: blocks.map(() => expand), width, inputSize: 224 }
}

const build = (encoding: OfaEncoding, classes: number) => buildOfaNetwork(encoding, { name: 'a', title: 'A', dropout: 0, classes, inputSize: encoding.inputSize })

describe('pieces', () => {
	it("add up to the network's parameters and multiply-accumulates", () => {
		for (const encoding of [OFA_595, { ...EEEA_NET_C2, inputSize: 192 }, ...[1, 2, 3, 4].map(randomEncoding)]) {
			const network = build(encoding, 5)
			expect(countsBySum(encoding, 5)).toEqual({ parameters: countParameters(network), macs: countMacs(network).weighted })
		}
	})

	it('smallest and largest sub-network have the published counts', () => {
		const counts = [uniform(4, 7, 6, 1), uniform(2, 3, 3, 1), uniform(4, 7, 6, 1.2), uniform(2, 3, 3, 1.2)].map((encoding) => countsBySum(encoding, 1000))
		expect(counts.map(({ parameters }) => parameters)).toEqual([7_664_760, 3_410_792, 10_701_632, 4_602_456])
		expect(counts.map(({ macs }) => Math.round(macs / 1e5) / 10)).toEqual([566.2, 121.3, 843.1, 193.1])
	})

	it('refuse what is not in the search space', () => {
		expect(() => blocksOf({ ...OFA_595, depths: [3, 4, 4, 4] })).toThrow('The encoding has 4 depths; the network has 5 stages.')
		expect(() => blocksOf({ ...OFA_595, kernels: OFA_595.kernels.slice(1) })).toThrow('The encoding has 18 kernels for 19 blocks.')
		expect(() => blocksOf({ ...OFA_595, expands: OFA_595.expands.map(() => 5 as 6) })).toThrow("The encoding's expansions are 3, 4, 6, not 5.")
		expect(() => blocksOf({ ...OFA_595, width: 1.1 as 1 })).toThrow("The encoding's widths are 1, 1.2, not 1.1.")
	})
})

describe('accuracyProxy', () => {
	it('is near what the published networks have', () => {
		expect(accuracyProxy(595e6, 9.1e6)).toBeCloseTo(80, 0)
		expect(accuracyProxy(230e6, 5.8e6)).toBeGreaterThan(75)
		expect(accuracyProxy(230e6, 5.8e6)).toBeLessThan(77)
		expect(accuracyProxy(74e6, 4.1e6)).toBeCloseTo(71.1, 0)
	})
	it('never falls with either number', () => {
		const millions = fc.double({ min: 1, max: 2000, noNaN: true })
		fc.assert(fc.property(millions, millions, fc.double({ min: 0, max: 1000, noNaN: true }), (macs, parameters, more) => {
			expect(accuracyProxy((macs + more) * 1e6, parameters * 1e6)).toBeGreaterThanOrEqual(accuracyProxy(macs * 1e6, parameters * 1e6) - 1e-9)
			expect(accuracyProxy(macs * 1e6, (parameters + more) * 1e6)).toBeGreaterThanOrEqual(accuracyProxy(macs * 1e6, parameters * 1e6) - 1e-9)
		}))
	})
})

describe('searchStudents', () => {
	it.each([1, 2, 3])('on machine %i: within every budget, no worse for a larger one, and nothing found by chance is better', (seed) => {
		const times = fakeTimes(seed)
		const students = searchStudents(times, 3)
		const slowest = students.at(-1)?.latency ?? 0
		for (const { encoding, latency } of students.filter((_, index) => index % 10 === 0)) expect(latencyOf(encoding, times)).toBeCloseTo(latency, 9)
		fc.assert(fc.property(fc.double({ min: 0, max: 1.5 * slowest, noNaN: true }), fc.double({ min: 0, max: slowest, noNaN: true }), (budget, more) => {
			const student = studentWithin(students, budget)
			if (student) {
				expect(student.latency).toBeLessThanOrEqual(budget)
				expect(studentWithin(students, budget + more)?.proxy).toBeGreaterThanOrEqual(student.proxy)
			} else expect(budget).toBeLessThan(students[0]?.latency ?? 0)
		}), { seed, numRuns: 300 })
		// Of partial networks that end in the same small step of latency one is followed: the best may be missed by a hair.
		const expectNotBetter = (encoding: OfaEncoding) => {
			const { parameters, macs } = countsBySum(encoding, 1000)
			expect(accuracyProxy(macs, parameters) - (studentWithin(students, latencyOf(encoding, times))?.proxy ?? 0)).toBeLessThan(0.15)
		}
		for (let index = 0; index < 1000; index++) expectNotBetter(randomEncoding(index))
		for (const [index, { encoding }] of students.entries()) expectNotBetter(changed(encoding, index))
	})

	it('says the counts of the network that it found, and the same for the same times', () => {
		const times = fakeTimes(4)
		const students = searchStudents(times, 3)
		expect(searchStudents(times, 3)).toEqual(students)
		for (const { encoding, parameters, macs } of students.filter((_, index) => index % 100 === 0)) {
			const network = build(encoding, 3)
			expect({ parameters, macs }).toEqual({ parameters: countParameters(network), macs: countMacs(network).weighted })
		}
	})

	it('refuses a machine of which a time is missing', () => {
		const times = new Map(fakeTimes(5))
		times.delete('tail w1.2 7')
		expect(() => searchStudents(times, 3)).toThrow('There is no time for "tail w1.2 7".')
	})
})
