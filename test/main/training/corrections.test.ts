import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelledDataRecipeSchema } from '../../../src/common/contract/training/data.ts'
import type { CorrectSamples } from '../../../src/common/contract/training/dataSets.ts'
import { refuseUnfitting, withCorrections } from '../../../src/main/training/corrections.ts'

const recipe = labelledDataRecipeSchema.parse({ layout: 'manifest', folder: '/films' })
const IMAGES = ['a.png', 'b.png', 'c.png', 'd.png']
const known = { labels: ['x', 'y'], truths: new Map<string, (number | null)[]>([['a.png', [1, 0]], ['b.png', [0, 1]], ['c.png', [1, 1]], ['d.png', [null, 0.7]]]) }
const correct = (images: string[], change: CorrectSamples['change'], of = recipe) => withCorrections(of, { images, change }, known)

describe('corrections', () => {
	it('leave out, relabel in the order of the labels, and are taken back', () => {
		const once = correct(['c.png', 'a.png'], { kind: 'leave-out' })
		expect(once.corrections).toEqual([{ image: 'a.png', labels: null }, { image: 'c.png', labels: null }])
		const twice = correct(['a.png', 'd.png'], { kind: 'relabel', labels: ['y', 'x'] }, once)
		expect(twice.corrections).toEqual([{ image: 'a.png', labels: ['x', 'y'] }, { image: 'c.png', labels: null }, { image: 'd.png', labels: ['x', 'y'] }])
		expect(correct([...IMAGES, 'gone.png'], { kind: 'undo' }, twice)).toEqual(recipe)
	})

	it('that say what the data says are none; what the data does not know is one', () => {
		expect(correct(['a.png'], { kind: 'relabel', labels: ['x'] }).corrections).toEqual([])
		expect(correct(['b.png'], { kind: 'relabel', labels: ['y'] }, correct(['b.png'], { kind: 'leave-out' })).corrections).toEqual([])
		expect(correct(['d.png'], { kind: 'relabel', labels: [] }).corrections).toEqual([{ image: 'd.png', labels: [] }])
	})

	it('come to the same recipe in whatever order images are corrected', () => {
		const change = fc.oneof(fc.constant({ kind: 'leave-out' as const }), fc.record({ kind: fc.constant('relabel' as const), labels: fc.subarray(['x', 'y']) }))
		fc.assert(fc.property(fc.uniqueArray(fc.record({ image: fc.constantFrom(...IMAGES), change }), { selector: ({ image }) => image }), fc.nat(), (steps, seed) => {
			const apply = (order: typeof steps) => order.reduce((own, step) => correct([step.image], step.change, own), recipe)
			const other = steps.toSorted((a, b) => ((a.image.charCodeAt(0) * (seed % 97)) % 7) - ((b.image.charCodeAt(0) * (seed % 97)) % 7))
			expect(JSON.stringify(apply(other))).toBe(JSON.stringify(apply(steps)))
		}))
	})

	it('are refused where a label is unknown, one too many, or there are more than anybody makes by hand', () => {
		expect(() => refuseUnfitting({ kind: 'relabel', labels: ['z'] }, { labels: ['x', 'y'], task: 'multilabel' })).toThrow('The data set has no label "z". It has x, y.')
		for (const labels of [[], ['x', 'y']]) {
			expect(() => refuseUnfitting({ kind: 'relabel', labels }, { labels: ['x', 'y'], task: 'multiclass' })).toThrow('has one label')
			expect(() => refuseUnfitting({ kind: 'relabel', labels }, { labels: ['x', 'y'], task: 'multilabel' })).not.toThrow()
		}
		const full = { ...recipe, corrections: Array.from({ length: 20_000 }, (_, index) => ({ image: `${index}.png`, labels: null })) }
		expect(() => correct(['a.png'], { kind: 'leave-out' }, full)).toThrow('no more than 20,000 corrections by hand. Nothing was corrected')
	})
})
