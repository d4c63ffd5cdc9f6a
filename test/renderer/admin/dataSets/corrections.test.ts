import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelledDataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import { withCorrections } from '../../../../src/main/training/corrections.ts'
import { byHand, changeInWords, correctionOf, inverseOf, labelsByData, labelsNow, labelText, unknownLabels, type Change, type SampleRow } from '../../../../src/renderer/admin/dataSets/samples/corrections.ts'

const LABELS = ['a', 'b', 'c']
const survey = { labels: LABELS, task: 'multilabel' as const }
const IMAGES = ['1.png', '2.png', '3.png', '4.png']
const truths = new Map(IMAGES.map((image, index) => [image, LABELS.map((_, label) => (label === index ? 1 : 0))]))
const row = (truth: SampleRow['truth'], correction: SampleRow['correction'] = null) => ({ truth, correction }) as SampleRow

const change: fc.Arbitrary<Change> = fc.oneof(
	fc.constant<Change>({ kind: 'leave-out' }), fc.constant<Change>({ kind: 'undo' }), fc.subarray(LABELS).map((labels): Change => ({ kind: 'relabel', labels })),
)

describe('the inverse of a correction', () => {
	it('brings back what was corrected before, as the main program corrects', () => {
		fc.assert(fc.property(fc.array(fc.record({ images: fc.subarray(IMAGES, { minLength: 1 }), change }), { maxLength: 6 }), fc.subarray(IMAGES, { minLength: 1 }), change, (history, images, last) => {
			const plain = labelledDataRecipeSchema.parse({ layout: 'folders', folder: '/films' })
			const before = history.reduce((recipe, own) => withCorrections(recipe, own, { labels: LABELS, truths }), plain)
			const after = withCorrections(before, { images, change: last }, { labels: LABELS, truths })
			const calls = inverseOf(images, byHand(before))
			expect(calls.flatMap((call) => call.images).toSorted()).toEqual(images.toSorted())
			expect(calls.reduce((recipe, call) => withCorrections(recipe, call, { labels: LABELS, truths }), after)).toEqual(before)
		}))
	})
})

describe('labels', () => {
	it('are those of the data, or by hand, or none where an image is left out', () => {
		expect(labelsByData(row([1, 0.7, 0.4]), survey)).toEqual(['a', 'b'])
		expect([labelsNow(row([1, 0, 0]), survey), labelsNow(row([1, 0, 0], { labels: ['c'] }), survey), labelsNow(row([1, 0, 0], { labels: null }), survey)]).toEqual([['a'], ['c'], null])
	})

	it('are said, and so is that there are none or that nothing is known', () => {
		expect([labelText(['a', 'b']), labelText([], [0, 0, null]), labelText([], [null, null]), labelText([])]).toEqual(['a, b', 'None of the labels', 'Not known', 'None of the labels'])
		expect(unknownLabels(row([1, null, 0.7]), survey)).toEqual(['b', 'c'])
	})

	it('are shown before and after where they were corrected', () => {
		expect([correctionOf(row([1, 0, 0]), survey), correctionOf(row([1, 0, 0], { labels: null }), survey), correctionOf(row([0, 0, 0], { labels: ['b', 'c'] }), survey), correctionOf(row([1, 0, 0], { labels: [] }), survey)]).toEqual([
			null, { before: 'a', after: 'Left out' }, { before: 'None of the labels', after: 'b, c' }, { before: 'a', after: 'None of the labels' },
		])
	})
})

it.each<[number, Change, string]>([
	[1, { kind: 'leave-out' }, 'Left out 1 image of \u2068Films\u2069.'],
	[1200, { kind: 'undo' }, 'Took back what was corrected of 1,200 images of \u2068Films\u2069.'],
	[2, { kind: 'relabel', labels: ['a', 'b'] }, '2 images of \u2068Films\u2069 show \u2068a\u2069 and \u2068b\u2069 now.'],
	[1, { kind: 'relabel', labels: [] }, '1 image of \u2068Films\u2069 shows none of the labels now.'],
])('a correction of %i is told as a sentence', (images, own, expected) => expect(changeInWords(images, 'Films', own)).toBe(expected))
