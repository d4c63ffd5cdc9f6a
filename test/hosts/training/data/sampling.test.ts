import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samplingSchema } from '../../../../src/common/contract/training/data.ts'
import { epochOrder } from '../../../../src/hosts/training/data/sampling.ts'

const oneHot = (label: number, labels: number): number[] => Array.from({ length: labels }, (_, index) => (index === label ? 1 : 0))
/** 700 of class 0, 200 of class 1, 100 of class 2; class 2 from one source alone. */
const samples = Array.from({ length: 1000 }, (_, index) => {
	const label = index < 700 ? 0 : index < 900 ? 1 : 2
	return { truth: oneHot(label, 3), source: label === 2 || index % 10 === 0 ? 'rare' : 'common' }
})
const counted = (order: Uint32Array, key: (position: number) => string | number): Record<string, number> =>
	Object.fromEntries([...Map.groupBy(order, key)].map(([name, own]) => [name, own.length] as const).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
const labelOf = (position: number): number => samples[position]?.truth.indexOf(1) ?? -1

describe('order of an epoch', () => {
	it('shows each image once when it is shuffled', () => {
		const order = epochOrder(samples, samplingSchema.parse({}), 1, 0)
		expect(order.toSorted()).toEqual(Uint32Array.from({ length: 1000 }, (_, index) => index))
		expect(epochOrder(samples, samplingSchema.parse({}), 1, 0)).toEqual(order)
		expect(epochOrder(samples, samplingSchema.parse({}), 1, 1)).not.toEqual(order)
		expect(epochOrder(samples, samplingSchema.parse({}), 2, 0)).not.toEqual(order)
	})

	it('shows classes equally often, and images of a class too', () => {
		const order = epochOrder(samples, samplingSchema.parse({ by: 'class' }), 1, 0)
		expect(order).toHaveLength(1000)
		for (const count of Object.values(counted(order, labelOf))) expect(Math.abs(count - 1000 / 3)).toBeLessThanOrEqual(1)
		for (const count of Object.values(counted(order.filter((position) => labelOf(position) === 2), (position) => position))) expect([3, 4]).toContain(count)
		// Mixed, not class after class.
		expect(new Set(Array.from(order.slice(0, 20), labelOf)).size).toBe(3)
	})

	it('damps', () => {
		const order = epochOrder(samples, samplingSchema.parse({ by: 'class', balance: 0.5 }), 1, 0)
		const roots = [700, 200, 100].map(Math.sqrt)
		const sum = roots.reduce((a, b) => a + b, 0)
		const counts = counted(order, labelOf)
		for (const [label, root] of roots.entries()) expect(Math.abs((counts[label] ?? 0) - (1000 * root) / sum)).toBeLessThanOrEqual(1)
		expect(counted(epochOrder(samples, samplingSchema.parse({ by: 'class', balance: 0 }), 1, 0), labelOf)).toEqual({ 0: 700, 1: 200, 2: 100 })
	})

	it('shows sources equally often, and classes within them', () => {
		const order = epochOrder(samples, samplingSchema.parse({ by: 'source' }), 3, 2)
		const counts = counted(order, (position) => `${samples[position]?.source} ${labelOf(position)}`)
		for (const [name, share] of [['common 0', 250], ['common 1', 250], ['rare 0', 500 / 3], ['rare 1', 500 / 3], ['rare 2', 500 / 3]] as const) expect(Math.abs((counts[name] ?? 0) - share)).toBeLessThanOrEqual(1)
	})

	it('counts an image with several labels under the rarest, and one without as a class of its own', () => {
		const many = [...Array.from({ length: 90 }, () => [1, 0]), ...Array.from({ length: 5 }, () => [1, 1]), ...Array.from({ length: 5 }, () => [0, null])].map((truth) => ({ truth, source: '' }))
		const order = epochOrder(many, samplingSchema.parse({ by: 'class' }), 1, 0)
		for (const [from, to] of [[0, 90], [90, 95], [95, 100]] as const) expect(Math.abs(order.filter((position) => position >= from && position < to).length - 100 / 3)).toBeLessThanOrEqual(1)
	})

	it('always has as many as there are, all of them there', () => {
		const sample = fc.record({ truth: fc.array(fc.constantFrom(0, 1, null, 0.7), { minLength: 2, maxLength: 2 }), source: fc.constantFrom('a', 'b', 'c') })
		fc.assert(fc.property(fc.array(sample, { maxLength: 40 }), fc.constantFrom('shuffle', 'class', 'source'), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(99), (own, by, balance, epoch) => {
			const order = epochOrder(own, { by, balance }, 5, epoch)
			expect(order).toHaveLength(own.length)
			for (const position of order) expect(position).toBeLessThan(own.length)
		}))
	})
})
