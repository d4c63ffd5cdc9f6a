import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitsSchema } from '../../../../src/common/contract/training/data.ts'
import { assignSplits } from '../../../../src/hosts/training/data/splitting.ts'

const images = (count: number, perGroup: number, labels: number) => Array.from({ length: count }, (_, index) => {
	const group = Math.floor(index / perGroup)
	return { id: `${index}`, group: `p${group}`, split: null, values: Array.from({ length: labels }, (_unused, label) => (group % labels === label ? 1 : 0)) }
})

describe('splits', () => {
	it('never cut a group that is drawn, and do not depend on the order of the images', () => {
		const image = fc.record({ id: fc.uuid(), group: fc.integer({ min: 0, max: 12 }).map((group) => `p${group}`), split: fc.constant(null), values: fc.array(fc.constantFrom(0, 1, null), { minLength: 3, maxLength: 3 }) })
		fc.assert(fc.property(fc.array(image, { minLength: 1, maxLength: 80 }), fc.nat(1000), fc.double({ min: 0, max: 0.45, noNaN: true }), (own, seed, share) => {
			const rule = splitsSchema.parse({ from: 'draw', validation: share, test: share, seed })
			const splits = assignSplits(own, rule)
			const ofGroup = new Map<string, string>()
			for (const [index, { group }] of own.entries()) {
				expect(splits[index]).toBe(ofGroup.get(group) ?? splits[index])
				ofGroup.set(group, splits[index] ?? '')
			}
			expect(assignSplits(own, { ...rule, test: 0 })).not.toContain('test')
			const turned = assignSplits(own.toReversed(), rule).toReversed()
			expect(turned).toEqual(splits)
		}))
	})

	it('give every label its share', () => {
		const own = images(2000, 4, 5)
		const splits = assignSplits(own, splitsSchema.parse({ from: 'draw', validation: 0.1, test: 0.2, seed: 7 }))
		for (let label = 0; label < 5; label++) {
			const ofLabel = splits.filter((_, index) => own[index]?.values[label] === 1)
			expect(ofLabel.filter((split) => split === 'test')).toHaveLength(80)
			expect(ofLabel.filter((split) => split === 'validation')).toHaveLength(40)
		}
		expect(assignSplits(own, splitsSchema.parse({ from: 'draw', validation: 0.1, test: 0.2, seed: 8 }))).not.toEqual(splits)
	})

	it('keep what the data says and take a split that it lacks out of training, patient by patient', () => {
		const own = images(400, 2, 2).map((image, index) => ({ ...image, split: index < 100 ? ('test' as const) : ('train' as const) }))
		const splits = assignSplits(own, splitsSchema.parse({ validation: 0.2 }))
		expect(splits.slice(0, 100).every((split) => split === 'test')).toBe(true)
		expect(splits.slice(100).filter((split) => split === 'validation')).toHaveLength(60)
		expect(splits.slice(100)).not.toContain('test')
		for (let index = 100; index < 400; index += 2) expect(splits[index]).toBe(splits[index + 1])
	})

	it('send an image without a split to where its patient stands, and never correct a patient in two', () => {
		const own = [{ id: 'a', group: 'p', split: 'test' as const, values: [1] }, { id: 'b', group: 'p', split: null, values: [1] }, { id: 'c', group: 'q', split: 'train' as const, values: [1] }, { id: 'd', group: 'q', split: 'test' as const, values: [1] }]
		expect(assignSplits(own, splitsSchema.parse({ validation: 0.5 }))).toEqual(['test', 'test', 'train', 'test'])
		expect(assignSplits(own, splitsSchema.parse({ from: 'test' }))).toEqual(['test', 'test', 'test', 'test'])
	})

	it('leave something to train on', () => {
		expect(splitsSchema.safeParse({ validation: 0.5, test: 0.5 }).error?.issues[0]?.message).toBe('The validation and test shares leave nothing to train on.')
	})
})
